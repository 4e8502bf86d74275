#include "indexer/trend/baseline.h"

#include <algorithm>
#include <cmath>

namespace vigie::indexer::trend {
namespace {

constexpr double kPriorArticles = 8;  // how many articles the collection's weekdays count for
constexpr double kOutlier = 3.5;      // deviations at which a day is cut
constexpr double kMedianDeviation = 1.4826;  // of a normal distribution, by its MAD
constexpr double kLeastFactor = 0.05;
constexpr double kLeastMean = 0.05;  // articles a day
// Weekdays of a query as powers of those of the collection: 0 has none, 1 the same.
constexpr std::array kSlopes{-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0};
constexpr double kSlopeDeviation = 0.5;      // of most queries, around 1
constexpr double kVariationDeviation = 0.5;  // of most queries: half-normal
constexpr double kWeekdayVariance = 0.01;  // of a weekday beyond the slope, where nothing is known
constexpr double kPlainChance = 1e-3;      // variation below which a count is a Poisson's
constexpr int kRounds = 3;

double mean_of(const Baseline& base, const Past& day) {
  return std::max(kLeastMean, base.expected(day.weekday) * day.part);
}

double square(double x) { return x * x; }

/// A count, cut where it would be an outlier.
double cut(const Baseline& base, const Past& day) {
  const double mean = mean_of(base, day);
  const double reach = kOutlier * std::sqrt(mean + base.variation_squared() * square(mean) + 0.5);
  return std::clamp(day.count, mean - reach, mean + reach);
}

/// A first look that one bad day in each place does not move: medians.
Baseline first_look(const std::vector<Past>& days, const Weekdays& prior) {
  Baseline out;
  out.factor = prior;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> values;
    for (const Past& day : days) values.push_back(day.count / (out.factor[day.weekday] * day.part));
    const double middle = median(values);
    std::vector<double> off;
    for (const double value : values) off.push_back(std::abs(value - middle));
    const double reach =
        kOutlier * std::max(kMedianDeviation * median(off), std::sqrt(std::max(middle, 1.0)));
    double sum = 0;
    for (const double value : values) sum += std::clamp(value, middle - reach, middle + reach);
    out.level = sum / static_cast<double>(values.size());
    std::array<std::vector<double>, 7> seen;
    for (const Past& day : days) seen[day.weekday].push_back(day.count / day.part);
    for (std::size_t day = 0; day < prior.size(); ++day) {
      const auto number = static_cast<double>(seen[day].size());
      const double usual = out.level * prior[day] * number;
      out.factor[day] = std::clamp(
          prior[day] * (median(seen[day]) * number + kPriorArticles) / (usual + kPriorArticles),
          kLeastFactor, 1 / kLeastFactor);
    }
  }
  return out;
}

/// log of the chance of a count under a negative binomial distribution of variance
/// mean + (variation * mean)^2, but for what does not depend on the mean.
double log_of_mean(double count, double mean, double variation) {
  if (variation < kPlainChance) return count * std::log(mean) - mean;
  const double size = 1 / square(variation);
  return count * std::log(mean) - (count + size) * std::log(size + mean);
}

/// And that part of it, but for what does not depend on the variation.
double log_of_variation(double count, double variation) {
  if (variation < kPlainChance) return 0;
  const double size = 1 / square(variation);
  return std::lgamma(count + size) - std::lgamma(size) + size * std::log(size);
}

/// What each variation has for it, from what is left once level and weekdays are taken out.
void learn_variation(Baseline& out, const std::vector<Past>& days, double parameters) {
  // What was fitted to the days lies nearer to them than their mean does.
  const auto number = static_cast<double>(days.size());
  const double stretch = std::sqrt(number / std::max(number - parameters, 3.0));
  std::array<double, kVariations.size()> log_chance{};
  double best = -1e300;
  for (std::size_t i = 0; i < kVariations.size(); ++i) {
    log_chance[i] = -0.5 * square(kVariations[i] / kVariationDeviation);
    for (const Past& day : days) {
      const double mean = mean_of(out, day);
      const double count = std::max(0.0, mean + (cut(out, day) - mean) * stretch);
      log_chance[i] +=
          log_of_mean(count, mean, kVariations[i]) + log_of_variation(count, kVariations[i]);
    }
    best = std::max(best, log_chance[i]);
  }
  double sum = 0;
  for (std::size_t i = 0; i < kVariations.size(); ++i) {
    // The steps of the grid are as wide as the values are great.
    const double step = i == 0 ? 0.005 : std::max(0.005, kVariations[i] / 3);
    out.chance[i] = step * std::exp(log_chance[i] - best);
    sum += out.chance[i];
  }
  for (double& chance : out.chance) chance /= sum;
}

/// Mean of a weekday over the mean of all, by the collection's.
Weekdays raised(const Weekdays& prior, double slope) {
  Weekdays out{};
  for (std::size_t day = 0; day < prior.size(); ++day) out[day] = std::pow(prior[day], slope);
  return out;
}

/// Articles and expected articles of days, each day weighed by how well it tells the mean.
struct Sums {
  double counted = 0;
  double expected = 0;
  double weight() const { return expected; }
};

/// The level that fits best, for these weekdays.
double level_for(const Baseline& base, const std::vector<Past>& days,
                 const std::vector<double>& counts, const Weekdays& factor) {
  const double variance = base.variation_squared();
  Sums sums;
  for (std::size_t i = 0; i < days.size(); ++i) {
    const double weight = 1 / (1 + variance * mean_of(base, days[i]));
    sums.counted += weight * counts[i];
    sums.expected += weight * factor[days[i].weekday] * days[i].part;
  }
  return std::max(kLeastMean, sums.counted / std::max(sums.expected, 1e-9));
}

/// Level, and the weekdays as a power of the collection's.
void learn_slope(Baseline& out, const std::vector<Past>& days, const std::vector<double>& counts,
                 const Weekdays& prior) {
  const double variation = std::sqrt(out.variation_squared());
  double sum = 0;
  Weekdays factor{};
  double best = -1e300;
  std::array<double, kSlopes.size()> chance{};
  for (std::size_t i = 0; i < kSlopes.size(); ++i) {
    Baseline one = out;
    one.factor = raised(prior, kSlopes[i]);
    one.level = level_for(out, days, counts, one.factor);
    chance[i] = -0.5 * square((kSlopes[i] - 1) / kSlopeDeviation);
    for (std::size_t day = 0; day < days.size(); ++day)
      chance[i] += log_of_mean(std::max(0.0, counts[day]), mean_of(one, days[day]), variation);
    best = std::max(best, chance[i]);
  }
  for (std::size_t i = 0; i < kSlopes.size(); ++i) {
    chance[i] = std::exp(chance[i] - best);
    sum += chance[i];
    const Weekdays one = raised(prior, kSlopes[i]);
    for (std::size_t day = 0; day < factor.size(); ++day) factor[day] += chance[i] * one[day];
  }
  for (double& one : factor) one = std::clamp(one / sum, kLeastFactor, 1 / kLeastFactor);
  out.level = level_for(out, days, counts, factor);
  out.factor = factor;
}

/// Each weekday's own part, as far as it differs from the others by more than chance explains.
/// Out: how many parameters that took.
double learn_weekdays(Baseline& out, const std::vector<Past>& days,
                      const std::vector<double>& counts) {
  const double variance = out.variation_squared();
  std::array<Sums, 7> seen{};
  std::array<double, 7> known{};  // 1 / variance of the logarithm of a weekday's ratio
  for (std::size_t i = 0; i < days.size(); ++i) {
    const double mean = mean_of(out, days[i]);
    seen[days[i].weekday].counted += counts[i];
    seen[days[i].weekday].expected += mean;
    known[days[i].weekday] += 1 / (1 / mean + variance);
  }
  std::array<double, 7> ratio{};
  double excess = 0;
  double weights = 0;
  for (std::size_t day = 0; day < 7; ++day) {
    if (known[day] <= 0) continue;
    ratio[day] = (seen[day].counted + 0.5) / (seen[day].expected + 0.5) - 1;
    const double weight = std::min(known[day], 1 / kWeekdayVariance);
    excess += weight * (square(ratio[day]) - 1 / known[day]);
    weights += weight;
  }
  // One count more of what is thought before, so that seven weekdays of noise are no rhythm.
  const double between =
      std::max(0.1 * kWeekdayVariance,
               (excess + kWeekdayVariance / kWeekdayVariance) / (weights + 1 / kWeekdayVariance));
  double parameters = 1;
  for (std::size_t day = 0; day < 7; ++day) {
    const double trust = between * known[day] / (1 + between * known[day]);
    out.factor[day] =
        std::clamp(out.factor[day] * (1 + trust * ratio[day]), kLeastFactor, 1 / kLeastFactor);
    if (known[day] > 0) parameters += trust;
    if (day == 0) out.unsure = between * (1 - trust);
  }
  return parameters;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const std::size_t middle = values.size() / 2;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(middle);
  std::nth_element(values.begin(), at, values.end());
  const double upper = values[middle];
  if (values.size() % 2 == 1) return upper;
  return (upper + *std::max_element(values.begin(), at)) / 2;
}

Baseline learn_coarsely(const std::vector<Past>& days, const Weekdays& prior) {
  Baseline out = first_look(days, prior);
  std::vector<double> squares;
  for (const Past& day : days) {
    const double mean = mean_of(out, day);
    squares.push_back(square(day.count / mean - 1) - 1 / mean);
  }
  const double variance = std::max(0.0, median(squares)) * square(kMedianDeviation);
  std::size_t nearest = 0;
  while (nearest + 1 < kVariations.size() && square(kVariations[nearest]) < variance) ++nearest;
  out.chance[nearest] = 1;
  out.unsure = out.variation_squared() / 4;  // four days of its weekday
  return out;
}

double Baseline::variation_squared() const {
  double out = 0;
  for (std::size_t i = 0; i < kVariations.size(); ++i) out += chance[i] * square(kVariations[i]);
  return out;
}

Baseline learn(const std::vector<Past>& days, const Weekdays& prior) {
  Baseline out = first_look(days, prior);
  learn_variation(out, days, 4);
  for (int round = 0; round + 1 < kRounds; ++round) {
    std::vector<double> counts;
    for (const Past& day : days) counts.push_back(cut(out, day));
    learn_slope(out, days, counts, prior);
    const double parameters = 1 + learn_weekdays(out, days, counts);
    learn_variation(out, days, parameters);
  }
  double known = 0;
  for (const Past& day : days) known += 1 / (1 / mean_of(out, day) + out.variation_squared());
  out.unsure += 1 / std::max(known, 1e-3);
  return out;
}

}  // namespace vigie::indexer::trend
