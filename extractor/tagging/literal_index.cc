#include "extractor/tagging/literal_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "platform/result/result.h"

namespace vigie::extractor::tagging {
namespace {

constexpr std::size_t kKeyBytes = 4;
// bits for each key: one in sixteen places that hold no literal is looked up in vain
constexpr std::size_t kBitsOfKey = 16;
constexpr int kLeastBits = 12;
constexpr int kMostBits = 20;    // 128 KiB: beyond the cache a bit costs more than it saves
constexpr std::size_t kFew = 4;  // literals that are compared one by one

std::uint32_t key_at(const char* bytes) {
  std::uint32_t key = 0;
  std::memcpy(&key, bytes, kKeyBytes);
  return key;
}

std::uint32_t hash_of(std::uint32_t key, int bits) { return (key * 0x9E3779B1U) >> (32 - bits); }

std::uint16_t pair_at(const char* bytes) {
  std::uint16_t pair = 0;
  std::memcpy(&pair, bytes, 2);
  return pair;
}

bool has_bit(const std::uint64_t* set, std::uint32_t bit) {
  return ((set[bit >> 6] >> (bit & 63)) & 1) != 0;
}

void set_bit(std::vector<std::uint64_t>& set, std::uint32_t bit) {
  set[bit >> 6] |= std::uint64_t{1} << (bit & 63);
}

}  // namespace

LiteralIndex::LiteralIndex(const std::vector<std::string>& literals) {
  std::vector<std::uint32_t> order(literals.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return literals[a] < literals[b]; });
  entries_.reserve(literals.size());
  for (const std::uint32_t literal : order) {
    const std::string& bytes = literals[literal];
    VIGIE_INVARIANT(!bytes.empty() && bytes.size() <= 0xFFFF);
    entries_.push_back({static_cast<std::uint32_t>(bytes_.size()),
                        static_cast<std::uint16_t>(bytes.size()), literal});
    bytes_ += bytes;
  }
  add_buckets();
}

void LiteralIndex::add_buckets() {
  std::vector<Bucket> made;
  short_begins_.assign(0x10000 / 64, 0);
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    const std::string_view bytes = bytes_of(entries_[i]);
    if (bytes.size() < kKeyBytes) {
      shorts_.push_back(i);
      const std::string pair = std::string(bytes.substr(0, 2)) + '\0';
      if (bytes.size() > 1) set_bit(short_begins_, pair_at(pair.data()));
      for (int second = 0; bytes.size() == 1 && second < 256; ++second)
        set_bit(short_begins_, pair_at((std::string(bytes) + static_cast<char>(second)).data()));
      continue;
    }
    const std::uint32_t key = key_at(bytes.data());
    if (made.empty() || made.back().key != key) made.push_back({key, i, i});
    made.back().last = i + 1;
  }
  const std::size_t wanted = made.size() * kBitsOfKey;
  begin_bits_ = std::clamp(static_cast<int>(std::bit_width(wanted)), kLeastBits, kMostBits);
  begins_.assign((std::size_t{1} << begin_bits_) / 64, 0);
  buckets_.assign(std::bit_ceil(made.size() * 2 + 1), {});
  for (const Bucket& bucket : made) {
    set_bit(begins_, hash_of(bucket.key, begin_bits_));
    std::size_t place = hash_of(bucket.key, 32 - 1) & (buckets_.size() - 1);
    while (buckets_[place].last != 0) place = (place + 1) & (buckets_.size() - 1);
    buckets_[place] = bucket;
  }
}

std::vector<std::string> LiteralIndex::literals() const {
  std::vector<std::string> out(entries_.size());
  for (const Entry& entry : entries_) out[entry.literal] = bytes_of(entry);
  return out;
}

/// Those of [first, last), which are equal in the first `depth` bytes, that stand at `at`.
void LiteralIndex::report(std::string_view text, std::size_t at, std::uint32_t first,
                          std::uint32_t last, std::size_t depth, std::vector<Hit>& hits) const {
  const auto begin = static_cast<std::uint32_t>(at);
  // Of many literals those that go on with the same byte are found by halves.
  while (last - first > kFew) {
    if (entries_[first].length == depth) {
      hits.push_back({entries_[first].literal, begin});
      ++first;
      continue;
    }
    if (at + depth >= text.size()) return;
    const auto next = static_cast<unsigned char>(text[at + depth]);
    const auto byte_of = [&](const Entry& entry) {
      return static_cast<unsigned char>(bytes_[entry.begin + depth]);
    };
    const auto from = entries_.begin() + first;
    const auto to = entries_.begin() + last;
    const auto low =
        std::partition_point(from, to, [&](const Entry& e) { return byte_of(e) < next; });
    const auto high =
        std::partition_point(low, to, [&](const Entry& e) { return byte_of(e) == next; });
    first = static_cast<std::uint32_t>(low - entries_.begin());
    last = static_cast<std::uint32_t>(high - entries_.begin());
    ++depth;
  }
  for (std::uint32_t i = first; i < last; ++i) {
    const Entry& entry = entries_[i];
    if (entry.length > text.size() - at) continue;
    if (std::memcmp(bytes_.data() + entry.begin + depth, text.data() + at + depth,
                    entry.length - depth) == 0)
      hits.push_back({entry.literal, begin});
  }
}

void LiteralIndex::look_up(std::string_view text, std::size_t at, std::uint32_t key,
                           std::vector<Hit>& hits) const {
  const std::size_t mask = buckets_.size() - 1;
  for (std::size_t place = hash_of(key, 32 - 1) & mask; buckets_[place].last != 0;
       place = (place + 1) & mask) {
    if (buckets_[place].key == key)
      return report(text, at, buckets_[place].first, buckets_[place].last, kKeyBytes, hits);
  }
}

void LiteralIndex::short_ones(std::string_view text, std::size_t at, std::vector<Hit>& hits) const {
  for (const std::uint32_t i : shorts_) {
    if (text.substr(at, entries_[i].length) == bytes_of(entries_[i]))
      hits.push_back({entries_[i].literal, static_cast<std::uint32_t>(at)});
  }
}

void LiteralIndex::scan(std::string_view text, std::vector<Hit>& hits) const {
  if (entries_.empty()) return;
  const std::uint64_t* begins = begins_.data();
  const std::uint64_t* short_begins = short_begins_.data();
  const char* bytes = text.data();
  const bool shorts = !shorts_.empty();
  std::size_t at = 0;
  for (; at + kKeyBytes <= text.size(); ++at) {
    const std::uint32_t key = key_at(bytes + at);
    if (shorts && has_bit(short_begins, pair_at(bytes + at))) short_ones(text, at, hits);
    if (has_bit(begins, hash_of(key, begin_bits_))) look_up(text, at, key, hits);
  }
  for (; at < text.size(); ++at) short_ones(text, at, hits);
}

}  // namespace vigie::extractor::tagging
