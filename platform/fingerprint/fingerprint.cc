#include "platform/fingerprint/fingerprint.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace vigie::fingerprint {
namespace {

// Layout: version, Rice parameter, number of samples, 1 if they are all of the set, distinct shingles (3 bytes, little endian), then bits, zero padded.
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 7;
constexpr unsigned kValueBits = 20;
constexpr std::uint32_t kMaxCount = 0xffffff;
constexpr std::size_t kMaxSamples = 255;

// The finaliser of splitmix64 (Steele et al. 2014): whatever the shingle hash was, its bits are now even.
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
    if (bit) bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) | (1U << (used_ % 8)));
    ++used_;
  }

 private:
  std::string& bytes_;
  std::size_t used_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}
  // False past the end, where the caller stops.
  bool take(bool& bit) {
    if (at_ >= bytes_.size() * 8) return false;
    bit = (static_cast<unsigned char>(bytes_[at_ / 8]) >> (at_ % 8)) & 1U;
    ++at_;
    return true;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

struct Sketch {
  std::uint32_t count = 0;            // distinct shingles of the text
  bool complete = false;              // the values are all of them, not only the smallest
  std::vector<std::uint32_t> values;  // ascending, distinct
};

std::optional<Sketch> decode(std::string_view bytes) {
  if (bytes.size() < kMinBytes || bytes.size() > kMaxBytes) return std::nullopt;
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])); };
  const unsigned rice = byte(1);
  const std::size_t samples = byte(2);
  if (byte(0) != kVersion || rice > kValueBits || samples == 0 || byte(3) > 1) return std::nullopt;
  Sketch sketch;
  sketch.complete = byte(3) == 1;
  sketch.count = byte(4) | byte(5) << 8 | byte(6) << 16;
  if (sketch.count < samples) return std::nullopt;
  sketch.values.reserve(samples);
  BitReader reader(bytes.substr(kHeaderBytes));
  std::uint32_t next = 0;  // the least the next value can be
  for (std::size_t i = 0; i < samples; ++i) {
    std::uint32_t gap = 0;
    bool bit = false;
    for (;;) {
      if (!reader.take(bit)) return std::nullopt;
      if (!bit) break;
      ++gap;
    }
    for (unsigned shift = 0; shift < rice; ++shift) {
      if (!reader.take(bit)) return std::nullopt;
      gap = gap << 1 | (bit ? 1U : 0U);
    }
    const std::uint64_t value = std::uint64_t{next} + gap;
    if (value >= (1U << kValueBits)) return std::nullopt;
    sketch.values.push_back(static_cast<std::uint32_t>(value));
    next = static_cast<std::uint32_t>(value) + 1;
  }
  return sketch;
}

// The Rice parameter that suits gaps with mean 2^20 / count (Kiely 2004: golden-ratio bound, here ln 2 · mean).
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
       {std::uint32_t{kVersion}, std::uint32_t{rice}, static_cast<std::uint32_t>(values.size()), complete ? 1U : 0U, count & 0xff, count >> 8 & 0xff, count >> 16 & 0xff}) {
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

Similarity compare(std::string_view a, std::string_view b) {
  std::optional<Sketch> first = decode(a);
  std::optional<Sketch> second = decode(b);
  if (!first || !second) return {};
  if (second->count < first->count) std::swap(first, second);
  // Up to the smaller of the two last values both samples are complete; beyond it one of them is silent.
  const auto reach = [](const Sketch& sketch) { return sketch.complete ? (1U << kValueBits) : sketch.values.back(); };
  const std::uint32_t limit = std::min(reach(*first), reach(*second));

  std::size_t in_first = 0;
  std::size_t in_second = 0;
  std::size_t common = 0;
  auto left = first->values.begin();
  auto right = second->values.begin();
  while (left != first->values.end() && *left <= limit) {
    while (right != second->values.end() && *right < *left) {
      ++right;
      ++in_second;
    }
    if (right != second->values.end() && *right == *left) ++common;
    ++left;
    ++in_first;
  }
  while (right != second->values.end() && *right <= limit) {
    ++right;
    ++in_second;
  }
  const std::size_t in_union = in_first + in_second - common;
  if (in_union == 0) return {};

  Similarity similarity;
  similarity.jaccard = static_cast<double>(common) / static_cast<double>(in_union);
  if (in_first > 0) similarity.containment = static_cast<double>(common) / static_cast<double>(in_first);
  similarity.is_copy = (in_union >= kMinSamples && similarity.jaccard >= kCopyJaccard) || (in_first >= kMinSamples && similarity.containment >= kCopyContainment);
  return similarity;
}

std::vector<std::uint64_t> lookup_keys(std::string_view fingerprint) {
  const std::optional<Sketch> sketch = decode(fingerprint);
  if (!sketch) return {};
  // A key is a value whose second hash ends in zeros: which values are keys depends on the value alone, so texts of different
  // lengths agree about it. Short sketches take more of their values; the sets of keys are nested.
  unsigned zeros = 0;
  while (zeros < 3 && sketch->values.size() >> (zeros + 1) >= kMinSamples) ++zeros;
  std::vector<std::uint64_t> keys;
  for (const std::uint32_t value : sketch->values) {
    if ((mix(value) & ((1U << zeros) - 1)) == 0) keys.push_back(value);
  }
  return keys;
}

}  // namespace vigie::fingerprint
