#pragma once

#include <string_view>

#include "indexer/analysis/analysis.h"

namespace vigie::indexer::analysis {

/// Adds the variants of a word of a spaced script. `typed`: as it stands in the field (NFC);
/// `behind_hyphen`: a letter and a hyphen stand right before it. May replace the form of the token
/// by its canonical spelling. Pure.
void add_variants(std::string_view typed, bool behind_hyphen, Token& token);

}  // namespace vigie::indexer::analysis
