#include "indexer/trend/judge.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "indexer/trend/baseline.h"
#include "indexer/trend/tail.h"

namespace vigie::indexer::trend {
namespace {

constexpr std::size_t kFewestDays = 7;
constexpr double kGap = 0.35;            // of the usual coverage: below it the collection collapsed
constexpr double kRestWorthAsking = 20;  // articles of the rest, else its growth says nothing
constexpr double kSureGrowth = 4;        // variances that a growth needs to count for something
constexpr double kLeastExpected = 0.02;  // articles
constexpr double kLeastChance = 1e-9;    // of a variation that is asked
constexpr double kMostSurprise = 300;
constexpr double kWorthAsking = 2.0;  // surprise
constexpr double kUnusual = 3.0;
constexpr double kVeryUnusual = 5.0;
constexpr double kSpikeFactor = 1.5;
constexpr double kDropFactor = 0.5;
constexpr double kFewestMore = 3;  // articles

/// How many articles the whole collection usually has on the weekday of each day.
std::vector<double> usual_coverage(std::span<const Day> days) {
  std::vector<double> all;
  std::array<std::vector<double>, 7> by_weekday;
  const std::size_t last = days.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    if (days[i].coverage == 0) continue;
    all.push_back(static_cast<double>(days[i].coverage));
    by_weekday[(last - i) % 7].push_back(static_cast<double>(days[i].coverage));
  }
  const double middle = median(all);
  std::vector<double> out;
  for (std::size_t i = 0; i < days.size(); ++i) {
    const std::vector<double>& same = by_weekday[(last - i) % 7];
    // Of two days one may be the gap itself.
    out.push_back(same.size() < 3 ? middle : std::min(middle, median(same)));
  }
  return out;
}

std::vector<bool> gaps_of(std::span<const Day> days) {
  const std::vector<double> usual = usual_coverage(days);
  std::vector<bool> out;
  for (std::size_t i = 0; i < days.size(); ++i)
    out.push_back(days[i].coverage == 0 || static_cast<double>(days[i].coverage) < kGap * usual[i]);
  return out;
}

double share_of(const Day& day) {
  if (day.coverage == 0) return 0;
  return std::min(1.0, static_cast<double>(day.count) / static_cast<double>(day.coverage));
}

/// How far the rest of a day's collection is from usual, as a factor: 1 where it says nothing, and
/// nearer to 1 the less it exceeds what such days vary by.
double growth_of(const Baseline& rest, std::size_t weekday, double count) {
  const double expected = rest.expected(weekday);
  if (expected < kRestWorthAsking) return 1;
  const double growth = std::log(std::clamp(count / expected, 0.05, 20.0));
  const double variance = rest.variation_squared() + rest.unsure + 1 / expected;
  const double sure = std::max(0.0, 1 - kSureGrowth * variance / std::max(growth * growth, 1e-12));
  return std::exp(growth * sure);
}

/// What days like the one that is judged may have, whatever their variation is.
struct Forecast {
  const Baseline& own;
  double mean = 0;

  double dispersion(std::size_t i) const {
    return 1 + mean * (kVariations[i] * kVariations[i] + own.unsure);
  }
  /// -log10 of a chance, over the variations.
  template <class Surprise>
  double surprise(Surprise&& of) const {
    double chance = 0;
    for (std::size_t i = 0; i < kVariations.size(); ++i) {
      if (own.chance[i] > kLeastChance) chance += own.chance[i] * std::pow(10, -of(dispersion(i)));
    }
    return chance <= 0 ? kMostSurprise : std::clamp(-std::log10(chance), 0.0, kMostSurprise);
  }
  double up(double count) const {
    if (count <= mean) return 0;
    return surprise([&](double dispersion) { return surprise_of_more(count, mean, dispersion); });
  }
  double down(double count) const {
    if (count >= mean) return 0;
    return surprise([&](double dispersion) { return surprise_of_fewer(count, mean, dispersion); });
  }
  std::uint64_t at(double chance) const {
    return quantile(chance, mean, 1 + mean * (own.variation_squared() + own.unsure));
  }
};

void compare(Judgement& out, const Baseline& own, double growth, double today) {
  out.expected = std::max(own.expected(0), kLeastExpected);
  const Forecast usual{own, out.expected};
  out.low = usual.at(0.05);
  out.high = usual.at(0.95);
  out.surprise_up = Forecast{own, out.expected * std::max(1.0, growth)}.up(today);
  out.surprise_down = Forecast{own, out.expected * std::min(1.0, growth)}.down(today);
  const Direction direction = out.surprise_up >= kUnusual     ? Direction::kUp
                              : out.surprise_down >= kUnusual ? Direction::kDown
                                                              : Direction::kNone;
  out.direction = direction;
  out.verdict = direction == Direction::kNone ? Verdict::kUsual
                : std::max(out.surprise_up, out.surprise_down) >= kVeryUnusual
                    ? Verdict::kVeryUnusual
                    : Verdict::kUnusual;
}

/// The usable days before, as three series.
struct Before {
  std::vector<Past> own;
  std::vector<Past> rest;
  std::vector<Past> whole;
  std::vector<double> shares;
};

Before days_before(std::span<const Day> days, const std::vector<bool>& gaps) {
  Before out;
  const std::size_t last = days.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    if (gaps[i]) continue;
    const std::size_t weekday = (last - i) % 7;
    const std::uint64_t coverage = std::max(days[i].coverage, days[i].count);
    out.own.push_back({static_cast<double>(days[i].count), weekday});
    out.rest.push_back({static_cast<double>(coverage - days[i].count), weekday});
    out.whole.push_back({static_cast<double>(coverage), weekday});
    out.shares.push_back(share_of(days[i]));
  }
  return out;
}

}  // namespace

Judgement judge_days(std::span<const Day> days) {
  Judgement out;
  if (days.size() > kDaysBefore + 1) days = days.last(kDaysBefore + 1);
  if (days.empty()) {
    out.why_unknown = Unknown::kTooFewDays;
    return out;
  }
  out.gaps = gaps_of(days);
  const std::size_t last = days.size() - 1;
  Before before = days_before(days, out.gaps);
  out.share = share_of(days[last]);
  out.usual_share = median(before.shares);
  if (before.own.size() < kFewestDays || out.gaps[last]) {
    out.why_unknown =
        before.own.size() < kFewestDays ? Unknown::kTooFewDays : Unknown::kCoverageGap;
    return out;
  }
  const Weekdays weekdays = learn_coarsely(before.whole, kEven).factor;
  const Baseline rest = learn_coarsely(before.rest, weekdays);
  // Where the collection was short on a day before, so was the query.
  for (std::size_t i = 0; i < before.own.size(); ++i) {
    before.own[i].part =
        std::min(1.0, growth_of(rest, before.own[i].weekday, before.rest[i].count));
  }
  const std::uint64_t coverage = std::max(days[last].coverage, days[last].count);
  const double growth = growth_of(rest, 0, static_cast<double>(coverage - days[last].count));
  compare(out, learn(before.own, weekdays), growth, static_cast<double>(days[last].count));
  return out;
}

Direction spike_of(const Judgement& judgement, std::uint64_t count, Sensitivity sensitivity,
                   bool drops) {
  if (judgement.verdict == Verdict::kUnknown) return Direction::kNone;
  const double needed = sensitivity == Sensitivity::kHigh     ? kWorthAsking
                        : sensitivity == Sensitivity::kMedium ? kUnusual
                                                              : kVeryUnusual;
  const auto today = static_cast<double>(count);
  if (judgement.surprise_up >= needed && today >= kSpikeFactor * judgement.expected &&
      today >= judgement.expected + kFewestMore)
    return Direction::kUp;
  if (drops && judgement.surprise_down >= needed && today <= kDropFactor * judgement.expected)
    return Direction::kDown;
  return Direction::kNone;
}

}  // namespace vigie::indexer::trend
