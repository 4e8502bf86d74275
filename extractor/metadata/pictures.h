#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "extractor/dom/document.h"

namespace vigie::extractor::metadata {

/// A picture of the page with what stands under it.
struct Picture {
  std::string url;      // as written in the page
  std::string caption;  // one line, with the credit where the page does not set it apart
  std::string credit;   // one line, empty if none is named
};

/// The pictures of the page's figures, in order, each URL once; at most 50.
std::vector<Picture> pictures_of(const dom::Document& document);

/// The URL of the first large picture of the story that stands in no figure, as written in the
/// page; empty where there is none: behind the headline, of no small size, no portrait, no logo.
std::string picture_of_story(const dom::Document& document);

/// Whether two URLs are of one picture: the same path but for size and format, as content
/// systems make them.
bool same_picture(std::string_view a, std::string_view b);

}  // namespace vigie::extractor::metadata
