#pragma once

#include <cstdint>
#include <vector>

#include "extractor/content/blocks.h"
#include "extractor/dom/document.h"

namespace vigie::extractor::content {

/// Which part of the page is the article: one flag a block, and the node that holds most of it.
struct Region {
  std::uint32_t container = 0;
  std::vector<bool> within;  // of each block
  std::vector<bool> pruned;  // of each block: boilerplate by name or element, wherever it stands
  // of each block: it asks for consent to cookies; empty where none does
  std::vector<bool> consent;
};

/// With `believe_names` false, what class and id say of bodies, comments and boilerplate does not
/// count: a second try, where the first found next to nothing.
Region find_region(const dom::Document& document, const BlockList& list, bool believe_names = true);

/// Whether a block reads like prose: long enough and not made of links.
bool is_prose(const Block& block);

}  // namespace vigie::extractor::content
