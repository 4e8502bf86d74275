#include "indexer/trend/judge.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "indexer/trend/tail.h"

namespace vigie::indexer::trend {
namespace {

constexpr std::size_t kFewestDays = 7;
constexpr double kGap = 0.35;         // of the usual coverage: below it the collection collapsed
constexpr double kPriorArticles = 8;  // how many articles the collection's weekdays count for
constexpr double kPriorDays = 2;      // how many days of plain chance a dispersion starts with
constexpr double kOutlier = 3.5;      // deviations at which a day is cut
constexpr double kMedianDeviation = 1.4826;  // of a normal distribution, by its MAD
constexpr double kRestWorthAsking = 20;      // articles of the rest, else its growth says nothing
constexpr double kUnusual = 3.0;             // surprise
constexpr double kVeryUnusual = 5.0;
constexpr double kSpikeFactor = 1.5;
constexpr double kDropFactor = 0.5;
constexpr double kFewestMore = 3;  // articles

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const std::size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle),
                   values.end());
  const double upper = values[middle];
  if (values.size() % 2 == 1) return upper;
  return (upper +
          *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle))) /
         2;
}

/// A weekday, counted back from the day that is judged (0).
using Weekdays = std::array<double, 7>;

/// A day before, and which weekday it is.
struct Past {
  double count = 0;
  std::size_t weekday = 0;
};

/// How a series of counts goes on without anything unusual.
struct Baseline {
  double level = 0;
  Weekdays factor{};
  Weekdays evidence{};  // articles that were expected on the days of each weekday
  double dispersion = 1;
  double expected(std::size_t weekday) const { return level * factor[weekday]; }
};

/// The mean of the days by the factors of their weekdays, outliers cut.
double level_of(const std::vector<Past>& days, const Weekdays& factor) {
  std::vector<double> values;
  for (const Past& day : days) values.push_back(day.count / factor[day.weekday]);
  const double middle = median(values);
  std::vector<double> deviations;
  for (const double value : values) deviations.push_back(std::abs(value - middle));
  const double deviation =
      std::max(kMedianDeviation * median(deviations), std::sqrt(std::max(middle, 1.0)));
  double sum = 0;
  for (const double value : values)
    sum += std::clamp(value, middle - kOutlier * deviation, middle + kOutlier * deviation);
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// Learns the factors of the weekdays, each starting from `prior`.
void learn_weekdays(Baseline& out, const std::vector<Past>& days, const Weekdays& prior) {
  std::array<std::vector<double>, 7> seen;
  for (const Past& day : days) seen[day.weekday].push_back(day.count);
  for (std::size_t day = 0; day < prior.size(); ++day) {
    const auto number = static_cast<double>(seen[day].size());
    // The median of three or four is not moved by one outlier.
    const double articles = median(seen[day]) * number;
    const double usual = out.level * prior[day] * number;
    out.factor[day] =
        std::clamp(prior[day] * (articles + kPriorArticles) / (usual + kPriorArticles), 0.05, 20.0);
    out.evidence[day] = usual;
  }
}

/// Variance over mean of what is left once level and weekday are taken out.
double dispersion_of(const Baseline& baseline, const std::vector<Past>& days) {
  double sum = kPriorDays;
  for (const Past& day : days) {
    const double expected = std::max(baseline.expected(day.weekday), 0.25);
    const double off = day.count - expected;
    // An outlier counts as one, not as what it was.
    sum += std::min(off * off / expected, kOutlier * kOutlier * std::max(1.0, expected / 8));
  }
  // Four parameters' worth of freedom went into level and weekdays.
  const double freedom = std::max(static_cast<double>(days.size()) - 4, 3.0);
  const double found = std::max(1.0, sum / (freedom + kPriorDays));
  // It is known from a few weeks alone: where it is more than chance, take one standard error more.
  return 1 + (found - 1) * (1 + std::sqrt(2 / freedom));
}

Baseline baseline_of(const std::vector<Past>& days, const Weekdays& prior) {
  Baseline out;
  out.factor = prior;
  for (int round = 0; round < 3; ++round) {
    out.level = level_of(days, out.factor);
    out.dispersion = dispersion_of(out, days);
    learn_weekdays(out, days, prior);
  }
  return out;
}

constexpr Weekdays kEven{1, 1, 1, 1, 1, 1, 1};

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

/// How much more than usual the rest of the collection has today; 1 where that says nothing.
double growth_of_rest(const Baseline& rest, double today) {
  const double expected = rest.expected(0);
  if (expected < kRestWorthAsking) return 1;
  return std::clamp(today / expected, 0.2, 5.0);
}

void compare(Judgement& out, const Baseline& own, double growth, double today) {
  const auto wide = [&](double mean) {
    // What is known of this weekday is itself a count of so many articles.
    return own.dispersion * (1 + mean / (own.evidence[0] + kPriorArticles));
  };
  out.expected = std::max(own.expected(0), 0.02);
  out.low = quantile(0.05, out.expected, wide(out.expected));
  out.high = quantile(0.95, out.expected, wide(out.expected));
  const double most = out.expected * std::max(1.0, growth);
  const double least = out.expected * std::min(1.0, growth);
  out.surprise_up = surprise_of_more(today, most, wide(most));
  out.surprise_down = surprise_of_fewer(today, least, wide(least));
  const Direction direction = out.surprise_up >= kUnusual     ? Direction::kUp
                              : out.surprise_down >= kUnusual ? Direction::kDown
                                                              : Direction::kNone;
  out.direction = direction;
  out.verdict = direction == Direction::kNone ? Verdict::kUsual
                : std::max(out.surprise_up, out.surprise_down) >= kVeryUnusual
                    ? Verdict::kVeryUnusual
                    : Verdict::kUnusual;
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
  std::vector<Past> own;
  std::vector<Past> rest;
  std::vector<Past> whole;
  std::vector<double> shares;
  for (std::size_t i = 0; i < last; ++i) {
    if (out.gaps[i]) continue;
    const std::size_t weekday = (last - i) % 7;
    const std::uint64_t coverage = std::max(days[i].coverage, days[i].count);
    own.push_back({static_cast<double>(days[i].count), weekday});
    rest.push_back({static_cast<double>(coverage - days[i].count), weekday});
    whole.push_back({static_cast<double>(coverage), weekday});
    shares.push_back(share_of(days[i]));
  }
  out.share = share_of(days[last]);
  out.usual_share = median(shares);
  if (own.size() < kFewestDays || out.gaps[last]) {
    out.why_unknown = own.size() < kFewestDays ? Unknown::kTooFewDays : Unknown::kCoverageGap;
    return out;
  }
  const Baseline collection = baseline_of(whole, kEven);
  const std::uint64_t coverage = std::max(days[last].coverage, days[last].count);
  const double growth = growth_of_rest(baseline_of(rest, collection.factor),
                                       static_cast<double>(coverage - days[last].count));
  compare(out, baseline_of(own, collection.factor), growth, static_cast<double>(days[last].count));
  return out;
}

Direction spike_of(const Judgement& judgement, std::uint64_t count, Sensitivity sensitivity,
                   bool drops) {
  if (judgement.verdict == Verdict::kUnknown) return Direction::kNone;
  const double needed = sensitivity == Sensitivity::kHigh     ? 3
                        : sensitivity == Sensitivity::kMedium ? 4
                                                              : 7;
  const auto today = static_cast<double>(count);
  if (judgement.surprise_up >= needed && today >= kSpikeFactor * judgement.expected &&
      today >= judgement.expected + kFewestMore)
    return Direction::kUp;
  if (drops && judgement.surprise_down >= needed && today <= kDropFactor * judgement.expected)
    return Direction::kDown;
  return Direction::kNone;
}

}  // namespace vigie::indexer::trend
