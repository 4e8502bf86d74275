#include "indexer/subscriptions/channel_draft.h"

#include <gtest/gtest.h>

#include "indexer/delivery/delivery.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::subscriptions {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;

class ChannelDrafts : public testing::Test {
 protected:
  static v1::Channel of(const std::string& type, const std::string& url,
                        const std::string& secret = "") {
    v1::Channel channel;
    channel.set_id("c1");
    channel.set_type(type);
    channel.set_url(url);
    channel.set_secret(secret);
    return channel;
  }
  v1::Channel complete(const v1::Channel& draft, const v1::Channel* known = nullptr,
                       bool anew = false, std::int64_t now = kNow) {
    auto completed = complete_channel(draft, known, anew, now, random_);
    EXPECT_TRUE(completed) << completed.error().to_string();
    made_ = completed->made_secret;
    return completed->channel;
  }
  ErrorCode refusal(const v1::Channel& draft, const v1::Channel* known = nullptr) {
    const auto completed = complete_channel(draft, known, false, kNow, random_);
    return completed ? ErrorCode() : completed.error().code;
  }
  SeededRandom random_{3};
  bool made_ = false;
};

TEST_F(ChannelDrafts, AUrlThatIsASecretIsShownByItsOriginAlone) {
  const v1::Channel made = complete(of("slack", "https://hooks.slack.com/services/T/B/hush"));
  EXPECT_EQ(made.secret(), "https://hooks.slack.com/services/T/B/hush");
  EXPECT_EQ(made.url(), "https://hooks.slack.com/••••••••");
  EXPECT_FALSE(made_) << "nothing is told";
  EXPECT_EQ(complete(of("slack", made.url()), &made).secret(), made.secret());
  EXPECT_EQ(complete(of("slack", ""), &made).secret(), made.secret());
  EXPECT_EQ(complete(of("slack", "https://hooks.slack.com/services/T/B/new"), &made).secret(),
            "https://hooks.slack.com/services/T/B/new");
  EXPECT_EQ(refusal(of("slack", made.url())), ErrorCode("bad_secret")) << "of another channel";
  EXPECT_EQ(refusal(of("discord", made.url()), &made), ErrorCode("bad_secret")) << "another kind";
}

// Else whoever may change a channel could have its token sent to a server of theirs.
TEST_F(ChannelDrafts, ATokenIsKeptForItsServerAlone) {
  const v1::Channel made = complete(of("matrix", "https://matrix.example", "hush"));
  EXPECT_EQ(made.secret(), "hush");
  for (const std::string& left_out : {std::string(), std::string(kMaskedToken)}) {
    EXPECT_EQ(complete(of("matrix", "https://matrix.example", left_out), &made).secret(), "hush");
    EXPECT_EQ(refusal(of("matrix", "https://evil.example", left_out), &made),
              ErrorCode("bad_secret"));
  }
  EXPECT_EQ(complete(of("matrix", "https://evil.example", "other"), &made).secret(), "other");
  EXPECT_EQ(refusal(of("ntfy", "https://matrix.example", std::string(kMaskedToken)), &made),
            ErrorCode("bad_secret"))
      << "a token is of its kind";
}

TEST_F(ChannelDrafts, AWebhooksOldSecretSignsForADay) {
  const v1::Channel first = complete(of("webhook", "https://example.org/hook"));
  EXPECT_TRUE(made_);
  EXPECT_EQ(first.previous_until_unix_ms(), 0);
  const v1::Channel rotated = complete(of("webhook", first.url()), &first, true);
  EXPECT_TRUE(made_);
  EXPECT_NE(rotated.secret(), first.secret());
  EXPECT_EQ(rotated.previous_secret(), first.secret());
  EXPECT_EQ(rotated.previous_until_unix_ms(), kNow + delivery::kRotationMs);
  const v1::Channel later =
      complete(of("webhook", first.url(), std::string(kMaskedSecret)), &rotated, false, kNow + 1);
  EXPECT_FALSE(made_);
  EXPECT_EQ(later.previous_secret(), first.secret()) << "any other change leaves it";
  EXPECT_EQ(later.previous_until_unix_ms(), kNow + delivery::kRotationMs) << "and its end";
  const v1::Channel after =
      complete(of("webhook", first.url()), &later, false, kNow + delivery::kRotationMs);
  EXPECT_EQ(after.previous_secret(), "");
  EXPECT_EQ(after.secret(), rotated.secret());
}

TEST_F(ChannelDrafts, ServicesWithADefaultNeedNoUrl) {
  EXPECT_EQ(complete(of("telegram", "", "1:t")).url(), "https://api.telegram.org");
  EXPECT_EQ(complete(of("ntfy", "")).url(), "https://ntfy.sh");
}

TEST_F(ChannelDrafts, AChannelWithoutAnIdIsTheOneThatSendsThere) {
  v1::SubscriptionRecord record;
  *record.add_channels() = complete(of("slack", "https://hooks.slack.com/services/T/B/hush"));
  v1::Channel room = of("matrix", "https://matrix.example", "hush");
  room.set_id("c2");
  room.set_recipient("!a:example.org");
  *record.add_channels() = room;
  v1::Channel draft = of("slack", "https://hooks.slack.com/services/T/B/hush");
  draft.clear_id();
  ASSERT_NE(known_channel(record, draft), nullptr);
  EXPECT_EQ(known_channel(record, draft)->id(), "c1");
  draft.set_url("https://hooks.slack.com/••••••••");
  EXPECT_EQ(known_channel(record, draft), nullptr) << "two of them would look the same";
  room.clear_id();
  EXPECT_EQ(known_channel(record, room)->id(), "c2");
  room.set_recipient("!b:example.org");
  EXPECT_EQ(known_channel(record, room), nullptr);
}

}  // namespace
}  // namespace vigie::indexer::subscriptions
