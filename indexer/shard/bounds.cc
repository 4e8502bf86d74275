#include "indexer/shard/bounds.h"

#include <cstring>

#include "indexer/segments/weight.h"
#include "indexer/shard/leaf.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace vigie::indexer {
namespace {

#if defined(__x86_64__)
#define VIGIE_SHARD_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define VIGIE_SHARD_WIDE
#endif

constexpr std::size_t kLanes = 8;
/// Eight numbers at once, on every machine that has such instructions.
using Eight = float __attribute__((vector_size(kLanes * sizeof(float))));
using EightWhole = std::int32_t __attribute__((vector_size(kLanes * sizeof(std::int32_t))));
static_assert(segments::kBlockPostings % kLanes == 0);

}  // namespace

VIGIE_SHARD_WIDE void score_block(const segments::Unpacked& block, const BlockLengths& lengths,
                                  const BoundFormula& formula, float* scores) {
  constexpr auto kFixed = static_cast<float>(1 - segments::kB);
  constexpr auto kTitle = static_cast<float>(segments::kTitleWeight);
  constexpr auto kFlat = static_cast<float>(kK1);
  const std::uint32_t* const from[] = {lengths.title, lengths.text, block.frequencies[0],
                                       block.frequencies[1]};
  for (std::size_t i = 0; i < block.count; i += kLanes) {
    EightWhole whole[4];
    for (std::size_t j = 0; j < 4; ++j) std::memcpy(&whole[j], from[j] + i, sizeof whole[j]);
    const Eight a = kFixed + formula.by_length[0] * __builtin_convertvector(whole[0], Eight);
    const Eight b = kFixed + formula.by_length[1] * __builtin_convertvector(whole[1], Eight);
    const Eight weight = kTitle * __builtin_convertvector(whole[2], Eight) * b +
                         formula.text_weight * __builtin_convertvector(whole[3], Eight) * a;
    const Eight out = formula.most * weight / (kFlat * a * b + weight);
    std::memcpy(scores + i, &out, sizeof out);
  }
}

namespace scalar {

std::uint64_t reach(const float* numbers, float bar) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 64; ++i)
    out |= static_cast<std::uint64_t>(numbers[i] >= bar ? 1 : 0) << i;
  return out;
}

}  // namespace scalar

std::uint64_t reach(const float* numbers, float bar) {
#ifdef __SSE2__
  const __m128 bars = _mm_set1_ps(bar);
  std::uint64_t out = 0;
  for (int i = 0; i < 64; i += 8) {
    const int four = _mm_movemask_ps(_mm_cmpge_ps(_mm_loadu_ps(numbers + i), bars));
    const int next = _mm_movemask_ps(_mm_cmpge_ps(_mm_loadu_ps(numbers + i + 4), bars));
    out |= static_cast<std::uint64_t>(four | next << 4) << i;
  }
  return out;
#else
  return scalar::reach(numbers, bar);
#endif
}

}  // namespace vigie::indexer
