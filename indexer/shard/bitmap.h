#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vigie::indexer {

/// A set of documents of one source: a bit each. It may be read where another keeps it, until it is
/// changed.
class Bitmap {
 public:
  Bitmap() = default;
  explicit Bitmap(std::uint32_t documents) : documents_(documents), own_((documents + 63) / 64) {}
  /// Reads `words`, which outlive it and hold no bit beyond the last document.
  static Bitmap of(std::uint32_t documents, const std::uint64_t* words) {
    Bitmap out;
    out.documents_ = documents;
    out.lent_ = words;
    return out;
  }
  /// What is in both.
  static Bitmap common(const Bitmap& a, const Bitmap& b);

  std::uint32_t documents() const { return documents_; }
  void set(std::uint32_t document) { words()[document / 64] |= 1ULL << (document % 64); }
  void clear(std::uint32_t document) { words()[document / 64] &= ~(1ULL << (document % 64)); }
  bool has(std::uint32_t document) const {
    return (words()[document / 64] >> (document % 64) & 1) != 0;
  }
  std::uint64_t* words() {
    if (lent_ != nullptr) keep();
    return own_.data();
  }
  const std::uint64_t* words() const { return lent_ != nullptr ? lent_ : own_.data(); }
  std::size_t size() const { return (documents_ + 63ULL) / 64; }

  void fill() {
    std::uint64_t* const out = words();
    for (std::size_t i = 0; i < size(); ++i) out[i] = ~0ULL;
    trim();
  }
  /// Bits beyond the last document are taken away.
  void trim() {
    if (documents_ % 64 != 0) words()[size() - 1] &= (1ULL << (documents_ % 64)) - 1;
  }
  void unite(const Bitmap& other);
  void intersect(const Bitmap& other);
  void subtract(const Bitmap& other);
  std::uint64_t count() const { return count(0, size()); }
  /// Of the words [begin, end).
  std::uint64_t count(std::size_t begin, std::size_t end) const;
  bool empty() const {
    for (std::size_t i = 0; i < size(); ++i) {
      if (words()[i] != 0) return false;
    }
    return true;
  }
  /// Whether there is any in [begin, end], both documents of the source.
  bool any(std::uint32_t begin, std::uint32_t end) const {
    const std::size_t first = begin / 64;
    const std::size_t last = end / 64;
    for (std::size_t i = first; i <= last; ++i) {
      std::uint64_t word = words()[i];
      if (i == first) word &= ~0ULL << (begin % 64);
      if (i == last) word &= ~0ULL >> (63 - end % 64);
      if (word != 0) return true;
    }
    return false;
  }
  /// Calls call(document) for each, ascending.
  template <class Call>
  void each(const Call& call) const {
    const std::uint64_t* const all = words();
    for (std::size_t i = 0; i < size(); ++i) {
      for (std::uint64_t word = all[i]; word != 0; word &= word - 1)
        call(static_cast<std::uint32_t>(i * 64 + static_cast<std::size_t>(std::countr_zero(word))));
    }
  }

 private:
  /// Makes what is read elsewhere its own.
  void keep();

  std::uint32_t documents_ = 0;
  std::vector<std::uint64_t> own_;
  const std::uint64_t* lent_ = nullptr;
};

}  // namespace vigie::indexer
