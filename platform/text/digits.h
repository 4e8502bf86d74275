#pragma once

#include <string>

namespace vigie::text {

/// 0 to 9 for a decimal digit of any script (Unicode category Nd), else -1.
int digit_value(char32_t code_point);

/// The value of a run of Han numerals (二十四, 廿四, 二〇二六, 元) as decimal digits; empty for
/// what is no such run. Positional where it holds no 十, 廿, 卅; numbers above 99 are positional
/// only.
std::string han_number(const std::u32string& run);
bool is_han_numeral(char32_t code_point);

}  // namespace vigie::text
