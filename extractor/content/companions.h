#pragma once

#include <vector>

#include "extractor/content/block_rules.h"
#include "extractor/content/blocks.h"
#include "extractor/dom/document.h"

namespace vigie::extractor::content {

/// Keeps what belongs to what was kept beside it: the term of a definition, the head of a row, an
/// embedded post and a sentence that is one link between paragraphs of the story. Only ever keeps
/// more.
void keep_companions(const dom::Document& document, const BlockList& list,
                     std::vector<Line>& lines);

/// Whether a block stands in a post of a social network.
bool is_in_post(const dom::Document& document, const BlockList& list, const Block& block);

}  // namespace vigie::extractor::content
