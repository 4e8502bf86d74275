#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::extractor::tagging {

/// Finds every occurrence of many literals in a text, in one pass. At each byte a bit says whether
/// any literal begins with the four bytes there; few do, and those are looked up among the literals
/// in order. Immutable; scan() from any thread.
class LiteralIndex {
 public:
  struct Hit {
    std::uint32_t literal = 0;  // its place in the list that was given
    std::uint32_t begin = 0;    // bytes of the text
  };

  LiteralIndex() = default;
  /// In: literals, not empty, each once.
  explicit LiteralIndex(const std::vector<std::string>& literals);

  /// Appends every occurrence of every literal, in order of its begin. The text is under 4 GiB.
  void scan(std::string_view text, std::vector<Hit>& hits) const;
  std::size_t size() const { return entries_.size(); }
  /// The literals in the order that was given.
  std::vector<std::string> literals() const;

 private:
  /// A literal; all stand in order of their bytes.
  struct Entry {
    std::uint32_t begin = 0;  // of bytes_
    std::uint16_t length = 0;
    std::uint32_t literal = 0;
  };
  /// Literals that begin with the same four bytes.
  struct Bucket {
    std::uint32_t key = 0;
    std::uint32_t first = 0;
    std::uint32_t last = 0;  // behind the last; an empty bucket is free
  };

  std::string_view bytes_of(const Entry& entry) const {
    return std::string_view(bytes_).substr(entry.begin, entry.length);
  }
  void add_buckets();
  void report(std::string_view text, std::size_t at, std::uint32_t first, std::uint32_t last,
              std::size_t depth, std::vector<Hit>& hits) const;
  void look_up(std::string_view text, std::size_t at, std::uint32_t key,
               std::vector<Hit>& hits) const;
  void short_ones(std::string_view text, std::size_t at, std::vector<Hit>& hits) const;

  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<Bucket> buckets_;  // by hash of the key, at most half full
  std::vector<std::uint64_t>
      begins_;  // a bit for each hash of four bytes that a literal begins with
  int begin_bits_ = 0;
  std::vector<std::uint32_t> shorts_;  // entries of fewer than four bytes
  std::vector<std::uint64_t>
      short_begins_;  // a bit for each two bytes that one of them begins with
};

}  // namespace vigie::extractor::tagging
