#include "indexer/sources/opml.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "platform/text/utf8.h"
#include "platform/text/xml.h"
#include "platform/url/url.h"
#include "platform/xml/xml.h"

namespace vigie::indexer::sources {
namespace {

constexpr std::string_view kNamespace = "https://github.com/vigie-project/vigie/opml";
constexpr std::size_t kMaxAttributeBytes = 1 << 20;  // a thousand sitemaps

void attribute(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.append(" ").append(name).append("=\"").append(text::xml(value)).append("\"");
}

/// URLs have no spaces.
std::string joined(const std::vector<std::string>& urls) {
  std::string out;
  for (const std::string& url : urls) out += (out.empty() ? "" : " ") + url;
  return out;
}

std::vector<std::string> parted(std::string_view urls) {
  std::vector<std::string> out;
  while (!urls.empty()) {
    const std::size_t space = std::min(urls.find(' '), urls.size());
    if (space > 0) out.emplace_back(urls.substr(0, space));
    urls.remove_prefix(std::min(space + 1, urls.size()));
  }
  return out;
}

void describe(std::string& out, const OpmlSource& source) {
  attribute(out, "language", source.language);
  attribute(out, "vigie:country", source.country);
  attribute(out, "vigie:kind", source.kind);
  attribute(out, "vigie:affiliation", source.affiliation);
  attribute(out, "vigie:sitemaps", joined(source.sitemaps));
  attribute(out, "vigie:sections", joined(source.sections));
  if (source.poll_every_s != 0)
    attribute(out, "vigie:pollEveryS", std::to_string(source.poll_every_s));
}

void write_source(std::string& out, const OpmlSource& source) {
  const auto begin = [&](std::string_view type) {
    out += "    <outline";
    attribute(out, "type", type);
    attribute(out, "text", source.name);
    attribute(out, "title", source.name);
  };
  const auto end = [&](bool first) {
    attribute(out, "htmlUrl", source.homepage);
    attribute(out, "vigie:id", source.id);
    if (first) describe(out, source);
    out += "/>\n";
  };
  for (const std::string& feed : source.feeds) {
    begin("rss");
    attribute(out, "xmlUrl", feed);
    end(&feed == &source.feeds.front());
  }
  if (!source.feeds.empty()) return;
  begin("link");
  attribute(out, "url", source.homepage);
  end(true);
}

bool contains_ascii(std::string_view text, std::string_view lower) {
  const auto found =
      std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                  [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  return found != text.end();
}

tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_source", std::move(detail));
}

std::string root_of(const std::string& address) {
  auto url = url::parse(address);
  if (!url || !url->host) return {};
  url->path = "/";
  url->query.reset();
  url->fragment.reset();
  return url->href();
}

/// The value of an attribute, in one line. The parser leaves "&" as the reference that it is in
/// attributes, so that others can tell it from the beginning of one.
std::string value_of(const xml::XmlNode& node, std::string_view name) {
  constexpr std::string_view kAmpersand = "&#38;";
  std::string out(node.attribute(name));
  for (std::size_t at = out.find(kAmpersand); at != std::string::npos;
       at = out.find(kAmpersand, at + 1))
    out.replace(at, kAmpersand.size(), "&");
  return text::collapse_spaces(out);
}

/// Gathers the outlines of one source.
class Gatherer {
 public:
  void take(const xml::XmlNode& outline) {
    const auto said = [&](std::string_view name) { return value_of(outline, name); };
    const std::string feed = said("xmlurl");
    std::vector<std::string> sitemaps = parted(said("vigie:sitemaps"));
    std::vector<std::string> sections = parted(said("vigie:sections"));
    if (feed.empty() && sitemaps.empty() && sections.empty()) return;
    const std::string home = said("htmlurl");
    const std::string id = said("vigie:id");
    const std::string key = !id.empty() ? "id " + id : !home.empty() ? "home " + home : "";
    const auto [place, first] = key.empty() ? std::pair{place_of_.end(), true}
                                            : place_of_.try_emplace(key, sources_.size());
    if (first) {
      OpmlSource& source = sources_.emplace_back();
      source.id = id;
      source.homepage = !home.empty() ? home : root_of(feed);
      source.name = !said("text").empty() ? said("text") : said("title");
      if (source.name.empty()) source.name = host_of(source.homepage);
      source.language = said("language");
      source.country = said("vigie:country");
      source.kind = said("vigie:kind");
      source.affiliation = said("vigie:affiliation");
      source.poll_every_s = seconds(said("vigie:polleverys"));
      source.sitemaps = std::move(sitemaps);
      source.sections = std::move(sections);
    }
    OpmlSource& source = first ? sources_.back() : sources_[place->second];
    if (!feed.empty() && std::ranges::find(source.feeds, feed) == source.feeds.end())
      source.feeds.push_back(feed);
  }
  std::size_t size() const { return sources_.size(); }
  std::vector<OpmlSource> sources() && { return std::move(sources_); }

 private:
  static std::uint32_t seconds(const std::string& said) {
    std::uint32_t out = 0;
    const auto [end, trouble] = std::from_chars(said.data(), said.data() + said.size(), out);
    return trouble == std::errc() && end == said.data() + said.size() ? out : 0;
  }
  static std::string host_of(const std::string& address) {
    const auto url = url::parse(address);
    return url && url->host ? *url->host : std::string();
  }

  std::vector<OpmlSource> sources_;
  std::map<std::string, std::size_t> place_of_;
};

}  // namespace

std::string write_opml(const std::vector<OpmlSource>& sources, std::string_view title) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\"";
  attribute(out, "xmlns:vigie", kNamespace);
  out += ">\n  <head>\n    <title>" + text::xml(title) + "</title>\n  </head>\n  <body>\n";
  for (const OpmlSource& source : sources) write_source(out, source);
  return out + "  </body>\n</opml>\n";
}

Result<std::vector<OpmlSource>> read_opml(std::string_view bytes, const OpmlLimits& limits) {
  if (bytes.size() > limits.bytes)
    return failure(Disposition::kQuarantine, "too_large",
                   "a list of sources has at most " + std::to_string(limits.bytes >> 20) + " MiB");
  const std::string utf8 = xml::xml_to_utf8(bytes, {});
  if (contains_ascii(utf8, "<!doctype") || contains_ascii(utf8, "<!entity"))
    return bad("the list has a document type, which no OPML needs; take it out");
  xml::XmlLimits xml_limits;
  xml_limits.bytes = limits.bytes * 3;  // of other encodings
  xml_limits.nodes = limits.nodes;
  xml_limits.attribute_bytes = kMaxAttributeBytes;
  VIGIE_ASSIGN(const xml::XmlDocument document, xml::parse_xml(utf8, xml_limits));
  if (document.empty() || document.root().name != "opml")
    return bad("this is no OPML: its outermost element is not <opml>");
  if (document.nodes.size() >= limits.nodes)
    return failure(Disposition::kQuarantine, "too_large", "the list has too many outlines");
  Gatherer gatherer;
  std::vector<std::size_t> depth(document.nodes.size(), 0);
  for (std::size_t i = 1; i < document.nodes.size(); ++i) {
    const xml::XmlNode& node = document.nodes[i];
    if (node.parent >= 0) depth[i] = depth[static_cast<std::size_t>(node.parent)] + 1;
    if (depth[i] > limits.depth)
      return bad("the folders of the list are nested deeper than " + std::to_string(limits.depth));
    if (node.name == "outline") gatherer.take(node);
    if (gatherer.size() > limits.sources)
      return failure(Disposition::kQuarantine, "too_large",
                     "the list has more than " + std::to_string(limits.sources) + " sources");
  }
  return std::move(gatherer).sources();
}

}  // namespace vigie::indexer::sources
