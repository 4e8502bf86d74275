#include "crawler/feeds/xml.h"

#include <iconv.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::crawler::feeds {
namespace {

/// The longest name of a character reference that is looked up.
constexpr std::size_t kMaxReferenceBytes = 32;

const char* as_text(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

bool is_name_character(char c) { return text::ascii::is_alphanumeric(c); }

/// Our prefix for a namespace; nullptr if it is not one that we know.
const char* known_prefix(std::string_view uri) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 20> kNamespaces{{
      {"http://www.w3.org/2005/Atom", "atom"},
      {"https://www.w3.org/2005/Atom", "atom"},
      {"http://purl.org/atom/ns#", "atom"},
      {"http://purl.org/rss/1.0/", ""},
      {"http://my.netscape.com/rdf/simple/0.9/", ""},
      {"http://channel.netscape.com/rdf/simple/0.9/", ""},
      {"http://backend.userland.com/rss2", ""},
      {"http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf"},
      {"http://purl.org/dc/elements/1.1/", "dc"},
      {"http://purl.org/dc/elements/1.0/", "dc"},
      {"http://purl.org/dc/terms/", "dcterms"},
      {"http://purl.org/rss/1.0/modules/content/", "content"},
      {"http://search.yahoo.com/mrss/", "media"},
      {"http://search.yahoo.com/mrss", "media"},
      {"http://www.sitemaps.org/schemas/sitemap/0.9", ""},
      {"https://www.sitemaps.org/schemas/sitemap/0.9", ""},
      {"http://www.google.com/schemas/sitemap/0.84", ""},
      {"http://www.google.com/schemas/sitemap-news/0.9", "news"},
      {"http://rssnamespace.org/feedburner/ext/1.0", "feedburner"},
      {"http://www.w3.org/1999/xhtml", "xhtml"},
  }};
  uri = text::trim(uri);
  for (const auto& [known, prefix] : kNamespaces) {
    if (uri == known) return prefix;
  }
  return nullptr;
}

std::string qualified(std::string_view prefix, std::string_view name) {
  std::string out =
      prefix.empty() ? std::string(name) : std::string(prefix) + ":" + std::string(name);
  return text::ascii_lower(out);
}

/// Receives the events of libxml2 and builds the flat tree.
class TreeBuilder {
 public:
  TreeBuilder(XmlDocument& document, const XmlLimits& limits)
      : document_(document), limits_(limits) {}

  static void start(void* self, const xmlChar* local, const xmlChar* prefix, const xmlChar* uri,
                    int, const xmlChar**, int attribute_count, int, const xmlChar** attributes) {
    static_cast<TreeBuilder*>(self)->start_element(local, prefix, uri, attribute_count, attributes);
  }
  static void end(void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
    static_cast<TreeBuilder*>(self)->end_element();
  }
  static void characters(void* self, const xmlChar* data, int length) {
    static_cast<TreeBuilder*>(self)->add_text(
        std::string_view(as_text(data), static_cast<std::size_t>(length)));
  }

  xmlParserCtxtPtr context = nullptr;

 private:
  bool full() {
    if (document_.nodes.size() < limits_.nodes) return false;
    document_.malformed = true;
    if (context != nullptr) xmlStopParser(context);
    return true;
  }

  std::int32_t append(XmlNode node) {
    node.parent = current_;
    const auto index = static_cast<std::int32_t>(document_.nodes.size());
    if (current_ >= 0) {
      XmlNode& parent = document_.nodes[static_cast<std::size_t>(current_)];
      if (parent.last_child >= 0) {
        document_.nodes[static_cast<std::size_t>(parent.last_child)].next_sibling = index;
      } else {
        parent.first_child = index;
      }
      parent.last_child = index;
    }
    document_.nodes.push_back(std::move(node));
    return index;
  }

  void start_element(const xmlChar* local, const xmlChar* prefix, const xmlChar* uri,
                     int attribute_count, const xmlChar** attributes) {
    if (full()) return;
    // A second root would have no place in the tree; it goes under the first, as recovery wants
    // every item.
    if (current_ < 0 && !document_.nodes.empty()) current_ = 0;
    XmlNode node;
    const char* ours = uri == nullptr ? nullptr : known_prefix(as_text(uri));
    node.name = qualified(ours != nullptr     ? ours
                          : prefix != nullptr ? as_text(prefix)
                                              : "",
                          as_text(local));
    for (int i = 0; i < attribute_count; ++i) {
      // Each attribute is five pointers: local name, prefix, URI, begin and end of its value.
      const xmlChar** attribute = attributes + i * 5;
      const std::size_t length = static_cast<std::size_t>(attribute[4] - attribute[3]);
      node.attributes.emplace_back(
          qualified(attribute[1] != nullptr ? as_text(attribute[1]) : "", as_text(attribute[0])),
          std::string(as_text(attribute[3]), std::min(length, limits_.attribute_bytes)));
    }
    current_ = append(std::move(node));
  }

  void end_element() {
    if (current_ >= 0) current_ = document_.nodes[static_cast<std::size_t>(current_)].parent;
  }

  void add_text(std::string_view text) {
    if (current_ < 0 || full()) return;
    const XmlNode& parent = document_.nodes[static_cast<std::size_t>(current_)];
    if (parent.last_child >= 0) {
      XmlNode& last = document_.nodes[static_cast<std::size_t>(parent.last_child)];
      if (last.name.empty()) {
        last.text += text;
        return;
      }
    }
    XmlNode node;
    node.text = text;
    append(std::move(node));
  }

  XmlDocument& document_;
  const XmlLimits& limits_;
  std::int32_t current_ = -1;
};

/// End of the document type declaration that begins at `from`: behind its '>', past an internal
/// subset.
std::size_t end_of_doctype(std::string_view text, std::size_t from) {
  int brackets = 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '[') ++brackets;
    if (text[i] == ']') --brackets;
    if (text[i] == '>' && brackets <= 0) return i + 1;
  }
  return text.size();
}

/// Copies a '&' at `at` so that XML understands it; returns the offset behind what was read.
std::size_t repair_reference(std::string_view text, std::size_t at, std::string& out) {
  const std::size_t semicolon = text.substr(at, kMaxReferenceBytes + 2).find(';');
  if (semicolon != std::string_view::npos && semicolon > 1) {
    const std::string_view name = text.substr(at + 1, semicolon - 1);
    const bool numeric =
        name.size() > 1 && name[0] == '#' &&
        std::all_of(name.begin() + 1, name.end(), [](char c) { return is_name_character(c); });
    if (numeric || name == "amp" || name == "lt" || name == "gt" || name == "quot" ||
        name == "apos") {
      out += text.substr(at, semicolon + 1);
      return at + semicolon + 1;
    }
    if (const std::uint32_t character = html_character(name); character != 0) {
      text::append_utf8(out, character);
      return at + semicolon + 1;
    }
  }
  out += "&amp;";
  return at + 1;
}

/// Everything that would stop or mislead the parser is taken out before it sees it.
std::string repair(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '<') {
      const std::string_view rest = text.substr(at);
      if (rest.substr(0, 9) == "<![CDATA[" || rest.substr(0, 4) == "<!--") {
        const bool data = rest[2] == '[';
        const std::size_t end = text.find(data ? "]]>" : "-->", at + 4);
        if (data) {
          const std::size_t stop = end == std::string_view::npos ? text.size() : end;
          for (const char byte : text.substr(at, stop - at)) {
            if (static_cast<unsigned char>(byte) >= 0x20 || byte == '\n' || byte == '\t' ||
                byte == '\r')
              out += byte;
          }
          out += "]]>";
        }
        at = end == std::string_view::npos ? text.size() : end + 3;
        continue;
      }
      if (text::ascii_iequals(rest.substr(0, 9), "<!doctype")) {
        at = end_of_doctype(text, at);
        continue;
      }
      if (rest.substr(0, 2) == "<?") {
        const std::size_t end = text.find("?>", at);
        at = end == std::string_view::npos ? text.size() : end + 2;
        continue;
      }
      // A '<' that opens no tag is a character: "a < b".
      const char next = rest.size() > 1 ? rest[1] : ' ';
      if (!is_name_character(next) && next != '/' && next != '_' &&
          static_cast<unsigned char>(next) < 0x80) {
        out += "&lt;";
        ++at;
        continue;
      }
      out += c;
      ++at;
    } else if (c == '&') {
      at = repair_reference(text, at, out);
    } else if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r') {
      ++at;
    } else {
      out += c;
      ++at;
    }
  }
  return out;
}

bool is_block(std::string_view name) {
  const std::size_t colon = name.find(':');
  const std::string_view local = colon == std::string_view::npos ? name : name.substr(colon + 1);
  return local == "p" || local == "div" || local == "br" || local == "li" || local == "tr" ||
         local == "td" || local == "ul" ||
         (local.size() == 2 && local[0] == 'h' && local[1] >= '1' && local[1] <= '6');
}

}  // namespace

std::string_view XmlNode::attribute(std::string_view wanted) const {
  for (const auto& [attribute_name, value] : attributes) {
    if (attribute_name == wanted) return value;
  }
  return {};
}

std::int32_t XmlDocument::child(std::int32_t node, std::string_view name) const {
  for (std::int32_t i = nodes[static_cast<std::size_t>(node)].first_child; i >= 0;
       i = nodes[static_cast<std::size_t>(i)].next_sibling) {
    if (nodes[static_cast<std::size_t>(i)].name == name) return i;
  }
  return -1;
}

std::string XmlDocument::text(std::int32_t node) const {
  std::string out;
  std::int32_t at = nodes[static_cast<std::size_t>(node)].first_child;
  while (at >= 0) {
    const XmlNode& current = nodes[static_cast<std::size_t>(at)];
    if (current.name.empty()) {
      out += current.text;
    } else if (is_block(current.name)) {
      out += ' ';
    }
    if (current.first_child >= 0) {
      at = current.first_child;
      continue;
    }
    while (at != node && nodes[static_cast<std::size_t>(at)].next_sibling < 0)
      at = nodes[static_cast<std::size_t>(at)].parent;
    if (at == node) break;
    at = nodes[static_cast<std::size_t>(at)].next_sibling;
  }
  return out;
}

std::string_view XmlDocument::inherited(std::int32_t node, std::string_view attribute) const {
  for (std::int32_t i = node; i >= 0; i = nodes[static_cast<std::size_t>(i)].parent) {
    const std::string_view value = nodes[static_cast<std::size_t>(i)].attribute(attribute);
    if (!value.empty()) return value;
  }
  return {};
}

std::uint32_t html_character(std::string_view name) {
  if (name.empty() || name.size() > kMaxReferenceBytes) return 0;
  if (name == "apos") return '\'';
  const std::string terminated(name);
  const htmlEntityDesc* description =
      htmlEntityLookup(reinterpret_cast<const xmlChar*>(terminated.c_str()));
  return description == nullptr ? 0 : description->value;
}

namespace {

/// Names that the web uses for something else than they say (WHATWG Encoding), for iconv.
std::string iconv_name(std::string_view charset) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 16> kNames{
      {{"iso-8859-1", "WINDOWS-1252"},
       {"latin1", "WINDOWS-1252"},
       {"us-ascii", "WINDOWS-1252"},
       {"ascii", "WINDOWS-1252"},
       {"iso-8859-9", "WINDOWS-1254"},
       {"gb2312", "GB18030"},
       {"gbk", "GB18030"},
       {"x-gbk", "GB18030"},
       {"shift_jis", "CP932"},
       {"shift-jis", "CP932"},
       {"x-sjis", "CP932"},
       {"euc-kr", "CP949"},
       {"ks_c_5601-1987", "CP949"},
       {"tis-620", "CP874"},
       {"windows-874", "CP874"},
       {"iso-8859-11", "CP874"}}};
  const std::string lower = text::ascii_lower(text::trim(charset));
  for (const auto& [name, real] : kNames) {
    if (lower == name) return real;
  }
  // iconv reads suffixes such as //IGNORE; nothing of the web may reach them.
  if (lower.empty() || lower.size() > 40 || lower.find('/') != std::string::npos) return {};
  return lower;
}

std::string convert(std::string_view bytes, const std::string& from) {
  const std::string utf8(text::to_valid_utf8(bytes));
  if (from.empty() || from == "utf-8" || from == "utf8") return utf8;
  const iconv_t raw = iconv_open("UTF-8", from.c_str());
  if (raw == reinterpret_cast<iconv_t>(-1)) return utf8;
  const std::unique_ptr<void, int (*)(iconv_t)> guard(raw, &iconv_close);
  std::string source(bytes);
  std::string out;
  char* in = source.data();
  std::size_t in_left = source.size();
  std::array<char, 16384> buffer;
  while (in_left > 0) {
    char* to = buffer.data();
    std::size_t to_left = buffer.size();
    const std::size_t result = iconv(raw, &in, &in_left, &to, &to_left);
    const int error = errno;
    out.append(buffer.data(), buffer.size() - to_left);
    if (result != static_cast<std::size_t>(-1) || error == E2BIG) continue;
    out += "\xEF\xBF\xBD";
    ++in;
    --in_left;
  }
  return text::to_valid_utf8(out);
}

std::string declared_encoding(std::string_view bytes) {
  std::string_view head = bytes.substr(0, 256);
  const std::size_t begin = head.find("<?xml");
  if (begin == std::string_view::npos) return {};
  head = head.substr(begin, head.find("?>", begin) - begin);
  std::size_t at = head.find("encoding");
  if (at == std::string_view::npos) return {};
  at = head.find_first_of("\"'", at);
  if (at == std::string_view::npos) return {};
  const std::size_t end = head.find(head[at], at + 1);
  return end == std::string_view::npos ? std::string()
                                       : std::string(head.substr(at + 1, end - at - 1));
}

}  // namespace

std::string xml_to_utf8(std::string_view bytes, std::string_view http_charset) {
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") return text::to_valid_utf8(bytes.substr(3));
  if (bytes.substr(0, 2) == "\xFF\xFE") return convert(bytes.substr(2), "utf-16le");
  if (bytes.substr(0, 2) == "\xFE\xFF") return convert(bytes.substr(2), "utf-16be");
  if (bytes.substr(0, 4) == std::string_view("<\0?\0", 4)) return convert(bytes, "utf-16le");
  if (bytes.substr(0, 4) == std::string_view("\0<\0?", 4)) return convert(bytes, "utf-16be");
  // Servers that send text/xml with a charset of their own default are common: valid UTF-8 that is
  // not plain ASCII is UTF-8.
  if (text::is_valid_utf8(bytes) && std::any_of(bytes.begin(), bytes.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80;
      }))
    return std::string(bytes);
  std::string charset = iconv_name(http_charset);
  if (charset.empty()) charset = iconv_name(declared_encoding(bytes));
  // A document whose declaration could be read as ASCII is not UTF-16, whatever it says.
  if (charset.rfind("utf-16", 0) == 0 || charset.rfind("utf-32", 0) == 0 ||
      charset.rfind("ucs-", 0) == 0)
    charset = "utf-8";
  return convert(bytes, charset);
}

Result<XmlDocument> parse_xml(std::string_view utf8, const XmlLimits& limits) {
  if (utf8.size() > limits.bytes)
    return failure(Disposition::kQuarantine, "too_large",
                   "the XML is larger than " + std::to_string(limits.bytes) + " bytes");
  std::string repaired = repair(utf8);
  const std::size_t first = repaired.find('<');
  if (first == std::string::npos)
    return failure(Disposition::kQuarantine, "bad_xml", "there is not one element in it");
  repaired.erase(0, first);

  XmlDocument document;
  TreeBuilder builder(document, limits);
  xmlSAXHandler handler{};
  handler.initialized = XML_SAX2_MAGIC;
  handler.startElementNs = &TreeBuilder::start;
  handler.endElementNs = &TreeBuilder::end;
  handler.characters = &TreeBuilder::characters;
  handler.ignorableWhitespace = &TreeBuilder::characters;
  handler.cdataBlock = &TreeBuilder::characters;
  const std::unique_ptr<xmlParserCtxt, void (*)(xmlParserCtxtPtr)> context(
      xmlCreatePushParserCtxt(&handler, &builder, nullptr, 0, nullptr),
      [](xmlParserCtxtPtr pointer) {
        if (pointer->myDoc != nullptr) xmlFreeDoc(pointer->myDoc);
        xmlFreeParserCtxt(pointer);
      });
  if (!context)
    return failure(Disposition::kRetry, "out_of_memory", "the XML parser could not be made");
  builder.context = context.get();
  xmlCtxtUseOptions(context.get(), XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR |
                                       XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
  // The text has been made valid UTF-8 and its declaration is gone.
  xmlSwitchEncoding(context.get(), XML_CHAR_ENCODING_UTF8);
  constexpr std::size_t kChunkBytes = 1 << 20;
  for (std::size_t at = 0; at < repaired.size(); at += kChunkBytes) {
    const std::size_t size = std::min(kChunkBytes, repaired.size() - at);
    xmlParseChunk(context.get(), repaired.data() + at, static_cast<int>(size), 0);
  }
  xmlParseChunk(context.get(), nullptr, 0, 1);
  if (context->wellFormed == 0) document.malformed = true;
  if (document.nodes.empty())
    return failure(Disposition::kQuarantine, "bad_xml", "there is not one element in it");
  return document;
}

namespace {

/// Passes over the tag at `at`, and over the content of a script or style. A block leaves a space.
/// Out: where the text goes on.
std::size_t skip_tag(std::string_view html, std::size_t at, std::string& out) {
  const bool closes = html.substr(at, 2) == "</";
  const std::size_t name_begin = at + (closes ? 2 : 1);
  std::size_t name_end = name_begin;
  while (name_end < html.size() && is_name_character(html[name_end])) ++name_end;
  const std::string name =
      text::ascii_lower(html.substr(name_begin, std::min<std::size_t>(name_end - name_begin, 16)));
  std::size_t end = html.find('>', name_end);
  if (!closes && (name == "script" || name == "style")) {
    const std::size_t close = html.find("</", name_end);
    end = close == std::string_view::npos ? close : html.find('>', close);
  }
  if (is_block(name)) out += ' ';
  return end == std::string_view::npos ? html.size() : end + 1;
}

/// The character that "#8217" or "#x2019" means; 0: none.
std::uint32_t numbered_character(std::string_view number) {
  const bool hex = number.size() > 2 && (number[1] == 'x' || number[1] == 'X');
  std::uint32_t character = 0;
  for (const char digit : number.substr(hex ? 2 : 1)) {
    const int value = digit >= '0' && digit <= '9'          ? digit - '0'
                      : hex && digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                      : hex && digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                            : -1;
    if (value < 0 || character > 0x10FFFF) return 0;
    character = character * (hex ? 16 : 10) + static_cast<std::uint32_t>(value);
  }
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  return character > 0x10FFFF || surrogate ? 0xFFFD : character;
}

/// Reads the reference that `text` begins with. Out: its character and its bytes; 0 and 1 where it
/// is an ampersand that means itself.
std::pair<std::uint32_t, std::size_t> read_reference(std::string_view text) {
  const std::size_t semicolon = text.find(';');
  if (semicolon == std::string_view::npos || semicolon <= 1) return {0, 1};
  const std::string_view name = text.substr(1, semicolon - 1);
  const std::uint32_t character = name[0] == '#' ? numbered_character(name) : html_character(name);
  return {character, character == 0 ? 1 : semicolon + 1};
}

}  // namespace

std::string html_to_text(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  std::size_t at = 0;
  while (at < html.size()) {
    const char c = html[at];
    const char next = at + 1 < html.size() ? html[at + 1] : ' ';
    if (c == '<' && html.substr(at, 4) == "<!--") {
      const std::size_t end = html.find("-->", at + 4);
      at = end == std::string_view::npos ? html.size() : end + 3;
    } else if (c == '<' && (is_name_character(next) || next == '/' || next == '!' || next == '?')) {
      at = skip_tag(html, at, out);
    } else if (c == '&') {
      const auto [character, bytes] = read_reference(html.substr(at, kMaxReferenceBytes + 2));
      if (character != 0) text::append_utf8(out, character);
      if (character == 0) out += c;
      at += bytes;
    } else {
      out += c;
      ++at;
    }
  }
  return text::collapse_spaces(out);
}

}  // namespace vigie::crawler::feeds
