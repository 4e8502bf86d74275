#pragma once

#include <cstddef>
#include <cstdint>

/// Numbers of equal width, 128 at a time: what blocks of postings are made of. Four lanes side by
/// side, so that SSE unpacks four numbers at once; the bytes are the same on every machine.
namespace vigie::indexer::segments {

inline constexpr std::size_t kBlockPostings = 128;
/// Words of 32 bits that a packed block takes.
constexpr std::size_t packed_words(unsigned bits) { return 4ULL * bits; }

/// Bits that the greatest of the numbers needs.
unsigned width_of(const std::uint32_t* values);
/// Writes packed_words(bits) words; every value fits in `bits` ≤ 32.
void pack(const std::uint32_t* values, unsigned bits, std::uint32_t* out);
/// Reads packed_words(bits) words, no more.
void unpack(const std::uint32_t* packed, unsigned bits, std::uint32_t* values);
/// Each value becomes the sum of `base` and all up to it.
void add_up(std::uint32_t* values, std::uint32_t base);

}  // namespace vigie::indexer::segments
