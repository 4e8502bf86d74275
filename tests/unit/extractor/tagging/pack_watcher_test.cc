#include "extractor/tagging/pack_watcher.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace vigie::extractor::tagging {
namespace {

namespace fs = std::filesystem;

class PackWatching : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::temp_directory_path() / ("vigie-watcher-" + std::to_string(getpid()));
    fs::create_directories(dir_ / "p" / "topics");
    write("p/pack.yaml", "pack: p\n");
    topic("alpha");
  }
  void TearDown() override { fs::remove_all(dir_); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name) << text;
  }
  void topic(const std::string& word) {
    write("p/topics/a.yaml", "topics:\n  - id: t\n    name: T\n    definition: d\n    strong: [" +
                                 word + "]\n    tests: {must: {any: " + word +
                                 "}, must_not: {any: other}}\n");
  }
  fs::path dir_;
};

// ops/spec/settings.md, topics.dirs: hot-reloaded; a bad pack leaves the old one in force.
TEST_F(PackWatching, TakesAChangeAndKeepsTheOldPackWhenTheNewOneIsBad) {
  PackWatcher watcher({dir_.string()});
  ASSERT_TRUE(watcher.open());
  const auto first = watcher.current();
  EXPECT_EQ(first->tag_text("", "alpha", "").topics.size(), 1U);
  EXPECT_EQ(*watcher.poll(), false);

  topic("gammadelta");
  EXPECT_EQ(*watcher.poll(), true);
  EXPECT_EQ(watcher.current()->tag_text("", "gammadelta", "").topics.size(), 1U);
  EXPECT_NE(watcher.current()->label(), first->label());

  write("p/topics/a.yaml", "topics:\n  - id: Not A Slug\n");
  const auto bad = watcher.poll();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode("bad_pack"));
  EXPECT_NE(bad.error().where.find("a.yaml:2:"), std::string::npos) << bad.error().where;
  EXPECT_EQ(watcher.current()->tag_text("", "gammadelta", "").topics.size(), 1U);
  EXPECT_EQ(*watcher.poll(), false) << "a bad pack is told once";
}

}  // namespace
}  // namespace vigie::extractor::tagging
