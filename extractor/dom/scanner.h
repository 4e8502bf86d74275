#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::dom {

/// What is left of a page for the tree builder: a few bytes a tag, one character of a private-use plane for each run of text, a space for white space.
/// Text and attributes stay where they are in the page, so no length of either costs the parser anything.
struct Skeleton {
  std::string html;
  std::vector<std::uint32_t> starts;   // offset in `html` of each start tag that a tag of the page made, ascending
  std::vector<std::uint32_t> sources;  // its index in Document::tags
  std::vector<Tag> tags;               // what it is
  std::vector<std::string_view> runs;  // text; the run of character c is run_of(c)
  bool over_budget = false;            // the skeleton is not complete and must not be used
};

/// Runs of text that have a character: planes 15 and 16 without their last two code points.
inline constexpr std::size_t kMaxRuns = 2 * 65534;
char32_t character_of(std::size_t run);
/// Index of the run, or kMaxRuns for any other character.
std::size_t run_of(char32_t character);

/// One pass over the page; linear. Fills what stands aside in `document` and the skeleton.
/// Depth and misplaced content are counted by the rules of WHATWG §13.2.6 as far as they make depth or work: implied end tags, scopes, tables.
Skeleton scan(std::string_view page, const Limits& limits, Document& document);

/// The same pass without a tree: document.nodes becomes a body with one flat paragraph for each block. For pages that are over budget.
void scan_flat(std::string_view page, Document& document);

}  // namespace vigie::extractor::dom
