#include "indexer/segments/packing.h"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace vigie::indexer::segments {

static_assert(std::endian::native == std::endian::little, "segments are read in place");

namespace {

constexpr unsigned kWordBits = 32;
constexpr std::size_t kLanes = 4;
constexpr int kRows = kBlockPostings / kLanes;

#ifdef __SSE2__
using Row = __m128i;
Row load(const std::uint32_t* at) { return _mm_loadu_si128(reinterpret_cast<const Row*>(at)); }
void store(std::uint32_t* at, Row row) { _mm_storeu_si128(reinterpret_cast<Row*>(at), row); }
Row all(std::uint32_t value) { return _mm_set1_epi32(static_cast<int>(value)); }
Row right(Row row, int bits) { return _mm_srli_epi32(row, bits); }
Row left(Row row, int bits) { return _mm_slli_epi32(row, bits); }
Row either(Row a, Row b) { return _mm_or_si128(a, b); }
Row both(Row a, Row b) { return _mm_and_si128(a, b); }
#else
using Row = std::array<std::uint32_t, kLanes>;
Row load(const std::uint32_t* at) {
  Row out;
  std::memcpy(out.data(), at, sizeof out);
  return out;
}
void store(std::uint32_t* at, Row row) { std::memcpy(at, row.data(), sizeof row); }
Row all(std::uint32_t value) { return {value, value, value, value}; }
Row right(Row row, int bits) {
  for (std::uint32_t& lane : row) lane >>= bits;
  return row;
}
Row left(Row row, int bits) {
  for (std::uint32_t& lane : row) lane <<= bits;
  return row;
}
Row either(Row a, Row b) {
  for (std::size_t i = 0; i < kLanes; ++i) a[i] |= b[i];
  return a;
}
Row both(Row a, Row b) {
  for (std::size_t i = 0; i < kLanes; ++i) a[i] &= b[i];
  return a;
}
#endif

/// A width known when compiled: every shift is a constant.
template <unsigned kBits>
void unpack_as(const std::uint32_t* packed, std::uint32_t* values) {
  if constexpr (kBits == 0) {
    std::memset(values, 0, kBlockPostings * sizeof *values);
  } else if constexpr (kBits == kWordBits) {
    std::memcpy(values, packed, kBlockPostings * sizeof *values);
  } else {
    const Row mask = all((1U << kBits) - 1);
#pragma GCC unroll 32
    for (int i = 0; i < kRows; ++i) {
      const unsigned bit = static_cast<unsigned>(i) * kBits;
      const unsigned word = bit / kWordBits;
      const int shift = static_cast<int>(bit % kWordBits);
      Row row = right(load(packed + kLanes * word), shift);
      if (bit % kWordBits + kBits > kWordBits)
        row = either(row,
                     left(load(packed + kLanes * (word + 1)), static_cast<int>(kWordBits) - shift));
      store(values + kLanes * static_cast<std::size_t>(i), both(row, mask));
    }
  }
}

using Unpack = void (*)(const std::uint32_t*, std::uint32_t*);
template <unsigned... kBits>
constexpr std::array<Unpack, sizeof...(kBits)> table(
    std::integer_sequence<unsigned, kBits...> /*widths*/) {
  return {unpack_as<kBits>...};
}
constexpr auto kUnpack = table(std::make_integer_sequence<unsigned, kWordBits + 1>());

}  // namespace

unsigned width_of(const std::uint32_t* values) {
  std::uint32_t any = 0;
  for (std::size_t i = 0; i < kBlockPostings; ++i) any |= values[i];
  return static_cast<unsigned>(std::bit_width(any));
}

void pack(const std::uint32_t* values, unsigned bits, std::uint32_t* out) {
  std::memset(out, 0, packed_words(bits) * sizeof *out);
  if (bits == 0) return;
  for (std::size_t i = 0; i < kBlockPostings; ++i) {
    const std::size_t bit = i / kLanes * bits;
    std::uint32_t* at = out + (bit / kWordBits) * kLanes + i % kLanes;
    const std::uint64_t shifted = static_cast<std::uint64_t>(values[i]) << (bit % kWordBits);
    at[0] |= static_cast<std::uint32_t>(shifted);
    if (bit % kWordBits + bits > kWordBits)
      at[kLanes] |= static_cast<std::uint32_t>(shifted >> kWordBits);
  }
}

void unpack(const std::uint32_t* packed, unsigned bits, std::uint32_t* values) {
  kUnpack[bits](packed, values);
}

void add_up(std::uint32_t* values, std::uint32_t base) {
#ifdef __SSE2__
  Row run = all(base);
  for (int i = 0; i < kRows; ++i) {
    Row row = load(values + kLanes * static_cast<std::size_t>(i));
    row = _mm_add_epi32(row, _mm_slli_si128(row, 4));
    row = _mm_add_epi32(row, _mm_slli_si128(row, 8));
    row = _mm_add_epi32(row, run);
    store(values + kLanes * static_cast<std::size_t>(i), row);
    run = _mm_shuffle_epi32(row, 0xFF);
  }
#else
  for (std::size_t i = 0; i < kBlockPostings; ++i) values[i] = base += values[i];
#endif
}

}  // namespace vigie::indexer::segments
