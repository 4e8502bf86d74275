#include "platform/text/han.h"

#include <array>

#include "platform/text/han_table.h"

namespace vigie::text {
namespace {

constexpr char32_t kFirst = 0x3400;
constexpr char32_t kEnd = 0xA000;
static_assert(kTraditionalHan.size() == kSimplifiedHan.size());

/// Simplified forms of the characters from kFirst to kEnd.
class Table {
 public:
  Table() {
    for (char32_t c = kFirst; c < kEnd; ++c) forms_[c - kFirst] = static_cast<char16_t>(c);
    for (std::size_t i = 0; i < kTraditionalHan.size(); ++i)
      forms_[kTraditionalHan[i] - kFirst] = kSimplifiedHan[i];
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
