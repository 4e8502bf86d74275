#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vigie::indexer {

/// A set of documents of one source: a bit each.
class Bitmap {
 public:
  Bitmap() = default;
  explicit Bitmap(std::uint32_t documents) : documents_(documents), words_((documents + 63) / 64) {}

  std::uint32_t documents() const { return documents_; }
  void set(std::uint32_t document) { words_[document / 64] |= 1ULL << (document % 64); }
  void clear(std::uint32_t document) { words_[document / 64] &= ~(1ULL << (document % 64)); }
  bool has(std::uint32_t document) const {
    return (words_[document / 64] >> (document % 64) & 1) != 0;
  }
  std::uint64_t* words() { return words_.data(); }
  const std::uint64_t* words() const { return words_.data(); }
  std::size_t size() const { return words_.size(); }

  void fill() {
    for (std::uint64_t& word : words_) word = ~0ULL;
    trim();
  }
  /// Bits beyond the last document, which a damaged file may have, are taken away.
  void trim() {
    if (documents_ % 64 != 0) words_.back() &= (1ULL << (documents_ % 64)) - 1;
  }
  void unite(const Bitmap& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  void intersect(const Bitmap& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  }
  void subtract(const Bitmap& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }
  std::uint64_t count() const {
    std::uint64_t out = 0;
    for (std::uint64_t word : words_) out += static_cast<std::uint64_t>(std::popcount(word));
    return out;
  }
  bool empty() const {
    for (std::uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  /// Whether there is any in [begin, end], both documents of the source.
  bool any(std::uint32_t begin, std::uint32_t end) const {
    const std::size_t first = begin / 64;
    const std::size_t last = end / 64;
    for (std::size_t i = first; i <= last; ++i) {
      std::uint64_t word = words_[i];
      if (i == first) word &= ~0ULL << (begin % 64);
      if (i == last) word &= ~0ULL >> (63 - end % 64);
      if (word != 0) return true;
    }
    return false;
  }
  /// Calls call(document) for each, ascending.
  template <class Call>
  void each(const Call& call) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1)
        call(static_cast<std::uint32_t>(i * 64 + static_cast<std::size_t>(std::countr_zero(word))));
    }
  }

 private:
  std::uint32_t documents_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace vigie::indexer
