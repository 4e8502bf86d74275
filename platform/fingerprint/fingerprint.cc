#include "platform/fingerprint/fingerprint.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

namespace vigie::fingerprint {
namespace {

// Layout: version, Rice parameter, number of samples, 1 if they are all of the set, distinct
// shingles (3 bytes, little endian), then bits, zero padded.
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 7;
constexpr unsigned kValueBits = 20;
constexpr std::uint32_t kMaxCount = 0xffffff;
constexpr std::size_t kMaxSamples = 255;

// The finaliser of splitmix64 (Steele et al. 2014): whatever the shingle hash was, its bits are now
// even.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

class BitWriter {
 public:
  explicit BitWriter(std::string& bytes) : bytes_(bytes) {}
  void put(bool bit) {
    if (used_ % 8 == 0) bytes_.push_back('\0');
    if (bit)
      bytes_.back() =
          static_cast<char>(static_cast<unsigned char>(bytes_.back()) | (1U << (used_ % 8)));
    ++used_;
  }

 private:
  std::string& bytes_;
  std::size_t used_ = 0;
};

/// Bits of at most kMaxBytes, least significant first; zeros past the end.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bits_(bytes.size() * 8) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  }

  /// Ones up to the next zero, which is taken too. False past the end.
  bool take_unary(std::uint32_t& count) {
    count = 0;
    for (;;) {
      const auto ones = static_cast<unsigned>(std::countr_one(window()));
      if (ones < kWindowBits) {
        count += ones;
        at_ += ones + 1;
        return at_ <= bits_;
      }
      count += kWindowBits;
      at_ += kWindowBits;
      if (at_ >= bits_) return false;
    }
  }
  /// `size` ≤ 20 bits, the most significant first. False past the end.
  bool take(unsigned size, std::uint32_t& value) {
    const std::uint64_t bits = window();
    value = 0;
    for (unsigned i = 0; i < size; i += 4) value = value << 4 | kReversed[bits >> i & 15];
    value >>= (4 - size % 4) % 4;
    at_ += size;
    return at_ <= bits_;
  }

 private:
  static constexpr unsigned kWindowBits = 57;  // of a word that begins within a byte
  static constexpr std::array<std::uint8_t, 16> kReversed{0, 8, 4, 12, 2, 10, 6, 14,
                                                          1, 9, 5, 13, 3, 11, 7, 15};

  std::uint64_t window() const {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes_.data() + at_ / 8, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return (word >> (at_ % 8)) & ((std::uint64_t{1} << kWindowBits) - 1);
  }

  std::array<char, kMaxBytes + 16> bytes_{};
  std::size_t bits_;
  std::size_t at_ = 0;
};

struct Sketch {
  std::uint32_t count = 0;  // distinct shingles of the text
  bool complete = false;    // the values are all of them, not only the smallest
  std::size_t size = 0;
  std::array<std::uint32_t, kMaxSamples> values;  // ascending, distinct

  std::span<const std::uint32_t> samples() const { return std::span(values).first(size); }
};

/// False where the bytes are no fingerprint.
bool decode(std::string_view bytes, Sketch& sketch) {
  if (bytes.size() < kMinBytes || bytes.size() > kMaxBytes) return false;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at]));
  };
  const unsigned rice = byte(1);
  const std::size_t samples = byte(2);
  if (byte(0) != kVersion || rice > kValueBits || samples == 0 || byte(3) > 1) return false;
  sketch.complete = byte(3) == 1;
  sketch.count = byte(4) | byte(5) << 8 | byte(6) << 16;
  if (sketch.count < samples) return false;
  sketch.size = 0;
  BitReader reader(bytes.substr(kHeaderBytes));
  std::uint32_t next = 0;  // the least the next value can be
  for (std::size_t i = 0; i < samples; ++i) {
    std::uint32_t gap = 0;
    std::uint32_t rest = 0;
    if (!reader.take_unary(gap) || !reader.take(rice, rest)) return false;
    gap = gap << rice | rest;
    const std::uint64_t value = std::uint64_t{next} + gap;
    if (value >= (1U << kValueBits)) return false;
    sketch.values[sketch.size++] = static_cast<std::uint32_t>(value);
    next = static_cast<std::uint32_t>(value) + 1;
  }
  return true;
}

// The Rice parameter that suits gaps with mean 2^20 / count (Kiely 2004: golden-ratio bound, here
// ln 2 · mean).
unsigned rice_parameter(std::size_t count) {
  const double mean = static_cast<double>(1U << kValueBits) / static_cast<double>(count);
  const double best = std::log2(mean * 0.69);
  return best < 0 ? 0U : static_cast<unsigned>(best);
}

}  // namespace

Fingerprint make(std::span<const std::uint64_t> shingle_hashes) {
  std::vector<std::uint64_t> mixed;
  mixed.reserve(shingle_hashes.size());
  for (const std::uint64_t hash : shingle_hashes) mixed.push_back(mix(hash));
  std::sort(mixed.begin(), mixed.end());
  mixed.erase(std::unique(mixed.begin(), mixed.end()), mixed.end());
  if (mixed.size() < kMinShingles) return {};

  const unsigned rice = rice_parameter(mixed.size());
  std::vector<std::uint32_t> values;
  std::size_t bits = 0;
  std::uint32_t next = 0;
  bool complete = true;
  for (const std::uint64_t hash : mixed) {
    const auto value = static_cast<std::uint32_t>(hash >> (64 - kValueBits));
    if (!values.empty() && value < next) continue;  // two shingles in one cell
    const std::size_t cost = 1 + rice + ((value - next) >> rice);
    if (bits + cost > (kMaxBytes - kHeaderBytes) * 8 || values.size() == kMaxSamples) {
      complete = false;
      break;
    }
    bits += cost;
    values.push_back(value);
    next = value + 1;
  }

  const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(mixed.size(), kMaxCount));
  Fingerprint out;
  out.reserve(kMaxBytes);
  for (const std::uint32_t byte :
       {std::uint32_t{kVersion}, std::uint32_t{rice}, static_cast<std::uint32_t>(values.size()),
        complete ? 1U : 0U, count & 0xff, count >> 8 & 0xff, count >> 16 & 0xff}) {
    out.push_back(static_cast<char>(byte));
  }
  BitWriter writer(out);
  next = 0;
  for (const std::uint32_t value : values) {
    const std::uint32_t gap = value - next;
    for (std::uint32_t i = 0; i < gap >> rice; ++i) writer.put(true);
    writer.put(false);
    for (unsigned shift = rice; shift-- > 0;) writer.put((gap >> shift & 1U) != 0);
    next = value + 1;
  }
  if (out.size() < kMinBytes) out.resize(kMinBytes, '\0');
  return out;
}

Similarity compare(std::string_view a, std::string_view b) { return Comparison(a).compare(b); }

Comparison::Comparison(std::string_view fingerprint) {
  Sketch sketch;
  valid_ = decode(fingerprint, sketch);
  if (!valid_) return;
  complete_ = sketch.complete;
  count_ = sketch.count;
  values_.assign(sketch.samples().begin(), sketch.samples().end());
}

template <class OnCommon>
Comparison::Counts Comparison::count(std::string_view other, const OnCommon& on_common) const {
  Sketch sketch;
  if (!valid_ || !decode(other, sketch)) return {};
  const std::span<const std::uint32_t> theirs = sketch.samples();
  // Up to the smaller of the two last values both samples are complete; beyond it one of them is
  // silent.
  const auto reach = [](bool complete, std::span<const std::uint32_t> values) {
    return complete ? (1U << kValueBits) : values.back();
  };
  const std::uint32_t limit = std::min(reach(complete_, values_), reach(sketch.complete, theirs));
  const auto within = [limit](std::span<const std::uint32_t> values) {
    return static_cast<std::size_t>(std::upper_bound(values.begin(), values.end(), limit) -
                                    values.begin());
  };
  const std::size_t in_ours = within(values_);
  const std::size_t in_theirs = within(theirs);
  std::size_t common = 0;
  // no branch that depends on the values
  for (std::size_t left = 0, right = 0; left < in_ours && right < in_theirs;) {
    const std::uint32_t one = values_[left];
    const std::uint32_t two = theirs[right];
    on_common(left, one == two);
    common += one == two ? 1 : 0;
    left += one <= two ? 1 : 0;
    right += two <= one ? 1 : 0;
  }
  if (sketch.count < count_) return {in_theirs, in_ours, common};
  return {in_ours, in_theirs, common};
}

Similarity Comparison::compare(std::string_view other) const {
  const Counts counts = count(other, [](std::size_t, bool) {});
  const std::size_t in_union = counts.shorter + counts.longer - counts.common;
  if (in_union == 0) return {};
  Similarity similarity;
  const auto common = static_cast<double>(counts.common);
  similarity.jaccard = common / static_cast<double>(in_union);
  if (counts.shorter > 0) similarity.containment = common / static_cast<double>(counts.shorter);
  similarity.is_copy =
      (in_union >= kMinSamples && similarity.jaccard >= kCopyJaccard) ||
      (counts.shorter >= kMinSamples && similarity.containment >= kCopyContainment);
  return similarity;
}

Comparison::Samples Comparison::common(std::string_view other) const {
  Samples out;
  count(other, [&out](std::size_t place, bool shared) {
    if (shared) out.set(place);
  });
  return out;
}

Similarity Comparison::compare_without(std::string_view other, const Samples& left_out) const {
  std::size_t dropped = 0;
  Counts counts = count(other, [&](std::size_t place, bool shared) {
    dropped += shared && left_out.test(place) ? 1 : 0;
  });
  if (dropped == 0) return compare(other);
  counts.shorter -= dropped;
  counts.longer -= dropped;
  counts.common -= dropped;
  const std::size_t in_union = counts.shorter + counts.longer - counts.common;
  if (counts.shorter == 0 || counts.longer == 0) return {};
  Similarity similarity;
  const auto common = static_cast<double>(counts.common);
  similarity.jaccard = common / static_cast<double>(in_union);
  const std::size_t fewer = std::min(counts.shorter, counts.longer);
  similarity.containment = common / static_cast<double>(fewer);
  similarity.is_copy =
      fewer < kMinSamples
          ? counts.common >= kFewSamples && similarity.jaccard >= kCopyContainment
          : similarity.jaccard >= kCopyJaccard || similarity.containment >= kCopyContainment;
  return similarity;
}

std::vector<std::uint64_t> lookup_keys(std::string_view fingerprint) {
  Sketch sketch;
  if (!decode(fingerprint, sketch)) return {};
  // A key is a value whose second hash ends in zeros: which values are keys depends on the value
  // alone, so texts of different lengths agree about it. Short sketches take more of their values;
  // the sets of keys are nested.
  unsigned zeros = 0;
  while (zeros < 3 && sketch.size >> (zeros + 1) >= kMinSamples) ++zeros;
  std::vector<std::uint64_t> keys;
  for (const std::uint32_t value : sketch.samples()) {
    if ((mix(value) & ((1U << zeros) - 1)) == 0) keys.push_back(value);
  }
  return keys;
}

}  // namespace vigie::fingerprint
