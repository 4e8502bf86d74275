#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Private to indexer/matching.
namespace vigie::indexer::matching {

/// Numbers texts from 0 in the order in which they came. Texts lie end to end and are found by open
/// addressing, so that one costs some 30 bytes and a look two reads of memory.
class TextTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::uint32_t size() const { return static_cast<std::uint32_t>(begins_.size() - 1); }
  bool empty() const { return size() == 0; }
  std::string_view text(std::uint32_t number) const {
    return std::string_view(bytes_).substr(begins_[number], begins_[number + 1] - begins_[number]);
  }
  /// kNone where it is not there.
  std::uint32_t find(std::string_view text) const { return find(text, hash_of(text)); }
  /// The same in two steps, for many texts at once: prefetch() all of them first.
  std::uint32_t find(std::string_view text, std::uint64_t hash) const {
    return slots_.empty() ? kNone : slots_[slot_of(text, hash)].number;
  }
  static std::uint64_t hash_of(std::string_view text) {
    return std::hash<std::string_view>()(text);
  }
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  /// Adds it where it is not there.
  std::uint32_t number_of(std::string_view text) {
    if (slots_.size() < 2 * begins_.size()) grow();
    const std::uint64_t hash = hash_of(text);
    Slot& slot = slots_[slot_of(text, hash)];
    if (slot.number == kNone) {
      slot = {print_of(hash), size()};
      bytes_.append(text);
      begins_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    }
    return slot.number;
  }

 private:
  struct Slot {
    std::uint32_t print = 0;  // bits of the hash that do not choose the slot
    std::uint32_t number = kNone;
  };
  static constexpr std::size_t kFirstSlots = 16;

  static std::uint32_t print_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32);
  }
  /// Of the text, or the free one where it belongs.
  std::size_t slot_of(std::string_view wanted, std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hash & mask;
    for (; slots_[slot].number != kNone; slot = (slot + 1) & mask) {
      if (slots_[slot].print == print_of(hash) && text(slots_[slot].number) == wanted) break;
    }
    return slot;
  }
  void grow() {
    slots_.assign(slots_.empty() ? kFirstSlots : 2 * slots_.size(), Slot());
    for (std::uint32_t number = 0; number < size(); ++number) {
      const std::uint64_t hash = hash_of(text(number));
      slots_[slot_of(text(number), hash)] = {print_of(hash), number};
    }
  }

  std::string bytes_;
  std::vector<std::uint32_t> begins_{0};
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

}  // namespace vigie::indexer::matching
