#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "platform/result/result.h"

namespace vigie::indexer::segments {

/// Hash of a key; the seed keeps an author of pages from choosing words that collide.
std::uint64_t hash_of(std::string_view key, std::uint64_t seed);

/// What stands in one of `slots` (a power of two, more than there are terms) for a term: its number
/// + 1 in as many bits as that takes, and bits of the hash of its key above; never 0.
std::uint32_t slot_of(std::uint32_t term, std::uint64_t hash, std::size_t slots);

/// The terms of a segment, read in place: sorted by key, and found by hash. A term is the length of
/// its key, the key, and what postings.h makes of the rest.
class Terms {
 public:
  Terms() = default;
  Terms(std::string_view bytes, std::span<const std::uint32_t> begins,
        std::span<const std::uint32_t> slots, std::uint64_t seed)
      : bytes_(bytes), begins_(begins), slots_(slots), seed_(seed) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(begins_.size() - 1); }
  /// Number of the term with the key.
  std::optional<std::uint32_t> find(std::string_view key) const;
  /// The looks at memory that finding a key of this hash makes, one after the other: `step` 0 to
  /// kFindSteps - 1. Done for many keys at once before they are looked for, the waits for them are
  /// one.
  static constexpr int kFindSteps = 3;
  std::uint64_t hash(std::string_view key) const { return hash_of(key, seed_); }
  void prefetch_find(std::uint64_t hash, int step) const;
  /// That its bytes are asked for soon.
  void prefetch(std::uint32_t term) const {
    if (term < size()) __builtin_prefetch(&begins_[term]);
  }
  /// Number of the first term whose key is not less.
  std::uint32_t lower_bound(std::string_view key) const;
  /// Empty for damaged bytes.
  std::string_view key(std::uint32_t term) const { return split(term).first; }
  std::string_view rest(std::uint32_t term) const { return split(term).second; }

 private:
  std::pair<std::string_view, std::string_view> split(std::uint32_t term) const;
  std::string_view bytes_;
  std::span<const std::uint32_t> begins_;  // terms + 1
  std::span<const std::uint32_t> slots_;   // a power of two
  std::uint64_t seed_ = 0;
};

}  // namespace vigie::indexer::segments
