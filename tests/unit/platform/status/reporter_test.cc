#include "platform/status/reporter.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::status {
namespace {

class ReporterTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vigie-status-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 1;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }
  v1::ServiceStatus last() {
    v1::ServiceStatus status;
    EXPECT_TRUE(log_->producer()->flush());
    auto read = log::read_to_end(*log_, proto::Topic::kStatus,
                                 [&](const log::Record& record) -> Result<void> {
                                   v1::StatusRecord parsed;
                                   EXPECT_TRUE(parsed.ParseFromString(*record.value));
                                   status = parsed.service();
                                   return {};
                                 });
    EXPECT_TRUE(read);
    return status;
  }

  FakeClock clock_;
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
};

TEST_F(ReporterTest, TellsTotalsWithTheirRateOverTheLastMinute) {
  {
    Reporter reporter(*log_, clock_, "indexer", "one", dir_);
    for (std::uint64_t i = 0; i <= 30; ++i) {
      reporter.total("documents", i * 10);
      ASSERT_TRUE(reporter.report());
      clock_.advance(Reporter::kInterval);
    }
    EXPECT_TRUE(reporter.due());
  }
  log_.reset();  // flushes
  log::EmbeddedOptions options;
  options.dir = dir_ / "log";
  options.partitions = 1;
  log_ = std::move(*log::open_embedded(options, clock_));
  const v1::ServiceStatus status = last();
  EXPECT_EQ(status.service(), "indexer");
  ASSERT_EQ(status.rates_size(), 1);
  EXPECT_EQ(status.rates(0).total(), 300U);
  EXPECT_NEAR(status.rates(0).per_second(), 2.0, 0.01);
  EXPECT_GT(status.resident_bytes(), 0U);
  EXPECT_GT(status.disk_free_bytes(), 0U);
}

TEST_F(ReporterTest, IsDueAgainOnlyAfterItsInterval) {
  Reporter reporter(*log_, clock_, "indexer", "one", {});
  EXPECT_TRUE(reporter.due());
  ASSERT_TRUE(reporter.report());
  EXPECT_FALSE(reporter.due());
  clock_.advance(Reporter::kInterval);
  EXPECT_TRUE(reporter.due());
}

}  // namespace
}  // namespace vigie::status
