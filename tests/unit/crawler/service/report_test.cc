#include "crawler/service/report.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "crawler/service/metrics.h"
#include "platform/log/embedded_log.h"
#include "platform/metrics/metrics.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::crawler::service {
namespace {

/// What `status` holds after `tell`, by key.
std::vector<std::pair<std::string, v1::ServiceStatus>> told(
    const std::function<void(Report&)>& tell) {
  const std::filesystem::path dir = std::filesystem::path(testing::TempDir()) /
                                    testing::UnitTest::GetInstance()->current_test_info()->name();
  std::filesystem::remove_all(dir);
  FakeClock clock;
  log::EmbeddedOptions options;
  options.dir = dir;
  options.partitions = 1;
  const auto log = log::open_embedded(options, clock);
  EXPECT_TRUE(log);
  const auto registry = metrics::make_registry();
  CrawlerMetrics metrics(*registry);
  {
    Report report(**log, clock, metrics, "north-1", {});
    tell(report);
  }
  std::vector<std::pair<std::string, v1::ServiceStatus>> out;
  EXPECT_TRUE(log::read_to_end(**log, proto::Topic::kStatus,
                               [&](const log::Record& record) -> Result<void> {
                                 v1::StatusRecord parsed;
                                 EXPECT_TRUE(parsed.ParseFromString(*record.value));
                                 out.emplace_back(record.key, parsed.service());
                                 return {};
                               }));
  std::filesystem::remove_all(dir);
  return out;
}

// ops/spec/records.md, "status". The key once was service/crawler-crawler-north-1.
TEST(Report, StandsUnderServiceAndInstance) {
  const auto records =
      told([](Report& report) { EXPECT_TRUE(report.send(status::State::kRunning)); });
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].first, "service/crawler-north-1");
  EXPECT_EQ(records[0].second.service(), "crawler");
  EXPECT_EQ(records[0].second.instance(), "north-1");
}

TEST(Report, TellsTheStateAsAWord) {
  std::vector<std::string> words;
  for (const auto state : {status::State::kStarting, status::State::kRunning,
                           status::State::kPaused, status::State::kStopping}) {
    const auto records = told([&](Report& report) { EXPECT_TRUE(report.send(state)); });
    ASSERT_EQ(records.size(), 1U);
    words.push_back(records[0].second.state());
  }
  EXPECT_EQ(words, (std::vector<std::string>{"starting", "running", "paused", "stopping"}));
}

}  // namespace
}  // namespace vigie::crawler::service
