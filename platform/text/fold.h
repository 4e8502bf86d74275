#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::text {

/// Text made comparable, with the way back. The one folding for tagging, search and alerts:
/// NFKC, full case folding, accents and Arabic/Hebrew vowel marks away, tatweel and zero-width
/// characters away, Arabic alef and yeh forms unified, typographic quotes and apostrophes → ' and
/// ", dashes → -, every white space → one space per character (runs are kept), Turkish dotless i →
/// i, ß → ss, ё → е.
struct Folded {
  std::string text;  // UTF-8
  /// For each byte of `text`: the byte of the source where the character it came from begins; one
  /// more entry at the end = source size. Non-decreasing.
  std::vector<std::uint32_t> source;

  /// Source span of the folded bytes [begin, end).
  std::pair<std::uint32_t, std::uint32_t> span(std::size_t begin, std::size_t end) const {
    return {source[begin], end_of(end)};
  }
  std::uint32_t end_of(std::size_t end) const;
};

/// In: valid UTF-8 under 4 GiB. Pure. Linear.
Folded fold(std::string_view utf8);
/// The text alone.
std::string fold_text(std::string_view utf8);
/// One character folded; `scratch` may hold what is returned.
std::string_view fold_character(char32_t c, std::string& scratch);

}  // namespace vigie::text
