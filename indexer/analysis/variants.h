#pragma once

#include <string_view>

#include "indexer/analysis/analysis.h"

namespace vigie::indexer::analysis {

/// What stands right before a word.
struct Before {
  bool hyphen = false;  // and a letter before that: F-35
  bool number = false;  // perhaps with spaces or a hyphen between: 3.5 billion
};

/// Adds the variants of a word of a spaced script. `typed`: as it stands in the field (NFC). May
/// replace the form of the token by its canonical spelling. Pure.
void add_variants(std::string_view typed, const Before& before, Token& token);

}  // namespace vigie::indexer::analysis
