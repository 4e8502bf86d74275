#include "crawler/feeds/feed.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <unordered_set>

#include "crawler/feeds/aggregator_link.h"
#include "crawler/feeds/json_feed.h"
#include "platform/dates/written_date.h"
#include "platform/text/invisible.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "platform/warc/gzip.h"
#include "platform/xml/plain_text.h"
#include "platform/xml/xml.h"

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

bool is_mail_address(std::string_view written) {
  const std::size_t at_sign = written.find('@');
  return at_sign != std::string_view::npos && at_sign > 0 &&
         written.find(' ') == std::string_view::npos &&
         written.find('.', at_sign) != std::string_view::npos;
}

/// RSS writes "address (Name)", "Name <address>" or "address Name" where it means a person.
std::string person_name(const std::string& written) {
  if (written.find('@') == std::string::npos) return written;
  const std::size_t open = written.find('(');
  const std::size_t close = written.rfind(')');
  if (open != std::string::npos && close != std::string::npos && close > open + 1) {
    const std::string inner =
        text::collapse_spaces(std::string_view(written).substr(open + 1, close - open - 1));
    if (!is_mail_address(inner)) return inner;
    return text::collapse_spaces(std::string_view(written).substr(0, open));
  }
  std::string name;
  std::string_view rest = written;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    if (!is_mail_address(word)) name.append(name.empty() ? "" : " ").append(word);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return name.empty() ? written : name;
}

bool is_item(std::string_view name) {
  return name == "item" || name == "entry" || name == "atom:entry" || name == "atom:item";
}

bool looks_absolute(std::string_view text) {
  return text.substr(0, 7) == "http://" || text.substr(0, 8) == "https://";
}

/// Reads one XML feed.
class XmlFeedReader {
 public:
  XmlFeedReader(const xml::XmlDocument& document, const FeedOrigin& origin,
                const FeedLimits& limits)
      : document_(document),
        base_url_(origin.base_url),
        country_of_source_(origin.country),
        limits_(limits) {}

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
    std::vector<std::int32_t> items;
    for (std::size_t i = 0; i < document_.nodes.size(); ++i) {
      if (is_item(document_.nodes[i].name)) items.push_back(static_cast<std::int32_t>(i));
    }
    feed.entries_cut = items.size() > limits_.entries;
    if (feed.entries_cut) {
      // Of a feed that lists the oldest first the last ones are the news.
      feed.entries_left_out = items.size() - limits_.entries;
      const auto cut = static_cast<std::ptrdiff_t>(feed.entries_left_out);
      if (is_older(items.front(), items.back())) items.erase(items.begin(), items.begin() + cut);
      else items.resize(limits_.entries);
    }
    for (const std::int32_t item : items) feed.entries.push_back(read_entry(item, feed));
  }

  // Whose zones and order of day and month the dates have.
  void learn_place(const Feed& feed) {
    language_ = feed.language;
    for (const std::string& address : {feed.url, std::string(base_url_)}) {
      const auto parsed = url::parse(address);
      if (country_.empty() && parsed && parsed->host)
        country_ = dates::country_of_host(*parsed->host);
    }
    if (country_.empty()) country_ = country_of_source_;
    if (country_.empty()) country_ = dates::country_of_language(language_);
  }

  FeedEntry read_entry(std::int32_t node, const Feed& feed) {
    FeedEntry entry;
    read_identity(node, feed, entry);
    entry.title = text::ellipsize(
        first_text_or_of_media(node, {"title", "dc:title", "media:title", "itunes:title"}),
        limits_.title_bytes);
    entry.summary = text::ellipsize(
        first_text_or_of_media(node, {"description", "summary", "content:encoded", "encoded",
                                      "content", "dc:description", "itunes:summary", "tagline",
                                      "media:description", "itunes:subtitle"}),
        limits_.summary_bytes);
    entry.published = published_of(node);
    entry.updated = first_date(node, {"updated", "modified", "dcterms:modified", "lastbuilddate"});
    entry.authors = people(node, {"author", "dc:creator", "creator", "itunes:author"});
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
  const xml::XmlNode& at(std::int32_t node) const {
    return document_.nodes[static_cast<std::size_t>(node)];
  }

  /// Children of these names. An element of Atom counts by its local name: RSS holds such, and in
  /// Atom stand elements of RSS, which its namespace makes its own.
  template <class Visit>
  void children(std::int32_t node, Names names, Visit visit) const {
    for (std::int32_t i = at(node).first_child; i >= 0; i = at(i).next_sibling) {
      std::string_view name = at(i).name;
      if (name.starts_with("atom:")) name.remove_prefix(5);
      const bool is_asked = std::any_of(names.begin(), names.end(), [&](std::string_view asked) {
        return asked == name || asked == at(i).name;
      });
      if (is_asked) visit(i);
    }
  }

  std::optional<dates::LooseDate> published_of(std::int32_t node) const {
    return first_date(node, {"pubdate", "published", "issued", "dcterms:issued", "dc:date",
                             "dcterms:created", "created", "date"});
  }

  bool is_older(std::int32_t one, std::int32_t other) const {
    const auto time_of = [this](std::int32_t node) {
      const auto date = published_of(node);
      return date ? date : first_date(node, {"updated", "modified"});
    };
    const auto a = time_of(one);
    const auto b = time_of(other);
    return a && b && a->unix_ms < b->unix_ms;
  }

  /// Plain text of a text construct, whichever way it is written.
  std::string plain(std::int32_t node) const {
    const xml::XmlNode& element = at(node);
    const std::string raw = document_.text(node);
    if (element.attribute("mode") == "base64" ||
        element.attribute("type") == "application/octet-stream")
      return xml::html_to_text(decode_base64(raw));
    const std::string_view type = text::trim(element.attribute("type"));
    if (atom_ || element.name.starts_with("atom:") || element.name.starts_with("media:")) {
      // RFC 4287 §3.1.1.1, Media RSS: plain text is plain. Without a type it is plain, too, by RFC
      // 4287; feeds escape HTML there all the same, so tags of HTML go there.
      const bool is_plain = text::ascii_iequals(type, "text") ||
                            text::ascii_iequals(type, "text/plain") ||
                            text::ascii_iequals(type, "plain");
      if (is_plain || type == "xhtml" || type == "application/xhtml+xml")
        return text::collapse_spaces(text::without_invisible(raw));
    }
    return xml::html_to_text(raw);
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

  /// The same, and where there is none, in the media:group or media:content of the entry.
  std::string first_text_or_of_media(std::int32_t node, Names names) const {
    std::string found = first_text(node, names);
    children(node, {"media:group", "media:content"}, [&](std::int32_t group) {
      if (found.empty()) found = first_text(group, names);
    });
    return found;
  }

  std::optional<dates::LooseDate> first_date(std::int32_t node, Names names) const {
    for (const std::string_view name : names) {
      std::optional<dates::LooseDate> found;
      children(node, {name}, [&](std::int32_t i) {
        if (!found)
          found =
              dates::read_loose(text::collapse_spaces(document_.text(i)), {language_, country_});
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

  std::vector<std::string> people(std::int32_t node, Names names) const {
    std::vector<std::string> out;
    children(node, names, [&](std::int32_t i) {
      std::string name = person_name(first_text(i, {"name"}));
      if (name.empty() && !(atom_ && has_elements(i))) {
        std::string raw = text::collapse_spaces(document_.text(i));
        const std::size_t open = raw.find('<');
        // "Name <address>" is no HTML.
        if (open != std::string::npos && open > 0 && raw.find('@', open) != std::string::npos)
          raw = text::collapse_spaces(raw.substr(0, open));
        name = person_name(xml::html_to_text(raw));
      }
      add(out, std::move(name));
    });
    std::erase_if(out, [](const std::string& name) { return is_mail_address(name); });
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
      const xml::XmlNode& link = at(i);
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
    return std::string(text::trim(xml::html_to_text(document_.text(node))));
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
    std::string publisher = publisher_of_aggregator_link(entry.url);
    if (!publisher.empty()) entry.url = resolve(publisher, {});
  }

  /// Where a tag before it was left open, the link of an item stands deeper than it was meant to.
  std::string misplaced_link(std::int32_t item, const Feed& feed) const {
    for (std::int32_t i = item + 1;
         i < static_cast<std::int32_t>(document_.nodes.size()) && at(i).parent >= item; ++i) {
      const xml::XmlNode& node = at(i);
      if (is_item(node.name)) break;
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
    learn_place(feed);
    feed.updated = first_date(channel, {"updated", "atom:updated", "modified", "atom:modified",
                                        "lastbuilddate", "dc:date", "pubdate"});
    feed.authors = atom_ ? people(channel, {"author", "atom:author"})
                         : people(channel, {"managingeditor", "author", "atom:author", "dc:creator",
                                            "itunes:author"});
    feed.categories = categories(channel);
    children(channel, {"link", "atom:link"}, [&](std::int32_t i) {
      const std::string_view relation = at(i).attribute("rel");
      if (relation == "hub" && feed.hub.empty())
        feed.hub = resolve(at(i).attribute("href"), link_base(i, feed));
      if (relation == "self" && feed.self.empty())
        feed.self = resolve(at(i).attribute("href"), link_base(i, feed));
    });
  }

  const xml::XmlDocument& document_;
  std::string_view base_url_;
  std::string_view country_of_source_;
  const FeedLimits& limits_;
  std::string language_;  // of the feed
  std::string country_;
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
                    const FeedOrigin& origin, const FeedLimits& limits, Feed& feed) {
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
    auto document = xml::parse_xml(wrapped);
    if (!document) continue;
    Feed one = feed;
    one.entries.clear();
    XmlFeedReader reader(*document, origin, limits);
    if (!reader.recognise(one)) continue;
    reader.learn_place(feed);
    for (std::size_t node = 0; node < document->nodes.size(); ++node) {
      if (!is_item(document->nodes[node].name)) continue;
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

namespace {

/// Where the root of a feed begins behind something else: a warning of the server's program, a page
/// of its own. npos: nowhere.
std::size_t root_behind_junk(std::string_view text) {
  static constexpr std::array kRoots = std::to_array<std::string_view>(
      {"<rss", "<feed", "<rdf:rdf", "<rdf", "<atom:feed", "<channel"});
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const std::string_view rest = text.substr(at);
    for (const std::string_view root : kRoots) {
      if (!text::ascii_iequals(rest.substr(0, root.size()), root)) continue;
      const char next = rest.size() > root.size() ? rest[root.size()] : ' ';
      if (next == '>' || next == ' ' || next == '\n' || next == '\t' || next == '\r') return at;
    }
  }
  return std::string_view::npos;
}

/// JSON behind something else: a warning, a guard against scripts, a function that is called.
std::string_view json_behind_junk(std::string_view text) {
  if (text.find("jsonfeed.org/version") == std::string_view::npos) return {};
  const std::size_t open = text.find('{');
  return open == std::string_view::npos ? std::string_view{} : text.substr(open);
}

Result<Feed> parse_xml_feed(std::string_view utf8, const FeedOrigin& origin,
                            const FeedLimits& limits) {
  xml::XmlLimits xml_limits;
  xml_limits.bytes = limits.bytes * 4;  // of UTF-8, which may be longer than what was received
  Result<xml::XmlDocument> document = xml::parse_xml(utf8, xml_limits);
  if (!document) return tl::unexpected(document.error());
  Feed feed;
  if (!XmlFeedReader(*document, origin, limits).recognise(feed)) {
    const Result<Feed> none = failure(Disposition::kQuarantine, "not_feed",
                                      "this is no feed: " + what_it_is(document->root().name));
    const std::size_t root = root_behind_junk(utf8);
    if (root == std::string_view::npos) return none;
    utf8.remove_prefix(root);
    document = xml::parse_xml(utf8, xml_limits);
    if (!document || !XmlFeedReader(*document, origin, limits).recognise(feed)) return none;
    document->malformed = true;
    XmlFeedReader reader(*document, origin, limits);
    reader.recognise(feed);
    reader.read(feed);
    // a page that shows how a feed is written is none
    if (links_in(feed) == 0) return none;
    feed.entries.clear();
  }
  XmlFeedReader reader(*document, origin, limits);
  reader.recognise(feed);
  feed.malformed = document->malformed;
  reader.read(feed);
  if (feed.malformed) {
    const auto beginnings = item_beginnings(utf8, limits.entries);
    if (beginnings.size() > links_in(feed)) read_by_slices(utf8, beginnings, origin, limits, feed);
  }
  return feed;
}

}  // namespace

Result<Feed> parse_feed(std::string_view bytes, std::string_view http_charset,
                        const FeedOrigin& origin, const FeedLimits& limits) {
  const auto too_large = [&] {
    return failure(Disposition::kQuarantine, "too_large",
                   "the feed is larger than " + std::to_string(limits.bytes) + " bytes");
  };
  if (bytes.size() > limits.bytes) return too_large();
  std::string unpacked;
  if (warc::is_gzip(bytes)) {
    bool cut = false;
    VIGIE_ASSIGN(unpacked, warc::gunzip(bytes, limits.bytes, &cut));
    if (cut) return too_large();
    bytes = unpacked;
  }
  const std::string utf8 = xml::xml_to_utf8(bytes, http_charset);
  if (text::trim(utf8).empty())
    return failure(Disposition::kQuarantine, "empty_feed", "there is nothing in the feed");
  if (looks_like_json(utf8)) return parse_json_feed(utf8, origin, limits);
  Result<Feed> feed = parse_xml_feed(utf8, origin, limits);
  if (!feed) {
    const std::string_view json = json_behind_junk(utf8);
    if (!json.empty()) {
      if (Result<Feed> other = parse_json_feed(json, origin, limits)) return other;
    }
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
