#include "indexer/subscriptions/kind.h"

#include <gtest/gtest.h>

#include <functional>

namespace vigie::indexer::subscriptions {
namespace {

v1::SubscriptionRecord draft(const std::function<void(v1::SubscriptionRecord&)>& say) {
  v1::SubscriptionRecord out;
  say(out);
  return out;
}

std::string refusal(v1::SubscriptionRecord record, const v1::SubscriptionRecord* before = nullptr) {
  const auto settled = settle_kind(record, before);
  if (settled) return "";
  EXPECT_EQ(settled.error().code, ErrorCode("bad_subscription"));
  return settled.error().detail;
}

TEST(Kind, HasOneSpellingAndWhatIsLeftOut) {
  auto articles = draft([](auto& one) { one.set_kind("Articles"); });
  ASSERT_TRUE(settle_kind(articles, nullptr).has_value());
  EXPECT_EQ(articles.kind(), "");
  auto spike = draft([](auto& one) { one.set_kind("SPIKE"); });
  ASSERT_TRUE(settle_kind(spike, nullptr).has_value());
  EXPECT_EQ(spike.kind(), kSpike);
  EXPECT_EQ(spike.sensitivity(), "medium");
  auto low = draft([](auto& one) {
    one.set_kind("spike");
    one.set_sensitivity("Low");
    one.set_drops(true);
  });
  ASSERT_TRUE(settle_kind(low, nullptr).has_value());
  EXPECT_EQ(low.sensitivity(), "low");
  EXPECT_TRUE(low.drops());
}

TEST(Kind, NamesTheNearestOfWhatThereIsNot) {
  EXPECT_NE(refusal(draft([](auto& one) { one.set_kind("spikes"); })).find("did you mean spike?"),
            std::string::npos);
  const std::string sensitivity = refusal(draft([](auto& one) {
    one.set_kind("spike");
    one.set_sensitivity("midium");
  }));
  EXPECT_NE(sensitivity.find("low, medium, high; did you mean medium?"), std::string::npos)
      << sensitivity;
}

TEST(Kind, RefusesWhatDoesNotGoTogether) {
  EXPECT_NE(refusal(draft([](auto& one) { one.set_sensitivity("low"); })), "");
  EXPECT_NE(refusal(draft([](auto& one) { one.set_drops(true); })), "");
  EXPECT_NE(refusal(draft([](auto& one) {
              one.set_kind("spike");
              one.set_one_per_event(true);
            })),
            "");
  EXPECT_EQ(refusal(draft([](auto& one) { one.set_one_per_event(true); })), "");
}

TEST(Kind, IsKept) {
  const auto articles = draft([](auto&) {});
  const auto spike = draft([](auto& one) { one.set_kind("spike"); });
  EXPECT_EQ(refusal(articles, &articles), "");
  EXPECT_EQ(refusal(spike, &spike), "");
  EXPECT_NE(refusal(spike, &articles).find("which is articles"), std::string::npos);
  EXPECT_NE(refusal(articles, &spike).find("which is spike"), std::string::npos);
}

}  // namespace
}  // namespace vigie::indexer::subscriptions
