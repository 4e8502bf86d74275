#include "indexer/subscriptions/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "platform/log/embedded_log.h"

namespace vigie::indexer::subscriptions {
namespace {

class Store : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name =
        (std::filesystem::temp_directory_path() / "vigie_subscriptions_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 2;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
    store_ = open();
  }
  void TearDown() override {
    store_.reset();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  std::unique_ptr<SubscriptionStore> open() {
    auto store = SubscriptionStore::open(*log_, clock_, random_);
    EXPECT_TRUE(store) << store.error().to_string();
    return std::move(*store);
  }

  static Draft draft(std::string query = "topic:chips",
                     std::string url = "https://example.org/hook") {
    Draft out;
    out.name = "Chips";
    out.query = std::move(query);
    v1::Channel channel;
    channel.set_type("webhook");
    channel.set_url(std::move(url));
    out.channels.push_back(channel);
    return out;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<SubscriptionStore> store_;
};

TEST_F(Store, MakesIdRevisionAndSecret) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created) << created.error().to_string();
  EXPECT_EQ(created->id().size(), 26U);
  EXPECT_EQ(created->revision(), 1U);
  EXPECT_EQ(created->updated_at_unix_ms(), clock_.now_unix_ms());
  EXPECT_TRUE(created->channels(0).secret().starts_with("whsec_"));
  EXPECT_EQ(created->channels(0).secret().size(), 6U + 44U);
  EXPECT_EQ(masked(*created).channels(0).secret(), kMaskedSecret);
}

TEST_F(Store, IsDurableBeforeItAnswers) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  const auto again = open();
  ASSERT_TRUE(again->find(created->id()));
  EXPECT_EQ(again->find(created->id())->SerializeAsString(), created->SerializeAsString());
}

TEST_F(Store, KeepsSecretsAndIdsOfChannelsThatStay) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  Draft changed = draft("topic:models");
  changed.channels[0].set_secret(std::string(kMaskedSecret));
  const auto replaced = store_->replace(created->id(), changed, 1);
  ASSERT_TRUE(replaced) << replaced.error().to_string();
  EXPECT_EQ(replaced->revision(), 2U);
  EXPECT_EQ(replaced->channels(0).id(), created->channels(0).id());
  EXPECT_EQ(replaced->channels(0).secret(), created->channels(0).secret());
  const auto stale = store_->replace(created->id(), changed, 1);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ErrorCode("conflict"));
}

// ops/spec/records.md, "subscriptions".
TEST_F(Store, DeletesByARecordThatReadersSee) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  std::vector<v1::SubscriptionRecord> told;
  store_->subscribe([&](const v1::SubscriptionRecord& record) { told.push_back(record); });
  ASSERT_TRUE(store_->remove(created->id()));
  ASSERT_EQ(told.size(), 2U);
  EXPECT_FALSE(told[0].deleted());
  EXPECT_TRUE(told[1].deleted());
  EXPECT_EQ(told[1].revision(), 2U);
  EXPECT_FALSE(store_->find(created->id()));
  EXPECT_FALSE(open()->find(created->id()));
  EXPECT_EQ(store_->remove(created->id()).error().code, ErrorCode("not_found"));
}

TEST_F(Store, RefusesWithASentenceThatSaysWhatToChange) {
  const auto refusal = [&](const Draft& bad) {
    const auto created = store_->create(bad);
    EXPECT_FALSE(created);
    return created ? Error{} : created.error();
  };
  EXPECT_EQ(refusal(draft("chips AND")).code, ErrorCode("bad_query"));
  EXPECT_EQ(refusal(draft("chips within:1h")).code, ErrorCode("bad_query"));
  EXPECT_EQ(refusal(draft("-chips")).code, ErrorCode("bad_query"));
  Draft nameless = draft();
  nameless.name = " \n";
  EXPECT_EQ(refusal(nameless).code, ErrorCode("bad_subscription"));
  for (const char* url :
       {"ftp://example.org/", "example.org", "https://user:pass@example.org/", ""}) {
    const Error error = refusal(draft("chips", url));
    EXPECT_FALSE(error.detail.empty()) << url;
    EXPECT_EQ(error.disposition, Disposition::kQuarantine) << url;
  }
  Draft mail = draft();
  mail.channels[0].set_type("email");
  EXPECT_NE(refusal(mail).detail.find("email"), std::string::npos);
  Draft secret = draft();
  secret.channels[0].set_secret("whsec_short");
  EXPECT_FALSE(refusal(secret).detail.empty());
  EXPECT_TRUE(store_->list().empty());
}

TEST_F(Store, SwitchesAChannelOff) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  ASSERT_TRUE(store_->disable_channel(created->id(), created->channels(0).id(), "410 Gone"));
  const auto found = store_->find(created->id());
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->channels(0).disabled());
  EXPECT_EQ(found->channels(0).disabled_reason(), "410 Gone");
  EXPECT_EQ(found->revision(), 2U);
}

TEST_F(Store, FollowsChangesOfOtherProcesses) {
  const auto other = open();
  std::vector<std::string> told;
  std::mutex mutex;
  store_->subscribe([&](const v1::SubscriptionRecord& record) {
    const std::lock_guard lock(mutex);
    told.push_back(record.id() + (record.deleted() ? "-" : "+"));
  });
  std::jthread tail([&](std::stop_token stop) { EXPECT_TRUE(store_->run(stop)); });
  SystemClock real;
  const auto wait_for = [&](const std::vector<std::string>& wanted) {
    const auto deadline = real.since_boot() + std::chrono::seconds(5);
    while (real.since_boot() < deadline) {
      {
        const std::lock_guard lock(mutex);
        if (told == wanted) return true;
      }
      real.sleep_for(std::chrono::milliseconds(10), {});
    }
    return false;
  };
  const auto created = other->create(draft());
  ASSERT_TRUE(created);
  EXPECT_TRUE(wait_for({created->id() + "+"}));
  // only now: a compacted topic may drop what a later record replaces
  ASSERT_TRUE(other->remove(created->id()));
  EXPECT_TRUE(wait_for({created->id() + "+", created->id() + "-"}));
}

TEST_F(Store, BuriesWhatWasDeletedThirtyDaysAgo) {
  const auto created = store_->create(draft());
  ASSERT_TRUE(created);
  ASSERT_TRUE(store_->remove(created->id()));
  clock_.advance(std::chrono::hours(24 * 31));
  std::jthread tail([&](std::stop_token stop) { EXPECT_TRUE(store_->run(stop)); });
  SystemClock real;
  const auto deadline = real.since_boot() + std::chrono::seconds(5);
  for (bool buried = false; !buried;) {
    ASSERT_LT(real.since_boot(), deadline);
    ASSERT_TRUE(log::read_to_end(*log_, proto::Topic::kSubscriptions,
                                 [&](const log::Record& record) -> Result<void> {
                                   buried = buried || !record.value;
                                   return {};
                                 }));
    real.sleep_for(std::chrono::milliseconds(10), {});
  }
}

}  // namespace
}  // namespace vigie::indexer::subscriptions
