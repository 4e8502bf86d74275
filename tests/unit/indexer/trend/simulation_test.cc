#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <random>
#include <vector>

#include "indexer/trend/judge.h"

// 1,000 simulated queries, each over 60 days of a collection that has weekdays, hours of the day,
// days that vary more than chance, a slow drift, and gaps in which nearly nothing came in.
// VIGIE_SEED repeats a run.
namespace vigie::indexer::trend {
namespace {

constexpr int kSeries = 1'000;
constexpr int kDays = 60;
constexpr int kJudgedDays = 30;
constexpr int kHours = kDays * 24;
constexpr double kFew = 5;  // articles a day: fewer let five times as many be chance
constexpr std::array<Sensitivity, 3> kSensitivities{Sensitivity::kLow, Sensitivity::kMedium,
                                                    Sensitivity::kHigh};

std::uint64_t seed() {
  const char* given = std::getenv("VIGIE_SEED");
  return given == nullptr ? 20261130 : std::strtoull(given, nullptr, 10);
}

/// Hours between two judgements of the month without bursts; VIGIE_EVERY_HOUR asks for each.
int step() { return std::getenv("VIGIE_EVERY_HOUR") != nullptr ? 1 : 6; }

struct Series {
  std::vector<double> usual;            // articles of each day, but for chance
  std::vector<bool> gap;                // whether hardly any came in for some of the day
  std::vector<std::uint64_t> count;     // by hour
  std::vector<std::uint64_t> coverage;  // by hour, these among them
};

/// How articles come in.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  /// `burst_day` has five times what its weekday usually has; -1: there is no such day.
  Series series(double mean, int burst_day) {
    Series out;
    const double weekend = uniform(0.3, 1.0);
    const double variation = uniform(0.05, 0.4);  // of a day beyond chance: standard deviation
    const double drift = uniform(-0.2, 0.2);      // over 30 days
    const double rest = uniform(500, 3'000);
    const double rest_weekend = uniform(0.4, 0.9);
    const std::vector<double> open = gaps();
    double own_day = 1;
    double rest_day = 1;
    for (int hour = 0; hour < kHours; ++hour) {
      const int day = hour / 24;
      if (hour % 24 == 0) {
        own_day = (day % 7 >= 5 ? weekend : 1) * (1 + drift * (day - 30) / 30);
        out.usual.push_back(own_day * mean);
        own_day *= day == burst_day ? 5 : gamma(variation);
        out.gap.push_back(std::any_of(open.begin() + hour, open.begin() + hour + 24,
                                      [](double part) { return part < 1; }));
        rest_day = gamma(0.08) * (day % 7 >= 5 ? rest_weekend : 1);
      }
      const double of_day = (1 + 0.8 * std::sin((hour % 24 - 8) * 0.2618)) / 24 * open[hour];
      const std::uint64_t own = poisson(mean * own_day * of_day);
      out.count.push_back(own);
      out.coverage.push_back(own + poisson(rest * rest_day * of_day));
    }
    return out;
  }

  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }

 private:
  double gamma(double deviation) {
    const double shape = 1 / (deviation * deviation);
    return std::gamma_distribution<double>(shape, 1 / shape)(random_);
  }
  std::uint64_t poisson(double mean) {
    return mean <= 0 ? 0
                     : static_cast<std::uint64_t>(std::poisson_distribution<int>(mean)(random_));
  }
  /// Which part of the articles comes in, by hour: about twice in 60 days hardly any for 12 to 48.
  std::vector<double> gaps() {
    std::vector<double> out(kHours, 1.0);
    for (int gap = 0; gap < 2; ++gap) {
      const int begin = static_cast<int>(uniform(0, kHours));
      const int end = std::min(kHours, begin + static_cast<int>(uniform(12, 48)));
      const double left = uniform(0, 0.1);
      for (int hour = begin; hour < end; ++hour) out[static_cast<std::size_t>(hour)] = left;
    }
    return out;
  }

  std::mt19937_64 random_;
};

/// The days that end at the beginning of `hour`.
std::vector<Day> days_to(const Series& series, int hour) {
  std::vector<Day> out;
  for (int end = hour % 24 == 0 ? 24 : hour % 24; end <= hour; end += 24) {
    if (end < 24) continue;
    Day day;
    for (int at = end - 24; at < end; ++at) {
      day.count += series.count[static_cast<std::size_t>(at)];
      day.coverage += series.coverage[static_cast<std::size_t>(at)];
    }
    out.push_back(day);
  }
  return out;
}

/// Hours at which an alert is raised, by sensitivity: none within a day of the one before it.
std::array<std::vector<int>, 3> alarms(const Series& series, int begin, int end, int step) {
  std::array<std::vector<int>, 3> out;
  for (int hour = begin; hour <= end; hour += step) {
    const std::vector<Day> days = days_to(series, hour);
    const Judgement judged = judge_days(days);
    for (std::size_t s = 0; s < kSensitivities.size(); ++s) {
      if (spike_of(judged, days.back().count, kSensitivities[s], true) == Direction::kNone)
        continue;
      if (out[s].empty() || hour - out[s].back() >= 24) out[s].push_back(hour);
    }
  }
  return out;
}

std::uint64_t count_of(const Series& series, int day) {
  const auto first = series.count.begin() + day * 24;
  return std::accumulate(first, first + 24, std::uint64_t{0});
}

double any_mean(World& world) { return std::pow(10, world.uniform(-0.3, 2.2)); }

TEST(Simulation, FalseAlarmsAreAtMostOneAMonthOnAThousandSeries) {
  std::cout << "VIGIE_SEED=" << seed() << " repeats this run\n";
  World world(seed());
  std::array<int, 3> all{};
  std::array<int, 3> most{};  // of one series
  for (int i = 0; i < kSeries; ++i) {
    const Series series = world.series(any_mean(world), -1);
    const auto hours = alarms(series, kHours - kJudgedDays * 24, kHours - 1, step());
    for (std::size_t s = 0; s < kSensitivities.size(); ++s) {
      const auto raised = static_cast<int>(hours[s].size());
      all[s] += raised;
      most[s] = std::max(most[s], raised);
    }
  }
  std::cout << "false alarms of 1,000 series in 30 days: low " << all[0] << " (most of one series "
            << most[0] << "), medium " << all[1] << " (" << most[1] << "), high " << all[2] << " ("
            << most[2] << ")\n";
  // The most sensitive is let have one a month of each series, on average; the others hardly any,
  // and nearly no series two.
  EXPECT_LE(all[2], kSeries);
  EXPECT_LE(all[1], kSeries / 5);
  EXPECT_LE(all[0], kSeries / 300);
  EXPECT_LE(most[1], 2);
  EXPECT_LE(most[0], 1);
}

TEST(Simulation, AFivefoldBurstIsFoundTheSameDay) {
  std::cout << "VIGIE_SEED=" << seed() << " repeats this run\n";
  World world(seed() + 1);
  std::array<int, 3> found{};
  int asked = 0;
  int asked_of_few = 0;
  int found_of_few = 0;
  int reached = 0;  // days that came to five times their usual; chance leaves others below it
  int found_of_reached = 0;
  double hours = 0;
  for (int i = 0; i < kSeries; ++i) {
    const double mean = std::pow(10, world.uniform(0.3, 2.2));  // 2 to 158 a day
    const int day = kDays - kJudgedDays + static_cast<int>(world.uniform(0, kJudgedDays));
    const Series series = world.series(mean, day);
    if (series.gap[static_cast<std::size_t>(day)]) continue;  // it swallowed the burst
    const bool few = series.usual[static_cast<std::size_t>(day)] < kFew;
    const auto raised = alarms(series, day * 24 + 1, day * 24 + 24, 1);
    if (few) {
      ++asked_of_few;
      found_of_few += raised[2].empty() ? 0 : 1;
      continue;
    }
    ++asked;
    if (const std::uint64_t came = count_of(series, day);
        static_cast<double>(came) >= 5 * series.usual[static_cast<std::size_t>(day)]) {
      ++reached;
      found_of_reached += raised[2].empty() ? 0 : 1;
    }
    for (std::size_t s = 0; s < kSensitivities.size(); ++s) {
      if (raised[s].empty()) continue;
      ++found[s];
      if (s == 1) hours += raised[s].front() - day * 24;
    }
  }
  std::cout << "fivefold bursts of " << asked << " series found the same day: low " << found[0]
            << ", medium " << found[1] << " (after " << hours / std::max(found[1], 1)
            << " hours on average), high " << found[2] << "; of " << asked_of_few
            << " with fewer than " << kFew << " on such a day: high " << found_of_few << "; of "
            << reached << " that came to five times the usual: high " << found_of_reached << "\n";
  EXPECT_GE(found[0], asked * 80 / 100);
  EXPECT_GE(found[1], asked * 97 / 100);
  EXPECT_GE(found[2], asked * 997 / 1000);
  EXPECT_EQ(found_of_reached, reached);
}

}  // namespace
}  // namespace vigie::indexer::trend
