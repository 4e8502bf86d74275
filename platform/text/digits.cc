#include "platform/text/digits.h"

#include <unicode/uchar.h>

#include <string_view>

#include "platform/text/characters.h"

namespace vigie::text {
namespace {

constexpr std::u32string_view kDigits = U"〇一二三四五六七八九";

// 0 to 9, 10 for 十, 20 for 廿, 30 for 卅, 1 for 元; else -1.
int value_of(char32_t c) {
  switch (c) {
    case U'零':
    case U'○': return 0;
    case U'元': return 1;
    case U'十': return 10;
    case U'廿': return 20;
    case U'卅': return 30;
    default: break;
  }
  const std::size_t at = kDigits.find(c);
  return at == std::u32string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

int digit_value(char32_t code_point) {
  if (code_point < 0x80)
    return code_point >= '0' && code_point <= '9' ? static_cast<int>(code_point - '0') : -1;
  const int value = u_charDigitValue(static_cast<UChar32>(code_point));
  return value < 0 || is_known_character(code_point) ? value : -1;
}

bool is_han_numeral(char32_t code_point) { return value_of(code_point) >= 0; }

std::string han_number(const std::u32string& run) {
  if (run.empty() || run.size() > 4) return {};
  bool has_tens = false;
  for (const char32_t c : run) {
    if (value_of(c) < 0) return {};
    has_tens = has_tens || value_of(c) >= 10;
  }
  std::string out;
  if (!has_tens) {
    for (const char32_t c : run) out += static_cast<char>('0' + value_of(c));
    return out;
  }
  int number = 0;
  for (std::size_t i = 0; i < run.size(); ++i) {
    const int value = value_of(run[i]);
    const bool is_ten = value >= 10;
    if (is_ten && i + 2 < run.size()) return {};
    if (value == 10 && i == 1 && value_of(run[0]) < 10) {
      number *= 10;
    } else if (is_ten ? i > 0 : i > 0 && value_of(run[i - 1]) < 10) {
      return {};
    } else {
      number += value;
    }
  }
  return std::to_string(number);
}

}  // namespace vigie::text
