#include "indexer/alerting/changelog.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

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

// Found by tests/simulation: the producer gave up the record of a delivery and sent the position behind it, then the disk was lost; the new owner
// believed the position, and the alert was never sent.
TEST(Changelog, TellsAPositionOnlyWhenTheAlertsBeforeItAreDurable) {
  const std::filesystem::path dir = std::filesystem::temp_directory_path() / ("vigie_changelog_" + std::to_string(getpid()));
  std::filesystem::remove_all(dir);
  {
    auto store = Store::open(dir);
    ASSERT_TRUE(store.has_value());
    storage::Batch batch;
    (*store)->put_changelog(batch, {proto::Topic::kDeliveries, "d1/hook", "delivery", "s"});
    (*store)->put_changelog(batch, {proto::Topic::kDeliveries, "group/s/d1", "group", "s"});
    (*store)->put_changelog(batch, position_record(0, 1, 7));
    (*store)->put_changelog(batch, {proto::Topic::kDeliveries, "d1/hook", "delivered", "s"});
    ASSERT_TRUE((*store)->write(batch, true).has_value());
    NotingProducer producer;
    ASSERT_TRUE(relay_changelog(**store, producer, [](const std::string&) { return true; }).has_value());
    EXPECT_EQ(producer.asked, (std::vector<std::string>{"d1/hook", "group/s/d1", "flush", "position/0", "d1/hook", "flush"}));
  }
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace vigie::indexer::alerting
