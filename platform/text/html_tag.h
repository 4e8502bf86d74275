#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::text {

/// One tag of HTML, as the tokenizer of the HTML standard cuts it. For readers that look for a few
/// tags of a page and need no tree.
struct HtmlTag {
  std::string name;  // lower case
  bool closing = false;
  /// Names in lower case; values as they are written, references included. Of one name the first
  /// counts. They refer to the page.
  std::vector<std::pair<std::string, std::string_view>> attributes;
  std::size_t end = 0;  // behind '>'

  /// Nothing where there is no such attribute.
  std::optional<std::string_view> attribute(std::string_view wanted) const;
};

/// Reads the tag that begins at `at` ('<'); nothing if it is none, is not closed, or is longer than
/// 16 KiB. At most 64 attributes are kept. Total.
std::optional<HtmlTag> read_html_tag(std::string_view html, std::size_t at);

}  // namespace vigie::text
