#include "vigie/log_commands.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "proto/quarantine.pb.h"

namespace vigie::cli {
namespace {

using proto::Topic;

class LogSkip : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie_log_skip_" + std::to_string(getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  config::Settings settings(std::vector<std::string> more = {}) {
    config::Sources sources;
    sources.sets = {"data_dir=" + dir_.string(), "log.partitions=1"};
    sources.sets.insert(sources.sets.end(), more.begin(), more.end());
    auto loaded = config::load(config::Program::kUp, sources);
    EXPECT_TRUE(loaded) << loaded.error().to_string();
    return *loaded;
  }
  template <class Use>
  void with_log(const Use& use) {
    auto log = service::open_log(settings(), dir_, clock_);
    ASSERT_TRUE(log) << log.error().to_string();
    use(**log);
  }
  /// Three records of the topic, of which `group` has read one.
  void prepare(Topic topic, const std::string& group) {
    with_log([&](log::Log& log) {
      ASSERT_TRUE(log::append(log, {{topic, "a", "1"}, {topic, "b", "2"}, {topic, "c", "3"}}));
      if (!group.empty()) ASSERT_TRUE(log.set_committed(group, {topic, 0}, 1));
    });
  }
  int skip(const std::string& topic, const std::vector<std::string>& more = {}) {
    out_.str("");
    err_.str("");
    return run_log_skip(settings(more), {topic, 0, 3}, out_, err_);
  }
  std::optional<std::int64_t> committed(const std::string& group, Topic topic) {
    std::optional<std::int64_t> out;
    with_log([&](log::Log& log) { out = log.committed(group, {topic, 0}).value(); });
    return out;
  }
  std::int64_t recorded() {
    std::int64_t out = 0;
    with_log([&](log::Log& log) { out = log.offsets({Topic::kQuarantine, 0}).value().end; });
    return out;
  }

  SystemClock clock_;
  std::filesystem::path dir_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(LogSkip, IsRefusedWhereNobodyWouldObeyAndSaysWhatToDo) {
  for (const char* topic : {"frontier", "stories", "subscriptions", "deliveries", "status",
                            "control", "quarantine", "vigie.stories.v1"}) {
    EXPECT_EQ(skip(topic), process::kExitUsage) << topic;
    EXPECT_EQ(out_.str(), "") << topic;
    EXPECT_NE(err_.str().find("nothing to skip"), std::string::npos) << err_.str();
  }
  skip("frontier");
  EXPECT_NE(err_.str().find("remove the folder"), std::string::npos) << err_.str();
  EXPECT_FALSE(std::filesystem::exists(dir_)) << "nothing was touched";
}

TEST_F(LogSkip, MovesTheGroupThatReadsPages) {
  prepare(Topic::kPages, "extractor");
  ASSERT_EQ(skip("pages"), process::kExitOk) << err_.str();
  EXPECT_EQ(out_.str(),
            "{\"topic\":\"pages\",\"partition\":0,\"lost_from\":1,\"next_offset\":3,"
            "\"moved_groups\":[\"extractor\"]}\n");
  EXPECT_EQ(committed("extractor", Topic::kPages), 3);
  EXPECT_EQ(recorded(), 1);
}

TEST_F(LogSkip, MovesTheExtractorsOwnGroup) {
  prepare(Topic::kPages, "mine");
  EXPECT_EQ(skip("pages"), process::kExitCannotStart) << "nobody by the usual name has read";
  EXPECT_NE(err_.str().find("--set log.group=GROUP"), std::string::npos) << err_.str();
  EXPECT_EQ(committed("mine", Topic::kPages), 1);
  EXPECT_EQ(recorded(), 0);
  ASSERT_EQ(skip("pages", {"log.group=mine"}), process::kExitOk) << err_.str();
  EXPECT_NE(out_.str().find("\"moved_groups\":[\"mine\"]"), std::string::npos) << out_.str();
  EXPECT_EQ(committed("mine", Topic::kPages), 3);
  EXPECT_EQ(committed("extractor", Topic::kPages), std::nullopt);
  EXPECT_EQ(recorded(), 1);
}

TEST_F(LogSkip, AcknowledgesForReadersThatKeepTheirPositions) {
  const struct {
    const char* name;
    Topic topic;
    const char* group;
    bool recorded_here;
  } cases[] = {{"fingerprints", Topic::kFingerprints, "vigie-clusterer", true},
               {"matches", Topic::kMatches, "vigie-alerter", true},
               {"articles", Topic::kArticles, "indexer", false}};
  std::int64_t records = 0;
  for (const auto& each : cases) {
    prepare(each.topic, each.group);
    ASSERT_EQ(skip(each.name), process::kExitOk) << err_.str();
    EXPECT_NE(out_.str().find("\"lost_from\":1,\"next_offset\":3,\"moved_groups\":[]"),
              std::string::npos)
        << out_.str();
    EXPECT_EQ(committed(each.group, each.topic), 1) << "the position is its reader's";
    EXPECT_EQ(committed(log::kSkipGroup, each.topic), 3);
    records += each.recorded_here ? 1 : 0;
    EXPECT_EQ(recorded(), records) << each.name;
  }
}

TEST_F(LogSkip, TakesOnlyAnOffsetThatTheLogHolds) {
  prepare(Topic::kPages, "extractor");
  EXPECT_EQ(run_log_skip(settings(), {"pages", 0, 4}, out_, err_), process::kExitUsage);
  EXPECT_NE(err_.str().find("holds offsets 0 to 3"), std::string::npos) << err_.str();
  EXPECT_EQ(skip("nonsense"), process::kExitUsage);
}

}  // namespace
}  // namespace vigie::cli
