#include "platform/result/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace vigie {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0)
    return failure(Disposition::kQuarantine, "bad_argument", "is odd; give an even number",
                   "line 3");
  return value / 2;
}
Result<int> quarter(int value) {
  VIGIE_ASSIGN(const int once, half(value));
  VIGIE_ASSIGN(const int twice, half(once));
  return twice;
}
Result<void> must_be_even(int value) {
  VIGIE_TRY(half(value));
  return {};
}
Result<std::unique_ptr<int>> boxed(int value) {
  VIGIE_ASSIGN(auto box, Result<std::unique_ptr<int>>(std::make_unique<int>(value)));
  return box;
}

TEST(Result, PassesValuesAndErrorsOn) {
  EXPECT_EQ(quarter(8).value(), 2);
  const auto failed = quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode("bad_argument"));
  EXPECT_EQ(failed.error().disposition, Disposition::kQuarantine);
  EXPECT_TRUE(must_be_even(2));
  EXPECT_EQ(must_be_even(1).error().where, "line 3");
  EXPECT_EQ(*boxed(5).value(), 5);
}

TEST(Error, TellsPlaceSentenceAndCode) {
  EXPECT_EQ(half(1).error().to_string(), "line 3: is odd; give an even number (bad_argument)");
  EXPECT_EQ((Error{"io", Disposition::kStop, "", ""}).to_string(), "io");
  EXPECT_EQ((Error{"io", Disposition::kStop, "", "f"}).to_string(), "f: io");
}

TEST(ErrorCode, IsReadBackFromItsTextAndFromNoOther) {
  for (const std::string_view text : kErrorCodes)
    EXPECT_EQ(ErrorCode::from_text(text).text(), text);
  EXPECT_EQ(ErrorCode::from_text("log_gaq"), ErrorCode("unknown_code"));
  EXPECT_TRUE(ErrorCode().empty());
  EXPECT_EQ(std::string(ErrorCode("log_gap")), "log_gap");
}

TEST(InvariantDeathTest, ABrokenInvariantAbortsAndNamesItself) {
  const int one = 1;
  VIGIE_INVARIANT(one == 1);
  EXPECT_DEATH(VIGIE_INVARIANT(one == 2), "result_test\\.cc:[0-9]+: broken invariant: one == 2");
}

}  // namespace
}  // namespace vigie
