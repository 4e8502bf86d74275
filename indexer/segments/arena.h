#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Memory of many growing strings of bytes: pieces of doubling size in large pages, freed together.
namespace vigie::indexer::segments {

/// A string of bytes in an arena that grows at its end.
struct Chain {
  std::uint32_t first = 0;  // piece; 0: none
  std::uint32_t at = 0;     // where the next byte goes
  std::uint32_t end = 0;    // end of the last piece
};

/// A place in a chain from which on it may be read.
struct Spot {
  std::uint32_t at = 0;
  std::uint32_t end = 0;  // of the piece
};

class Arena {
 public:
  Arena() = default;
  Arena(const Arena& other);
  Arena& operator=(const Arena&) = delete;

  void append(Chain& chain, std::string_view bytes);
  void append_varint(Chain& chain, std::uint64_t value);
  /// Replaces `out` with the bytes of the chain.
  void read(const Chain& chain, std::string& out) const;
  Spot begin_of(const Chain& chain) const;
  static Spot end_of(const Chain& chain) { return {chain.at, chain.end}; }
  /// Reads varints that were appended to a chain, from a spot on; 0 behind its end.
  class Reader {
   public:
    Reader(const Arena& arena, const Spot& spot) : arena_(arena), spot_(spot) {}
    std::uint64_t varint() {
      if (spot_.at == spot_.end && !next_piece()) return 0;
      const auto byte = static_cast<unsigned char>(*arena_.data(spot_.at));
      if (byte >= 0x80) return long_varint();
      ++spot_.at;
      return byte;
    }
    std::uint32_t varint32() { return static_cast<std::uint32_t>(varint()); }

   private:
    bool next_piece();
    std::uint64_t long_varint();
    const Arena& arena_;
    Spot spot_;
  };
  /// Bytes that stay where they are; at most kPageBytes.
  std::uint32_t store(std::string_view bytes);
  const char* data(std::uint32_t place) const {
    return pages_[place / kPageBytes].get() + place % kPageBytes;
  }
  std::size_t bytes() const { return pages_.size() * kPageBytes; }

  static constexpr std::uint32_t kPageBytes = 1U << 20;

 private:
  /// A piece: its number of bytes and the next piece (both u32), then the bytes.
  void grow(Chain& chain);
  std::uint32_t take(std::uint32_t bytes);
  char* at(std::uint32_t place) { return pages_[place / kPageBytes].get() + place % kPageBytes; }

  std::vector<std::unique_ptr<char[]>> pages_;
  std::uint32_t free_ = kPageBytes;  // in the last page
};

}  // namespace vigie::indexer::segments
