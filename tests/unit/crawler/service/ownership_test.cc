#include "proto/control.pb.h"
#include "proto/status.pb.h"
#include "tests/unit/crawler/service/ownership_fixture.h"
#include "tests/unit/platform/log/silent_log.h"

namespace vigie::crawler::service {
namespace {

constexpr milliseconds kCoarse{100};  // a step of time where little happens

TEST_F(OwnershipTest, EachPollsTheFeedsOfItsPartitionsAlone) {
  source_at({0, 1, 2});
  for (const std::int32_t p : {0, 1, 2}) {
    web_.put(url(p, "feed.xml"), 200, rss({{"A", url(p, "a")}}));
    web_.put(url(p, "a"), 200, "<html>" + std::to_string(p) + "</html>");
  }
  start("a", {0});
  start("b", {1, 2});
  pass_all(milliseconds(3000));
  EXPECT_EQ(pages(), (std::multiset<std::string>{url(0, "a"), url(1, "a"), url(2, "a")}));
  for (const std::int32_t p : {0, 1, 2})
    EXPECT_EQ(web_.count(url(p, "robots.txt")), 1U) << "robots.txt is asked for by the owner alone";
  for (const auto& [key, value] : frontier_keys()) {
    v1::Reservation reservation;
    if (key[0] == 'h' && reservation.ParseFromString(value))
      EXPECT_EQ(reservation.owner(), key == "h:" + domain(0) ? "a" : "b");
  }
  expect_politeness();
}

// As every reader that catches up (platform/log/follower.h).
TEST_F(OwnershipTest, FailsWhereTheLogIsSilentWhileItCatchesUp) {
  source_at({0});
  start("a", {0});
  pass_all(milliseconds(2000));
  kill("a");
  std::filesystem::remove_all(dir_ / "a");
  Machine& again = start("a", {0});
  again.member.silent = true;
  clock_.advance(10 * log::kSilence);  // time in which the process was not there is no silence
  pass_all(log::kSilence - milliseconds(2000), {}, kCoarse);
  const auto& crawler = again.crawler;
  EXPECT_EQ(crawler->partitions_owned(), 0U);
  auto ticked = crawler->tick();
  for (milliseconds at{0}; ticked && at < milliseconds(3000); at += kCoarse) {
    clock_.advance(kCoarse);
    ticked = crawler->tick();
  }
  ASSERT_FALSE(ticked);
  EXPECT_EQ(ticked.error().code, ErrorCode("log_silent"));
  EXPECT_EQ(ticked.error().disposition, Disposition::kRetry);
  EXPECT_EQ(ticked.error().where, "frontier/0");
}

TEST_F(OwnershipTest, ASilentLogIsNoFailureOnceAllIsRead) {
  source_at({0});
  Machine& machine = start("a", {0});
  pass_all(milliseconds(500));
  EXPECT_EQ(machine.crawler->partitions_owned(), 1U);
  machine.member.silent = true;
  pass_all(2 * log::kSilence, {}, kCoarse);
}

TEST_F(OwnershipTest, AStopIsHeardWhileTheLogIsSilentAtTheStart) {
  v1::ControlRecord command;
  command.set_action(v1::CONTROL_ACTION_PAUSE);
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kControl, "pause", command.SerializeAsString()}}));
  log::testing::SilentLog silent(*log_, proto::Topic::kControl);
  CrawlerOptions mine = options();
  auto list = sources::load_sources(mine.source_files);
  ASSERT_TRUE(list);
  Scheduler crawler(mine, {silent, web_, clock_, random_, *metrics_, "", &resolver_},
                    std::move(*list));
  std::stop_source source;
  std::jthread stopper([&] {
    while (silent.silent_polls() < 3) std::this_thread::sleep_for(milliseconds(1));
    source.request_stop();
  });
  const auto started = crawler.start(source.get_token());
  ASSERT_TRUE(started) << started.error().to_string();
  EXPECT_FALSE(*started);
}

TEST_F(OwnershipTest, HandsAUrlOfAnotherPartitionToItsOwner) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"Far", url(1, "far")}, {"Near", url(0, "near")}}));
  web_.put(url(0, "near"), 200, "<html>near</html>");
  web_.put(url(1, "far"), 200, "<html>far</html>");
  start("a", {0, 2});
  pass_all(milliseconds(2000));
  EXPECT_EQ(pages(), std::multiset<std::string>{url(0, "near")});
  EXPECT_EQ(web_.count(url(1, "robots.txt")), 0U) << "the wrong crawler asks nothing of it";
  EXPECT_EQ(frontier_keys().count("d:" + url(1, "far")), 1U);
  start("b", {1});
  pass_all(milliseconds(2000));
  EXPECT_EQ(pages(), (std::multiset<std::string>{url(0, "near"), url(1, "far")}));
  const auto keys = frontier_keys();
  EXPECT_EQ(keys.count("d:" + url(1, "far")), 0U) << "taken up, and its owner removed it";
  EXPECT_EQ(keys.count("u:" + url(1, "far")), 1U);
  const auto records = read<v1::PageRecord>(proto::Topic::kPages);
  const auto& far = records[0].final_url() == url(1, "far") ? records[0] : records[1];
  EXPECT_EQ(far.source().id(), "s0");
  EXPECT_EQ(far.feed_item().title(), "Far");
  EXPECT_LT(far.discovered_at_unix_ms(), far.fetched_at_unix_ms() - 1000)
      << "discovered when the feed was read";
  // Told once, though the feed names it at every poll; a change that the feed announces is told
  // again.
  web_.put(url(0, "feed.xml"), 200,
           rss({{"Far", url(1, "far")}, {"Near", url(0, "near")}, {"New", url(0, "new")}}));
  pass_all(milliseconds(3000));
  EXPECT_EQ(
      metrics_->counter("vigie_crawler_handed_over_total", "", {{"why", "discovery"}}).value(), 1);
}

TEST_F(OwnershipTest, HandsARedirectToAnotherPartitionOver) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"Moved", url(0, "moved")}}));
  web_.put(url(0, "moved"), 301, "", "text/html", {{"location", url(1, "here")}});
  web_.put(url(1, "here"), 200, "<html>here</html>");
  start("a", {0});
  start("b", {1, 2});
  pass_all(milliseconds(4000));
  EXPECT_EQ(pages(), std::multiset<std::string>{url(1, "here")});
  EXPECT_EQ(web_.count(url(0, "moved")), 1U)
      << "done for good: the page is its new owner's to revisit";
  for (const auto& [key, value] : frontier_keys()) {
    v1::Reservation reservation;
    if (key == "h:" + domain(1) && reservation.ParseFromString(value))
      EXPECT_EQ(reservation.owner(), "b");
  }
  expect_politeness();
}

TEST_F(OwnershipTest, AFeedThatMovedToAnotherPartitionIsPolledByItsNewOwner) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 301, "", "text/html", {{"location", url(1, "rss")}});
  web_.put(url(1, "rss"), 200, rss({{"A", url(1, "a")}}));
  web_.put(url(1, "a"), 200, "<html>a</html>");
  start("a", {0});
  start("b", {1, 2});
  pass_all(milliseconds(6000));
  EXPECT_EQ(pages(), std::multiset<std::string>{url(1, "a")});
  EXPECT_GE(web_.count(url(1, "rss")), 3U);
  EXPECT_EQ(metrics_->counter("vigie_crawler_handed_over_total", "", {{"why", "redirect"}}).value(),
            1)
      << "told once";
  // The source drops the feed: what it led to is not polled either.
  source_at({2});
  for (auto& [name, machine] : machines_) machine.crawler->request_reload();
  pass_all(milliseconds(2000));
  const std::size_t polls = web_.count(url(1, "rss"));
  pass_all(milliseconds(4000));
  EXPECT_EQ(web_.count(url(1, "rss")), polls);
}

// ARCHITECTURE.md: catch up before you act. Whatever the log held when the partition was given is
// known before the first request.
TEST_F(OwnershipTest, CatchesUpBeforeItActs) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"Done", url(0, "done")}}));
  web_.put(url(0, "done"), 200, "<html>done</html>");
  std::vector<log::NewRecord> records;
  for (int i = 0; i < 5000; ++i) {
    v1::UrlState filler;
    filler.set_url(url(0, "old/" + std::to_string(i)));
    records.push_back(frontier::Frontier::record_of(filler));
  }
  v1::UrlState done;  // the last record of all: fetched already
  done.set_url(url(0, "done"));
  done.set_source_id("s0");
  done.set_kind(v1::URL_KIND_ARTICLE);
  done.set_fetches(1);
  done.set_body_sha256("x");
  records.push_back(frontier::Frontier::record_of(done));
  v1::ControlRecord pause;
  pause.set_action(v1::CONTROL_ACTION_PAUSE);
  pause.set_target("s1");
  records.push_back({proto::Topic::kControl, "source/s1", pause.SerializeAsString()});
  ASSERT_TRUE(log::append(*log_, std::move(records)));
  Machine& machine = start("a", {0});
  // It is given the partition, then reads 2,000 records a turn.
  for (int turns = 0; turns < 3; ++turns) {
    ASSERT_TRUE(machine.crawler->tick());
    EXPECT_EQ(machine.crawler->partitions_owned(), 0U);
    EXPECT_TRUE(frontier_keys().count("h:" + domain(0)) == 0);
  }
  pass_all(milliseconds(3000));
  EXPECT_EQ(machine.crawler->partitions_owned(), 1U);
  EXPECT_GE(web_.count(url(0, "feed.xml")), 1U);
  EXPECT_EQ(web_.count(url(0, "done")), 0U)
      << "what was known at the end of the log is not fetched as new";
}

TEST_F(OwnershipTest, CatchesUpOnReturnToo) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"One", url(0, "one")}}));
  web_.put(url(0, "one"), 200, "<html>one</html>");
  web_.put(url(0, "two"), 200, "<html>two</html>");
  start("a", {0});
  pass_all(milliseconds(2000));
  kill("a");
  start("b", {0});
  web_.put(url(0, "feed.xml"), 200, rss({{"Two", url(0, "two")}, {"One", url(0, "one")}}));
  pass_all(milliseconds(3000));
  kill("b");
  start("a", {0});
  pass_all(milliseconds(3000));
  EXPECT_EQ(pages(), (std::multiset<std::string>{url(0, "one"), url(0, "two")}))
      << "what b fetched while a was away is known to a";
  EXPECT_EQ(web_.count(url(0, "two")), 1U);
  expect_politeness();
}

TEST_F(OwnershipTest, AStoreThatSleptLongerThanTombstonesAreKeptReadsAnew) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({}));
  v1::UrlState gone;
  gone.set_url(url(0, "gone"));
  gone.set_kind(v1::URL_KIND_ARTICLE);
  gone.set_source_id("s0");
  ASSERT_TRUE(log::append(*log_, {frontier::Frontier::record_of(gone)}));
  Machine& a = start("a", {0});
  pass_all(milliseconds(500));
  kill("a");
  // Removed while a sleeps, and the removal itself is forgotten by then: the embedded log drops it
  // after a day.
  ASSERT_TRUE(log::append(
      *log_, {{proto::Topic::kFrontier, "u:" + url(0, "gone"), std::nullopt, domain(0)}}));
  clock_.advance(std::chrono::hours(30));
  start("a", {0});
  testing::internal::CaptureStderr();
  pass_all(milliseconds(500));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("frontier partition read anew"),
            std::string::npos);
  EXPECT_EQ(a.crawler->partitions_owned(), 1U);
  a.crawler.reset();
  auto frontier = frontier::Frontier::open(dir_ / "a" / "frontier", kPartitions);
  ASSERT_TRUE(frontier);
  EXPECT_FALSE((*frontier)->find(url(0, "gone")).value());
}

// crawler/service/README.md: a fetch that is interrupted is due again at once and is no failure;
// the old owner writes nothing of it.
TEST_F(OwnershipTest, LetsGoOfWhatIsOutAndTheNewOwnerFetchesItAfterExpiryAndTotalClock) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"Slow", url(0, "slow")}}));
  web_.put(url(0, "slow"), 200, "<html>slow</html>");
  Machine& a = start("a", {0});
  Machine& b = start("b", {});
  while (web_.count(url(0, "feed.xml")) == 0) pass_all(milliseconds(10));
  // The page is asked for, and its response does not come.
  web_.hold = true;
  pass_all(milliseconds(1000));
  const auto asked = std::count(web_.begun.begin(), web_.begun.end(), url(0, "slow"));
  ASSERT_EQ(asked, 1);
  const milliseconds taken_at = clock_.since_boot();
  a.member.let_go = false;
  a.member.take = true;
  while (!a.member.let_go) pass_all(milliseconds(10));
  EXPECT_GE(clock_.since_boot() - taken_at, frontier::PartitionOwner::kHandOverTime)
      << "what is out gets a moment";
  EXPECT_LE(clock_.since_boot() - taken_at,
            frontier::PartitionOwner::kHandOverTime + milliseconds(50));
  const auto before = frontier_keys();
  b.member.give = std::set<std::int32_t>{0};
  web_.hold = false;
  pass_all(milliseconds(500));
  EXPECT_EQ(a.crawler->partitions_owned(), 0U);
  EXPECT_EQ(b.crawler->partitions_owned(), 1U);
  EXPECT_EQ(before.count("u:" + url(0, "slow")), 0U) << "it is in the record of its listing";
  EXPECT_EQ(frontier_keys().count("u:" + url(0, "slow")), 0U)
      << "the response came to who owns nothing: nobody writes it down";
  EXPECT_TRUE(pages().empty());
  pass_all(milliseconds(38'000), {}, kCoarse);
  EXPECT_EQ(std::count(web_.begun.begin(), web_.begun.end(), url(0, "slow")), 1)
      << "another's request may last for expiry and total clock";
  pass_all(milliseconds(6'000), {}, kCoarse);
  EXPECT_EQ(pages(), std::multiset<std::string>{url(0, "slow")});
  v1::UrlState state;
  ASSERT_TRUE(state.ParseFromString(frontier_keys().at("u:" + url(0, "slow"))));
  EXPECT_EQ(state.failures(), 0U);
  EXPECT_EQ(state.fetches(), 1U);
}

TEST_F(OwnershipTest, WhatEndsInTimeIsWrittenDownBeforeItIsLetGo) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"A", url(0, "a")}}));
  web_.put(url(0, "a"), 200, "<html>a</html>");
  Machine& a = start("a", {0});
  Machine& b = start("b", {});
  while (std::count(web_.begun.begin(), web_.begun.end(), url(0, "a")) == 0)
    pass_all(milliseconds(10));
  a.member.let_go = false;
  a.member.take = true;
  while (!a.member.let_go) pass_all(milliseconds(10));
  EXPECT_EQ(pages(), std::multiset<std::string>{url(0, "a")});
  b.member.give = std::set<std::int32_t>{0};
  const milliseconds given_at = clock_.since_boot();
  const std::size_t polls = web_.count(url(0, "feed.xml"));
  while (web_.count(url(0, "feed.xml")) == polls) pass_all(milliseconds(10));
  EXPECT_LT(clock_.since_boot() - given_at, milliseconds(2500))
      << "every end is recorded, so that nobody waits for a total clock";
  pass_all(milliseconds(2000));
  EXPECT_EQ(web_.count(url(0, "a")), 1U);
  expect_politeness();
}

// A zombie (SIGSTOP beyond the session): it asks whether it is still a member before it does
// anything.
TEST_F(OwnershipTest, AZombieAsksBeforeItActs) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"A", url(0, "a")}, {"B", url(0, "b")}}));
  for (const char* path : {"a", "b"})
    web_.put(url(0, path), 200, std::string("<html>") + path + "</html>");
  Machine& a = start("a", {0});
  while (web_.count(url(0, "feed.xml")) == 0) pass_all(milliseconds(10));
  a.member.is_member = false;
  Machine& b = start("b", {0});
  pass_all(milliseconds(60'000), {"a"}, kCoarse);
  const std::size_t begun = web_.begun.size();
  const auto keys = frontier_keys();
  a.crawler->tick().value();
  EXPECT_EQ(web_.begun.size(), begun);
  EXPECT_EQ(a.crawler->partitions_owned(), 0U);
  ASSERT_TRUE(a.crawler->finish());
  EXPECT_EQ(frontier_keys(), keys) << "and writes nothing";
  a.member.take = a.member.lost = true;
  pass_all(milliseconds(1000));
  EXPECT_EQ(b.crawler->partitions_owned(), 1U);
  EXPECT_EQ(pages(), (std::multiset<std::string>{url(0, "a"), url(0, "b")}));
}

TEST_F(OwnershipTest, PartitionsThatWereLostAreLeftAtOnce) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"A", url(0, "a")}}));
  web_.put(url(0, "a"), 200, "<html>a</html>");
  Machine& a = start("a", {0});
  while (std::count(web_.begun.begin(), web_.begun.end(), url(0, "a")) == 0)
    pass_all(milliseconds(10));
  a.member.take = a.member.lost = true;
  ASSERT_TRUE(a.crawler->tick());
  EXPECT_EQ(a.crawler->partitions_owned(), 0U);
  pass_all(milliseconds(500));
  EXPECT_TRUE(pages().empty()) << "its response is nobody's";
  a.member.give = std::set<std::int32_t>{0};
  pass_all(milliseconds(2000));
  EXPECT_EQ(pages(), std::multiset<std::string>{url(0, "a")})
      << "given back to the same process, it goes on at once";
  expect_politeness();
}

// crawler/frontier/README.md: a record in the wrong partition (a newer suffix list) is moved by its
// owner.
TEST_F(OwnershipTest, MovesRecordsThatStandInTheWrongPartition) {
  source_at({1});
  web_.put(url(1, "feed.xml"), 200, rss({}));
  v1::UrlState state;
  state.set_url(url(1, "page"));
  state.set_source_id("s1");
  state.set_kind(v1::URL_KIND_ARTICLE);
  state.set_discovered_at_unix_ms(clock_.now_unix_ms() - 1000);
  state.set_next_due_unix_ms(clock_.now_unix_ms() + 3000);
  state.set_fetches(2);
  state.set_etag("\"kept\"");
  v1::Reservation blocked;
  blocked.set_name(domain(1));
  blocked.set_owner("x");
  blocked.set_ended_at_unix_ms(clock_.now_unix_ms());
  blocked.set_blocked_until_unix_ms(clock_.now_unix_ms() + 20'000);
  // As another suffix list had it: both in partition 0.
  ASSERT_TRUE(log::append(
      *log_,
      {{proto::Topic::kFrontier, "u:" + state.url(), state.SerializeAsString(), domain(0)},
       {proto::Topic::kFrontier, "h:" + domain(1), blocked.SerializeAsString(), domain(0)}}));
  start("a", {0});
  start("b", {1, 2});
  web_.put(url(1, "page"), 200, "<html>page</html>");
  pass_all(milliseconds(12'000), {}, kCoarse);
  std::map<std::int32_t, std::set<std::string>> by_partition;
  ASSERT_TRUE(log::read_to_end(*log_, proto::Topic::kFrontier,
                               [&](const log::Record& record) -> Result<void> {
                                 if (record.value)
                                   by_partition[record.partition].insert(record.key);
                                 return {};
                               }));
  EXPECT_EQ(by_partition[0].count("u:" + state.url()), 0U);
  EXPECT_EQ(by_partition[0].count("h:" + domain(1)), 0U);
  EXPECT_EQ(by_partition[1].count("u:" + state.url()), 1U);
  EXPECT_EQ(by_partition[1].count("d:" + state.url()), 0U);
  EXPECT_EQ(web_.count(state.url()), 0U) << "the block moved, too";
  pass_all(milliseconds(15'000), {}, kCoarse);
  ASSERT_GE(web_.count(state.url()), 1U);
  const auto seen = std::find_if(web_.seen.begin(), web_.seen.end(),
                                 [&](const auto& one) { return one.url == state.url(); });
  EXPECT_NE(std::find(seen->headers.begin(), seen->headers.end(),
                      std::make_pair(std::string("If-None-Match"), std::string("\"kept\""))),
            seen->headers.end())
      << "with all that was known of it";
}

TEST_F(OwnershipTest, ALogThatLostWhatWasReadStopsWithTheWayOut) {
  source_at({0});
  {
    auto frontier = frontier::Frontier::open(dir_ / "a" / "frontier", kPartitions);
    ASSERT_TRUE(frontier);
    log::Reader::Batch batch;
    batch.from = {proto::Topic::kFrontier, 0};
    batch.next_offset = 99;
    ASSERT_TRUE((*frontier)->follow(batch, true, clock_.now_unix_ms()));
  }
  Machine& a = start("a", {0});
  const auto ticked = a.crawler->tick();
  ASSERT_FALSE(ticked);
  EXPECT_EQ(ticked.error().code, ErrorCode("log_gap"));
  EXPECT_EQ(ticked.error().disposition, Disposition::kStop);
  EXPECT_NE(ticked.error().to_string().find("99"), std::string::npos);
  EXPECT_NE(ticked.error().to_string().find((dir_ / "a" / "frontier").string()), std::string::npos);
}

// ops/adr/0044-one-record-for-the-new-urls-of-a-listing.md
TEST_F(OwnershipTest, NewUrlsOfAListingAreOneRecordUntilEachHasItsOwn) {
  source_at({0});
  std::vector<std::pair<std::string, std::string>> items;
  for (int i = 0; i < 5; ++i) {
    const std::string page = url(0, "p" + std::to_string(i));
    items.emplace_back("Page", page);
    web_.put(page, 200, "<html><p>Page " + std::to_string(i) + "</p></html>");
  }
  web_.put(url(0, "feed.xml"), 200, rss(items), "application/rss+xml");
  start("a", {0});
  while (web_.count(url(0, "p0")) + web_.count(url(0, "p1")) + web_.count(url(0, "p2")) +
             web_.count(url(0, "p3")) + web_.count(url(0, "p4")) ==
         0)
    pass_all(milliseconds(10));
  const auto count = [](const std::map<std::string, std::string>& keys, const std::string& prefix) {
    return std::count_if(keys.begin(), keys.end(),
                         [&](const auto& one) { return one.first.starts_with(prefix); });
  };
  EXPECT_EQ(count(frontier_keys(), "n:"), 1);
  EXPECT_LE(count(frontier_keys(), "u:" + url(0, "p")), 1) << "only what was fetched has its own";
  // Whoever takes the partition over knows all of them, from the log alone.
  kill("a");
  start("b", {0});
  pass_all(milliseconds(60'000), {}, kCoarse);
  EXPECT_EQ(pages().size(), 5U);
  EXPECT_EQ(count(frontier_keys(), "n:"), 0) << "none is left in it, so it is removed";
  EXPECT_EQ(count(frontier_keys(), "u:" + url(0, "p")), 5);
}

TEST_F(OwnershipTest, WhatAPausedSourceLeavesInARecordGetsItsOwnAfterHalfADay) {
  source_at({0});
  constexpr std::size_t kPages = 12;
  std::vector<std::pair<std::string, std::string>> items;
  for (std::size_t i = 0; i < kPages; ++i) {
    const std::string page = url(0, "p" + std::to_string(i));
    items.emplace_back("Page", page);
    web_.put(page, 200, "<html><p>Page " + std::to_string(i) + "</p></html>");
  }
  web_.put(url(0, "feed.xml"), 200, rss(items), "application/rss+xml");
  start("a", {0});
  while (pages().empty()) pass_all(milliseconds(10));
  const auto command = [&](v1::ControlAction action) {
    v1::ControlRecord record;
    record.set_action(action);
    record.set_target("s0");
    ASSERT_TRUE(
        log::append(*log_, {{proto::Topic::kControl, "source/s0", record.SerializeAsString()}}));
  };
  command(v1::CONTROL_ACTION_PAUSE);
  pass_all(milliseconds(2'000));
  const auto count = [&](const std::string& prefix) {
    std::size_t out = 0;
    for (const auto& [key, value] : frontier_keys()) out += key.starts_with(prefix) ? 1 : 0;
    return out;
  };
  EXPECT_EQ(count("n:"), 1U);
  EXPECT_LT(count("u:" + url(0, "p")), kPages);
  for (int hours = 0; hours < 13; ++hours) {
    clock_.advance(std::chrono::hours(1));
    pass_all(milliseconds(6'000), {}, milliseconds(1'000));
  }
  EXPECT_EQ(count("n:"), 0U);
  EXPECT_EQ(count("u:" + url(0, "p")), kPages);
  command(v1::CONTROL_ACTION_RESUME);
  pass_all(milliseconds(20'000), {}, kCoarse);
  EXPECT_EQ(pages().size(), kPages);
}

TEST_F(OwnershipTest, StatusOfASourceComesFromItsOwnerAndOthersStandBeside) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"Far", url(1, "far")}, {"Near", url(0, "near")}}));
  web_.put(url(0, "near"), 200, "<html>near</html>");
  web_.put(url(1, "far"), 200, "<html>far</html>");
  start("a", {0});
  start("b", {1, 2});
  pass_all(milliseconds(7000));
  std::map<std::string, v1::SourceStatus> statuses;
  ASSERT_TRUE(log::read_to_end(
      *log_, proto::Topic::kStatus, [&](const log::Record& record) -> Result<void> {
        v1::StatusRecord status;
        if (record.value && status.ParseFromString(*record.value) && status.has_source())
          statuses[record.key] = status.source();
        return {};
      }));
  ASSERT_EQ(statuses.size(), 2U);
  EXPECT_EQ(statuses["source/s0"].articles(), 1U);
  EXPECT_EQ(statuses["source/s0/b"].articles(), 1U);
  EXPECT_EQ(statuses["source/s0"].state(), "ok");
}

TEST_F(OwnershipTest, ForgetsFinishedPagesWhenThereAreTooMany) {
  source_at({0});
  std::vector<log::NewRecord> records;
  for (int i = 0; i < 60; ++i) {
    v1::UrlState state;
    state.set_url(url(0, "p" + std::to_string(i)));
    state.set_kind(v1::URL_KIND_ARTICLE);
    state.set_source_id("s0");
    state.set_discovered_at_unix_ms(clock_.now_unix_ms() - i * 24LL * 3'600'000);
    records.push_back(frontier::Frontier::record_of(state));
  }
  ASSERT_TRUE(log::append(*log_, std::move(records)));
  Machine& a = machines_["a"];
  a.log = std::make_unique<MemberLog>(*log_, a.member);
  CrawlerOptions mine = options();
  mine.data_dir = dir_ / "a";
  mine.max_urls = 40;
  a.crawler = make_crawler(mine, *a.log);
  a.member.give = std::set<std::int32_t>{0};
  pass_all(milliseconds(60'000), {}, milliseconds(1'000));
  const auto keys = frontier_keys();
  EXPECT_EQ(keys.count("u:" + url(0, "p59")), 0U);
  EXPECT_EQ(keys.count("u:" + url(0, "p0")), 1U);
  const auto kept =
      std::count_if(keys.begin(), keys.end(), [](const auto& one) { return one.first[0] == 'u'; });
  EXPECT_LE(kept, 40);
  EXPECT_GE(kept, 30);
}

// A page too large for the log is truncated with a reason, never dropped silently.
TEST_F(OwnershipTest, CutsAPageToWhatTheLogTakes) {
  source_at({0});
  web_.put(url(0, "feed.xml"), 200, rss({{"Large", url(0, "large")}, {"Small", url(0, "small")}}));
  const std::string body = "<html>" + std::string(300'000, 'x') + "</html>";
  web_.put(url(0, "large"), 200, body);
  web_.put(url(0, "small"), 200, "<html>small</html>");
  Machine& a = machines_["a"];
  a.log = std::make_unique<MemberLog>(*log_, a.member);
  a.log->largest = 100'000;
  CrawlerOptions mine = options();
  mine.data_dir = dir_ / "a";
  a.crawler = make_crawler(mine, *a.log);
  a.member.give = std::set<std::int32_t>{0};
  pass_all(milliseconds(3000));
  std::map<std::string, v1::PageRecord> by_url;
  for (auto& page : read<v1::PageRecord>(proto::Topic::kPages)) by_url[page.final_url()] = page;
  ASSERT_EQ(by_url.size(), 2U);
  const v1::PageRecord& large = by_url[url(0, "large")];
  EXPECT_EQ(large.truncation(), v1::TRUNCATION_LENGTH);
  EXPECT_EQ(large.body_bytes(), body.size());
  EXPECT_LE(large.ByteSizeLong() + large.page_key().size(), 100'000U);
  EXPECT_GE(large.body().size(), 97'000U) << "as much as fits";
  EXPECT_EQ(large.body(), body.substr(0, large.body().size()));
  EXPECT_EQ(by_url[url(0, "small")].truncation(), v1::TRUNCATION_NONE);
  EXPECT_EQ(metrics_->counter("vigie_crawler_pages_cut_total", "", {{"reason", "log"}}).value(), 1);
  EXPECT_TRUE(read<v1::StatusRecord>(proto::Topic::kQuarantine).empty());
}

}  // namespace
}  // namespace vigie::crawler::service
