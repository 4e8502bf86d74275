#pragma once

#include <string>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::genre {

/// Short lines around the headline, each once, as the page has them.
struct Neighbourhood {
  // kicker, rubric, label: by what their element is called, or the last lines in front of the
  // headline and short parts of it
  std::vector<std::string> kickers;
  std::vector<std::string> crumbs;  // items of the path of sections
  std::vector<std::string> lines;   // short lines of the story behind its headline
  std::vector<std::string> feet;    // the last lines of the story's element
  std::string heading;              // as the page has it; empty: none
};

/// Looks at a bounded number of nodes around the headline. Menus, sidebars, comments and other
/// stories are none of it.
Neighbourhood neighbourhood_of(const dom::Document& document, const std::string& headline);

}  // namespace vigie::extractor::genre
