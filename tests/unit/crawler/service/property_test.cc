#include <cstdlib>

#include "tests/unit/crawler/service/ownership_fixture.h"

namespace vigie::crawler::service {
namespace {

std::size_t number_of(const char* name, std::size_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

/// How often a site publishes, a step.
constexpr double kPublished = 1.0 / 300;
constexpr milliseconds kGap{200};
constexpr milliseconds kStep{20};
/// What a web that answers nothing to a dead crawler has seen last is judged at least so often.
constexpr std::size_t kJudgedAt = 5'000;

/// Articles in a feed: a site publishes some five in 40 s, and rarely more than fifteen.
constexpr std::size_t kShown = 30;
/// A long run says how far it is.
constexpr std::size_t kToldAt = 25'000;

/// Two crawlers and many sites that go on publishing, while crawlers are killed, restarted and
/// given other partitions. VIGIE_FETCHES virtual fetches (10,000; a million by hand) of VIGIE_SITES
/// sites (150; the more, the less of the time goes into steps in which little is due), VIGIE_SEED.
/// A fetch is a request that reached the web: of robots.txt, a feed, or a page.
class CrawlProperty : public OwnershipTest {
 protected:
  std::string host(std::size_t i) const { return "site" + std::to_string(i) + ".example"; }
  std::string page_url(std::size_t i, std::size_t n) const {
    return "http://" + host(i) + "/story-" + std::to_string(n);
  }
  std::string feed_url(std::size_t i) const { return "http://" + host(i) + "/feed.xml"; }

  /// One more article of a site. Its feed shows as many as come while nobody may ask: a domain that
  /// was taken over is left alone for 40 s, and what rolls over meanwhile nobody can have seen.
  void publish(std::size_t i) {
    const std::size_t n = published_[i]++;
    web_.put(page_url(i, n), 200,
             "<html><body><p>Story " + std::to_string(n) + " of " + host(i) + "</p></body></html>");
    std::vector<std::pair<std::string, std::string>> items;
    for (std::size_t at = n + 1; at-- > 0 && items.size() < kShown;)
      items.emplace_back("Story " + std::to_string(at), page_url(i, at));
    web_.put(feed_url(i), 200, rss(items), "application/rss+xml");
  }

  /// Never two requests to a host closer than the gap, counted from the end of the response or of
  /// the crawler that asked.
  void judge(bool at_the_end) {
    if (!at_the_end && web_.seen.size() < kJudgedAt) return;
    for (const FakeWeb::Seen& one : web_.seen) {
      const std::string host = *url::parse(one.url)->host;
      const auto last = ended_.find(host);
      if (last != ended_.end() && one.begin - last->second < kGap) ++early_;
      ended_[host] = one.end;
      ++fetches_;
      if (one.url.ends_with("/robots.txt")) ++robots_;
      if (one.url.ends_with("/feed.xml")) ++feeds_;
    }
    if (fetches_ / kToldAt > told_ / kToldAt) tell();
    web_.seen.clear();
    web_.begun.clear();
  }

  void tell() {
    std::size_t urls = 0;
    for (const auto& [i, count] : published_) urls += count;
    std::printf("%zu fetches (%zu of robots.txt, %zu of feeds, %zu of pages), %zu early, ",
                fetches_, robots_, feeds_, fetches_ - robots_ - feeds_, early_);
    std::printf("%zu articles, %zu kills, %zu restarts, %zu rebalances, %lld virtual s\n", urls,
                kills_, restarts_, rebalances_,
                static_cast<long long>(clock_.since_boot().count() / 1000));
    std::fflush(stdout);
    told_ = fetches_;
  }

  void disturb() {
    const double chance = dice_->unit();
    if (chance < 0.4) {
      // A crawler dies with what it has in hand, and comes back with its partitions.
      const std::string name = dice_->unit() < 0.5 ? "a" : "b";
      std::set<std::int32_t> owned = machines_.at(name).member.owned;
      kill(name);
      web_.answer(milliseconds(0));  // nobody hears it
      start(name, std::move(owned));
      ++kills_;
    } else if (chance < 0.8) {
      // The group shares the partitions out anew.
      for (auto& [name, machine] : machines_) {
        machine.member.take = true;
        machine.member.let_go = false;
      }
      for (int waits = 0; waits < 300 && !all_let_go(); ++waits) step();
      std::map<std::string, std::set<std::int32_t>> shares;
      for (std::int32_t partition = 0; partition < kPartitions; ++partition)
        shares[dice_->unit() < 0.5 ? "a" : "b"].insert(partition);
      for (auto& [name, machine] : machines_) machine.member.give = shares[name];
      ++rebalances_;
    } else {
      // It is stopped as an operator would.
      const std::string name = dice_->unit() < 0.5 ? "a" : "b";
      std::set<std::int32_t> owned = machines_.at(name).member.owned;
      machines_.at(name).crawler->stop_starting();
      for (int waits = 0; waits < 5; ++waits) step();
      kill(name);
      web_.answer(milliseconds(0));
      start(name, std::move(owned));
      ++restarts_;
    }
  }
  bool all_let_go() const {
    return std::all_of(machines_.begin(), machines_.end(),
                       [](const auto& machine) { return machine.second.member.let_go; });
  }

  void step() {
    web_.answer(milliseconds(20));
    for (auto& [name, machine] : machines_) {
      if (machine.crawler) turn(*machine.crawler);
    }
    clock_.advance(kStep);
    judge(false);
  }

  std::size_t missing() {
    const std::multiset<std::string> have = pages();
    std::size_t out = 0;
    for (const auto& [i, count] : published_) {
      for (std::size_t n = 0; n < count; ++n) out += have.contains(page_url(i, n)) ? 0 : 1;
    }
    return out;
  }

  std::unique_ptr<SeededRandom> dice_;
  std::map<std::size_t, std::size_t> published_;
  std::map<std::string, milliseconds> ended_;
  std::size_t fetches_ = 0;
  std::size_t robots_ = 0;
  std::size_t feeds_ = 0;
  std::size_t told_ = 0;
  std::size_t early_ = 0;
  std::size_t kills_ = 0;
  std::size_t restarts_ = 0;
  std::size_t rebalances_ = 0;
};

TEST_F(CrawlProperty, NoRequestIsEarlyAndNoUrlIsLostWhateverDies) {
  const std::size_t wanted = number_of("VIGIE_FETCHES", 10'000);
  dice_ = std::make_unique<SeededRandom>(number_of("VIGIE_SEED", 1));
  const std::size_t sites = number_of("VIGIE_SITES", 150);
  double to_publish = 0;
  std::string yaml = "sources:\n";
  for (std::size_t i = 0; i < sites; ++i) {
    yaml += "  - name: " + host(i) + "\n    homepage: http://" + host(i) + "/\n    feeds: [" +
            feed_url(i) + "]\n";
    publish(i);
  }
  sources(yaml);
  start("a", {0});
  start("b", {1, 2});
  while (fetches_ + web_.seen.size() < wanted) {
    const double chance = dice_->unit();
    if (chance < 0.01) disturb();
    to_publish += kPublished * static_cast<double>(sites);
    for (; to_publish > 1; --to_publish)
      publish(static_cast<std::size_t>(dice_->unit() * static_cast<double>(sites)));
    ASSERT_NO_FATAL_FAILURE(step());
  }
  // Whoever took a domain over from a dead crawler waits out its request: 40 s.
  for (int rounds = 0; rounds < 40 && missing() > 0; ++rounds) {
    for (int steps = 0; steps < 250; ++steps) ASSERT_NO_FATAL_FAILURE(step());
  }
  judge(true);
  tell();
  EXPECT_GE(fetches_, wanted);
  EXPECT_EQ(early_, 0U);
  EXPECT_EQ(missing(), 0U);
  EXPECT_GE(kills_ + restarts_ + rebalances_, wanted / 20'000);
}

}  // namespace
}  // namespace vigie::crawler::service
