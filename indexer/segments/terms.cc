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

std::optional<std::uint32_t> Terms::find(std::string_view key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_of(key, seed_) & mask;
  // a damaged table may have no free slot
  for (std::size_t tried = 0; tried <= mask && slots_[slot] != 0; ++tried) {
    const std::uint32_t term = slots_[slot] - 1;
    if (term < size() && this->key(term) == key) return term;
    slot = (slot + 1) & mask;
  }
  return std::nullopt;
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
