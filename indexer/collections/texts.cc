#include "indexer/collections/texts.h"

#include <algorithm>
#include <vector>

namespace vigie::indexer::collections {
namespace {

tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_argument", std::move(detail));
}

/// A text with each run of white space as one space, and where in the text its code points begin.
struct Folded {
  std::u32string letters;
  std::vector<std::uint32_t> at;     // code points of the text; one more than letters, for the end
  std::vector<std::uint32_t> bytes;  // the same in bytes
};

bool is_space(char32_t c) {
  return c <= 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

Folded folded(std::string_view utf8) {
  Folded out;
  std::uint32_t count = 0;
  for (std::size_t at = 0; at < utf8.size(); ++count) {
    const auto begin = static_cast<std::uint32_t>(at);
    const char32_t c = text::next_code_point(utf8, at);
    const bool space = is_space(c);
    if (space && !out.letters.empty() && out.letters.back() == U' ') continue;
    out.letters.push_back(space ? U' ' : c);
    out.at.push_back(count);
    out.bytes.push_back(begin);
  }
  out.at.push_back(count);
  out.bytes.push_back(static_cast<std::uint32_t>(utf8.size()));
  return out;
}

/// Where `wanted` begins in `text`, all of its places. Source: Knuth, Morris, Pratt, Fast pattern
/// matching in strings (1977).
std::vector<std::size_t> places_of(const std::u32string& wanted, const std::u32string& text) {
  std::vector<std::size_t> fallback(wanted.size() + 1, 0);
  for (std::size_t i = 1, k = 0; i < wanted.size(); ++i) {
    while (k > 0 && wanted[i] != wanted[k]) k = fallback[k];
    if (wanted[i] == wanted[k]) ++k;
    fallback[i + 1] = k;
  }
  std::vector<std::size_t> out;
  for (std::size_t i = 0, k = 0; i < text.size(); ++i) {
    while (k > 0 && (k == wanted.size() || text[i] != wanted[k])) k = fallback[k];
    if (text[i] == wanted[k]) ++k;
    if (k == wanted.size()) out.push_back(i + 1 - k);
  }
  return out;
}

std::uint32_t distance(std::uint32_t a, std::uint32_t b) { return a < b ? b - a : a - b; }

}  // namespace

std::string visible_lines(std::string_view text) {
  std::string out;
  bool gap = false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text::visible_line(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty()) {
      gap = !out.empty();
      continue;
    }
    if (!out.empty()) out += gap ? "\n\n" : "\n";
    out += line;
    gap = false;
  }
  return out;
}

Result<v1::Quotation> quotation_in(std::string_view article, std::string_view words,
                                   std::optional<std::uint32_t> near) {
  Folded wanted = folded(text::nfc(text::to_valid_utf8(text::trim(words))));
  if (wanted.letters.empty()) return bad("a quotation has words");
  if (wanted.letters.size() > kQuotationCodePoints)
    return bad("a quotation has at most " + std::to_string(kQuotationCodePoints) + " characters");
  const Folded whole = folded(article);
  const std::vector<std::size_t> places = places_of(wanted.letters, whole.letters);
  if (places.empty())
    return bad("these words do not stand in the text of the article, as it is now");
  std::size_t best = places.front();
  for (const std::size_t place : places) {
    if (near && distance(whole.at[place], *near) < distance(whole.at[best], *near)) best = place;
  }
  const std::size_t end = best + wanted.letters.size();
  // What follows the last letter may be white space that was passed over.
  const std::size_t last = end - 1;
  std::size_t end_byte = whole.bytes[last];
  text::next_code_point(article, end_byte);
  v1::Quotation out;
  out.set_text(std::string(article.substr(whole.bytes[best], end_byte - whole.bytes[best])));
  out.set_offset(whole.at[best]);
  out.set_length(whole.at[last] + 1 - whole.at[best]);
  return out;
}

bool stands_in(std::string_view article, const v1::Quotation& quotation) {
  std::size_t at = 0;
  for (std::uint32_t count = 0; count < quotation.offset() && at < article.size(); ++count)
    text::next_code_point(article, at);
  return article.substr(at, quotation.text().size()) == quotation.text();
}

}  // namespace vigie::indexer::collections
