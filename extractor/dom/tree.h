#pragma once

#include "extractor/dom/document.h"
#include "extractor/dom/scanner.h"

namespace vigie::extractor::dom {

/// Builds document.nodes from the skeleton with gumbo, whose memory is one arena that is given back
/// as a whole. False if the arena or the clock ran out; document.nodes is then empty.
bool build_tree(const Skeleton& skeleton, const Limits& limits, Document& document);

}  // namespace vigie::extractor::dom
