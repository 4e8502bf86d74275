// libs: crawler/frontier crawler/fetch
// Freshness of polls at the level of the policy: 10,000 feeds over seven virtual days, beside a
// fixed interval, the rule of Common Crawl's news crawl, and a policy that knows all rates.
//   freshness_bench [FEEDS [SEED]]
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "crawler/fetch/requests.h"
#include "crawler/frontier/revisit_policy.h"

namespace {

namespace v1 = vigie::v1;
namespace fetch = vigie::crawler::fetch;
namespace frontier = vigie::crawler::frontier;

constexpr double kDayS = 86'400;
constexpr double kDays = 7;
constexpr std::int64_t kEpochMs = 1'750'000'000'000;
constexpr double kBusyFeed = 10;  // items a day

/// The mix: share of the feeds, items a day from and to.
struct Class {
  double share, from, to;
};
constexpr std::array<Class, 5> kMix{
    {{0.10, 50, 200}, {0.20, 10, 50}, {0.40, 1, 10}, {0.20, 0.1, 1}, {0.10, 0, 0}}};
/// Weight of each hour of a feed's own day; a Saturday and a Sunday have two fifths of a day.
constexpr std::array<double, 24> kHours{0.3, 0.2, 0.2, 0.2, 0.3, 0.5, 1.0, 1.4, 1.6, 1.7, 1.7, 1.6,
                                        1.5, 1.5, 1.6, 1.6, 1.5, 1.3, 1.1, 1.0, 0.9, 0.8, 0.6, 0.4};
constexpr double kWeekend = 0.4;
/// One item in so many begins a burst of three to eight within five minutes; so many feeds have
/// validators that say "not modified" whatever there is.
constexpr double kBursts = 0.02;
constexpr double kLiars = 0.02;

struct Feed {
  double per_day = 0;
  double zone_h = 0;
  std::size_t window = 30;  // items that it lists
  bool lies = false;
  std::vector<double> items;  // when they appear, in seconds
};

double weight_at(const Feed& feed, double time_s) {
  static const double kMean = [] {
    double sum = 0;
    for (const double hour : kHours) sum += hour;
    return sum / 24 * (5 + 2 * kWeekend) / 7;
  }();
  const double local_h = time_s / 3600 + feed.zone_h;
  const auto day = static_cast<long>(local_h / 24) % 7;
  const double hour = kHours[static_cast<std::size_t>(local_h) % 24];
  return hour * (day >= 5 ? kWeekend : 1) / kMean;
}

Feed make_feed(std::size_t number, std::size_t all, std::mt19937_64& random) {
  std::uniform_real_distribution<double> unit(0, 1);
  Feed feed;
  double at = (static_cast<double>(number) + 0.5) / static_cast<double>(all);
  for (const Class& one : kMix) {
    if (at < one.share) {
      feed.per_day = one.to == 0 ? 0 : one.from * std::pow(one.to / one.from, unit(random));
      break;
    }
    at -= one.share;
  }
  feed.zone_h = std::floor(unit(random) * 24);
  feed.window = feed.per_day > 50 ? 50 : 20 + static_cast<std::size_t>(unit(random) * 20);
  feed.lies = unit(random) < kLiars;
  if (feed.per_day == 0) return feed;
  constexpr double kMostWeight = 2.5;
  // A burst is one item of the process and four and a half more; thinned by the hour's weight.
  const double per_s = feed.per_day / kDayS * kMostWeight / (1 + kBursts * 4.5);
  for (double t = 0; t < kDays * kDayS;) {
    t += -std::log(1 - unit(random)) / per_s;
    if (unit(random) * kMostWeight > weight_at(feed, t)) continue;
    feed.items.push_back(t);
    if (unit(random) >= kBursts) continue;
    for (int more = 2 + static_cast<int>(unit(random) * 6); more > 0; --more)
      feed.items.push_back(t + unit(random) * 300);
  }
  std::sort(feed.items.begin(), feed.items.end());
  while (!feed.items.empty() && feed.items.back() >= kDays * kDayS) feed.items.pop_back();
  return feed;
}

struct Figures {
  std::vector<double> delays;  // of feeds with kBusyFeed items a day or more
  double polls = 0;
  double items = 0;
  double lost = 0;
};

/// What one poll saw. `fresh`: new items listed; `total`: all that ever appeared.
struct Seen {
  double now_s;
  std::size_t fresh, total;
  bool conditional;
};
/// Takes what was seen, and says when the next poll is. A new one for each feed.
using Policy = std::function<double(const Seen&)>;
struct Poller {
  std::function<bool()> conditional = [] { return false; };
  Policy next;
};

void run(const Feed& feed, const Poller& poller, Figures& out) {
  std::size_t seen = 0;
  const bool busy = feed.per_day >= kBusyFeed;
  for (double now = 0; now < kDays * kDayS;) {
    const auto there = static_cast<std::size_t>(
        std::upper_bound(feed.items.begin(), feed.items.end(), now) - feed.items.begin());
    const bool conditional = poller.conditional();
    std::size_t fresh = 0;
    if (!(feed.lies && conditional)) {
      const std::size_t oldest = std::max(seen, there - std::min(there, feed.window));
      out.lost += static_cast<double>(oldest - seen);
      for (std::size_t i = oldest; i < there; ++i) {
        if (busy) out.delays.push_back(now - feed.items[i]);
      }
      fresh = there - oldest;
      seen = there;
    }
    ++out.polls;
    now = std::max(now + 1, poller.next({now, fresh, there, conditional}));
  }
  out.items += static_cast<double>(feed.items.size());
}

/// The crawler's own: its states, its validators.
Poller vigie_policy() {
  auto state = std::make_shared<v1::UrlState>();
  state->set_url("https://feed.example/");
  state->set_kind(v1::URL_KIND_FEED);
  state->set_discovered_at_unix_ms(kEpochMs);
  Poller poller;
  poller.conditional = [state] { return fetch::is_conditional(*state); };
  poller.next = [state](const Seen& seen) {
    fetch::Served served;
    served.fresh = seen.fresh;
    if (!seen.conditional || seen.fresh > 0) {
      served.validators = fetch::Validators{"\"constant\"", ""};
      served.body_sha256 = std::to_string(seen.total);
    }
    const auto now_ms = kEpochMs + static_cast<std::int64_t>(seen.now_s * 1000);
    *state = frontier::after_fetch(frontier::RevisitPolicy{}, std::move(*state), served, 0, now_ms);
    return static_cast<double>(state->next_due_unix_ms() - kEpochMs) / 1000;
  };
  return poller;
}

Poller fixed(double interval_s) {
  Poller poller;
  poller.next = [=](const Seen& seen) { return seen.now_s + interval_s; };
  return poller;
}

/// Four fifths after news, half as long again without.
Poller adaptive(double first_s, double least_s, double most_s) {
  auto interval = std::make_shared<double>(first_s);
  Poller poller;
  poller.next = [=](const Seen& seen) {
    *interval = std::clamp(*interval * (seen.fresh > 0 ? 0.8 : 1.5), least_s, most_s);
    return seen.now_s + *interval;
  };
  return poller;
}

/// Knows the rate of the moment: for a given number of polls the sum of waits is least where the
/// interval goes with the root of the gap.
Poller oracle(const Feed& feed, double factor) {
  Poller poller;
  poller.next = [&feed, factor](const Seen& seen) {
    const double per_s = feed.per_day / kDayS * weight_at(feed, seen.now_s);
    const double wanted = per_s > 0 ? factor / std::sqrt(per_s) : 3600;
    return seen.now_s + std::clamp(wanted, 60.0, 3600.0);
  };
  return poller;
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

struct Line {
  double p50, p95, polls, lost;
};

Line measure(const char* name, const std::vector<Feed>& feeds,
             const std::function<Poller(const Feed&)>& make) {
  Figures figures;
  for (const Feed& feed : feeds) run(feed, make(feed), figures);
  const Line line{percentile(figures.delays, 0.5), percentile(figures.delays, 0.95),
                  figures.polls / static_cast<double>(feeds.size()) / kDays,
                  figures.lost / std::max(1.0, figures.items)};
  std::printf("%-34s p50 %6.0f s  p95 %6.0f s  %6.1f polls a feed and day  %.3f %% lost\n", name,
              line.p50, line.p95, line.polls, 100 * line.lost);
  return line;
}

/// The oracle that needs as many polls as it may: what no policy on this mix can better by much.
void measure_bound(const std::vector<Feed>& feeds, double polls_a_day) {
  double low = 0.1;
  double high = 100;
  for (int step = 0; step < 12; ++step) {
    const double middle = std::sqrt(low * high);
    Figures figures;
    for (std::size_t i = 0; i < feeds.size(); i += 10)
      run(feeds[i], oracle(feeds[i], middle), figures);
    const double polls = figures.polls * 10 / static_cast<double>(feeds.size()) / kDays;
    (polls > polls_a_day ? low : high) = middle;
  }
  measure("rates known, as many polls", feeds,
          [&](const Feed& feed) { return oracle(feed, high); });
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  std::mt19937_64 random(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 20'261'130);
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < count; ++i) feeds.push_back(make_feed(i, count, random));
  const Line own = measure("vigie, floor 60 s", feeds, [](const Feed&) { return vigie_policy(); });
  measure_bound(feeds, own.polls);
  const Line five = measure("fixed, 300 s", feeds, [](const Feed&) { return fixed(300); });
  measure("news-crawl x0.8/x1.5, 60 s to 1 h", feeds,
          [](const Feed&) { return adaptive(300, 60, 3600); });
  measure("news-crawl as configured", feeds,
          [](const Feed&) { return adaptive(12 * 3600, 5400, 90 * kDayS); });
  const bool good = own.p50 <= 120 && own.p95 <= 600 && own.polls <= 96 && own.lost <= 0.001 &&
                    own.polls <= five.polls / 2;
  std::printf("%s: p50 <= 120 s, p95 <= 600 s, polls <= 96 and half of the fixed, lost <= 0.1 %%\n",
              good ? "held" : "not held");
  return good ? 0 : 1;
}
