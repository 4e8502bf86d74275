#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vigie::fingerprint {

/// What of a headline tells it from others: hashes of its distinct words of four letters or more,
/// or with a digit, and of the pairs of neighbours in scripts without spaces; of all its words
/// where less than two of these are left. At most kMost, from the beginning. Pure.
class Headline {
 public:
  static constexpr std::size_t kMost = 16;

  Headline() = default;
  explicit Headline(std::string_view title);

  /// No word: nothing is known of the headline.
  bool empty() const { return size_ == 0; }
  /// Whether two headlines may be about one piece of news: half of the words of the shorter one are
  /// in the other, or one of them is not known. Symmetric.
  bool may_be_of(const Headline& other) const;

 private:
  std::span<const std::uint32_t> marks() const { return std::span(marks_).first(size_); }
  void add(std::uint32_t mark);

  std::array<std::uint32_t, kMost> marks_{};  // ascending, distinct
  std::uint8_t size_ = 0;
};

}  // namespace vigie::fingerprint
