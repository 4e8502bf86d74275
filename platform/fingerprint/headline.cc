#include "platform/fingerprint/headline.h"

#include <algorithm>
#include <string>
#include <vector>

#include "platform/text/ascii.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"
#include "platform/text/words.h"

namespace vigie::fingerprint {
namespace {

constexpr std::size_t kTellingLetters = 4;
constexpr std::size_t kTellingWords = 2;  // with less, all words count

/// FNV-1a, 32 bits: the same on every machine.
std::uint32_t hash_of(std::string_view bytes) {
  std::uint32_t hash = 2166136261U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

bool tells(const std::string& form) {
  return text::count_code_points(form) >= kTellingLetters ||
         std::any_of(form.begin(), form.end(), text::ascii::is_digit);
}

/// Folded words; characters of unspaced scripts in pairs, one that stands alone alone.
std::vector<std::string> forms_of(std::string_view title, std::vector<bool>& telling) {
  const std::vector<text::Word> words = text::words(title);
  std::vector<std::string> out;
  const auto form = [&](const text::Word& word) {
    return text::fold_text(title.substr(word.offset, word.length));
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string one = form(words[i]);
    if (!words[i].unspaced) {
      telling.push_back(tells(one));
      out.push_back(std::move(one));
      continue;
    }
    const bool paired = i + 1 < words.size() && words[i + 1].unspaced;
    const bool closes = i > 0 && words[i - 1].unspaced;
    if (!paired && closes) continue;
    telling.push_back(paired);
    out.push_back(paired ? one + form(words[i + 1]) : std::move(one));
  }
  return out;
}

}  // namespace

Headline::Headline(std::string_view title) {
  std::vector<bool> telling;
  const std::vector<std::string> forms = forms_of(title, telling);
  const auto few = static_cast<std::size_t>(std::count(telling.begin(), telling.end(), true));
  for (std::size_t i = 0; i < forms.size() && size_ < kMost; ++i) {
    if (telling[i] || few < kTellingWords) add(hash_of(forms[i]));
  }
}

void Headline::add(std::uint32_t mark) {
  auto* const end = marks_.begin() + size_;
  auto* const place = std::lower_bound(marks_.begin(), end, mark);
  if (place != end && *place == mark) return;
  std::copy_backward(place, end, end + 1);
  *place = mark;
  ++size_;
}

bool Headline::may_be_of(const Headline& other) const {
  if (empty() || other.empty()) return true;
  std::size_t common = 0;
  for (const std::uint32_t mark : marks())
    common += std::binary_search(other.marks().begin(), other.marks().end(), mark) ? 1U : 0U;
  return common * 2 >= std::min(size_, other.size_);
}

}  // namespace vigie::fingerprint
