#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::extractor::tagging {

/// Finds every occurrence of many literals in a text, in one pass. Literals stand in groups by
/// their first byte, and there in tiers by their length. At each byte a bit for each tier of its
/// group says whether any literal begins with the bytes there; few do, and those are looked up
/// among the literals in order. Immutable; scan() from any thread.
class LiteralIndex {
 public:
  struct Hit {
    std::uint32_t literal = 0;  // its place in the list that was given
    std::uint32_t begin = 0;    // bytes of the text
  };

  LiteralIndex() : LiteralIndex(std::vector<std::string>()) {}
  /// In: literals, not empty, each once.
  explicit LiteralIndex(const std::vector<std::string>& literals);

  /// Appends every occurrence of every literal, in order of its begin. The text is under 4 GiB.
  void scan(std::string_view text, std::vector<Hit>& hits) const;
  std::size_t size() const { return size_; }
  /// The literals in the order that was given.
  std::vector<std::string> literals() const;

 private:
  /// A literal; all stand in order of their bytes.
  struct Entry {
    std::uint32_t begin = 0;  // of bytes_
    std::uint16_t length = 0;
    std::uint32_t literal = 0;
  };
  /// Literals that begin with the same bytes.
  struct Bucket {
    std::uint64_t key = 0;
    std::uint32_t first = 0;
    std::uint32_t last = 0;  // behind the last; an empty bucket is free
  };
  /// A literal of fewer bytes than any key.
  struct Short {
    std::uint64_t mask = 0;
    std::uint64_t key = 0;
    Entry entry;
  };
  /// Literals of so many bytes or more, and fewer than the next tier's.
  struct Tier {
    std::uint64_t mask = 0;  // of the bytes that are the key
    std::uint32_t key_bytes = 0;
    int bits = 0;                       // of a place in `begins`
    std::vector<std::uint64_t> begins;  // a bit for each hash of a key
    std::vector<Entry> entries;         // in order of their bytes
    int slot_shift = 0;                 // from a hash to a place in `buckets`
    std::vector<Bucket> buckets;        // by hash of the key, at most half full
  };

  std::string_view bytes_of(const Entry& entry) const {
    return std::string_view(bytes_).substr(entry.begin, entry.length);
  }
  void add(const Entry& entry);
  void add_buckets(Tier& tier);
  template <std::size_t kGroup>
  void probe(std::string_view text, std::size_t at, std::vector<Hit>& hits) const;
  void look_up(const Tier& tier, std::string_view text, std::size_t at, std::uint64_t key,
               std::vector<Hit>& hits) const;
  void report(const Tier& tier, std::string_view text, std::size_t at, const Bucket& bucket,
              std::vector<Hit>& hits) const;
  static void short_ones(const std::vector<Short>& shorts, std::uint64_t eight, std::size_t at,
                         std::vector<Hit>& hits);

  /// Words, which begin at a space; what stands inside words; scripts that are not Latin.
  enum Group : std::size_t { kAtSpace, kInside, kOther, kGroups };
  static constexpr std::size_t kTiers = 3;
  std::size_t size_ = 0;
  std::string bytes_;
  std::array<std::array<Tier, kTiers>, kGroups> groups_;
  std::array<std::vector<Short>, kGroups> shorts_;
};

}  // namespace vigie::extractor::tagging
