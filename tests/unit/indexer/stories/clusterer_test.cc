#include "indexer/stories/clusterer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <thread>

#include "indexer/stories/window.h"
#include "platform/fingerprint/fingerprint.h"
#include "platform/log/embedded_log.h"
#include "platform/traits/traits.h"
#include "proto/story.pb.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/platform/log/silent_log.h"

namespace vigie::indexer::stories {
namespace {

using proto::Topic;
using std::chrono::milliseconds;

std::string fingerprint_of(std::uint64_t first, std::uint64_t count) {
  std::vector<std::uint64_t> shingles;
  for (std::uint64_t i = 0; i < count; ++i) shingles.push_back((first + i) * 0x9e3779b97f4a7c15ULL);
  return fingerprint::make(shingles);
}

/// Of an article of one actor, with some numbers.
std::string traits_of(const std::vector<const char*>& numbers) {
  std::vector<vigie::traits::Trait> out{
      vigie::traits::make(vigie::traits::Kind::kActor, "org:asml")};
  for (const char* number : numbers)
    out.push_back(vigie::traits::make(vigie::traits::Kind::kNumber, number));
  return vigie::traits::encode(std::move(out));
}

class ClustererTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie_clusterer_" + std::to_string(getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 3;
    options.housekeeping = milliseconds(5);
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  void write(const std::string& article, const std::string& fingerprint,
             const std::string& traits = {}, const std::string& source = {},
             const std::string& title = {}) {
    v1::FingerprintRecord record;
    record.set_traits(traits);
    record.set_time_unix_ms(1'767'225'600'000);
    record.set_article_id(article);
    record.set_fingerprint(fingerprint);
    record.set_source_id(source);
    record.set_title(title);
    ASSERT_TRUE(log::append(*log_, {{Topic::kFingerprints, article, record.SerializeAsString()}})
                    .has_value());
  }
  /// Runs a clusterer until it has read all fingerprints.
  Result<void> cluster(const std::string& state = "clusterer") {
    const auto registry = metrics::make_registry();
    ClustererOptions options;
    options.dir = dir_ / state;
    options.idle_poll = milliseconds(5);
    VIGIE_ASSIGN(const auto clusterer, Clusterer::open(*log_, clock_, *registry, options));
    Result<void> ended;
    std::atomic<bool> over = false;
    std::jthread thread([&](std::stop_token stop) {
      ended = clusterer->run(std::move(stop));
      over = true;
    });
    const std::int64_t end = log_->offsets({Topic::kFingerprints, 0}).value().end;
    for (int i = 0;
         i < 1000 && !over &&
         log_->committed(options.group, {Topic::kFingerprints, 0}).value().value_or(0) < end;
         ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    std::this_thread::sleep_for(milliseconds(30));
    thread.request_stop();
    thread.join();
    return ended;
  }
  std::map<std::string, std::string> stories() {
    std::map<std::string, std::string> out;
    EXPECT_TRUE(
        log::read_to_end(*log_, Topic::kStories, [&](const log::Record& record) -> Result<void> {
          v1::StoryRecord story;
          EXPECT_TRUE(story.ParseFromString(record.value.value_or("")));
          EXPECT_EQ(story.article_id(), record.key);
          out[record.key] = story.story_id();
          return {};
        }).has_value());
    return out;
  }
  std::map<std::string, std::string> events() {
    std::map<std::string, std::string> out;
    EXPECT_TRUE(
        log::read_to_end(*log_, Topic::kStories, [&](const log::Record& record) -> Result<void> {
          v1::StoryRecord story;
          EXPECT_TRUE(story.ParseFromString(record.value.value_or("")));
          out[record.key] = story.event_id();
          return {};
        }).has_value());
    return out;
  }
  std::int64_t rows_written() {
    std::int64_t rows = 0;
    for (std::int32_t p = 0; p < 3; ++p) rows += log_->offsets({Topic::kStories, p}).value().end;
    return rows;
  }

  std::filesystem::path dir_;
  FakeClock clock_;
  std::unique_ptr<log::Log> log_;
};

TEST_F(ClustererTest, CopiesTakeTheStoryOfTheFirstAndOthersTheirOwn) {
  write("first", fingerprint_of(0, 300));
  write("other", fingerprint_of(100'000, 300));
  write("copy", fingerprint_of(30, 300));
  write("copy of the copy", fingerprint_of(60, 300));
  write("contained", fingerprint_of(0, 150));
  write("short", "");
  write("short too", "");
  write("malformed", "garbage");
  ASSERT_TRUE(cluster().has_value());
  const std::map<std::string, std::string> expected{
      {"first", "first"},         {"other", "other"},
      {"copy", "first"},          {"copy of the copy", "first"},
      {"contained", "first"},     {"short", "short"},
      {"short too", "short too"}, {"malformed", "malformed"}};
  EXPECT_EQ(stories(), expected);
}

// ops/spec/records.md, "What an event is"
TEST_F(ClustererTest, OtherWordsOnOneHappeningAreOneEvent) {
  const std::string english = traits_of({"214", "6.3"});
  write("english", fingerprint_of(0, 300), english);
  write("german", fingerprint_of(100'000, 300), traits_of({"214", "6.3", "17"}));
  write("copy of german", fingerprint_of(100'010, 300), traits_of({"55"}));
  write("other", fingerprint_of(200'000, 300), traits_of({"777"}));
  write("of before", fingerprint_of(300'000, 300));
  ASSERT_TRUE(cluster().has_value());
  const std::map<std::string, std::string> expected{{"english", "english"},
                                                    {"german", "english"},
                                                    {"copy of german", "english"},
                                                    {"other", "other"},
                                                    {"of before", "of before"}};
  EXPECT_EQ(events(), expected);
  EXPECT_EQ(stories()["german"], "german");
  EXPECT_EQ(stories()["copy of german"], "german");
}

TEST_F(ClustererTest, TwoOwnersGiveTheSameEvents) {
  write("a", fingerprint_of(0, 300), traits_of({"214", "6.3"}));
  write("b", fingerprint_of(100'000, 300), traits_of({"888", "31"}));
  ASSERT_TRUE(cluster().has_value());
  write("c", fingerprint_of(200'000, 300), traits_of({"214", "6.3"}));
  // A second owner with an empty folder goes on where the first one stopped, and then from nothing.
  ASSERT_TRUE(cluster("second").has_value());
  write("d", fingerprint_of(300'000, 300), traits_of({"888", "31", "90"}));
  ASSERT_TRUE(cluster().has_value());
  EXPECT_EQ(rows_written(), 4);
  const std::map<std::string, std::string> expected{{"a", "a"}, {"b", "b"}, {"c", "a"}, {"d", "b"}};
  EXPECT_EQ(events(), expected);
}

TEST_F(ClustererTest, APublishedEventIsNeverDecidedAnew) {
  v1::StoryRecord story;
  story.set_article_id("a");
  story.set_story_id("a");
  story.set_event_id("decided before");
  ASSERT_TRUE(log::append(*log_, {{Topic::kStories, "a", story.SerializeAsString()}}).has_value());
  write("a", fingerprint_of(0, 300), traits_of({"214", "6.3"}));
  write("b", fingerprint_of(100'000, 300), traits_of({"214", "6.3"}));
  ASSERT_TRUE(cluster().has_value());
  EXPECT_EQ(events()["b"], "decided before");
  EXPECT_EQ(rows_written(), 2);
}

// Two releases of one house with the same about-us are two stories, whoever clusters, and a copy
// elsewhere joins its own.
TEST_F(ClustererTest, WhatAHouseRepeatsJoinsNothing) {
  const auto release = [](std::uint64_t news, std::uint64_t length) {
    std::vector<std::uint64_t> shingles;
    for (std::uint64_t i = 0; i < length; ++i) shingles.push_back(news * 10'000 + i + 1);
    for (std::uint64_t i = 0; i < 150; ++i) shingles.push_back(9'000'000 + i);
    return fingerprint::make(shingles);
  };
  write("strike", release(1, 24), {}, "lookout", "Harbour strike goes on");
  write("rates", release(2, 24), {}, "lookout", "Rates on hold");
  write("bridge", release(3, 24), {}, "lookout", "A bridge for Lyon");
  write("strike elsewhere", release(1, 24), {}, "other", "Dockers stay out");
  write("printed", release(4, 30), {}, "other", "Ministers meet");
  ASSERT_TRUE(cluster().has_value());
  const std::map<std::string, std::string> expected{{"strike", "strike"},
                                                    {"rates", "rates"},
                                                    {"bridge", "bridge"},
                                                    {"strike elsewhere", "strike"},
                                                    {"printed", "printed"}};
  EXPECT_EQ(stories(), expected);
  const std::int64_t rows = rows_written();
  ASSERT_TRUE(cluster("another owner").has_value());
  EXPECT_EQ(rows_written(), rows);
  EXPECT_EQ(stories(), expected);
}

TEST_F(ClustererTest, ALaterVersionKeepsItsStoryAndCanBeCopied) {
  write("a", fingerprint_of(0, 300));
  write("a", fingerprint_of(100'000, 300));
  write("b", fingerprint_of(100'000, 300));
  ASSERT_TRUE(cluster().has_value());
  EXPECT_EQ(stories(), (std::map<std::string, std::string>{{"a", "a"}, {"b", "a"}}));
}

TEST_F(ClustererTest, AfterARestartItWritesNothingTwiceAndKnowsTheWindow) {
  write("a", fingerprint_of(0, 300));
  ASSERT_TRUE(cluster().has_value());
  ASSERT_EQ(rows_written(), 1);
  write("b", fingerprint_of(10, 300));
  ASSERT_TRUE(cluster().has_value());
  EXPECT_EQ(rows_written(), 2);
  ASSERT_TRUE(cluster("another owner").has_value());
  EXPECT_EQ(rows_written(), 2) << "state comes from the log as well";
  EXPECT_EQ(stories()["b"], "a");
}

TEST_F(ClustererTest, APublishedRowWinsOverOurOwnDecision) {
  v1::StoryRecord story;
  story.set_article_id("a");
  story.set_story_id("decided before");
  ASSERT_TRUE(log::append(*log_, {{Topic::kStories, "a", story.SerializeAsString()}}).has_value());
  write("a", fingerprint_of(0, 300));
  write("b", fingerprint_of(0, 300));
  ASSERT_TRUE(cluster().has_value());
  EXPECT_EQ(stories(),
            (std::map<std::string, std::string>{{"a", "decided before"}, {"b", "decided before"}}));
}

TEST_F(ClustererTest, TheWindowEndsAfterFourteenDaysOfLogTime) {
  write("a", fingerprint_of(0, 300));
  clock_.advance(std::chrono::hours(24 * 14));
  write("b", fingerprint_of(0, 300));
  clock_.advance(std::chrono::hours(24 * 14 + 1));
  write("c", fingerprint_of(0, 300));
  // so that retention does not remove what this test reads
  clock_.jump_wall(-std::chrono::hours(24 * 20));
  ASSERT_TRUE(cluster().has_value());
  const auto found = stories();
  EXPECT_EQ(found.at("c"), "c");
}

TEST_F(ClustererTest, ABadRecordGoesToQuarantineOnce) {
  ASSERT_TRUE(log::append(*log_, {{Topic::kFingerprints, "a", "\xff\xff garbage"}}).has_value());
  write("b", fingerprint_of(0, 300));
  ASSERT_TRUE(cluster().has_value());
  ASSERT_TRUE(cluster().has_value());
  EXPECT_EQ(log_->offsets({Topic::kQuarantine, 0}).value().end, 1);
  EXPECT_EQ(stories().size(), 1U);
}

TEST_F(ClustererTest, APositionThatRetentionOvertookStopsUntilItIsSkipped) {
  write("a", fingerprint_of(0, 300));
  ASSERT_TRUE(cluster().has_value());
  write("b", fingerprint_of(0, 300));
  clock_.advance(std::chrono::hours(24 * 22));
  for (int i = 0; i < 1000 && log_->offsets({Topic::kFingerprints, 0}).value().begin < 2; ++i)
    std::this_thread::sleep_for(milliseconds(5));
  const auto stopped = cluster();
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().code, ErrorCode("log_gap"));
  ASSERT_TRUE(log_->set_committed("vigie-clusterer", {Topic::kFingerprints, 0}, 2).has_value());
  EXPECT_TRUE(cluster().has_value());
}

TEST_F(ClustererTest, AGapThatAPersonAcknowledgedIsPassedOver) {
  write("a", fingerprint_of(0, 300));
  ASSERT_TRUE(cluster().has_value());
  write("b", fingerprint_of(0, 300));
  clock_.advance(std::chrono::hours(24 * 22));
  for (int i = 0; i < 1000 && log_->offsets({Topic::kFingerprints, 0}).value().begin < 2; ++i)
    std::this_thread::sleep_for(milliseconds(5));
  ASSERT_TRUE(log_->set_committed(log::kSkipGroup, {Topic::kFingerprints, 0}, 2).has_value());
  EXPECT_TRUE(cluster().has_value());
  EXPECT_EQ(log_->committed("vigie-clusterer", {Topic::kFingerprints, 0}).value(), 2);
}

/// A clusterer that has a row of `stories` to read while the log gives none.
class SilentCatchUp : public ClustererTest {
 protected:
  void SetUp() override {
    ClustererTest::SetUp();
    write("a", fingerprint_of(0, 300));
    ASSERT_TRUE(cluster().has_value());
    silent_ = std::make_unique<log::testing::SilentLog>(*log_, Topic::kStories);
    ClustererOptions options;
    options.dir = dir_ / "another owner";
    options.idle_poll = milliseconds(5);
    auto opened = Clusterer::open(*silent_, clock_, *registry_, options);
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    clusterer_ = std::move(*opened);
    thread_ = std::jthread([this](std::stop_token stop) {
      ended_ = clusterer_->run(std::move(stop));
      over_ = true;
    });
    ASSERT_TRUE(eventually([&] { return silent_->silent_polls() >= 3; }));
  }
  void TearDown() override {
    silent_->be_silent(false);  // lets one go that hears nothing
    thread_.request_stop();
    thread_.join();
    clusterer_.reset();
    ClustererTest::TearDown();
  }
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(milliseconds(5));
    return condition();
  }

  std::unique_ptr<metrics::Registry> registry_ = metrics::make_registry();
  std::unique_ptr<log::testing::SilentLog> silent_;
  std::unique_ptr<Clusterer> clusterer_;
  Result<void> ended_;
  std::atomic<bool> over_ = false;
  std::jthread thread_;
};

TEST_F(SilentCatchUp, HearsAStop) {
  thread_.request_stop();
  ASSERT_TRUE(eventually([&] { return over_.load(); }));
  EXPECT_TRUE(ended_.has_value()) << ended_.error().to_string();
}

TEST_F(SilentCatchUp, FailsAfterAMinute) {
  ASSERT_TRUE(eventually([&] { return over_.load(); }));
  ASSERT_FALSE(ended_.has_value());
  EXPECT_EQ(ended_.error().code, ErrorCode("log_silent"));
}

fingerprint::Article article(const std::string& fingerprint, std::string_view source = {},
                             std::string_view title = {}) {
  return {fingerprint, fingerprint::source_mark(source), fingerprint::Headline(title)};
}

TEST(Window, PrefersTheMostSimilarAndAmongEqualsTheFirst) {
  Window window;
  const std::string text = fingerprint_of(0, 300);
  window.add(1, article(fingerprint_of(100, 300)), "two thirds");
  window.add(2, article(text), "same");
  window.add(3, article(text), "same again");
  EXPECT_EQ(window.find(article(text))->story_id, "same");
  window.forget_before(3);
  EXPECT_EQ(window.size(), 1U);
  EXPECT_EQ(window.find(article(text))->story_id, "same again");
  window.forget_before(4);
  EXPECT_FALSE(window.find(article(text)).has_value());
}

// What a house repeats is learned from the window, and forgotten with it.
TEST(Window, ForgetsWhatAHouseRepeated) {
  const auto with_foot = [](std::uint64_t news) {
    std::vector<std::uint64_t> shingles;
    for (std::uint64_t i = 0; i < 40; ++i) shingles.push_back(news * 1'000 + i + 1);
    for (std::uint64_t i = 0; i < 160; ++i) shingles.push_back(9'000'000 + i);
    return fingerprint::make(shingles);
  };
  Window window;
  window.add(1, article(with_foot(1), "wire", "Harbour strike goes on"), "strike");
  window.add(1, article(with_foot(2), "wire", "Rates on hold"), "rates");
  window.add(2, article(with_foot(3), "wire", "Acme results of March"), "march");
  EXPECT_FALSE(window.find(article(with_foot(4), "wire", "Acme results of June")));
  window.forget_before(2);
  EXPECT_EQ(window.find(article(with_foot(4), "wire", "Acme results of June"))->story_id, "march");
}

}  // namespace
}  // namespace vigie::indexer::stories
