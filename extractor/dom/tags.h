#pragma once

#include <cstdint>
#include <string_view>

#include "extractor/dom/document.h"

namespace vigie::extractor::dom {

/// What the scanner does with an element before the parser sees it.
enum class Treatment : std::uint8_t {
  // reaches the parser under one neutral name, so that neither the adoption agency nor active
  // formatting elements ever run
  kInline,
  kBlock,      // reaches the parser by name; closes an open paragraph
  kTablePart,  // reaches the parser by name
  kLineBreak,  // br, hr
  kLeftOut,    // the tag is left out, what stands in it stays
  kSkipped,    // the tag and its content are left out, if it is closed somewhere
  // the same, and unclosed it takes the rest of the page (script, style, …: WHATWG raw text)
  kRawText,
  kAside,  // a void element kept aside: meta, link, img, base
  kPage,   // html, body: attributes kept aside
  kTitle,
};

struct TagInfo {
  std::string_view name;
  Tag tag = Tag::kOther;
  Treatment treatment = Treatment::kInline;
};

/// Of a tag name as written, any case. Unknown names are inline kOther with an empty name.
const TagInfo& tag_info(std::string_view name);

}  // namespace vigie::extractor::dom
