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
  void topic(const std::string& word) { topic("p", "t", word); }
  void topic(const std::string& pack, const std::string& id, const std::string& word) {
    write(pack + "/topics/a.yaml",
          "topics:\n  - id: " + id + "\n    name: T\n    definition: d\n    strong: [" + word +
              "]\n    tests: {must: {any: " + word + "}, must_not: {any: other}}\n");
  }
  /// A pack put in place as an editor does it: whole, by one rename.
  void drop(const std::string& pack, const std::string& id, const std::string& word) {
    const fs::path made = dir_.string() + "-made";
    fs::create_directories(made / "topics");
    std::ofstream(made / "pack.yaml") << "pack: " << pack << "\n";
    fs::rename(made, dir_ / pack);
    topic(pack, id, word);
  }
  std::size_t topics_of(const PackWatcher& watcher, const std::string& text) {
    return watcher.current()->tag_text("", text, "").topics.size();
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

// ops/topics/README.md: a folder put beside the shipped pack is a private pack.
TEST_F(PackWatching, AFolderPutBesideThePackIsInForceAndGoesWithTheFolder) {
  PackWatcher watcher({dir_.string()});
  ASSERT_TRUE(watcher.open());
  EXPECT_EQ(watcher.current()->label().find("mine@"), std::string::npos);

  drop("mine", "own", "zeppelin");
  EXPECT_EQ(*watcher.poll(), true);
  EXPECT_EQ(topics_of(watcher, "alpha zeppelin"), 2U);
  const std::string label = watcher.current()->label();
  EXPECT_NE(label.find("p@"), std::string::npos) << label;
  EXPECT_NE(label.find("mine@"), std::string::npos) << label;

  fs::remove_all(dir_ / "mine");
  EXPECT_EQ(*watcher.poll(), true);
  EXPECT_EQ(topics_of(watcher, "alpha zeppelin"), 1U);
}

TEST_F(PackWatching, APackThatTakesAnIdOfAnotherIsRefusedByNameAndNothingChanges) {
  PackWatcher watcher({dir_.string()});
  ASSERT_TRUE(watcher.open());
  drop("mine", "t", "zeppelin");
  const auto bad = watcher.poll();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode("bad_pack"));
  EXPECT_NE(bad.error().to_string().find("'t'"), std::string::npos) << bad.error().to_string();
  EXPECT_EQ(topics_of(watcher, "alpha zeppelin"), 1U);
  EXPECT_EQ(watcher.current()->label().find("mine@"), std::string::npos);

  topic("mine", "own", "zeppelin");
  EXPECT_EQ(*watcher.poll(), true) << "mended, it is in force without a restart";
  EXPECT_EQ(topics_of(watcher, "alpha zeppelin"), 2U);
}

/// Each fault that a hand makes is told once, with its file, line and column, and changes nothing.
TEST_F(PackWatching, EveryKindOfBadPackIsToldWithItsPlaceAndTheOldOneStays) {
  const struct {
    const char* name;
    std::string yaml;
    const char* place;
  } kFaults[] = {
      {"unknown key", "topics:\n  - id: t\n    nmae: T\n", "a.yaml:3:5"},
      {"a lone wildcard",
       "topics:\n  - id: t\n    name: T\n    definition: d\n    strong: ['*']\n"
       "    tests: {must: {any: x}, must_not: {any: y}}\n",
       "a.yaml:5:"},
      {"an open bracket", "topics:\n  - id: t\n    name: [T\n", "a.yaml:"},
      {"a topic twice",
       "topics:\n  - &a {id: t, name: T, definition: d, strong: [alpha], tests: {must: {any: "
       "alpha},"
       " must_not: {any: y}}}\n  - *a\n",
       "a.yaml:"},
      {"a parent that is not there",
       "topics:\n  - {id: t, name: T, definition: d, strong: [alpha], parents: [nobody], "
       "tests: {must: {any: alpha}, must_not: {any: y}}}\n",
       "a.yaml:2:"},
      {"a list where a text is due", "topics:\n  - id: [t]\n", "a.yaml:2:"},
  };
  PackWatcher watcher({dir_.string()});
  ASSERT_TRUE(watcher.open());
  const std::string label = watcher.current()->label();
  for (const auto& fault : kFaults) {
    write("p/topics/a.yaml", fault.yaml);
    const auto bad = watcher.poll();
    ASSERT_FALSE(bad) << fault.name;
    EXPECT_EQ(bad.error().code, ErrorCode("bad_pack")) << fault.name;
    EXPECT_NE(bad.error().where.find(fault.place), std::string::npos)
        << fault.name << ": " << bad.error().to_string();
    EXPECT_FALSE(bad.error().detail.empty()) << fault.name;
    EXPECT_EQ(*watcher.poll(), false) << fault.name << ": told once";
    EXPECT_EQ(watcher.current()->label(), label) << fault.name;
    EXPECT_EQ(topics_of(watcher, "alpha"), 1U) << fault.name;
  }
}

}  // namespace
}  // namespace vigie::extractor::tagging
