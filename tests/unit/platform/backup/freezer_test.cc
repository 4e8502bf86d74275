#include "platform/backup/freezer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace vigie::backup {
namespace {

namespace fs = std::filesystem;

class FreezerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vigie_freezer_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
  }
  void TearDown() override { fs::remove_all(dir_); }
  void put(const std::string& name, const std::string& text) { std::ofstream(dir_ / name) << text; }
  /// A store that notes when it is written.
  Freezer::Write store(const std::string& name) {
    return [this, name](const fs::path& to) -> Result<void> {
      order_.push_back(name);
      fs::create_directory(to);
      std::ofstream(to / "rows") << name;
      return {};
    };
  }
  fs::path dir_;
  std::vector<std::string> order_;
};

TEST_F(FreezerTest, TheLogIsCopiedLastAndWhoActsStandsStillUntilItIs) {
  put("instance", "one");
  put("webhook.key", "k");
  put("lock", "1");
  put("http.addr", "a");
  Freezer freezer(dir_);
  TurnGate gate;
  std::jthread role([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) gate.pass();
  });
  freezer.add_acting("alerter", gate, store("alerter"));
  freezer.add("shards", store("shards"));
  freezer.set_log([&](const fs::path& to) -> Result<void> {
    EXPECT_TRUE(gate.wanted()) << "the alerter stands still";
    return store("log")(to);
  });
  const auto frozen = freezer.freeze();
  ASSERT_TRUE(frozen.has_value()) << frozen.error().to_string();
  EXPECT_FALSE(gate.wanted());
  EXPECT_EQ(order_, (std::vector<std::string>{"shards", "alerter", "log"}));
  EXPECT_TRUE(fs::exists(*frozen / "log" / "rows"));
  EXPECT_TRUE(fs::exists(*frozen / "instance"));
  EXPECT_TRUE(fs::exists(*frozen / "webhook.key"));
  EXPECT_FALSE(fs::exists(*frozen / "lock"));
  EXPECT_FALSE(fs::exists(*frozen / "http.addr"));

  ASSERT_TRUE(freezer.freeze().has_value()) << "the next takes the place of the last";
  ASSERT_TRUE(freezer.thaw().has_value());
  EXPECT_FALSE(fs::exists(*frozen));
}

TEST_F(FreezerTest, NothingIsLeftWhereAStoreCannotBeCopied) {
  Freezer freezer(dir_);
  freezer.add("shards", store("shards"));
  freezer.set_log([](const fs::path& to) -> Result<void> {
    return failure(Disposition::kStop, "io", "no", to.string());
  });
  ASSERT_FALSE(freezer.freeze().has_value());
  EXPECT_FALSE(fs::exists(dir_ / kBackupFolder / kFrozenFolder));
}

TEST_F(FreezerTest, ALogThatIsElsewhereIsSaidSo) {
  Freezer freezer(dir_);
  const auto frozen = freezer.freeze();
  ASSERT_FALSE(frozen.has_value());
  EXPECT_EQ(frozen.error().code, ErrorCode("conflict"));
  EXPECT_NE(frozen.error().detail.find("Kafka"), std::string::npos);
}

TEST_F(FreezerTest, WhatAnEarlierProcessFrozeGoesAtTheStart) {
  fs::create_directories(dir_ / kBackupFolder / kFrozenFolder / "log");
  const Freezer freezer(dir_);
  EXPECT_FALSE(fs::exists(dir_ / kBackupFolder / kFrozenFolder));
}

}  // namespace
}  // namespace vigie::backup
