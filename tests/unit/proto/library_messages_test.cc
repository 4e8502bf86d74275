#include "proto/library_messages.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/subscription.pb.h"

namespace vigie::proto {
namespace {

// With log.format json a line of the library's own would be no JSON.
TEST(LibraryMessages, GoWhereTheyAreAskedForAndNowhereElse) {
  const std::string bytes = "\x1a\x02\xff\xfe";  // field 3, a text that is no UTF-8
  std::vector<std::string> told;
  tell_library_messages([&](std::string_view message) { told.emplace_back(message); });
  testing::internal::CaptureStderr();
  v1::SubscriptionRecord record;
  static_cast<void>(record.ParseFromString(bytes));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  ASSERT_FALSE(told.empty());
  EXPECT_NE(told[0].find("UTF-8"), std::string::npos) << told[0];
  tell_library_messages({});
  testing::internal::CaptureStderr();
  static_cast<void>(record.ParseFromString(bytes));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "nobody listens";
}

}  // namespace
}  // namespace vigie::proto
