#include "indexer/shard/bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "indexer/segments/weight.h"
#include "indexer/shard/leaf.h"

namespace vigie::indexer {
namespace {

TEST(BoundsTest, ReachIsTheSameFourAtATime) {
  std::mt19937_64 chance(7);
  alignas(32) float numbers[64];
  for (int round = 0; round < 200; ++round) {
    for (float& number : numbers) number = static_cast<float>(chance() % 8) / 4.0F;
    for (const float bar : {-std::numeric_limits<float>::infinity(), 0.0F, 0.25F, 1.0F, 1.75F, 2.0F,
                            std::numeric_limits<float>::infinity()})
      EXPECT_EQ(reach(numbers, bar), scalar::reach(numbers, bar)) << bar;
  }
  EXPECT_EQ(reach(numbers, 0.0F), ~0ULL);
  std::fill(std::begin(numbers), std::end(numbers), 0.0F);
  numbers[5] = 1.0F;
  numbers[63] = 1.0F;
  EXPECT_EQ(reach(numbers, 1.0F), 1ULL << 63 | 1ULL << 5);
}

// Against the formula as scores use it, in double precision and document by document.
TEST(BoundsTest, ABlockScoresWhatItsDocumentsDo) {
  std::mt19937_64 chance(8);
  const double averages[2] = {9.5, 412.0};
  const double most = 3.7;
  for (int round = 0; round < 300; ++round) {
    segments::Unpacked block{};
    BlockLengths lengths{};
    block.count = static_cast<std::uint32_t>(1 + chance() % segments::kBlockPostings);
    for (std::uint32_t i = 0; i < block.count; ++i) {
      block.frequencies[0][i] = static_cast<std::uint32_t>(chance() % 3);
      block.frequencies[1][i] = static_cast<std::uint32_t>(chance() % (1 + chance() % 2'000));
      lengths.title[i] = static_cast<std::uint32_t>(chance() % 40);
      lengths.text[i] = static_cast<std::uint32_t>(chance() % (1 + chance() % 90'000));
    }
    const bool title = round % 3 == 0;
    const BoundFormula formula{{static_cast<float>(segments::kB / averages[0]),
                                static_cast<float>(segments::kB / averages[1])},
                               title ? 0.0F : 1.0F,
                               static_cast<float>(most)};
    alignas(32) float scores[segments::kBlockPostings];
    score_block(block, lengths, formula, scores);
    for (std::uint32_t i = 0; i < block.count; ++i) {
      segments::Frequencies counts = block.of(i);
      if (title) counts[1] = 0;
      const double weight =
          segments::weight_of(counts, {lengths.title[i], lengths.text[i]}, averages);
      const double exact = most * weight / (kK1 + weight);
      EXPECT_NEAR(static_cast<double>(scores[i]), exact, exact * kBoundSlack / 2) << i;
    }
  }
}

}  // namespace
}  // namespace vigie::indexer
