#include "indexer/segments/terms.h"

#include <algorithm>
#include <cstring>

#include "indexer/segments/coding.h"

namespace vigie::indexer::segments {
namespace {

constexpr std::uint64_t kMixA = 0xA0761D6478BD642F;  // odd, with bits of no pattern
constexpr std::uint64_t kMixB = 0xE7037ED1A0B428DB;

__extension__ using Wide = unsigned __int128;

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// Bits of the hash that the number of a term leaves room for: mostly enough to tell that a key is
/// another without a look at it.
std::uint32_t slot_print(std::uint64_t hash, std::size_t slots) {
  return static_cast<std::uint32_t>(hash >> 32) & ~static_cast<std::uint32_t>(slots - 1);
}

}  // namespace

std::uint64_t hash_of(std::string_view key, std::uint64_t seed) {
  std::uint64_t hash = seed ^ kMixA;
  for (std::size_t at = 0; at < key.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data() + at, std::min(sizeof word, key.size() - at));
    hash = mixed(hash ^ word, kMixB ^ seed);
  }
  return mixed(hash ^ key.size(), kMixA);
}

std::pair<std::string_view, std::string_view> Terms::split(std::uint32_t term) const {
  const std::uint32_t begin = begins_[term];
  const std::uint32_t end = begins_[term + 1];
  if (begin > end || end > bytes_.size()) return {};
  Reader reader(bytes_.substr(begin, end - begin));
  const std::string_view key = reader.text();
  return {key, reader.bytes(reader.left())};
}

std::uint32_t slot_of(std::uint32_t term, std::uint64_t hash, std::size_t slots) {
  return slot_print(hash, slots) | (term + 1);
}

std::optional<std::uint32_t> Terms::find(std::string_view key) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint64_t hash = hash_of(key, seed_);
  const std::uint32_t print = slot_print(hash, slots_.size());
  const std::uint32_t* const slots = slots_.data();
  std::size_t slot = hash & mask;
  // a damaged table may have no free slot
  for (std::size_t tried = 0; tried <= mask && slots[slot] != 0; ++tried) {
    const std::uint32_t term = (slots[slot] & static_cast<std::uint32_t>(mask)) - 1;
    if (slots[slot] - (term + 1) == print && term < size() && this->key(term) == key) return term;
    slot = (slot + 1) & mask;
  }
  return std::nullopt;
}

void Terms::prefetch_find(std::uint64_t hash, int step) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t* const slots = slots_.data();
  std::size_t slot = hash & mask;
  if (step == 0) {
    __builtin_prefetch(slots + slot);
    return;
  }
  const std::uint32_t print = slot_print(hash, slots_.size());
  for (int tried = 0; tried < 4 && slots[slot] != 0; ++tried, slot = (slot + 1) & mask) {
    const std::uint32_t term = (slots[slot] & static_cast<std::uint32_t>(mask)) - 1;
    if (slots[slot] - (term + 1) != print || term >= size()) continue;
    if (step == 1) {
      __builtin_prefetch(&begins_[term]);
    } else if (begins_[term] < bytes_.size()) {
      __builtin_prefetch(bytes_.data() + begins_[term]);
    }
    return;
  }
}

std::uint32_t Terms::lower_bound(std::string_view key) const {
  std::uint32_t low = 0;
  std::uint32_t high = size();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (this->key(middle) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace vigie::indexer::segments
