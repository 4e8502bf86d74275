#pragma once

#include <array>
#include <cstddef>
#include <vector>

/// How a series of daily counts goes on without anything unusual, learned from a month of it.
/// Pure. Private to indexer/trend.
namespace vigie::indexer::trend {

/// By weekday, counted back from the day that is judged (0).
using Weekdays = std::array<double, 7>;
inline constexpr Weekdays kEven{1, 1, 1, 1, 1, 1, 1};

/// A day before.
struct Past {
  double count = 0;
  std::size_t weekday = 0;
  double part = 1;  // of the articles of such a day came in; less where the collection was short
};

/// How much days vary beyond chance, as a standard deviation of their mean; each has a probability.
inline constexpr std::array<double, 12> kVariations{0,    0.02, 0.05, 0.1, 0.17, 0.25,
                                                    0.35, 0.5,  0.7,  1,   1.4,  2};

struct Baseline {
  double level = 0;
  Weekdays factor = kEven;
  /// Relative variance with which level and factor of weekday 0 are known.
  double unsure = 0;
  std::array<double, kVariations.size()> chance{};  // of each variation; sums to 1
  double expected(std::size_t weekday) const { return level * factor[weekday]; }
  /// The mean of the squares of the variations.
  double variation_squared() const;
};

/// Of great counts, where each weekday tells its own mean: medians, one variation.
Baseline learn_coarsely(const std::vector<Past>& days, const Weekdays& prior);
/// Learns from the days before. `prior`: the weekdays of the whole collection; the query's own
/// follow them as far as its days show.
Baseline learn(const std::vector<Past>& days, const Weekdays& prior);

double median(std::vector<double> values);

}  // namespace vigie::indexer::trend
