#include "indexer/segments/packing.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace vigie::indexer::segments {
namespace {

TEST(Packing, EveryWidthComesBack) {
  std::mt19937_64 chance(1);
  for (unsigned bits = 0; bits <= 32; ++bits) {
    std::uint32_t values[kBlockPostings];
    for (std::uint32_t& value : values)
      value = bits == 0 ? 0 : static_cast<std::uint32_t>(chance()) >> (32 - bits);
    if (bits > 0) values[chance() % kBlockPostings] = UINT32_MAX >> (32 - bits);
    EXPECT_EQ(width_of(values), bits);
    std::vector<std::uint32_t> packed(packed_words(bits) + 1, 0xABCDEF01);
    pack(values, bits, packed.data());
    EXPECT_EQ(packed.back(), 0xABCDEF01U) << "wrote beyond its words";
    alignas(16) std::uint32_t back[kBlockPostings];
    unpack(packed.data(), bits, back);
    EXPECT_TRUE(std::equal(values, values + kBlockPostings, back)) << bits << " bits";
  }
}

TEST(Packing, AddsUpFromABase) {
  std::uint32_t values[kBlockPostings];
  for (std::uint32_t i = 0; i < kBlockPostings; ++i) values[i] = i % 7;
  std::uint32_t sum = 1'000;
  std::vector<std::uint32_t> expected;
  for (std::uint32_t value : values) expected.push_back(sum += value);
  add_up(values, 1'000);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), values));
}

}  // namespace
}  // namespace vigie::indexer::segments
