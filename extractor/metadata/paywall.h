#pragma once

#include <optional>
#include <string_view>

#include "extractor/dom/document.h"

namespace vigie::extractor::metadata {

/// Whether a word of schema.org means yes or no: "False", "https://schema.org/False", "no", "0" …;
/// nothing for other words.
std::optional<bool> truth_of_word(std::string_view word);

/// What the page's microdata or RDFa say of isAccessibleForFree; "no" of a part wins.
std::optional<bool> free_by_microdata(const dom::Document& document);

}  // namespace vigie::extractor::metadata
