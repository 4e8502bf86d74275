#include "crawler/frontier/frontier.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>

#include "crawler/frontier/new_urls.h"

namespace vigie::crawler::frontier {
namespace {

constexpr std::int32_t kPartitions = 4;
constexpr std::int64_t kNow = 1'000'000;

v1::UrlState state(const std::string& url, v1::UrlKind kind, std::int64_t discovered,
                   std::int64_t due, std::uint32_t fetches = 0,
                   const std::string& source = "source") {
  v1::UrlState out;
  out.set_url(url);
  out.set_kind(kind);
  out.set_source_id(source);
  out.set_discovered_at_unix_ms(discovered);
  out.set_next_due_unix_ms(due);
  out.set_fetches(fetches);
  return out;
}

/// One partition of the topic, as the log holds it, and a frontier that follows it.
class FrontierTest : public testing::Test {
 protected:
  void SetUp() override {
    static std::atomic<int> number{0};
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie-frontier-test-" + std::to_string(getpid()) + "-" + std::to_string(number++));
    open();
  }
  void TearDown() override {
    frontier_.reset();
    std::filesystem::remove_all(dir_);
  }
  void open() {
    frontier_.reset();
    auto opened = Frontier::open(dir_, kPartitions);
    ASSERT_TRUE(opened) << opened.error().to_string();
    frontier_ = std::move(*opened);
  }
  FrontierStore& store() { return frontier_->store(); }

  log::Record record(const log::NewRecord& sent) {
    log::Record out;
    out.partition = partition_;
    out.offset = end_++;
    out.key = sent.key;
    out.value = sent.value;
    return out;
  }
  FrontierStore::Applied follow(const std::vector<log::NewRecord>& records) {
    log::Reader::Batch batch;
    batch.from = {proto::Topic::kFrontier, partition_};
    for (const log::NewRecord& one : records) batch.records.push_back(record(one));
    batch.next_offset = end_;
    auto applied = frontier_->follow(batch, true, kNow);
    EXPECT_TRUE(applied) << applied.error().to_string();
    return std::move(*applied);
  }
  FrontierStore::Applied follow(const std::vector<v1::UrlState>& states) {
    std::vector<log::NewRecord> records;
    for (const v1::UrlState& one : states) records.push_back(Frontier::record_of(one));
    return follow(records);
  }

  /// The record of URLs that a listing names for the first time.
  Frontier::Sent put_new(const std::vector<std::string>& paths, std::int64_t discovered = 500,
                         const std::string& source = "source") {
    for (const std::string& path : paths) {
      v1::NewUrl url;
      url.set_url("https://a.example/" + path);
      url.set_kind(v1::URL_KIND_ARTICLE);
      url.mutable_feed_item()->set_feed_url("https://a.example/feed");
      url.mutable_feed_item()->set_title("Title of " + path);
      frontier_->put_new(kDomain, {source, discovered, 1}, std::move(url));
    }
    std::vector<Frontier::Sent> sent = frontier_->take_new();
    EXPECT_EQ(sent.size(), 1U) << "one record for all of a listing";
    return std::move(sent.at(0));
  }

  using Verdict = DueRows::Verdict;
  /// What is taken one after the other; what was taken is in hand.
  std::vector<std::string> take_all(
      std::int64_t now,
      const DueRows::MayTake& may_take = [](const v1::UrlState&) { return Verdict::kTake; }) {
    std::vector<std::string> order;
    std::set<std::string, std::less<>> in_hand;
    bool last_was_poll = false;
    for (;;) {
      auto taken = store().due().take(
          partition_, kDomain, now, last_was_poll,
          [&](std::string_view url) { return in_hand.count(url) != 0; }, may_take);
      EXPECT_TRUE(taken);
      if (!taken->state) return order;
      order.push_back(taken->state->url().substr(std::string("https://a.example/").size()));
      in_hand.insert(taken->state->url());
    }
  }
  std::optional<std::int64_t> next_due() {
    return store()
        .due()
        .next_due(partition_, kDomain, [](std::string_view) { return false; })
        .value();
  }

  static constexpr const char* kDomain = "a.example";
  const std::int32_t partition_ = proto::partition_of(kDomain, kPartitions);
  std::int64_t end_ = 0;
  std::filesystem::path dir_;
  std::unique_ptr<Frontier> frontier_;
};

std::string at(const std::string& path) { return "https://a.example/" + path; }

TEST_F(FrontierTest, TakesPollsThenNewestPagesThenRevisits) {
  v1::UrlState old = state(at("old"), v1::URL_KIND_ARTICLE, 5000, 5);
  old.mutable_feed_item()->set_published("1970-01-01T00:00:02Z");
  v1::UrlState fresh = state(at("new"), v1::URL_KIND_ARTICLE, 5000, 5);
  fresh.mutable_feed_item()->set_published("1970-01-01T00:00:04Z");
  follow({state(at("revisit"), v1::URL_KIND_ARTICLE, 1, 10, 1), old, fresh,
          state(at("feed"), v1::URL_KIND_FEED, 1, 10),
          state(at("second-feed"), v1::URL_KIND_FEED, 1, 11)});
  EXPECT_EQ(take_all(20),
            (std::vector<std::string>{"feed", "new", "second-feed", "old", "revisit"}))
      << "no two polls in a row while pages wait";
}

TEST_F(FrontierTest, KeepsWhatIsNotDueAndPromotesItWhenItIs) {
  follow({state(at("a"), v1::URL_KIND_ARTICLE, 1, kNow + 100)});
  EXPECT_TRUE(take_all(kNow + 99).empty());
  EXPECT_EQ(next_due(), kNow + 100);
  EXPECT_EQ(take_all(kNow + 100), std::vector<std::string>{"a"});
  EXPECT_EQ(next_due(), 0) << "due, until its state says otherwise";
  follow({state(at("a"), v1::URL_KIND_ARTICLE, 1, kNow + 500, 1)});
  EXPECT_EQ(next_due(), kNow + 500);
  follow({state(at("a"), v1::URL_KIND_ARTICLE, 1, 0, 2)});
  EXPECT_EQ(next_due(), std::nullopt) << "0 means never again";
}

TEST_F(FrontierTest, FollowsTheLogAndGoesOnFromItsPositionAfterReopening) {
  follow({state(at("1"), v1::URL_KIND_ARTICLE, 1, 1), state(at("2"), v1::URL_KIND_ARTICLE, 1, 1),
          state(at("1"), v1::URL_KIND_ARTICLE, 1, 77, 1)});
  v1::Discovery discovery;
  discovery.set_url(at("3"));
  v1::Reservation reservation;
  reservation.set_name("a.example");
  const auto applied =
      follow({{proto::Topic::kFrontier, "u:" + at("2"), std::nullopt, kDomain},
              Frontier::record_of(discovery),
              Frontier::record_of(reservation),
              {proto::Topic::kFrontier, "u:" + at("4"), std::string("\xFF\xFF no record"), kDomain},
              {proto::Topic::kFrontier, "?", std::string("x"), kDomain}});
  EXPECT_EQ(applied.bad_records, 2U) << "what cannot be read is counted and passed over";
  ASSERT_EQ(applied.arrived.size(), 1U);
  open();
  const auto progress = store().progress(partition_).value();
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->next_offset, end_);
  EXPECT_EQ(progress->urls, 1U);
  EXPECT_EQ(progress->synced_at_unix_ms, kNow);
  EXPECT_EQ(frontier_->find(at("1")).value()->next_due_unix_ms(), 77);
  EXPECT_FALSE(frontier_->find(at("2")).value()) << "removed";
  EXPECT_EQ(store().arrivals(partition_).value().size(), 1U);
  EXPECT_EQ(store().reservations(partition_).value().at(0).name(), "a.example");
  EXPECT_EQ(store().progress((partition_ + 1) % kPartitions).value().has_value(), false);
}

TEST_F(FrontierTest, AStateCountsWhenItIsSentAndTheStoreSpeaksOnceItWasReadBack) {
  follow({state(at("1"), v1::URL_KIND_ARTICLE, 1, 1)});
  const Frontier::Sent first = frontier_->put(state(at("1"), v1::URL_KIND_ARTICLE, 1, 50, 1));
  const Frontier::Sent second = frontier_->put(state(at("1"), v1::URL_KIND_ARTICLE, 1, 90, 2));
  EXPECT_EQ(frontier_->find(at("1")).value()->next_due_unix_ms(), 90);
  EXPECT_FALSE(frontier_->acknowledged(at("1"), first.number, {partition_, end_}));
  follow({first.record});
  EXPECT_TRUE(frontier_->pending(at("1"))) << "the second is still out";
  const std::int64_t offset = end_;
  follow({second.record});
  EXPECT_TRUE(frontier_->acknowledged(at("1"), second.number, {partition_, offset}))
      << "read back before it was acknowledged";
  EXPECT_FALSE(frontier_->pending(at("1")));
  const Frontier::Sent third = frontier_->forget(at("1"));
  EXPECT_FALSE(frontier_->find(at("1")).value());
  EXPECT_FALSE(frontier_->acknowledged(at("1"), third.number, {partition_, end_}));
  // Compaction may take a record that was superseded before it is read: what counts is the
  // position.
  end_ += 5;
  follow(std::vector<log::NewRecord>{});
  EXPECT_FALSE(frontier_->pending(at("1")));
  frontier_->put(state(at("9"), v1::URL_KIND_ARTICLE, 1, 1));
  frontier_->let_go();
  EXPECT_FALSE(frontier_->find(at("9")).value())
      << "what was never read back is whoever owns the partition's to say";
}

TEST_F(FrontierTest, TellsWhatAListingNamesWithoutLosingChanges) {
  using Seen = Frontier::Seen;
  v1::UrlState fetched = state(at("1"), v1::URL_KIND_ARTICLE, 1, 0, 1);
  fetched.mutable_feed_item()->set_feed_url(at("feed"));
  fetched.mutable_feed_item()->set_updated("monday");
  follow({fetched});
  v1::FeedItem item = fetched.feed_item();
  const auto seen = [&](const std::string& path) {
    return frontier_->seen(kDomain, at(path), &item).value();
  };
  for (int opened = 0; opened < 2; ++opened) {
    item.set_updated("monday");
    EXPECT_EQ(seen("1"), Seen::kSettled);
    item.set_updated("tuesday");
    EXPECT_EQ(seen("1"), Seen::kMayChange);
    EXPECT_EQ(seen("2"), Seen::kNew);
    open();
  }
  fetched.mutable_feed_item()->set_updated("tuesday");
  const Frontier::Sent sent = frontier_->put(fetched);
  EXPECT_EQ(seen("1"), Seen::kSettled) << "from what was sent";
  follow({sent.record});
  frontier_->acknowledged(at("1"), sent.number, {partition_, end_ - 1});
  EXPECT_EQ(seen("1"), Seen::kSettled) << "from the store";
  store().known().keep_in_memory({});
  EXPECT_EQ(seen("1"), Seen::kSettled) << "read from its rows again";
  follow({{proto::Topic::kFrontier, "u:" + at("1"), std::nullopt, kDomain}});
  EXPECT_EQ(seen("1"), Seen::kNew) << "forgotten";
  open();
  EXPECT_EQ(seen("1"), Seen::kNew);
}

TEST_F(FrontierTest, NewUrlsOfAListingAreOneRecordAndCountAtOnce) {
  const Frontier::Sent sent = put_new({"1", "2", "3"});
  const auto two = frontier_->find(at("2")).value();
  ASSERT_TRUE(two) << "before it is read back";
  EXPECT_EQ(two->source_id(), "source");
  EXPECT_EQ(two->kind(), v1::URL_KIND_ARTICLE);
  EXPECT_EQ(two->discovered_at_unix_ms(), 500);
  EXPECT_EQ(two->next_due_unix_ms(), 500);
  EXPECT_EQ(two->depth(), 1U);
  EXPECT_EQ(two->feed_item().feed_url(), at("feed"));
  EXPECT_EQ(two->feed_item().title(), "Title of 2");
  EXPECT_EQ(frontier_->pending_count(), 3U);
  const std::int64_t offset = end_;
  const auto applied = follow({sent.record});
  EXPECT_EQ(applied.domains, (std::map<std::string, std::int64_t>{{kDomain, 3}}));
  EXPECT_EQ(frontier_->acknowledged_new(sent.number, {partition_, offset}).size(), 3U)
      << "read back before it was acknowledged";
  EXPECT_EQ(frontier_->pending_count(), 0U);
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_EQ(frontier_->find(at("2")).value()->SerializeAsString(), two->SerializeAsString());
    EXPECT_EQ(frontier_->seen(kDomain, at("2"), &two->feed_item()).value(),
              Frontier::Seen::kSettled);
    EXPECT_EQ(store().urls(partition_), 3U);
    open();
    ASSERT_TRUE(store().progress(partition_).value());
  }
  EXPECT_EQ(take_all(kNow).size(), 3U);
}

TEST_F(FrontierTest, ANewUrlThatIsFetchedLeavesItsRecordAndTheLastOneEndsIt) {
  const Frontier::Sent sent = put_new({"1", "2", "3"});
  follow({sent.record});
  EXPECT_TRUE(follow({state(at("1"), v1::URL_KIND_ARTICLE, 1, 0, 1)}).spent.empty());
  open();
  EXPECT_EQ(frontier_->find(at("1")).value()->fetches(), 1U) << "its own word counts";
  EXPECT_EQ(take_all(kNow), (std::vector<std::string>{"2", "3"}));
  const auto forgotten = follow({{proto::Topic::kFrontier, "u:" + at("1"), std::nullopt, kDomain},
                                 Frontier::record_of(state(at("2"), v1::URL_KIND_ARTICLE, 1, 0, 1)),
                                 {proto::Topic::kFrontier, "u:" + at("3"), std::nullopt, kDomain}});
  EXPECT_EQ(forgotten.spent, std::vector<std::string>{sent.record.key});
  EXPECT_EQ(forgotten.domains.at(kDomain), -2);
  open();
  EXPECT_FALSE(frontier_->find(at("1")).value()) << "what was forgotten does not come back by it";
  EXPECT_FALSE(frontier_->find(at("3")).value());
  ASSERT_TRUE(store().progress(partition_).value());
  EXPECT_EQ(store().urls(partition_), 1U);
  follow({frontier_->tombstone_in(partition_, sent.record.key)});
  EXPECT_EQ(store().urls(partition_), 1U);
  EXPECT_TRUE(store().long_standing(partition_, kNow, 10).value().empty());
}

TEST_F(FrontierTest, ARecordOfNewUrlsSaysNothingOfWhatIsKnown) {
  follow({state(at("1"), v1::URL_KIND_ARTICLE, 1, 77, 1)});
  const Frontier::Sent known = put_new({"1"});
  EXPECT_EQ(follow({known.record}).spent, std::vector<std::string>{known.record.key})
      << "its owner removes it";
  frontier_->acknowledged_new(known.number, {partition_, end_ - 1});
  EXPECT_EQ(frontier_->find(at("1")).value()->next_due_unix_ms(), 77);
  const Frontier::Sent both = put_new({"1", "2"}, 600);
  follow(
      {both.record, both.record, {proto::Topic::kFrontier, "u:" + at("1"), std::nullopt, kDomain}});
  frontier_->acknowledged_new(both.number, {partition_, end_ - 3});
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_FALSE(frontier_->find(at("1")).value());
    EXPECT_EQ(frontier_->find(at("2")).value()->discovered_at_unix_ms(), 600);
    EXPECT_EQ(store().urls(partition_), 1U);
    open();
    ASSERT_TRUE(store().progress(partition_).value());
  }
  log::NewRecord other = both.record;
  other.key += "x";
  EXPECT_EQ(follow({other}).bad_records, 1U) << "its key is that of what it says";
}

TEST_F(FrontierTest, ARecordOfNewUrlsInAFormThatNobodyWritesIsPassedOver) {
  const Frontier::Sent sent = put_new({"1"});
  log::NewRecord odd = sent.record;
  *odd.value += "\x9b\x06\x9c\x06";  // an empty group, field 99, which protobuf keeps as unknown
  v1::NewUrls read;
  ASSERT_TRUE(read.ParseFromString(*odd.value));
  EXPECT_EQ(follow({odd}).bad_records, 1U);
  EXPECT_EQ(follow({sent.record}).bad_records, 0U);
  EXPECT_EQ(store().urls(partition_), 1U);
}

TEST_F(FrontierTest, WhatIsLeftForLongIsToldAndGoesWithItsRecord) {
  const Frontier::Sent old = put_new({"1", "2"}, 500);
  const Frontier::Sent young = put_new({"3"}, 900);
  follow({old.record, young.record,
          Frontier::record_of(state(at("1"), v1::URL_KIND_ARTICLE, 1, 0, 1))});
  frontier_->let_go();
  open();
  const auto left = store().long_standing(partition_, 800, 10).value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].key, old.record.key);
  EXPECT_EQ(left[0].urls, std::vector<std::string>{at("2")});
  const auto moved = follow({Frontier::record_of(*frontier_->find(at("2")).value()),
                             frontier_->tombstone_in(partition_, old.record.key),
                             frontier_->tombstone_in(partition_, young.record.key)});
  EXPECT_TRUE(moved.spent.empty()) << "it is gone already";
  EXPECT_EQ(moved.domains.at(kDomain), -1) << "3 went with its record";
  open();
  EXPECT_EQ(take_all(kNow), std::vector<std::string>{"2"});
  EXPECT_EQ(frontier_->find(at("2")).value()->feed_item().title(), "Title of 2");
  EXPECT_FALSE(frontier_->find(at("3")).value());
}

TEST_F(FrontierTest, RecordsOfNewUrlsAreCutAndOneIsOfOneSourceAndPartition) {
  std::string elsewhere;
  for (int i = 0; elsewhere.empty() || proto::partition_of(elsewhere, kPartitions) == partition_;
       ++i)
    elsewhere = "b" + std::to_string(i) + ".example";
  const auto put = [&](const std::string& domain, int i, const std::string& source) {
    v1::NewUrl url;
    url.set_url("https://" + domain + "/" + std::to_string(i));
    url.set_kind(v1::URL_KIND_ARTICLE);
    frontier_->put_new(domain, {source, 1, 1}, std::move(url));
  };
  for (int i = 0; i < kMostNewUrls + 1; ++i) put(kDomain, i, "source");
  put(elsewhere, 0, "source");
  put(kDomain, -1, "other");
  const std::vector<Frontier::Sent> sent = frontier_->take_new();
  ASSERT_EQ(sent.size(), 4U);
  std::set<std::string> keys;
  for (const Frontier::Sent& one : sent) {
    keys.insert(one.record.key);
    const bool here = proto::partition_of(one.record.partition_key, kPartitions) == partition_;
    v1::NewUrls urls;
    ASSERT_TRUE(urls.ParseFromString(*one.record.value));
    for (const v1::NewUrl& url : urls.urls())
      EXPECT_EQ(url.url().starts_with("https://a.example/"), here);
  }
  EXPECT_EQ(keys.size(), 4U);
  EXPECT_TRUE(frontier_->take_new().empty());
}

TEST_F(FrontierTest, ANewUrlOfAnotherPartitionIsMovedLikeAnyOther) {
  std::string elsewhere;
  for (int i = 0; elsewhere.empty() || proto::partition_of(elsewhere, kPartitions) == partition_;
       ++i)
    elsewhere = "b" + std::to_string(i) + ".example";
  v1::NewUrls urls;
  urls.set_source_id("source");
  urls.set_discovered_at_unix_ms(1);
  urls.add_urls()->set_url("https://www." + elsewhere + "/1");
  const auto applied = follow(
      {log::NewRecord{proto::Topic::kFrontier, key_of(urls), urls.SerializeAsString(), kDomain}});
  EXPECT_TRUE(applied.misplaced);
  EXPECT_TRUE(applied.domains.empty()) << "it is not due here";
  const std::string key = "u:" + urls.urls(0).url();
  EXPECT_EQ(store().misplaced(partition_).value(), std::vector<std::string>{key});
  EXPECT_EQ(store().find(partition_, urls.urls(0).url()).value()->source_id(), "source");
  EXPECT_EQ(follow({frontier_->tombstone_in(partition_, key)}).spent,
            std::vector<std::string>{key_of(urls)});
  EXPECT_TRUE(store().misplaced(partition_).value().empty());
}

TEST_F(FrontierTest, SetsAsideWhatItsSourceMayNotFetchAndBringsItBack) {
  follow({state(at("1"), v1::URL_KIND_ARTICLE, 1, 1, 0, "paused"),
          state(at("2"), v1::URL_KIND_ARTICLE, 1, 1, 0, "other"),
          state(at("feed"), v1::URL_KIND_FEED, 1, 1, 0, "dropped")});
  const auto may_take = [](const v1::UrlState& one) {
    return one.source_id() == "paused"    ? Verdict::kPark
           : one.source_id() == "dropped" ? Verdict::kDrop
                                          : Verdict::kTake;
  };
  EXPECT_EQ(take_all(kNow, may_take), std::vector<std::string>{"2"});
  open();
  EXPECT_EQ(store().due().domains(partition_).value(),
            (std::map<std::string, std::int64_t>{{kDomain, 2}}))
      << "what is set aside waits, too";
  EXPECT_TRUE(
      store()
          .due()
          .unpark(
              partition_, [](const std::string& source) { return source != "paused"; }, kNow)
          .value()
          .empty());
  EXPECT_EQ(store()
                .due()
                .unpark(
                    partition_, [](const std::string&) { return true; }, kNow)
                .value(),
            std::set<std::string>{kDomain});
  EXPECT_EQ(take_all(kNow), (std::vector<std::string>{"1", "2"}));
  ASSERT_TRUE(store().due().put_due(
      partition_, state(at("feed"), v1::URL_KIND_FEED, 1, 1, 0, "dropped"), kNow));
  EXPECT_EQ(take_all(kNow), (std::vector<std::string>{"feed", "1", "2"}));
}

TEST_F(FrontierTest, AParkedUrlThatChangesIsNotThereTwice) {
  follow({state(at("1"), v1::URL_KIND_ARTICLE, 1, 1, 0, "paused")});
  EXPECT_TRUE(take_all(kNow, [](const v1::UrlState&) { return Verdict::kPark; }).empty());
  follow({state(at("1"), v1::URL_KIND_ARTICLE, 1, 0, 1, "paused")});
  EXPECT_TRUE(store()
                  .due()
                  .unpark(
                      partition_, [](const std::string&) { return true; }, kNow)
                  .value()
                  .empty());
  EXPECT_EQ(next_due(), std::nullopt);
}

TEST_F(FrontierTest, TellsRecordsThatStandInTheWrongPartition) {
  std::string elsewhere;
  for (int i = 0; elsewhere.empty() || proto::partition_of(elsewhere, kPartitions) == partition_;
       ++i)
    elsewhere = "b" + std::to_string(i) + ".example";
  const std::string url = "https://www." + elsewhere + "/1";
  const auto applied = follow({state(url, v1::URL_KIND_ARTICLE, 1, 1)});
  EXPECT_TRUE(applied.misplaced);
  EXPECT_TRUE(applied.domains.empty()) << "it is not due here";
  EXPECT_EQ(store().misplaced(partition_).value(), std::vector<std::string>{"u:" + url});
  EXPECT_EQ(store().find(partition_, url).value()->url(), url);
  const log::NewRecord removal = frontier_->tombstone_in(partition_, "u:" + url);
  EXPECT_EQ(proto::partition_of(removal.partition_key, kPartitions), partition_);
  follow({removal});
  EXPECT_TRUE(store().misplaced(partition_).value().empty());
}

TEST_F(FrontierTest, AnotherSuffixListReadsAnew) {
  follow({state(at("1"), v1::URL_KIND_ARTICLE, 1, 1)});
  frontier_.reset();
  auto other = FrontierStore::open(dir_, kPartitions, "another list");
  ASSERT_TRUE(other) << other.error().to_string();
  EXPECT_FALSE((*other)->progress(partition_).value());
}

TEST_F(FrontierTest, ClearingAPartitionForgetsAllOfItAndNothingElse) {
  follow({state(at("1"), v1::URL_KIND_ARTICLE, 1, 1, 0, "paused"),
          state(at("2"), v1::URL_KIND_ARTICLE, 1, 1)});
  EXPECT_EQ(take_all(kNow,
                     [](const v1::UrlState& one) {
                       return one.source_id() == "paused" ? Verdict::kPark : Verdict::kTake;
                     })
                .size(),
            1U);
  const std::int32_t other = (partition_ + 1) % kPartitions;
  log::Reader::Batch batch;
  batch.from = {proto::Topic::kFrontier, other};
  batch.next_offset = 7;
  ASSERT_TRUE(frontier_->follow(batch, true, kNow));
  ASSERT_TRUE(store().clear(partition_));
  EXPECT_FALSE(store().progress(partition_).value());
  EXPECT_FALSE(frontier_->find(at("1")).value());
  EXPECT_TRUE(store().due().domains(partition_).value().empty());
  EXPECT_EQ(next_due(), std::nullopt);
  EXPECT_EQ(store().progress(other).value()->next_offset, 7);
}

TEST_F(FrontierTest, FindsFinishedPagesToForgetSliceBySlice) {
  std::vector<v1::UrlState> states;
  for (int i = 0; i < 100; ++i)
    states.push_back(state(at(std::to_string(1000 + i)), v1::URL_KIND_ARTICLE, i, i < 50 ? 0 : 1));
  states.push_back(state(at("feed"), v1::URL_KIND_FEED, 0, 0));
  follow(states);
  std::string from;
  std::size_t found = 0, slices = 0;
  do {
    found += store().finished_before(partition_, from, 30, 40).value().size();
    ++slices;
  } while (!from.empty());
  EXPECT_EQ(found, 40U);
  EXPECT_EQ(slices, 4U);
}

/// A log that says things at random, as a crawler would have it, and a frontier that follows it.
class RandomFrontierTest : public FrontierTest {
 protected:
  /// Follows the records, and notes the newest of each key with its offset.
  std::vector<std::string> say(const std::vector<log::NewRecord>& records) {
    for (std::size_t i = 0; i < records.size(); ++i)
      newest_[records[i].key] = {end_ + static_cast<std::int64_t>(i), records[i]};
    return follow(records).spent;
  }

  log::NewRecord random_state() {
    const auto number = [&](std::uint64_t below) {
      return static_cast<std::int64_t>(chance_() % below);
    };
    log::NewRecord one = Frontier::record_of(state(
        at(std::to_string(number(40))), number(8) == 0 ? v1::URL_KIND_FEED : v1::URL_KIND_ARTICLE,
        number(1000), number(3) == 0 ? 0 : kNow - 500 + number(1000),
        static_cast<std::uint32_t>(number(2)), "source" + std::to_string(number(3))));
    if (number(10) == 0) one.value.reset();
    return one;
  }

  log::NewRecord random_listing(int step) {
    std::set<std::string> paths;
    for (std::uint64_t i = 1 + chance_() % 6; i > 0; --i)
      paths.insert(std::to_string(chance_() % 40));
    log::NewRecord out = put_new({paths.begin(), paths.end()}, kNow - 100 + step,
                                 "source" + std::to_string(chance_() % 3))
                             .record;
    frontier_->let_go();
    return out;
  }

  /// What the owner of the partition does then.
  void answer(const std::vector<std::string>& spent, int step) {
    std::vector<log::NewRecord> out;
    for (const std::string& key : spent) out.push_back(frontier_->tombstone_in(partition_, key));
    const std::size_t dissolved = chance_() % 6 == 0 ? 3 : 0;
    const auto old = store().long_standing(partition_, kNow - 100 + step, dissolved).value();
    for (const auto& [key, urls] : old) {
      for (const std::string& url : urls)
        out.push_back(Frontier::record_of(*store().find(partition_, url).value()));
      out.push_back(frontier_->tombstone_in(partition_, key));
    }
    say(out);
  }

  void step(int number) {
    std::vector<log::NewRecord> records;
    for (std::uint64_t i = chance_() % 20; i > 0; --i) records.push_back(random_state());
    if (chance_() % 2 == 0) records.push_back(random_listing(number));
    std::shuffle(records.begin(), records.end(), chance_);
    answer(say(records), number);
    if (chance_() % 4 == 0)
      take_all(kNow, [&](const v1::UrlState& one) {
        return one.source_id() == "source1" ? Verdict::kPark : Verdict::kTake;
      });
    if (chance_() % 10 == 0) open();
    if (chance_() % 10 == 0) store().known().keep_in_memory({});
  }

  std::vector<std::string> states() {
    std::vector<std::string> out;
    for (int i = 0; i < 40; ++i) {
      const auto one = store().find(partition_, at(std::to_string(i))).value();
      out.push_back(one ? one->SerializeAsString() : std::string("unknown"));
    }
    return out;
  }

  /// What compaction leaves.
  std::vector<log::NewRecord> compacted() const {
    std::map<std::int64_t, log::NewRecord> by_offset;
    for (const auto& [key, one] : newest_) by_offset.emplace(one.first, one.second);
    std::vector<log::NewRecord> out;
    for (const auto& [offset, one] : by_offset) out.push_back(one);
    return out;
  }

  std::mt19937_64 chance_;
  std::map<std::string, std::pair<std::int64_t, log::NewRecord>> newest_;
};

/// ops/adr/0007-frontier-follows-its-log.md: what is derived is what the log says, however it was
/// reached: by following in small steps, or by reading what compaction left, over restarts.
TEST_F(RandomFrontierTest, AStoreThatFollowedEqualsOneThatWasRebuilt) {
  const char* given = std::getenv("VIGIE_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("VIGIE_SEED=" + std::to_string(seed));
  chance_.seed(seed);
  for (int number = 0; number < 60; ++number) step(number);
  const std::vector<std::string> before = states();
  for (int i = 0; i < 40; ++i) {
    const auto one = newest_.find("u:" + at(std::to_string(i)));
    if (one != newest_.end() && one->second.second.value)
      EXPECT_EQ(before[static_cast<std::size_t>(i)], *one->second.second.value) << i;
  }
  ASSERT_TRUE(store().due().unpark(partition_, [](const std::string&) { return true; }, kNow));
  const auto domains = store().due().domains(partition_).value();
  const auto urls = store().progress(partition_).value()->urls;
  const std::vector<std::string> taken = take_all(kNow + 10'000);
  ASSERT_TRUE(store().clear(partition_));
  follow(compacted());
  EXPECT_EQ(states(), before);
  EXPECT_EQ(store().due().domains(partition_).value(), domains);
  EXPECT_EQ(store().urls(partition_), urls);
  EXPECT_EQ(take_all(kNow + 10'000), taken);
}

}  // namespace
}  // namespace vigie::crawler::frontier
