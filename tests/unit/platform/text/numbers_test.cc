#include "platform/text/numbers.h"

#include <gtest/gtest.h>

#include <random>

namespace vigie::text {
namespace {

TEST(PlainNumber, IsOneSpellingOfManyWrittenOnes) {
  struct Case {
    const char* written;
    const char* plain;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"24576", "24576"},
           {"24,576", "24576"},
           {"24.576", "24576"},
           {"24'576", "24576"},
           {"24’576", "24576"},
           {"24\u00A0576", "24576"},
           {"24\u202F576", "24576"},
           {"24\u2009576", "24576"},
           {"1,00,000", "100000"},
           {"1,234,567.89", "1234567.89"},
           {"1.234.567,89", "1234567.89"},
           {"3.5", "3.5"},
           {"3,5", "3.5"},
           {"0.125", "0.125"},
           {"0,125", "0"},
           {"26.11.2026", "26.11.2026"},
           {"3.1415", "3.1415"},
           {"٣٫٥", "3.5"},
           {"۲۴٬۵۷۶", "24576"},
           {"2４", "24"},
           {"1.2.3", "1.2.3"},
       }) {
    const std::size_t end = number_end(one.written, 0, true);
    EXPECT_EQ(plain_number(std::string_view(one.written).substr(0, end)), one.plain) << one.written;
  }
}

TEST(PlainNumber, IsItsOwnSpelling) {
  std::mt19937_64 random(11);
  static constexpr std::string_view kPieces[] = {"1", "20", "345",    "0", ".",
                                                 ",", "'",  "\u00A0", "٣", "٬"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text(1, static_cast<char>('0' + random() % 10));
    for (std::size_t i = random() % 10; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    const std::size_t end = number_end(text, 0, true);
    ASSERT_GT(end, 0U);
    ASSERT_LE(end, text.size());
    const std::string plain = plain_number(text.substr(0, end));
    ASSERT_EQ(number_end(plain, 0, true), plain.size()) << text;
    ASSERT_EQ(plain_number(plain), plain) << text;
  }
}

}  // namespace
}  // namespace vigie::text
