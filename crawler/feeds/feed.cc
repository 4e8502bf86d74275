#include "crawler/feeds/feed.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <unordered_set>

#include "crawler/feeds/json_feed.h"
#include "crawler/feeds/xml.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::feeds {
namespace {

using Names = std::initializer_list<std::string_view>;

/// RFC 4648 base64 of Atom 0.3's mode="base64"; stops at the first character that is none.
std::string decode_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    if (c >= '0' && c <= '9') value = c - '0' + 52;
    if (c == '+' || c == '-') value = 62;
    if (c == '/' || c == '_') value = 63;
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (value < 0) break;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xFF);
    }
  }
  return text::to_valid_utf8(out);
}

std::string resolve(std::string_view link, std::string_view base) {
  link = text::trim(link);
  if (link.empty()) return {};
  std::optional<url::Url> base_url;
  if (!base.empty()) {
    if (auto parsed = url::parse(base)) base_url = std::move(*parsed);
  }
  const auto parsed = url::parse(link, base_url ? &*base_url : nullptr);
  return parsed && parsed->is_http() ? parsed->href() : std::string();
}

/// Reads one XML feed.
class XmlFeedReader {
 public:
  XmlFeedReader(const XmlDocument& document, std::string_view base_url, const FeedLimits& limits)
      : document_(document), base_url_(base_url), limits_(limits) {}

  /// Whether the root is one of a feed.
  bool recognise(Feed& feed) {
    const std::string& root = document_.root().name;
    if (root == "rss") {
      feed.format = "rss";
      feed.version = document_.root().attribute("version");
    } else if (root == "rdf:rdf" || root == "rdf") {
      feed.format = "rdf";
      feed.version =
          document_.child(0, "channel") >= 0 &&
                  !document_.nodes[static_cast<std::size_t>(document_.child(0, "channel"))]
                       .attribute("rdf:about")
                       .empty()
              ? "1.0"
              : "0.90";
    } else if (root == "atom:feed" || root == "feed" || root == "atom:entry") {
      feed.format = "atom";
      feed.version = document_.root().attribute("version");
      if (feed.version.empty()) feed.version = "1.0";
      atom_ = true;
    } else if (root == "channel" || root == "item") {
      feed.format = "rss";
    } else {
      return false;
    }
    return true;
  }

  void read(Feed& feed) {
    read_channel(feed);
    for (std::size_t i = 0; i < document_.nodes.size(); ++i) {
      const XmlNode& node = document_.nodes[i];
      if (node.name != "item" && node.name != "entry" && node.name != "atom:entry") continue;
      if (feed.entries.size() >= limits_.entries) {
        feed.entries_cut = true;
        break;
      }
      feed.entries.push_back(read_entry(static_cast<std::int32_t>(i), feed));
    }
  }

  FeedEntry read_entry(std::int32_t node, const Feed& feed) {
    FeedEntry entry;
    read_identity(node, feed, entry);
    entry.title = text::ellipsize(
        first_text(node, {"title", "atom:title", "dc:title", "media:title"}), limits_.title_bytes);
    entry.summary =
        text::ellipsize(first_text(node, {"description", "summary", "atom:summary",
                                          "content:encoded", "encoded", "content", "atom:content",
                                          "dc:description", "itunes:summary", "tagline"}),
                        limits_.summary_bytes);
    entry.published = first_date(
        node, {"pubdate", "published", "atom:published", "issued", "atom:issued", "dcterms:issued",
               "dc:date", "dcterms:created", "created", "atom:created", "date"});
    entry.updated = first_date(node, {"updated", "atom:updated", "modified", "atom:modified",
                                      "dcterms:modified", "lastbuilddate"});
    entry.authors =
        people(node, {"author", "atom:author", "dc:creator", "creator", "itunes:author"});
    // RFC 4287 §4.2.1: an entry without authors has those of its source element, else of its feed.
    if (atom_ && entry.authors.empty()) {
      const std::int32_t source = document_.child(node, "atom:source");
      if (source >= 0) entry.authors = people(source, {"author", "atom:author"});
      if (entry.authors.empty()) entry.authors = feed.authors;
    }
    entry.categories = categories(node);
    entry.language = text::ellipsize(
        text::collapse_spaces(std::string(document_.inherited(node, "xml:lang"))), 35);
    if (entry.language.empty()) entry.language = first_text(node, {"dc:language", "language"});
    if (entry.language.empty()) entry.language = feed.language;
    return entry;
  }

 private:
  const XmlNode& at(std::int32_t node) const {
    return document_.nodes[static_cast<std::size_t>(node)];
  }

  template <class Visit>
  void children(std::int32_t node, Names names, Visit visit) const {
    for (std::int32_t i = at(node).first_child; i >= 0; i = at(i).next_sibling) {
      if (std::find(names.begin(), names.end(), at(i).name) != names.end()) visit(i);
    }
  }

  /// Plain text of a text construct, whichever way it is written.
  std::string plain(std::int32_t node) const {
    const XmlNode& element = at(node);
    const std::string raw = document_.text(node);
    if (element.attribute("mode") == "base64" ||
        element.attribute("type") == "application/octet-stream")
      return html_to_text(decode_base64(raw));
    if (atom_) {
      const std::string_view type = element.attribute("type");
      // RFC 4287 §3.1.1: without a type it is plain text, where '<' means itself; feeds escape HTML
      // there all the same, so tags go there too.
      if (type == "xhtml" || type == "application/xhtml+xml") return text::collapse_spaces(raw);
    }
    return html_to_text(raw);
  }

  /// Of the names in order, the first whose text is not empty.
  std::string first_text(std::int32_t node, Names names) const {
    for (const std::string_view name : names) {
      std::string found;
      children(node, {name}, [&](std::int32_t i) {
        if (found.empty()) found = plain(i);
      });
      if (!found.empty()) return found;
    }
    return {};
  }

  std::optional<dates::LooseDate> first_date(std::int32_t node, Names names) const {
    for (const std::string_view name : names) {
      std::optional<dates::LooseDate> found;
      children(node, {name}, [&](std::int32_t i) {
        if (!found) found = dates::read_loose(text::collapse_spaces(document_.text(i)));
      });
      if (found) return found;
    }
    return std::nullopt;
  }

  void add(std::vector<std::string>& list, std::string value) const {
    if (value.empty() || list.size() >= limits_.list_entries) return;
    value = text::ellipsize(value, limits_.field_bytes);
    if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
  }

  /// RSS writes "address (Name)" or "Name <address>" where it means a person.
  static std::string person_name(const std::string& written) {
    const std::size_t open = written.find('(');
    const std::size_t close = written.rfind(')');
    if (written.find('@') != std::string::npos && open != std::string::npos &&
        close != std::string::npos && close > open + 1) {
      return text::collapse_spaces(written.substr(open + 1, close - open - 1));
    }
    return written;
  }

  std::vector<std::string> people(std::int32_t node, Names names) const {
    std::vector<std::string> out;
    children(node, names, [&](std::int32_t i) {
      std::string name = first_text(i, {"name", "atom:name"});
      if (name.empty()) name = first_text(i, {"email", "atom:email"});
      if (name.empty() && !(atom_ && has_elements(i))) {
        std::string raw = text::collapse_spaces(document_.text(i));
        const std::size_t open = raw.find('<');
        // "Name <address>" is no HTML.
        if (open != std::string::npos && open > 0 && raw.find('@', open) != std::string::npos)
          raw = text::collapse_spaces(raw.substr(0, open));
        name = person_name(html_to_text(raw));
      }
      add(out, std::move(name));
    });
    return out;
  }

  bool has_elements(std::int32_t node) const {
    for (std::int32_t i = at(node).first_child; i >= 0; i = at(i).next_sibling) {
      if (!at(i).name.empty()) return true;
    }
    return false;
  }

  std::vector<std::string> categories(std::int32_t node) const {
    std::vector<std::string> out;
    children(node, {"category", "atom:category", "dc:subject", "media:keywords"},
             [&](std::int32_t i) {
               std::string_view written = at(i).attribute("label");
               if (written.empty()) written = at(i).attribute("term");
               add(out, written.empty() ? plain(i) : text::collapse_spaces(std::string(written)));
             });
    return out;
  }

  std::string base_of(std::int32_t node) const {
    // xml:base values may themselves be relative (XML Base §4): they are resolved from the root
    // inwards.
    std::vector<std::string_view> bases;
    for (std::int32_t i = node; i >= 0; i = at(i).parent) {
      const std::string_view base = at(i).attribute("xml:base");
      if (!base.empty() && bases.size() < 16) bases.push_back(base);
    }
    std::string out(base_url_);
    for (auto base = bases.rbegin(); base != bases.rend(); ++base) {
      const std::string resolved = resolve(*base, out);
      if (!resolved.empty()) out = resolved;
    }
    return out;
  }

  std::string link_base(std::int32_t node, const Feed& feed) const {
    std::string base = base_of(node);
    return base.empty() ? feed.url : base;
  }

  /// The page that a link element means, by how much it is the one wanted.
  std::string best_link(std::int32_t node, const Feed& feed) const {
    std::string best;
    int best_rank = 0;
    children(node, {"link", "atom:link"}, [&](std::int32_t i) {
      const XmlNode& link = at(i);
      const std::string_view href = link.attribute("href");
      const std::string_view rel = link.attribute("rel");
      const std::string_view type = link.attribute("type");
      int rank = 0;
      if (href.empty()) {
        rank = atom_ ? 1 : 5;
      } else if (rel.empty() || rel == "alternate" ||
                 rel == "http://www.iana.org/assignments/relation/alternate") {
        rank = type.empty() || type.find("html") != std::string_view::npos ? 4 : 2;
      }
      if (rank <= best_rank) return;
      std::string resolved =
          resolve(href.empty() ? std::string_view(raw_link(i)) : href, link_base(i, feed));
      if (resolved.empty()) return;
      best = std::move(resolved);
      best_rank = rank;
    });
    return best;
  }

  std::string raw_link(std::int32_t node) const {
    return std::string(text::trim(html_to_text(document_.text(node))));
  }

  void read_identity(std::int32_t node, const Feed& feed, FeedEntry& entry) const {
    entry.id = first_text(node, {"guid", "id", "atom:id", "dc:identifier"});
    if (entry.id.empty())
      entry.id = text::collapse_spaces(std::string(at(node).attribute("rdf:about")));
    entry.id = text::ellipsize(entry.id, limits_.field_bytes);
    // FeedBurner's own links count clicks; the page's URL stands beside them.
    entry.url = resolve(first_text(node, {"feedburner:origlink", "origlink"}), {});
    if (entry.url.empty()) entry.url = best_link(node, feed);
    if (entry.url.empty()) entry.url = guid_link(node, feed);
    if (entry.url.empty())
      entry.url = resolve(at(node).attribute("rdf:about"), link_base(node, feed));
    if (entry.url.empty() && atom_) {
      children(node, {"content", "atom:content"}, [&](std::int32_t i) {
        if (entry.url.empty()) entry.url = resolve(at(i).attribute("src"), link_base(i, feed));
      });
    }
    if (entry.url.empty() && looks_absolute(entry.id)) entry.url = resolve(entry.id, {});
    if (entry.url.empty() && document_.malformed) entry.url = misplaced_link(node, feed);
  }

  /// Where a tag before it was left open, the link of an item stands deeper than it was meant to.
  std::string misplaced_link(std::int32_t item, const Feed& feed) const {
    for (std::int32_t i = item + 1;
         i < static_cast<std::int32_t>(document_.nodes.size()) && at(i).parent >= item; ++i) {
      const XmlNode& node = at(i);
      if (node.name == "item" || node.name == "entry" || node.name == "atom:entry") break;
      if (node.name != "link" && node.name != "atom:link") continue;
      // Its text ends where the next element begins: what follows may have been swallowed too.
      const std::string_view written = node.first_child >= 0 && at(node.first_child).name.empty()
                                           ? std::string_view(at(node.first_child).text)
                                           : node.attribute("href");
      std::string resolved = resolve(written, link_base(i, feed));
      if (!resolved.empty()) return resolved;
    }
    return {};
  }

  static bool looks_absolute(std::string_view text) {
    return text.substr(0, 7) == "http://" || text.substr(0, 8) == "https://";
  }

  /// RSS 2.0: a guid is a permanent link unless it says that it is none.
  std::string guid_link(std::int32_t node, const Feed& feed) const {
    std::string out;
    children(node, {"guid"}, [&](std::int32_t i) {
      if (!out.empty() || text::ascii_iequals(at(i).attribute("ispermalink"), "false")) return;
      const std::string written = raw_link(i);
      if (looks_absolute(written) || (!written.empty() && written.front() == '/'))
        out = resolve(written, link_base(i, feed));
    });
    return out;
  }

  void read_channel(Feed& feed) {
    std::int32_t channel = 0;
    if (!atom_ && document_.root().name != "channel") {
      channel = document_.child(0, "channel");
      if (channel < 0) channel = 0;
    }
    feed.url = best_link(channel, feed);
    feed.title = text::ellipsize(first_text(channel, {"title", "atom:title", "dc:title"}),
                                 limits_.title_bytes);
    feed.description =
        text::ellipsize(first_text(channel, {"description", "subtitle", "atom:subtitle", "tagline",
                                             "atom:tagline", "dc:description"}),
                        limits_.summary_bytes);
    feed.language = text::ellipsize(first_text(channel, {"language", "dc:language"}), 35);
    if (feed.language.empty())
      feed.language = text::collapse_spaces(std::string(document_.inherited(channel, "xml:lang")));
    feed.updated = first_date(channel, {"updated", "atom:updated", "modified", "atom:modified",
                                        "lastbuilddate", "dc:date", "pubdate"});
    feed.authors = atom_ ? people(channel, {"author", "atom:author"})
                         : people(channel, {"managingeditor", "author", "atom:author", "dc:creator",
                                            "itunes:author"});
    feed.categories = categories(channel);
    children(channel, {"link", "atom:link"}, [&](std::int32_t i) {
      if (at(i).attribute("rel") == "hub" && feed.hub.empty())
        feed.hub = resolve(at(i).attribute("href"), link_base(i, feed));
    });
  }

  const XmlDocument& document_;
  std::string_view base_url_;
  const FeedLimits& limits_;
  bool atom_ = false;
};

/// Where an item begins in raw text, outside of comments and CDATA: the offsets of `<item` or
/// `<entry`.
std::vector<std::size_t> item_beginnings(std::string_view text, std::size_t most) {
  std::vector<std::size_t> out;
  std::size_t at = 0;
  while (out.size() < most && (at = text.find('<', at)) != std::string_view::npos) {
    const std::string_view rest = text.substr(at);
    if (rest.substr(0, 9) == "<![CDATA[") {
      const std::size_t end = text.find("]]>", at);
      // An open CDATA section swallows all items behind it; the next item begins a new slice all
      // the same.
      at = end == std::string_view::npos ? at + 9 : end + 3;
      continue;
    }
    for (const std::string_view tag :
         {std::string_view("<item"), std::string_view("<entry"), std::string_view("<atom:entry")}) {
      if (!text::ascii_iequals(rest.substr(0, tag.size()), tag)) continue;
      const char next = rest.size() > tag.size() ? rest[tag.size()] : '>';
      if (next == '>' || next == ' ' || next == '\n' || next == '\t' || next == '\r')
        out.push_back(at);
      break;
    }
    ++at;
  }
  return out;
}

constexpr std::string_view kNamespaces =
    " xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" "
    "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\""
    " xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:media=\"http://search.yahoo.com/mrss/\" "
    "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\""
    " xmlns:feedburner=\"http://rssnamespace.org/feedburner/ext/1.0\"";

std::size_t links_in(const Feed& feed) {
  return static_cast<std::size_t>(
      std::count_if(feed.entries.begin(), feed.entries.end(),
                    [](const FeedEntry& entry) { return !entry.url.empty(); }));
}

/// Reads each item by itself, so that what breaks one does not lose the others.
void read_by_slices(std::string_view text, const std::vector<std::size_t>& beginnings,
                    std::string_view base_url, const FeedLimits& limits, Feed& feed) {
  Feed sliced = feed;
  sliced.entries.clear();
  for (std::size_t i = 0; i < beginnings.size(); ++i) {
    std::size_t end = i + 1 < beginnings.size() ? beginnings[i + 1] : text.size();
    const std::string_view slice = text.substr(beginnings[i], end - beginnings[i]);
    const bool atom = feed.format == "atom";
    std::string wrapped = atom ? "<feed xmlns=\"http://www.w3.org/2005/Atom\"" : "<rss";
    wrapped += kNamespaces;
    wrapped += '>';
    wrapped += slice;
    wrapped += atom ? "</feed>" : "</rss>";
    auto document = parse_xml(wrapped);
    if (!document) continue;
    Feed one = feed;
    one.entries.clear();
    XmlFeedReader reader(*document, base_url, limits);
    if (!reader.recognise(one)) continue;
    for (std::size_t node = 0; node < document->nodes.size(); ++node) {
      const std::string& name = document->nodes[node].name;
      if (name != "item" && name != "entry" && name != "atom:entry") continue;
      sliced.entries.push_back(reader.read_entry(static_cast<std::int32_t>(node), feed));
      break;
    }
  }
  if (links_in(sliced) > links_in(feed)) feed.entries = std::move(sliced.entries);
}

bool looks_like_json(std::string_view text) {
  const std::string_view trimmed = text::trim(text);
  return !trimmed.empty() && trimmed.front() == '{';
}

std::string what_it_is(const std::string& root) {
  if (root == "html" || root == "xhtml:html")
    return "it is an HTML page; look on it for the URL of its feed";
  if (root == "urlset" || root == "sitemapindex")
    return "it is a sitemap; list it under `sitemaps`";
  return "its first element is <" + text::ellipsize(root, 40) +
         ">, which is none of RSS, RDF or Atom";
}

}  // namespace

Result<Feed> parse_feed(std::string_view bytes, std::string_view http_charset,
                        std::string_view base_url, const FeedLimits& limits) {
  if (bytes.size() > limits.bytes)
    return failure(Disposition::kQuarantine, "too_large",
                   "the feed is larger than " + std::to_string(limits.bytes) + " bytes");
  const std::string utf8 = xml_to_utf8(bytes, http_charset);
  if (text::trim(utf8).empty())
    return failure(Disposition::kQuarantine, "empty_feed", "there is nothing in the feed");
  if (looks_like_json(utf8)) return parse_json_feed(utf8, base_url, limits);
  XmlLimits xml_limits;
  xml_limits.bytes = limits.bytes * 4;  // of UTF-8, which may be longer than what was received
  VIGIE_ASSIGN(const XmlDocument document, parse_xml(utf8, xml_limits));
  Feed feed;
  XmlFeedReader reader(document, base_url, limits);
  if (!reader.recognise(feed))
    return failure(Disposition::kQuarantine, "not_feed",
                   "this is no feed: " + what_it_is(document.root().name));
  feed.malformed = document.malformed;
  reader.read(feed);
  if (feed.malformed) {
    const auto beginnings = item_beginnings(utf8, limits.entries);
    if (beginnings.size() > links_in(feed))
      read_by_slices(utf8, beginnings, base_url, limits, feed);
  }
  return feed;
}

v1::FeedItem to_feed_item(const FeedEntry& entry, std::string_view feed_url) {
  v1::FeedItem item;
  item.set_feed_url(std::string(feed_url));
  item.set_guid(entry.id);
  item.set_title(entry.title);
  item.set_summary(entry.summary);
  for (const std::string& author : entry.authors) item.add_authors(author);
  for (const std::string& category : entry.categories) item.add_categories(category);
  if (entry.published) item.set_published(entry.published->text);
  if (entry.updated) item.set_updated(entry.updated->text);
  item.set_language(entry.language);
  return item;
}

}  // namespace vigie::crawler::feeds
