#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::dom {

/// A range of Skeleton::settled: siblings and what stands in them.
struct Piece {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What is left of a page for the tree builder: a few bytes a tag, one character of a private-use
/// plane for each piece, a space for white space. A piece is what needs no rule of the tree builder
/// but "insert it here": text, and elements that are whole in themselves. Text and attributes stay
/// where they are in the page, so no length of either costs the parser anything.
struct Skeleton {
  std::string html;
  // offset in `html` of each start tag that a tag of the page made, ascending
  std::vector<std::uint32_t> starts;
  std::vector<std::uint32_t> sources;  // its index in Document::tags
  std::vector<Tag> tags;               // what it is
  // in document order; parent and end are indexes here. Those of no piece are elements that `html`
  // tells of
  std::vector<Node> settled;
  std::vector<Piece> pieces;  // that of character c is piece_of(c)
  bool over_budget = false;   // the skeleton is not complete and must not be used
};

/// Runs of text of a page, and pieces, which have a character each: planes 15 and 16 without their
/// last two code points.
inline constexpr std::size_t kMaxRuns = 2 * 65534;
char32_t character_of(std::size_t piece);
/// Index of the piece, or kMaxRuns for any other character.
std::size_t piece_of(char32_t character);

/// One pass over the page; linear. Fills what stands aside in `document` and the skeleton.
/// Open elements are followed by the rules of WHATWG §13.2.6: implied end tags, scopes, forms,
/// parts of tables.
Skeleton scan(std::string_view page, const Limits& limits, Document& document);

/// The same pass without a tree: document.nodes becomes a body with one flat paragraph for each
/// block. For pages that are over budget.
void scan_flat(std::string_view page, Document& document);

}  // namespace vigie::extractor::dom
