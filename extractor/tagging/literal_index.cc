#include "extractor/tagging/literal_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "platform/result/result.h"

namespace vigie::extractor::tagging {
namespace {

// Bytes of a key in each tier of each group, 0 for no tier. Most words are longer than a long key,
// which few texts hold; inside words one tier is asked at nearly every byte.
constexpr std::array<std::array<std::uint32_t, 3>, 3> kKeyBytes{{{4, 6, 8}, {4, 0, 0}, {4, 6, 0}}};
// bits for each key: one in sixteen places that hold no literal is looked up in vain
constexpr std::size_t kBitsOfKey = 16;
constexpr int kLeastBits = 10;
constexpr int kMostBits = 20;    // 128 KiB: beyond the cache a bit costs more than it saves
constexpr std::size_t kFew = 4;  // literals that are compared one by one

std::uint64_t hash_of(std::uint64_t key) { return key * 0x9E3779B97F4A7C15ULL; }

bool has_bit(const std::uint64_t* set, std::uint64_t bit) {
  return ((set[bit >> 6] >> (bit & 63)) & 1) != 0;
}

/// Eight bytes of a text as a number, the first in its lowest bits; zeros behind its end.
std::uint64_t eight_at(std::string_view text, std::size_t at) {
  std::uint64_t out = 0;
  if (at + 8 <= text.size()) {
    std::memcpy(&out, text.data() + at, 8);
    return out;
  }
  std::memcpy(&out, text.data() + at, std::min<std::size_t>(8, text.size() - at));
  return out;
}

std::size_t group_of(unsigned char first) { return first == ' ' ? 0 : first < 0x80 ? 1 : 2; }

}  // namespace

LiteralIndex::LiteralIndex(const std::vector<std::string>& literals) : size_(literals.size()) {
  static_assert(std::endian::native == std::endian::little, "keys are masked from their low end");
  std::vector<std::uint32_t> order(literals.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return literals[a] < literals[b]; });
  for (const std::uint32_t literal : order) {
    const std::string& bytes = literals[literal];
    VIGIE_INVARIANT(!bytes.empty() && bytes.size() <= 0xFFFF);
    const auto begin = static_cast<std::uint32_t>(bytes_.size());
    bytes_ += bytes;
    add({begin, static_cast<std::uint16_t>(bytes.size()), literal});
  }
  for (std::size_t group = 0; group < kGroups; ++group) {
    for (std::size_t i = 0; i < kTiers; ++i) {
      Tier& tier = groups_[group][i];
      tier.key_bytes = kKeyBytes[group][i];
      if (tier.key_bytes == 0) continue;
      tier.mask = ~std::uint64_t{0} >> (64 - 8 * tier.key_bytes);
      add_buckets(tier);
    }
  }
}

void LiteralIndex::add(const Entry& entry) {
  const std::string_view bytes = bytes_of(entry);
  const std::size_t group = group_of(static_cast<unsigned char>(bytes[0]));
  for (std::size_t i = kTiers; i > 0; --i) {
    const std::uint32_t key_bytes = kKeyBytes[group][i - 1];
    if (key_bytes == 0 || bytes.size() < key_bytes) continue;
    groups_[group][i - 1].entries.push_back(entry);
    return;
  }
  shorts_[group].push_back(
      {~std::uint64_t{0} >> (64 - 8 * bytes.size()), eight_at(bytes, 0), entry});
}

void LiteralIndex::add_buckets(Tier& tier) {
  std::vector<Bucket> made;
  for (std::uint32_t i = 0; i < tier.entries.size(); ++i) {
    const std::uint64_t key = eight_at(bytes_of(tier.entries[i]), 0) & tier.mask;
    if (made.empty() || made.back().key != key) made.push_back({key, i, i});
    made.back().last = i + 1;
  }
  tier.bits =
      std::clamp(static_cast<int>(std::bit_width(made.size() * kBitsOfKey)), kLeastBits, kMostBits);
  tier.begins.assign((std::size_t{1} << tier.bits) / 64, 0);
  tier.buckets.assign(std::bit_ceil(made.size() * 2 + 2), {});
  tier.slot_shift = 65 - static_cast<int>(std::bit_width(tier.buckets.size()));
  for (const Bucket& bucket : made) {
    const std::uint64_t place = hash_of(bucket.key) >> (64 - tier.bits);
    tier.begins[place >> 6] |= std::uint64_t{1} << (place & 63);
    std::size_t slot = hash_of(bucket.key) >> tier.slot_shift;
    while (tier.buckets[slot].last != 0) slot = (slot + 1) & (tier.buckets.size() - 1);
    tier.buckets[slot] = bucket;
  }
}

std::vector<std::string> LiteralIndex::literals() const {
  std::vector<std::string> out(size_);
  for (std::size_t group = 0; group < kGroups; ++group) {
    for (const Short& one : shorts_[group]) out[one.entry.literal] = bytes_of(one.entry);
    for (const Tier& tier : groups_[group]) {
      for (const Entry& entry : tier.entries) out[entry.literal] = bytes_of(entry);
    }
  }
  return out;
}

/// Those of a bucket that stand at `at`.
void LiteralIndex::report(const Tier& tier, std::string_view text, std::size_t at,
                          const Bucket& bucket, std::vector<Hit>& hits) const {
  const auto begin = static_cast<std::uint32_t>(at);
  const Entry* first = tier.entries.data() + bucket.first;
  const Entry* last = tier.entries.data() + bucket.last;
  std::size_t depth = tier.key_bytes;
  // Of many literals those that go on with the same byte are found by halves.
  while (static_cast<std::size_t>(last - first) > kFew) {
    if (first->length == depth) {
      hits.push_back({first->literal, begin});
      ++first;
      continue;
    }
    if (at + depth >= text.size()) return;
    const auto next = static_cast<unsigned char>(text[at + depth]);
    const auto byte_of = [&](const Entry& entry) {
      return static_cast<unsigned char>(bytes_[entry.begin + depth]);
    };
    first = std::partition_point(first, last, [&](const Entry& e) { return byte_of(e) < next; });
    last = std::partition_point(first, last, [&](const Entry& e) { return byte_of(e) == next; });
    ++depth;
  }
  for (; first < last; ++first) {
    if (first->length > text.size() - at) continue;
    if (std::memcmp(bytes_.data() + first->begin + depth, text.data() + at + depth,
                    first->length - depth) == 0)
      hits.push_back({first->literal, begin});
  }
}

void LiteralIndex::look_up(const Tier& tier, std::string_view text, std::size_t at,
                           std::uint64_t key, std::vector<Hit>& hits) const {
  const std::size_t mask = tier.buckets.size() - 1;
  const Bucket* buckets = tier.buckets.data();
  for (std::size_t slot = hash_of(key) >> tier.slot_shift; buckets[slot].last != 0;
       slot = (slot + 1) & mask) {
    if (buckets[slot].key == key) return report(tier, text, at, buckets[slot], hits);
  }
}

void LiteralIndex::short_ones(const std::vector<Short>& shorts, std::uint64_t eight, std::size_t at,
                              std::vector<Hit>& hits) {
  for (const Short& one : shorts) {
    if ((eight & one.mask) == one.key)
      hits.push_back({one.entry.literal, static_cast<std::uint32_t>(at)});
  }
}

template <std::size_t kGroup>
void LiteralIndex::probe(std::string_view text, std::size_t at, std::vector<Hit>& hits) const {
  const std::uint64_t eight = eight_at(text, at);
  const Tier* tiers = groups_[kGroup].data();
  for (std::size_t i = 0; i < kTiers && kKeyBytes[kGroup][i] != 0; ++i) {
    const Tier& tier = tiers[i];
    const std::uint64_t key = eight & (~std::uint64_t{0} >> (64 - 8 * kKeyBytes[kGroup][i]));
    if (has_bit(tier.begins.data(), hash_of(key) >> (64 - tier.bits)))
      look_up(tier, text, at, key, hits);
  }
  if (!shorts_[kGroup].empty()) short_ones(shorts_[kGroup], eight, at, hits);
}

void LiteralIndex::scan(std::string_view text, std::vector<Hit>& hits) const {
  const char* bytes = text.data();
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte == ' ') {
      probe<kAtSpace>(text, at, hits);
    } else if (byte < 0x80) {
      probe<kInside>(text, at, hits);
    } else if (byte >= 0xC0) {
      probe<kOther>(text, at, hits);
    }
  }
}

}  // namespace vigie::extractor::tagging
