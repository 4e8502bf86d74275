#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::content {

/// What other stages know of the page.
struct Hints {
  std::string_view title;         // headline, to leave it out of the text
  std::string_view article_body;  // JSON-LD articleBody, plain text; a candidate, never the truth
};

/// The main text and where it stood.
struct MainText {
  std::vector<std::string> paragraphs;  // one line each, not empty, in order; without the headline
  std::uint32_t container = 0;          // node that holds most of it
  std::uint32_t first_node = 0;         // first and last text node that was taken; both 0 where there is none
  std::uint32_t last_node = 0;

  /// Paragraphs with one blank line between.
  std::string text() const;
};

/// Tree in → main text out. Total, deterministic, linear in nodes and bytes; no paragraphs where the page has no prose.
MainText find_main_text(const dom::Document& document, const Hints& hints = {});

}  // namespace vigie::extractor::content
