#include "platform/text/han.h"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <array>
#include <memory>

namespace vigie::text {
namespace {

constexpr char32_t kFirst = 0x3400;
constexpr char32_t kEnd = 0xA000;

/// Simplified forms of the characters from kFirst to kEnd, made once by ICU.
class Table {
 public:
  Table() {
    for (char32_t c = kFirst; c < kEnd; ++c) forms_[c - kFirst] = static_cast<char16_t>(c);
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::Transliterator> simplify(icu::Transliterator::createInstance(
        icu::UnicodeString("Traditional-Simplified"), UTRANS_FORWARD, status));
    if (U_FAILURE(status) != 0 || simplify == nullptr) return;
    // A line break after each: the transliterator knows words of two characters, too.
    icu::UnicodeString all;
    for (char32_t c = kFirst; c < kEnd; ++c) {
      all.append(static_cast<char16_t>(c));
      all.append(u'\n');
    }
    simplify->transliterate(all);
    if (all.length() != static_cast<int32_t>(2 * forms_.size())) return;
    for (std::size_t i = 0; i < forms_.size(); ++i)
      forms_[i] = all.charAt(static_cast<int32_t>(2 * i));
    // Three forms are themselves traditional forms of others.
    for (char16_t& form : forms_)
      if (form >= kFirst && form < kEnd) form = forms_[form - kFirst];
  }
  char32_t form(char32_t c) const { return forms_[c - kFirst]; }

 private:
  std::array<char16_t, kEnd - kFirst> forms_{};
};

}  // namespace

char32_t simplified_han(char32_t c) {
  if (c < kFirst || c >= kEnd) return c;
  // never destroyed: threads may fold while the process ends
  static const Table* made = new Table();
  return made->form(c);
}

}  // namespace vigie::text
