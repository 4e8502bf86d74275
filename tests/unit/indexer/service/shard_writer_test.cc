#include "indexer/service/shard_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "indexer/service/checkpoints.h"
#include "indexer/subscriptions/store.h"
#include "platform/log/embedded_log.h"
#include "proto/control.pb.h"
#include "proto/identity.h"
#include "proto/quarantine.pb.h"
#include "proto/story.pb.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"
#include "tests/unit/indexer/service/group_log.h"
#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

using proto::Topic;
using service::ShardWriter;
using std::chrono::milliseconds;

constexpr std::int32_t kPartitions = 4;
constexpr const char* kGroup = "indexer";

/// One indexer's shards on a thread of their own, with an index to look at them.
class Process {
 public:
  Process(log::Log& log, Coordinator& coordinator, const std::string& name,
          std::filesystem::path dir, Clock& clock, std::filesystem::path checkpoints = {},
          bool deliver = true, const std::string& group = kGroup)
      : log_(log, coordinator, name), index(clock), registry_(metrics::make_registry()) {
    index.expect_shards(kPartitions);
    ShardWriter::Options options;
    options.dir = dir / name;
    options.group = group;
    options.instance = name;
    options.deliver = deliver;
    options.alert_max_age_ms = 72LL * 3'600'000;
    options.checkpoint_dir = std::move(checkpoints);
    options.checkpoint_every = milliseconds(0);
    store_ = std::move(subscriptions::SubscriptionStore::open(log_, clock, random_).value());
    store_->subscribe([this](const v1::SubscriptionRecord& subscription) {
      static_cast<void>(matcher_.apply(subscription).has_value());
    });
    writer_ = std::make_unique<ShardWriter>(
        ShardWriter::Seams{log_, index, matcher_, clock, *registry_,
                           [this](const std::stop_token& stop) { return store_->catch_up(stop); }},
        options);
    thread_ = std::jthread([this](std::stop_token stop) {
      const auto ended = writer_->run(std::move(stop));
      if (!ended) error_ = ended.error();
      over_ = true;
    });
  }
  ~Process() { end(); }
  void end() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
  }
  /// What stopped it, if anything did within a while.
  std::string failure_of() {
    for (int i = 0; i < 2000 && !over_; ++i) std::this_thread::sleep_for(milliseconds(5));
    return over_ && error_ ? error_->to_string() : "";
  }
  bool ready() const { return writer_->ready(); }
  std::uint64_t found(const std::string& text) const {
    search::SearchRequest ask;
    ask.query = text;
    const auto page = index.search(ask);
    return page ? page->total : 0;
  }
  search::Coverage coverage() const {
    search::SearchRequest ask;
    return index.search(ask).value().coverage;
  }

 private:
  GroupLog log_;

 public:
  search::Index index;

 private:
  matching::Matcher matcher_;
  SeededRandom random_{1};
  std::unique_ptr<metrics::Registry> registry_;
  std::unique_ptr<subscriptions::SubscriptionStore> store_;
  std::unique_ptr<ShardWriter> writer_;
  std::optional<Error> error_;
  std::atomic<bool> over_{false};
  std::jthread thread_;
};

class ShardWriterTest : public ::testing::Test {
 protected:
  void SetUp() override { open_log(); }
  void open_log() {
    log::EmbeddedOptions options;
    options.dir = folder_.path() / "log";
    options.partitions = kPartitions;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  std::unique_ptr<Process> process(const std::string& name, std::filesystem::path checkpoints = {},
                                   bool deliver = true, const std::string& group = kGroup) {
    return std::make_unique<Process>(*log_, coordinator_, name, folder_.path(), clock_,
                                     std::move(checkpoints), deliver, group);
  }
  void give(const std::string& member, const std::vector<std::int32_t>& partitions,
            const std::string& group = kGroup) {
    std::vector<log::TopicPartition> list;
    for (const std::int32_t partition : partitions) list.push_back({Topic::kArticles, partition});
    coordinator_.assign(group, member, std::move(list));
  }
  v1::ArticleRecord article(const std::string& url, const std::string& text = "chips") {
    v1::ArticleRecord out;
    out.set_article_id(proto::article_id(url));
    out.set_version_id(proto::version_id(url, text));
    out.set_canonical_url(url);
    out.set_url(url);
    out.set_title("Title");
    out.set_text(text);
    out.set_language("en");
    out.set_origin(v1::ORIGIN_CRAWL);
    out.set_raise_alerts(true);
    out.set_discovered_at_unix_ms(clock_.now_unix_ms());
    out.set_fetched_at_unix_ms(clock_.now_unix_ms());
    return out;
  }
  void publish(int from, int to, const std::string& text = "chips") {
    std::vector<log::NewRecord> records;
    for (int i = from; i < to; ++i) {
      const v1::ArticleRecord one = article("https://example.org/" + std::to_string(i), text);
      records.push_back({Topic::kArticles, one.article_id(), one.SerializeAsString()});
    }
    ASSERT_TRUE(log::append(*log_, std::move(records)));
  }
  std::uint64_t in_partitions(int from, int to, const std::vector<std::int32_t>& partitions) const {
    std::uint64_t out = 0;
    for (int i = from; i < to; ++i) {
      const auto place = proto::partition_of(
          proto::article_id("https://example.org/" + std::to_string(i)), kPartitions);
      out += static_cast<std::uint64_t>(std::count(partitions.begin(), partitions.end(), place));
    }
    return out;
  }
  static bool wait(const std::function<bool()>& condition) {
    for (int i = 0; i < 4000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }
  std::size_t matches() {
    std::size_t out = 0;
    EXPECT_TRUE(log::read_to_end(*log_, Topic::kMatches, [&](const log::Record&) -> Result<void> {
      ++out;
      return {};
    }));
    return out;
  }

  Folder folder_;
  FakeClock clock_;
  Coordinator coordinator_;
  std::unique_ptr<log::Log> log_;
};

TEST_F(ShardWriterTest, ShardsFollowTheGroupAndWhatGoesIsClosedWithItsFolderKept) {
  publish(0, 80);
  give("one", {0, 1, 2, 3});
  auto one = process("one");
  ASSERT_TRUE(wait([&] { return one->found("chips") == 80 && one->ready(); }));
  EXPECT_FALSE(one->coverage().partial());
  auto two = process("two");
  give("two", {2, 3});
  give("one", {0, 1});
  ASSERT_TRUE(
      wait([&] { return two->ready() && two->found("chips") == in_partitions(0, 80, {2, 3}); }));
  ASSERT_TRUE(wait([&] { return one->coverage().missing == std::vector<std::int32_t>{2, 3}; }));
  EXPECT_EQ(one->found("chips"), in_partitions(0, 80, {0, 1}));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "one" / "002"))
      << "the folder of a shard that went is kept";
  publish(80, 120);
  ASSERT_TRUE(wait([&] { return one->found("chips") + two->found("chips") == 120; }));
  // The second one goes for good: the first goes on from where its folders stand, and everything is
  // there once.
  two.reset();
  give("one", {0, 1, 2, 3});
  ASSERT_TRUE(wait([&] { return one->found("chips") == 120; }));
  EXPECT_FALSE(one->coverage().partial());
}

TEST_F(ShardWriterTest, AShardStaysOpenWhileTheGroupOnlyReshuffles) {
  publish(0, 40);
  give("one", {0, 1, 2, 3});
  auto one = process("one");
  ASSERT_TRUE(wait([&] { return one->found("chips") == 40 && one->ready(); }));
  for (int i = 0; i < 5; ++i) {
    give("one", {0, 1, 2, 3});
    publish(40 + i, 41 + i);
    ASSERT_TRUE(wait([&, i] {
      EXPECT_TRUE(one->coverage().missing.empty()) << "searching never misses a shard meanwhile";
      return one->found("chips") == static_cast<std::uint64_t>(41 + i);
    }));
  }
}

TEST_F(ShardWriterTest, AMemberWithoutShardsIsReady) {
  give("idle", {});
  auto idle = process("idle");
  ASSERT_TRUE(wait([&] { return idle->ready(); }));
  EXPECT_EQ(idle->coverage().missing.size(), 4U);
}

TEST_F(ShardWriterTest, WhoHearsNoMoreOfTheGroupLetsGo) {
  publish(0, 10);
  give("one", {0, 1, 2, 3});
  auto one = process("one");
  ASSERT_TRUE(wait([&] { return one->found("chips") == 10; }));
  give("one", {});
  ASSERT_TRUE(wait([&] { return one->coverage().missing.size() == 4; }));
}

// ARCHITECTURE.md, "Catch up before you act": a shard reads subscriptions, control and stories to
// their end before it takes a new article, on every start and every assignment.
TEST_F(ShardWriterTest, CatchesUpBeforeItActs) {
  const v1::ArticleRecord hidden = article("https://example.org/hidden");
  const v1::ArticleRecord shown = article("https://example.org/shown");
  const auto everything_of = [&](const v1::ArticleRecord& one) {
    v1::StoryRecord story;
    story.set_article_id(one.article_id());
    story.set_story_id("story of " + one.url());
    v1::ControlRecord takedown;
    takedown.set_action(v1::CONTROL_ACTION_TAKEDOWN);
    takedown.set_target(hidden.article_id());
    v1::SubscriptionRecord subscription;
    subscription.set_id("s-" + one.article_id());
    subscription.set_revision(1);
    subscription.set_name("chips");
    subscription.set_query("chips");
    EXPECT_TRUE(log::append(
        *log_, {{Topic::kStories, one.article_id(), story.SerializeAsString()},
                {Topic::kControl, "takedown/" + hidden.article_id(), takedown.SerializeAsString()},
                {Topic::kSubscriptions, subscription.id(), subscription.SerializeAsString()}}));
    clock_.advance(milliseconds(10));
    EXPECT_TRUE(
        log::append(*log_, {{Topic::kArticles, one.article_id(), one.SerializeAsString()}}));
  };
  give("one", {0, 1, 2, 3});
  auto one = process("one");
  ASSERT_TRUE(wait([&] { return one->ready(); }));
  // Everything comes while the process owns nothing: the next assignment finds it in force.
  give("one", {});
  ASSERT_TRUE(wait([&] { return one->coverage().missing.size() == 4; }));
  everything_of(hidden);
  everything_of(shown);
  give("one", {0, 1, 2, 3});
  ASSERT_TRUE(wait([&] { return one->found("chips") == 1; }));
  EXPECT_EQ(one->index.article(shown.article_id()).value()->story_id, "story of " + shown.url());
  EXPECT_FALSE(one->index.article(hidden.article_id()).value()) << "it was never to be seen";
  ASSERT_TRUE(wait([&] { return matches() == 2; }))
      << "one for each subscription, of the article that may be seen";
}

TEST_F(ShardWriterTest, ANewOwnerRestoresFromTheNewestCheckpointAndGoesOnExactly) {
  const std::filesystem::path checkpoints = folder_.path() / "checkpoints";
  publish(0, 200);
  give("one", {0, 1, 2, 3});
  auto one = process("one", checkpoints);
  ASSERT_TRUE(wait([&] { return one->found("chips") == 200 && one->ready(); }));
  const service::Checkpoints folder(checkpoints, "two");
  ASSERT_TRUE(wait([&] {
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      const auto list = folder.list(partition);
      if (list.empty() || list[0].offset < log_->offsets({Topic::kArticles, partition})->end)
        return false;
    }
    return true;
  }));
  one.reset();
  std::filesystem::remove_all(folder_.path() / "one");
  publish(200, 260);
  clock_.advance(milliseconds(1000));
  publish(0, 20, "chips once more");  // new versions of what the checkpoint holds
  give("two", {0, 1, 2, 3});
  auto two = process("two", checkpoints);
  ASSERT_TRUE(
      wait([&] { return two->found("chips") == 260 && two->found("once") == 20 && two->ready(); }));
  for (std::int32_t partition = 0; partition < kPartitions; ++partition)
    EXPECT_GT(folder.list(partition)[0].offset, 0);
  EXPECT_EQ(two->index.versions(proto::article_id("https://example.org/3"))->size(), 2U);
  // The same as one that read everything from the beginning.
  give("three", {0, 1, 2, 3});
  auto three = process("three");
  ASSERT_TRUE(wait([&] { return three->found("once") == 20 && three->ready(); }));
  for (const char* text : {"chips", "once", "title", ""})
    EXPECT_EQ(two->found(text), three->found(text)) << text;
}

TEST_F(ShardWriterTest, AReplicaGroupHasTheSameAndWritesNothing) {
  v1::SubscriptionRecord subscription;
  subscription.set_id("s");
  subscription.set_revision(1);
  subscription.set_name("chips");
  subscription.set_query("chips");
  ASSERT_TRUE(log::append(*log_, {{Topic::kSubscriptions, "s", subscription.SerializeAsString()}}));
  clock_.advance(milliseconds(10));
  publish(0, 30);
  v1::StoryRecord story;
  story.set_article_id(proto::article_id("https://example.org/1"));
  story.set_story_id("story");
  ASSERT_TRUE(
      log::append(*log_, {{Topic::kStories, story.article_id(), story.SerializeAsString()}}));
  give("replica", {0, 1, 2, 3}, "second");
  auto replica = process("replica", {}, false, "second");
  ASSERT_TRUE(wait([&] { return replica->found("chips") == 30 && replica->ready(); }));
  ASSERT_TRUE(wait(
      [&] { return replica->index.article(story.article_id()).value()->story_id == "story"; }));
  EXPECT_EQ(matches(), 0U);
  give("one", {0, 1, 2, 3});
  auto one = process("one");
  ASSERT_TRUE(wait([&] { return one->found("chips") == 30; }));
  ASSERT_TRUE(wait([&] { return matches() == 30; }));
}

TEST_F(ShardWriterTest, AGapStopsWithAMessageAndAnAcknowledgementIsGoodOnce) {
  publish(0, 40);
  give("one", {0, 1, 2, 3});
  {
    auto one = process("one");
    ASSERT_TRUE(wait([&] { return one->found("chips") == 40 && one->ready(); }));
  }
  // A log that was restored from a backup: it ends before what the index has read.
  log_.reset();
  std::filesystem::remove_all(folder_.path() / "log");
  open_log();
  {
    auto one = process("one");
    const std::string message = one->failure_of();
    for (const char* part : {"log_gap", "articles/", "vigie log skip articles ", "holds 0 to 0"})
      EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  for (std::int32_t partition = 0; partition < kPartitions; ++partition)
    ASSERT_TRUE(log_->set_committed(log::kSkipGroup, {Topic::kArticles, partition}, 0));
  {
    auto one = process("one");
    ASSERT_TRUE(wait([&] { return one->found("chips") == 40 && one->ready(); }))
        << "what was read stays";
    publish(100, 160);
    ASSERT_TRUE(wait([&] { return one->found("chips") == 100; }));
  }
  std::size_t gaps = 0;
  ASSERT_TRUE(
      log::read_to_end(*log_, Topic::kQuarantine, [&](const log::Record& record) -> Result<void> {
        v1::QuarantineRecord gap;
        EXPECT_TRUE(gap.ParseFromString(record.value.value_or("")));
        EXPECT_EQ(gap.reason(), "log_gap");
        EXPECT_GT(gap.offset(), 0) << "from where the shard could not read";
        ++gaps;
        return {};
      }));
  EXPECT_EQ(gaps, 4U) << "each gap is recorded";
  log_.reset();
  std::filesystem::remove_all(folder_.path() / "log");
  open_log();
  for (std::int32_t partition = 0; partition < kPartitions; ++partition)
    ASSERT_TRUE(log_->set_committed(log::kSkipGroup, {Topic::kArticles, partition}, 0));
  auto one = process("one");
  EXPECT_NE(one->failure_of().find("log_gap"), std::string::npos)
      << "the old acknowledgement does not speak of this gap";
}

TEST(Checkpoints, AreWholeOrNotThereAndTheFarthestInTheLogIsTaken) {
  Folder folder;
  const auto write = [](const std::string& what) {
    return [what](const std::filesystem::path& to) -> Result<void> {
      std::filesystem::create_directories(to);
      std::ofstream(to / "file") << what;
      return {};
    };
  };
  const service::Checkpoints one(folder.path() / "c", "one");
  const service::Checkpoints two(folder.path() / "c", "two");
  EXPECT_FALSE(one.newest_within(7, 0, 100));
  ASSERT_TRUE(one.make(7, 10, 1'000, write("ten")));
  ASSERT_TRUE(two.make(7, 20, 1'000, write("twenty")));
  ASSERT_TRUE(one.make(7, 30, 2'000, write("thirty")));
  ASSERT_TRUE(one.make(7, 40, 3'000, write("forty")));
  EXPECT_EQ(one.list(7).size(), 3U) << "of each process the last two";
  EXPECT_FALSE(one.make(7, 50, 4'000, [](const std::filesystem::path& to) -> Result<void> {
    std::filesystem::create_directories(to);
    return failure(Disposition::kStop, "io", "disk full", to.string());
  }));
  EXPECT_EQ(one.newest_within(7, 0, 100)->offset, 40);
  EXPECT_EQ(one.newest_within(7, 0, 35)->offset, 30)
      << "one beyond the end of a restored log is of another log";
  EXPECT_FALSE(one.newest_within(7, 41, 100)) << "one that retention overtook leaves a gap";
  ASSERT_TRUE(service::Checkpoints::restore(*one.newest_within(7, 0, 25),
                                            folder.path() / "shards" / "007"));
  std::string text;
  std::ifstream(folder.path() / "shards" / "007" / "file") >> text;
  EXPECT_EQ(text, "twenty");
}

}  // namespace
}  // namespace vigie::indexer::testing
