#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Text laid out for the reader of dates: folded, digits of every script as ASCII, Han numerals in
/// front of 年, 月, 日 as numbers; cut into numbers and words.
namespace vigie::dates {

struct DateText {
  std::string folded;
  std::vector<std::uint32_t> source;  // empty where folded bytes stand where they stood
  bool persian_digits = false;        // ۰ to ۹, of Persian and Urdu
  bool thai = false;                  // letters of Thai

  std::size_t source_of(std::size_t at) const { return source.empty() ? at : source[at]; }
};

struct DateToken {
  enum class Kind { kNumber, kWord };
  Kind kind = Kind::kNumber;
  std::size_t begin = 0;  // bytes of DateText::folded
  std::size_t end = 0;
  std::int64_t number = 0;

  bool is_number() const { return kind == Kind::kNumber; }
  bool is_word() const { return kind == Kind::kWord; }
  std::size_t size() const { return end - begin; }
  bool has_digits(std::size_t least, std::size_t most) const {
    return is_number() && size() >= least && size() <= most;
  }
};

DateText lay_out_date(std::string_view text);
std::vector<DateToken> cut_date(std::string_view folded);

}  // namespace vigie::dates
