#pragma once

#include <cstdint>

/// Tails of the negative binomial distribution: a Poisson distribution of the same mean whose
/// variance is `dispersion` times the mean. Pure. Private to indexer/trend.
namespace vigie::indexer::trend {

/// -log10 of the chance of `count` or more, 0..300. mean > 0, dispersion >= 1.
double surprise_of_more(double count, double mean, double dispersion);
/// -log10 of the chance of `count` or fewer, 0..300.
double surprise_of_fewer(double count, double mean, double dispersion);
/// The least count below or at which a part `chance` (0..1) of the days lies.
std::uint64_t quantile(double chance, double mean, double dispersion);

}  // namespace vigie::indexer::trend
