#pragma once

#include <cstdint>
#include <vector>

#include "extractor/content/blocks.h"
#include "extractor/dom/document.h"

namespace vigie::extractor::content {

/// Blocks of a wall that asks for consent to cookies, told by what the law makes every wall say and
/// not by the names of its elements. Empty where the page has none, or nothing but it. In: the
/// blocks of a page.
std::vector<bool> blocks_of_consent(const dom::Document& document, const BlockList& list);

}  // namespace vigie::extractor::content
