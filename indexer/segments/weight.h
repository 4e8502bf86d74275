#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// How much the frequencies of a word in one document weigh: the inner part of BM25 over both
/// fields as one (BM25F, Robertson and Zaragoza 2009), with the usual b; a word of the title counts
/// as three of the text.
namespace vigie::indexer::segments {

inline constexpr double kB = 0.75;
inline constexpr double kTitleWeight = 3.0;

using Frequencies = std::array<std::uint32_t, 2>;  // by field: title, text

/// `length`: words of the document by field; `average`: of all documents, ≥ 1.
inline double weight_of(const Frequencies& frequencies, const Frequencies& length,
                        const double (&average)[2]) {
  double weight = 0;
  for (std::size_t field = 0; field < 2; ++field) {
    if (frequencies[field] == 0) continue;
    const double share = static_cast<double>(length[field]) / average[field];
    weight += (field == 0 ? kTitleWeight : 1.0) * frequencies[field] / (1 - kB + kB * share);
  }
  return weight;
}

}  // namespace vigie::indexer::segments
