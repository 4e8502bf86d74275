#include "indexer/trend/tail.h"

#include <algorithm>
#include <cmath>

namespace vigie::indexer::trend {
namespace {

constexpr double kMost = 300;           // of a surprise: what a double can tell
constexpr double kCountedMean = 5'000;  // beyond it the normal distribution is near enough
constexpr double kPlainPoisson = 1.0001;
// Terms of one tail: a mean of 5,000 with a dispersion of 100 needs fewer.
constexpr int kMaxTerms = 200'000;

double log_of(double count, double mean, double dispersion) {
  if (dispersion < kPlainPoisson) return count * std::log(mean) - mean - std::lgamma(count + 1);
  const double size = mean / (dispersion - 1);
  return std::lgamma(count + size) - std::lgamma(size) - std::lgamma(count + 1) -
         size * std::log(dispersion) + count * std::log1p(-1 / dispersion);
}

/// P(count + 1) / P(count).
double ratio_after(double count, double mean, double dispersion) {
  if (dispersion < kPlainPoisson) return mean / (count + 1);
  const double size = mean / (dispersion - 1);
  return (count + size) / (count + 1) * (1 - 1 / dispersion);
}

/// log10 of the upper tail of the standard normal distribution, for z where erfc is 0 as well.
double log10_of_normal_tail(double z) {
  if (z < 30) return std::log10(0.5 * std::erfc(z / std::sqrt(2.0)));
  return -(z * z / 2 + std::log(z * std::sqrt(2 * 3.141592653589793))) / std::log(10.0);
}

double surprise(double log10_of_chance) { return std::clamp(-log10_of_chance, 0.0, kMost); }

double normal_surprise(double distance, double mean, double dispersion) {
  return surprise(log10_of_normal_tail(distance / std::sqrt(mean * dispersion)));
}

}  // namespace

double surprise_of_more(double count, double mean, double dispersion) {
  if (count <= 0) return 0;
  if (mean > kCountedMean) return normal_surprise(count - 0.5 - mean, mean, dispersion);
  if (count <= mean) {
    // The tail holds most of it: count what is missing.
    const double below = surprise_of_fewer(count - 1, mean, dispersion);
    return surprise(std::log10(std::max(1 - std::pow(10, -below), 1e-12)));
  }
  double term = 1;
  double sum = 1;
  for (int i = 0; i < kMaxTerms && term > sum * 1e-12; ++i) {
    term *= ratio_after(count + i, mean, dispersion);
    sum += term;
  }
  return surprise((log_of(count, mean, dispersion) + std::log(sum)) / std::log(10.0));
}

double surprise_of_fewer(double count, double mean, double dispersion) {
  if (count < 0) return kMost;
  if (mean > kCountedMean) return normal_surprise(mean - count - 0.5, mean, dispersion);
  // Downwards from the count where it is below the mean, else from the mean's own neighbourhood.
  double term = 1;
  double sum = 1;
  for (double at = count; at > 0 && sum < 1e300; --at) {
    term /= ratio_after(at - 1, mean, dispersion);
    sum += term;
    if (term < sum * 1e-13 && at < mean) break;
  }
  return surprise((log_of(count, mean, dispersion) + std::log(sum)) / std::log(10.0));
}

std::uint64_t quantile(double chance, double mean, double dispersion) {
  if (mean > kCountedMean) {
    // Twenty steps of halving find it to a count.
    double low = 0;
    double high = mean * 4 + 10 * std::sqrt(mean * dispersion);
    while (high - low > 0.5) {
      const double at = (low + high) / 2;
      const double below = 0.5 * std::erfc((mean - at) / std::sqrt(2 * mean * dispersion));
      (below < chance ? low : high) = at;
    }
    return static_cast<std::uint64_t>(std::llround(high));
  }
  double term = std::exp(log_of(0, mean, dispersion));
  double sum = term;
  double count = 0;
  // From so far out that nothing lies before, where the first term would be no number.
  if (term < 1e-290) {
    count = std::max(0.0, std::floor(mean - 12 * std::sqrt(mean * dispersion)));
    term = std::exp(log_of(count, mean, dispersion));
    sum = term;
  }
  for (int i = 0; i < kMaxTerms && sum < chance; ++i) {
    term *= ratio_after(count, mean, dispersion);
    ++count;
    sum += term;
  }
  return static_cast<std::uint64_t>(count);
}

}  // namespace vigie::indexer::trend
