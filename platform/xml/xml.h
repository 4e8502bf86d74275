#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/result/result.h"

namespace vigie::xml {

/// Bounds of reading XML of the web.
struct XmlLimits {
  // sitemaps.org: a sitemap has at most 50 MB; the caller cuts feeds earlier
  std::size_t bytes = 52ULL << 20;
  std::size_t nodes = 1'000'000;  // a sitemap of 50,000 URLs has some 400,000
  std::size_t attribute_bytes = 64 << 10;
};

/// An element (name not empty) or a piece of text (name empty) of a document.
struct XmlNode {
  // lower case, with our prefix of a known namespace ("dc:creator"), else with the document's
  std::string name;
  std::string text;  // of a piece of text
  // names lower case, prefixed as written: "xml:base", "rdf:about", "href"
  std::vector<std::pair<std::string, std::string>> attributes;
  std::int32_t parent = -1;
  std::int32_t first_child = -1;
  std::int32_t last_child = -1;
  std::int32_t next_sibling = -1;

  /// Value of an attribute, "" if absent.
  std::string_view attribute(std::string_view wanted) const;
};

/// A document read with forgiveness. Nodes stand in document order; node 0 is the root element.
struct XmlDocument {
  std::vector<XmlNode> nodes;
  bool malformed = false;  // the parser had to recover

  bool empty() const { return nodes.empty(); }
  const XmlNode& root() const { return nodes.front(); }
  /// First child element of that name, -1 if none.
  std::int32_t child(std::int32_t node, std::string_view name) const;
  /// All text beneath, in document order, with a space where a block ends.
  std::string text(std::int32_t node) const;
  /// Attribute of the node or of its nearest ancestor that has it.
  std::string_view inherited(std::int32_t node, std::string_view attribute) const;
};

/// Bytes of any encoding as valid UTF-8: by byte order mark, UTF-8 where they are, else by
/// `http_charset` or the XML declaration where these explain the bytes, else as pages are guessed.
/// Invalid bytes become U+FFFD.
std::string xml_to_utf8(std::string_view bytes, std::string_view http_charset);

/// Reads XML as well as it goes: of the document type nothing is read but entities that are texts
/// of their own, which are expanded in bounds; the named characters of HTML are understood; a bare
/// '&' is a character; control characters go; mismatched and missing end tags are recovered from.
/// No network, no files. In: valid UTF-8. Total. Errors: kQuarantine bad_xml where not one element
/// could be read; too_large.
Result<XmlDocument> parse_xml(std::string_view utf8, const XmlLimits& limits = {});

}  // namespace vigie::xml
