#include "indexer/segments/arena.h"

#include <algorithm>
#include <cstring>

namespace vigie::indexer::segments {
namespace {

constexpr std::uint32_t kPieceHead = 2 * sizeof(std::uint32_t);
constexpr std::uint32_t kFirstPiece = 16;  // with its head
constexpr std::uint32_t kLargestPiece = 1U << 13;

std::uint32_t word(const char* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}
void set_word(char* at, std::uint32_t value) { std::memcpy(at, &value, sizeof value); }

}  // namespace

Arena::Arena(const Arena& other) : free_(other.free_) {
  pages_.reserve(other.pages_.size());
  for (const auto& page : other.pages_) {
    const bool last = &page == &other.pages_.back();
    pages_.push_back(std::make_unique_for_overwrite<char[]>(kPageBytes));
    std::memcpy(pages_.back().get(), page.get(), last ? free_ : kPageBytes);
  }
}

std::uint32_t Arena::take(std::uint32_t bytes) {
  if (bytes > kPageBytes - free_ || pages_.empty()) {
    pages_.push_back(std::make_unique_for_overwrite<char[]>(kPageBytes));
    // place 0 stands for none
    free_ = pages_.size() == 1 ? sizeof(std::uint64_t) : 0;
  }
  const std::uint32_t place = static_cast<std::uint32_t>(pages_.size() - 1) * kPageBytes + free_;
  free_ += bytes;
  return place;
}

std::uint32_t Arena::store(std::string_view bytes) {
  const std::uint32_t place = take(static_cast<std::uint32_t>(bytes.size()));
  std::memcpy(at(place), bytes.data(), bytes.size());
  return place;
}

// The last piece begins where its end minus its size says, so a chain need not keep it.
void Arena::grow(Chain& chain) {
  std::uint32_t size = kFirstPiece;
  std::uint32_t last = 0;
  if (chain.first != 0) {
    // the size of the last piece stands in front of its end as well
    last = chain.end - word(data(chain.end));
    size = std::min(kLargestPiece, word(data(last)) * 2);
  }
  const std::uint32_t piece = take(size + sizeof(std::uint32_t));
  set_word(at(piece), size);
  set_word(at(piece) + sizeof(std::uint32_t), 0);
  set_word(at(piece + size), size);
  if (chain.first == 0) {
    chain.first = piece;
  } else {
    set_word(at(last) + sizeof(std::uint32_t), piece);
  }
  chain.at = piece + kPieceHead;
  chain.end = piece + size;
}

void Arena::append(Chain& chain, std::string_view bytes) {
  while (!bytes.empty()) {
    if (chain.at == chain.end) grow(chain);
    const auto room = std::min<std::size_t>(bytes.size(), chain.end - chain.at);
    std::memcpy(at(chain.at), bytes.data(), room);
    chain.at += static_cast<std::uint32_t>(room);
    bytes.remove_prefix(room);
  }
}

void Arena::append_varint(Chain& chain, std::uint64_t value) {
  for (;;) {
    if (chain.at == chain.end) grow(chain);
    if (value < 0x80) {
      *at(chain.at++) = static_cast<char>(value);
      return;
    }
    *at(chain.at++) = static_cast<char>(value | 0x80);
    value >>= 7;
  }
}

Spot Arena::begin_of(const Chain& chain) const {
  if (chain.first == 0) return {};
  return {chain.first + kPieceHead, chain.first + word(data(chain.first))};
}

bool Arena::Reader::next_piece() {
  if (spot_.end == 0) return false;
  const std::uint32_t piece = spot_.end - word(arena_.data(spot_.end));
  const std::uint32_t next = word(arena_.data(piece) + sizeof(std::uint32_t));
  if (next == 0) return false;
  spot_ = {next + kPieceHead, next + word(arena_.data(next))};
  return true;
}

std::uint64_t Arena::Reader::long_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (spot_.at == spot_.end && !next_piece()) return 0;
    const auto byte = static_cast<unsigned char>(*arena_.data(spot_.at++));
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

void Arena::read(const Chain& chain, std::string& out) const {
  out.clear();
  for (std::uint32_t piece = chain.first; piece != 0;) {
    const std::uint32_t end = piece + word(data(piece));
    const std::uint32_t stop = end == chain.end ? chain.at : end;
    out.append(data(piece + kPieceHead), stop - piece - kPieceHead);
    piece = word(data(piece) + sizeof(std::uint32_t));
  }
}

}  // namespace vigie::indexer::segments
