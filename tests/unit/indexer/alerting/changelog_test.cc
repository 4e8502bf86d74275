#include "indexer/alerting/changelog.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::indexer::alerting {
namespace {

/// Notes what it is asked, in order.
class NotingProducer final : public log::Producer {
 public:
  Result<void> send(log::NewRecord record, Acknowledged) override {
    asked.push_back(record.key);
    return {};
  }
  Result<void> flush() override {
    asked.emplace_back("flush");
    return {};
  }
  std::vector<std::string> asked;
};

class Changelog : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie_changelog_" + std::to_string(getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
    auto opened = Store::open(dir_ / "store");
    ASSERT_TRUE(opened.has_value());
    store_ = std::move(*opened);
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(dir_);
  }
  std::filesystem::path dir_;
  std::unique_ptr<Store> store_;
};

// Found by tests/simulation: the producer gave up the record of a delivery and sent the group and
// the position behind it, then the disk was lost; the new owner believed them, and the alert was
// never sent.
TEST_F(Changelog, TellsAGroupOnlyWithItsDeliveriesAndAPositionOnlyWithItsGroups) {
  storage::Batch batch;
  store_->put_changelog(batch, {proto::Topic::kDeliveries, "d1/hook", "delivery", "s"});
  store_->put_changelog(batch, {proto::Topic::kDeliveries, "group/s/d1", "group", "s"});
  store_->put_changelog(batch, position_record(0, 1, 7));
  store_->put_changelog(batch, {proto::Topic::kDeliveries, "d1/hook", "delivered", "s"});
  ASSERT_TRUE(store_->write(batch, storage::Durability::kSynced).has_value());
  NotingProducer producer;
  ASSERT_TRUE(
      relay_changelog(*store_, producer, [](const std::string&) { return true; }).has_value());
  EXPECT_EQ(producer.asked, (std::vector<std::string>{"d1/hook", "d1/hook", "flush", "group/s/d1",
                                                      "flush", "position/0", "flush"}));
}

// Found by tests/simulation: an owner slept beyond its session, woke, and wrote the position it
// stood at before it learned that another had gone on. It became the owner again, believed its own
// old position, and told a copy of what the other had told.
TEST_F(Changelog, IsTakenOverUpToWhatTheGroupCommittedThoughAnOlderPositionCameLast) {
  FakeClock clock;
  log::EmbeddedOptions options;
  options.dir = dir_ / "log";
  options.partitions = 1;
  auto log = log::open_embedded(options, clock);
  ASSERT_TRUE(log.has_value());
  v1::AlertGroup group;
  group.set_delivery_id("d2");
  group.set_subscription_id("s");
  group.add_match_ids("d2");
  ASSERT_TRUE(log::append(**log, {{proto::Topic::kDeliveries, changelog_key(group),
                                   group.SerializeAsString(), "s"},
                                  position_record(0, 1, 5),
                                  position_record(0, 1, 1)})
                  .has_value());
  storage::Batch batch;
  store_->put_position(batch, 0, 1);
  ASSERT_TRUE(store_->write(batch, storage::Durability::kSynced).has_value());
  EXPECT_EQ(catch_up(*store_, **log, 0, 5, 1'000'000, {}).value(), true);
  EXPECT_EQ(store_->position(0).value(), 5);
  const auto found = store_->group_of("d2");
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->has_value());
}

}  // namespace
}  // namespace vigie::indexer::alerting
