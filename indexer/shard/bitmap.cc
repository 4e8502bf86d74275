#include "indexer/shard/bitmap.h"

namespace vigie::indexer {
namespace {

std::uint64_t count_plain(const std::uint64_t* words, std::size_t size) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<std::uint64_t>(std::popcount(words[i]));
  return out;
}

#if defined(__x86_64__)
/// The same with the instruction that processors have had since 2008, but that not every one has.
__attribute__((target("popcnt"))) std::uint64_t count_counted(const std::uint64_t* words,
                                                              std::size_t size) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < size; ++i)
    out += static_cast<std::uint64_t>(__builtin_popcountll(words[i]));
  return out;
}
const bool kCounts = __builtin_cpu_supports("popcnt") != 0;
std::uint64_t count_words(const std::uint64_t* words, std::size_t size) {
  return kCounts ? count_counted(words, size) : count_plain(words, size);
}
#else
std::uint64_t count_words(const std::uint64_t* words, std::size_t size) {
  return count_plain(words, size);
}
#endif

}  // namespace

void Bitmap::keep() {
  own_.assign(lent_, lent_ + size());
  lent_ = nullptr;
}

Bitmap Bitmap::common(const Bitmap& a, const Bitmap& b) {
  Bitmap out(a.documents_);
  std::uint64_t* const to = out.own_.data();
  const std::uint64_t* const one = a.words();
  const std::uint64_t* const other = b.words();
  for (std::size_t i = 0; i < out.size(); ++i) to[i] = one[i] & other[i];
  return out;
}

void Bitmap::unite(const Bitmap& other) {
  std::uint64_t* const to = words();
  const std::uint64_t* const from = other.words();
  for (std::size_t i = 0; i < size(); ++i) to[i] |= from[i];
}

void Bitmap::intersect(const Bitmap& other) {
  std::uint64_t* const to = words();
  const std::uint64_t* const from = other.words();
  for (std::size_t i = 0; i < size(); ++i) to[i] &= from[i];
}

void Bitmap::subtract(const Bitmap& other) {
  std::uint64_t* const to = words();
  const std::uint64_t* const from = other.words();
  for (std::size_t i = 0; i < size(); ++i) to[i] &= ~from[i];
}

std::uint64_t Bitmap::count(std::size_t begin, std::size_t end) const {
  return count_words(words() + begin, end - begin);
}

}  // namespace vigie::indexer
