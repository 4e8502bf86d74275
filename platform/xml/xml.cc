#include "platform/xml/xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "platform/charset/charset.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/xml/plain_text.h"

namespace vigie::xml {
namespace {

constexpr std::size_t kMaxCharsetBytes = 40;        // of the name that a server gives
constexpr std::size_t kMaxEntities = 256;           // that a document type declares
constexpr std::size_t kMaxEntityBytes = 1024;       // of what one stands for
constexpr std::size_t kMaxExpandedBytes = 1 << 20;  // of all that stand in a document

const char* as_text(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

bool is_name_character(char c) { return text::ascii::is_alphanumeric(c); }

/// Our prefix for a namespace; nullptr if it is not one that we know.
const char* known_prefix(std::string_view uri) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 23> kNamespaces{{
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
      {"http://www.itunes.com/dtds/podcast-1.0.dtd", "itunes"},
      {"https://www.itunes.com/dtds/podcast-1.0.dtd", "itunes"},
      {"http://www.itunes.com/DTDs/Podcast-1.0.dtd", "itunes"},
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

/// The entities that a document type declares with a text of their own. External ones and those of
/// parameters are never looked at, nor is one that stands for others: no document grows by what it
/// declares.
class Entities {
 public:
  /// Reads "<!ENTITY name "text">" of a document type.
  void declare(std::string_view doctype) {
    std::size_t at = 0;
    while (values_.size() < kMaxEntities &&
           (at = doctype.find("<!ENTITY", at)) != std::string_view::npos) {
      at += 8;
      const std::size_t begin = doctype.find_first_not_of(kSpaces, at);
      if (begin == std::string_view::npos) return;
      const std::size_t end = doctype.find_first_of(kSpaces, begin);
      if (end == std::string_view::npos) return;
      const std::size_t open = doctype.find_first_not_of(kSpaces, end);
      if (open == std::string_view::npos) return;
      at = open;
      if (doctype[open] != '"' && doctype[open] != '\'') continue;  // SYSTEM, PUBLIC, a parameter
      const std::size_t close = doctype.find(doctype[open], open + 1);
      if (close == std::string_view::npos) return;
      at = close + 1;
      const std::string_view name = doctype.substr(begin, end - begin);
      std::optional<std::string> value = plain(doctype.substr(open + 1, close - open - 1));
      if (value && name.size() <= kMaxReferenceBytes)
        values_.emplace(std::string(name), std::move(*value));
    }
  }

  /// Appends what it stands for, escaped; false if it was not declared.
  bool append(std::string_view name, std::string& out) {
    const auto found = values_.find(name);
    if (found == values_.end() || expanded_ + found->second.size() > kMaxExpandedBytes)
      return false;
    expanded_ += found->second.size();
    out += found->second;
    return true;
  }

 private:
  static constexpr std::string_view kSpaces = " \t\r\n";

  // References to characters are read, what is left is escaped; nothing where others stand in it.
  static std::optional<std::string> plain(std::string_view value) {
    if (value.size() > kMaxEntityBytes) return std::nullopt;
    std::string out;
    for (std::size_t at = 0; at < value.size();) {
      const char c = value[at];
      if (c != '&') {
        if (c == '<') out += "&lt;";
        else out += c;
        ++at;
        continue;
      }
      const std::size_t end = value.substr(at, kMaxReferenceBytes + 2).find(';');
      if (end == std::string_view::npos || end < 2) return std::nullopt;
      const std::string_view name = value.substr(at + 1, end - 1);
      const std::uint32_t character =
          name[0] == '#' ? numbered_character(name) : html_character(name);
      if (character == 0) return std::nullopt;
      append_escaped(character, out);
      at += end + 1;
    }
    return out;
  }

  static void append_escaped(std::uint32_t character, std::string& out) {
    if (character == '<') out += "&lt;";
    else if (character == '&') out += "&amp;";
    else text::append_utf8(out, character);
  }

  std::map<std::string, std::string, std::less<>> values_;
  std::size_t expanded_ = 0;
};

/// XML 1.0 §2.2 Char.
bool is_xml_character(std::uint32_t c) {
  return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c < 0xD800) ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

/// Copies a '&' at `at` so that XML understands it; returns the offset behind what was read.
std::size_t repair_reference(std::string_view text, std::size_t at, Entities& entities,
                             std::string& out) {
  const std::size_t semicolon = text.substr(at, kMaxReferenceBytes + 2).find(';');
  if (semicolon != std::string_view::npos && semicolon > 1) {
    const std::string_view name = text.substr(at + 1, semicolon - 1);
    if (name[0] == '#') {
      // in the form that XML knows: it has no "&#X2019;"
      if (const std::uint32_t character = numbered_character(name); character != 0) {
        if (is_xml_character(character)) out += "&#" + std::to_string(character) + ";";
        return at + semicolon + 1;
      }
    }
    if (name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos") {
      out += text.substr(at, semicolon + 1);
      return at + semicolon + 1;
    }
    if (entities.append(name, out)) return at + semicolon + 1;
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
  Entities entities;
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
        const std::size_t end = end_of_doctype(text, at);
        entities.declare(text.substr(at, end - at));
        at = end;
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
      at = repair_reference(text, at, entities, out);
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

namespace {

std::string convert(std::string_view bytes, std::string_view encoding) {
  return charset::decode(bytes, "text/xml; charset=" + std::string(encoding)).text;
}

}  // namespace

namespace {

/// UTF-8 into which a few bytes of another encoding came, as content systems join texts of several
/// origins: those bytes as windows-1252. Empty where more than that is wrong, or nothing is.
std::string mended_utf8(std::string_view bytes) {
  std::size_t replaced = 0;
  const std::string valid = text::to_valid_utf8(bytes, &replaced);
  if (replaced == 0) return {};
  std::size_t sequences = 0;  // of more than one byte, the replacements not counted
  for (std::size_t at = 0; at < valid.size();) {
    const char32_t c = text::next_code_point(valid, at);
    if (c >= 0x80 && c != 0xFFFD) ++sequences;
  }
  if (sequences < replaced) return {};
  std::string out;
  out.reserve(bytes.size() + replaced * 2);
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string_view sequence = bytes.substr(at, size);
    if (lead < 0x80 || (sequence.size() == size && text::is_valid_utf8(sequence))) {
      out += sequence;
      at += size;
    } else {
      text::append_utf8(out, numbered_character("#" + std::to_string(lead)));
      ++at;
    }
  }
  return out;
}

}  // namespace

std::string xml_to_utf8(std::string_view bytes, std::string_view http_charset) {
  if (bytes.substr(0, 4) == std::string_view("<\0?\0", 4)) return convert(bytes, "utf-16le");
  if (bytes.substr(0, 4) == std::string_view("\0<\0?", 4)) return convert(bytes, "utf-16be");
  std::string mended = mended_utf8(bytes);
  if (!mended.empty()) return mended;
  return convert(bytes, http_charset.substr(0, kMaxCharsetBytes));
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

}  // namespace vigie::xml
