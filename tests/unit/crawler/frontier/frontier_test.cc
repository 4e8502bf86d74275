#include "crawler/frontier/frontier.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "platform/clock/clock.h"
#include "platform/log/embedded_log.h"

namespace vigie::crawler {
namespace {

v1::UrlState state(const std::string& url, v1::UrlKind kind, std::int64_t discovered, std::int64_t due, std::uint32_t fetches = 0) {
  v1::UrlState out;
  out.set_url(url);
  out.set_kind(kind);
  out.set_discovered_at_unix_ms(discovered);
  out.set_next_due_unix_ms(due);
  out.set_fetches(fetches);
  return out;
}

TEST(DueQueue, TakesPollsThenNewestPagesThenRevisits) {
  DueQueue queue;
  queue.update(state("revisit", v1::URL_KIND_ARTICLE, 1, 10, 1));
  queue.update(state("old", v1::URL_KIND_ARTICLE, 5, 5), 2);
  queue.update(state("new", v1::URL_KIND_ARTICLE, 5, 5), 4);
  queue.update(state("feed", v1::URL_KIND_FEED, 1, 10));
  queue.update(state("second feed", v1::URL_KIND_FEED, 1, 11));
  std::vector<std::string> order;
  while (const auto url = queue.take(20)) order.push_back(*url);
  EXPECT_EQ(order, (std::vector<std::string>{"feed", "new", "second feed", "old", "revisit"})) << "no two polls in a row while pages wait";
  EXPECT_TRUE(queue.empty());
}

TEST(DueQueue, KeepsWhatIsNotDue) {
  DueQueue queue;
  queue.update(state("a", v1::URL_KIND_ARTICLE, 1, 100));
  EXPECT_EQ(queue.take(99), std::nullopt);
  EXPECT_EQ(queue.next_due(), 100);
  EXPECT_EQ(queue.take(100), "a");
  queue.update(state("b", v1::URL_KIND_FEED, 1, 50));
  queue.update(state("b", v1::URL_KIND_FEED, 1, 0));
  EXPECT_EQ(queue.next_due(), std::nullopt) << "0 means never again";
}

TEST(Frontier, RestoresFromItsChangelog) {
  const auto dir = std::filesystem::temp_directory_path() / ("vigie-frontier-test-" + std::to_string(getpid()));
  FakeClock clock;
  {
    log::EmbeddedOptions options;
    options.dir = dir;
    options.partitions = 4;
    auto log = log::open_embedded(options, clock);
    ASSERT_TRUE(log);
    Frontier writer;
    auto changed = state("https://a.example/1", v1::URL_KIND_ARTICLE, 1, 1);
    std::vector<log::NewRecord> records{Frontier::record_of(changed)};
    changed.set_next_due_unix_ms(77);
    records.push_back(Frontier::record_of(changed));
    writer.put(state("https://a.example/2", v1::URL_KIND_ARTICLE, 1, 1));
    records.push_back(Frontier::record_of(*writer.find("https://a.example/2")));
    records.push_back(writer.forget("https://a.example/2"));
    v1::Discovery discovery;
    discovery.set_url("https://b.example/3");
    discovery.set_kind(v1::URL_KIND_ARTICLE);
    discovery.set_discovered_at_unix_ms(9);
    records.push_back({proto::Topic::kFrontier, "d:" + discovery.url(), discovery.SerializeAsString(), "b.example"});
    v1::Reservation reservation;
    reservation.set_name("a.example");
    records.push_back(Frontier::record_of(reservation));
    records.push_back({proto::Topic::kFrontier, "u:https://x.example/", std::string("\xFF\xFF no record"), "x.example"});
    ASSERT_TRUE(log::append(**log, std::move(records)));

    Frontier frontier;
    std::vector<std::string> reservations;
    ASSERT_TRUE(frontier.restore(**log, [&](const v1::Reservation& one) { reservations.push_back(one.name()); }));
    EXPECT_EQ(frontier.size(), 2U);
    ASSERT_NE(frontier.find("https://a.example/1"), nullptr);
    EXPECT_EQ(frontier.find("https://a.example/1")->next_due_unix_ms(), 77);
    ASSERT_NE(frontier.find("https://b.example/3"), nullptr);
    EXPECT_EQ(frontier.find("https://b.example/3")->next_due_unix_ms(), 9) << "a discovery is due at once";
    EXPECT_EQ(reservations, std::vector<std::string>{"a.example"});
    EXPECT_EQ(frontier.unreadable(), 1U) << "a record that cannot be read is counted and passed over";
  }
  std::filesystem::remove_all(dir);
}

TEST(Frontier, ForgetsTheOldestFinishedUrls) {
  Frontier frontier;
  for (int i = 0; i < 100; ++i) frontier.put(state("https://a.example/" + std::to_string(i), v1::URL_KIND_ARTICLE, i, i < 50 ? 0 : 1));
  frontier.put(state("https://a.example/feed", v1::URL_KIND_FEED, 0, 0));
  const auto tombstones = frontier.shrink(80);
  EXPECT_EQ(tombstones.size(), 29U);
  EXPECT_EQ(frontier.find("https://a.example/0"), nullptr);
  EXPECT_NE(frontier.find("https://a.example/49"), nullptr);
  EXPECT_NE(frontier.find("https://a.example/feed"), nullptr);
  for (const auto& record : tombstones) EXPECT_FALSE(record.value);
}

}  // namespace
}  // namespace vigie::crawler
