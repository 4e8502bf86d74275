#include "indexer/publishing/publisher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "indexer/subscriptions/store.h"
#include "platform/json/json.h"
#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::publishing {
namespace {

using proto::Topic;
using std::chrono::milliseconds;

constexpr std::int64_t kDay = 24LL * 3600 * 1000;

class PublisherTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "vigie_publisher_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 3;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
    auto store = subscriptions::SubscriptionStore::open(*log_, clock_, random_);
    ASSERT_TRUE(store);
    store_ = std::move(*store);
    subscriptions::Draft draft;
    draft.name = "Puces";
    draft.query = "topic:chips";
    subscription_ = store_->create(draft)->id();
  }
  void TearDown() override {
    store_.reset();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  /// A state of an alert, as the alerter writes it.
  void tell(const std::string& id, int matches = 1, std::int64_t age_ms = 0) {
    v1::AlertGroup alert;
    alert.set_delivery_id(id);
    alert.set_subscription_id(subscription_);
    alert.set_first_matched_at_unix_ms(clock_.now_unix_ms() - age_ms);
    for (int i = 0; i < matches; ++i) alert.add_match_ids("m" + std::to_string(i));
    alert.mutable_article()->set_url("https://news.example/" + id);
    append("group/" + subscription_ + "/" + id, alert.SerializeAsString());
  }
  void append(const std::string& key, const std::optional<std::string>& value) {
    ASSERT_TRUE(log::append(*log_, {{Topic::kDeliveries, key, value, subscription_}}));
  }

  /// Runs a publisher until it has read all of `deliveries`.
  void publish() {
    const auto registry = metrics::make_registry();
    PublisherOptions options;
    options.idle_poll = milliseconds(5);
    Publisher publisher(*log_, *store_, *registry, options);
    std::atomic<bool> over = false;
    std::jthread thread([&](std::stop_token stop) {
      const auto ended = publisher.run(std::move(stop));
      EXPECT_TRUE(ended) << ended.error().to_string();
      over = true;
    });
    for (int i = 0; i < 2000 && !over && !is_at_end(options.group); ++i)
      std::this_thread::sleep_for(milliseconds(5));
    EXPECT_TRUE(is_at_end(options.group));
    exposed_ = registry->expose();
  }
  bool is_at_end(const std::string& group) {
    for (std::int32_t p = 0; p < 3; ++p) {
      const log::TopicPartition place{Topic::kDeliveries, p};
      if (log_->committed(group, place).value().value_or(-1) < log_->offsets(place).value().end)
        return false;
    }
    return true;
  }
  std::vector<log::Record> events() {
    std::vector<log::Record> out;
    EXPECT_TRUE(log::read_to_end(*log_, Topic::kAlertEvents, [&](const log::Record& record) {
      out.push_back(record);
      return Result<void>();
    }));
    return out;
  }
  std::string ids() {
    std::string out;
    for (const log::Record& record : events()) out += record.key + " ";
    return out;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<subscriptions::SubscriptionStore> store_;
  std::string subscription_;
  std::string exposed_;
};

TEST_F(PublisherTest, AnAlertIsACloudEventInThePartitionOfItsSubscription) {
  publish();
  tell("a1");
  publish();
  const auto found = events();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].key, "a1");
  EXPECT_EQ(found[0].partition, proto::partition_of(subscription_, 3));
  const auto event = parse_json(*found[0].value);
  ASSERT_TRUE(event);
  EXPECT_EQ((*event)["specversion"].as_string(), "1.0");
  EXPECT_EQ((*event)["id"].as_string(), "a1");
  EXPECT_EQ((*event)["type"].as_string(), "vigie.alert.v1");
  EXPECT_EQ((*event)["source"].as_string(), "/v1/subscriptions/" + subscription_);
  EXPECT_EQ((*event)["data"]["subscription"]["name"].as_string(), "Puces");
  EXPECT_EQ((*event)["data"]["article"]["url"].as_string(), "https://news.example/a1");
}

TEST_F(PublisherTest, BeginsWithTheAlertsFromNowOn) {
  tell("before");
  publish();
  EXPECT_EQ(ids(), "");
  tell("after");
  publish();
  EXPECT_EQ(ids(), "after ");
}

TEST_F(PublisherTest, ACopyThatJoinsTellsNothingAgain) {
  publish();
  tell("a1");
  publish();
  tell("a1", 2);
  tell("a2");
  publish();
  EXPECT_EQ(ids(), "a1 a2 ");
  EXPECT_NE(exposed_.find("passed_over_total{reason=\"published\"} 1"), std::string::npos)
      << exposed_;
}

// The topic is compacted: where a copy joined while nobody published, the first state is gone.
TEST_F(PublisherTest, AnAlertWhoseFirstStateIsGoneIsToldAllTheSame) {
  publish();
  tell("a1");
  tell("a1", 2);
  tell("a1", 3);
  publish();
  EXPECT_EQ(ids(), "a1 ");
}

// A crash between an event that is durable and the offset that says so.
TEST_F(PublisherTest, WhatACrashLeavesIsFoundInTheTopicItself) {
  publish();
  tell("a1");
  const log::TopicPartition place{Topic::kDeliveries, proto::partition_of(subscription_, 3)};
  const auto before = log_->committed("vigie-publisher", place).value();
  publish();
  ASSERT_TRUE(log_->set_committed("vigie-publisher", place, *before));
  tell("a2");
  publish();
  EXPECT_EQ(ids(), "a1 a2 ");
}

TEST_F(PublisherTest, WhatTheTopicForgetsIsKnownByItsAge) {
  publish();
  tell("old", 2, 14 * kDay);
  tell("young", 2, 12 * kDay);
  publish();
  EXPECT_EQ(ids(), "young ");
}

TEST_F(PublisherTest, PassesOverWhatIsNoAlert) {
  publish();
  append("position/0", "x");
  append("d1/channel", "x");
  append("group/other/id", "\xff\xff");
  append("group/gone/id", std::nullopt);
  tell("a1");
  publish();
  EXPECT_EQ(ids(), "a1 ");
  EXPECT_NE(exposed_.find("reason=\"bad_record\"} 1"), std::string::npos) << exposed_;
}

}  // namespace
}  // namespace vigie::indexer::publishing
