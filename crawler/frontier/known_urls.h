#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/frontier.pb.h"
#include "proto/identity.h"

namespace vigie::crawler::frontier {

/// What a listing that names a known URL could change of it, in 32 bits. Derived from its state
/// alone, and kept with the URL, so that most of what listings name is answered without the store.
/// A change of what it means changes the format of the store (store.cc).
using Note = std::uint32_t;
/// Something may: its state must be looked at.
inline constexpr Note kLook = 1;
/// Nothing does.
inline constexpr Note kQuiet = 2;
// Others below kStanding: of a page that was fetched, a hash of what its feed announced; another
// announcement may.

/// This and a number: the URL has no state but the one in the record of new URLs with that number
/// (NewUrlRows), so that nothing does.
inline constexpr Note kStanding = 1U << 31U;
inline bool is_standing(Note note) { return note >= kStanding; }
inline std::uint32_t number_of(Note note) { return note - kStanding; }

Note note_of(const v1::UrlState& state);
/// Whether a listing that names the URL could change anything. `item` null: it has none.
bool could_change(Note note, const v1::FeedItem* item);

/// An exact set of the URLs of one partition, in memory: 128 bits of SHA-256 of each, and its note.
/// Two URLs of one digest do not happen, and cannot be made. 21 to 25 bytes a URL. It is cut into
/// 256 parts by the first byte, so that growing stops nothing for long. One thread.
class KnownUrls {
 public:
  KnownUrls() : parts_(kParts) {}

  /// Nothing: the URL is not known.
  std::optional<Note> find(const proto::Digest128& digest) const;
  /// Adds the URL or changes its note.
  void put(const proto::Digest128& digest, Note note);
  void erase(const proto::Digest128& digest);
  std::size_t size() const { return size_; }
  /// Of memory.
  std::size_t bytes() const;

 private:
  static constexpr std::size_t kParts = 256;
  static constexpr std::size_t kKeyBytes = sizeof(proto::Digest128) - 1;
  static constexpr std::size_t kSlotBytes = kKeyBytes + sizeof(Note);

  /// Slots in the order of their keys, each at or behind the place that its key would have among
  /// evenly spread ones: a look-up begins there and ends at the first empty slot or greater key.
  class Part {
   public:
    std::optional<Note> find(const unsigned char* key) const;
    bool put(const unsigned char* key, Note note);  // true: it is new
    bool erase(const unsigned char* key);
    std::size_t bytes() const { return slots_.capacity(); }

   private:
    std::size_t home(const unsigned char* key) const;
    unsigned char* slot(std::size_t at) { return slots_.data() + at * kSlotBytes; }
    const unsigned char* slot(std::size_t at) const { return slots_.data() + at * kSlotBytes; }
    std::size_t slots() const { return slots_.size() / kSlotBytes; }
    Note note(std::size_t at) const;
    void set_note(std::size_t at, Note note);
    /// Where the key is, or would be put.
    std::size_t place(const unsigned char* key) const;
    bool holds(std::size_t at, const unsigned char* key) const;
    void grow();
    void add_tail();

    std::vector<unsigned char> slots_;  // key, note; note 0: empty. The last one is always empty
    std::size_t spread_ = 0;            // keys are spread over the first so many slots
    std::size_t size_ = 0;
  };

  std::vector<Part> parts_;
  std::size_t size_ = 0;
};

}  // namespace vigie::crawler::frontier
