#include "crawler/frontier/known_urls.h"

#include <algorithm>
#include <cstring>

#include "proto/log_topics.h"

namespace vigie::crawler::frontier {
namespace {

/// Slots behind those that keys are spread over: for what is pushed on by what lies before it.
constexpr std::size_t kTailSlots = 8;
constexpr std::size_t kFirstSlots = 16;
/// A part grows at seven eighths, by an eighth: it is full to some four fifths on average.
constexpr std::size_t kFullNumerator = 7;
constexpr std::size_t kFullDenominator = 8;
constexpr std::size_t kGrowth = 8;

std::uint64_t leading(const unsigned char* key) {
  return std::uint64_t{key[0]} << 24U | std::uint64_t{key[1]} << 16U | std::uint64_t{key[2]} << 8U |
         key[3];
}

Note announcement(const v1::FeedItem& item) {
  return std::max<Note>(kQuiet + 1,
                        proto::murmur2(item.feed_url() + "\n" + item.updated()) & (kStanding - 1));
}

}  // namespace

Note note_of(const v1::UrlState& state) {
  // What was given up is tried again.
  if (state.gave_up()) return kLook;
  if (state.kind() != v1::URL_KIND_ARTICLE) return kQuiet;
  // A page that is refused may be named by another spelling of its URL.
  if (state.fetches() == 0) return state.failures() > 0 ? kLook : kQuiet;
  return state.has_feed_item() ? announcement(state.feed_item()) : kQuiet;
}

bool could_change(Note note, const v1::FeedItem* item) {
  if (note == kLook) return true;
  return note != kQuiet && !is_standing(note) && item != nullptr && !item->updated().empty() &&
         announcement(*item) != note;
}

std::size_t KnownUrls::Part::home(const unsigned char* key) const {
  return static_cast<std::size_t>(leading(key) * spread_ >> 32U);
}

Note KnownUrls::Part::note(std::size_t at) const {
  Note out = 0;
  std::memcpy(&out, slot(at) + kKeyBytes, sizeof out);
  return out;
}

void KnownUrls::Part::set_note(std::size_t at, Note note) {
  std::memcpy(slot(at) + kKeyBytes, &note, sizeof note);
}

std::size_t KnownUrls::Part::place(const unsigned char* key) const {
  std::size_t at = home(key);
  while (note(at) != 0 && std::memcmp(slot(at), key, kKeyBytes) < 0) ++at;
  return at;
}

bool KnownUrls::Part::holds(std::size_t at, const unsigned char* key) const {
  return note(at) != 0 && std::memcmp(slot(at), key, kKeyBytes) == 0;
}

std::optional<Note> KnownUrls::Part::find(const unsigned char* key) const {
  if (size_ == 0) return std::nullopt;
  const std::size_t at = place(key);
  return holds(at, key) ? std::optional<Note>(note(at)) : std::nullopt;
}

void KnownUrls::Part::add_tail() {
  const std::size_t bytes = slots_.size() + kTailSlots * kSlotBytes;
  slots_.reserve(bytes);  // a vector that grows by itself takes twice what it needs
  slots_.resize(bytes, 0);
}

void KnownUrls::Part::grow() {
  const std::vector<unsigned char> old = std::move(slots_);
  spread_ += std::max(kFirstSlots, spread_ / kGrowth);
  slots_ = std::vector<unsigned char>((spread_ + kTailSlots) * kSlotBytes, 0);
  std::size_t next = 0;  // the first slot that may be taken: keys come in their order
  for (std::size_t i = 0; i + kSlotBytes <= old.size(); i += kSlotBytes) {
    Note note = 0;
    std::memcpy(&note, old.data() + i + kKeyBytes, sizeof note);
    if (note == 0) continue;
    next = std::max(next, home(old.data() + i));
    if (next + 1 >= slots()) add_tail();
    std::memcpy(slot(next), old.data() + i, kSlotBytes);
    ++next;
  }
}

bool KnownUrls::Part::put(const unsigned char* key, Note note) {
  if (size_ > 0) {
    const std::size_t at = place(key);
    if (holds(at, key)) {
      set_note(at, note);
      return false;
    }
  }
  if ((size_ + 1) * kFullDenominator > spread_ * kFullNumerator) grow();
  const std::size_t at = place(key);
  std::size_t empty = at;
  while (this->note(empty) != 0) ++empty;
  if (empty + 1 == slots()) add_tail();
  std::memmove(slot(at + 1), slot(at), (empty - at) * kSlotBytes);
  std::memcpy(slot(at), key, kKeyBytes);
  set_note(at, note);
  ++size_;
  return true;
}

bool KnownUrls::Part::erase(const unsigned char* key) {
  if (size_ == 0) return false;
  const std::size_t at = place(key);
  if (!holds(at, key)) return false;
  // What was pushed on by it moves back.
  std::size_t end = at + 1;
  while (note(end) != 0 && home(slot(end)) != end) ++end;
  std::memmove(slot(at), slot(at + 1), (end - at - 1) * kSlotBytes);
  std::memset(slot(end - 1), 0, kSlotBytes);
  --size_;
  return true;
}

std::optional<Note> KnownUrls::find(const proto::Digest128& digest) const {
  return parts_[digest[0]].find(digest.data() + 1);
}

void KnownUrls::put(const proto::Digest128& digest, Note note) {
  if (parts_[digest[0]].put(digest.data() + 1, note)) ++size_;
}

void KnownUrls::erase(const proto::Digest128& digest) {
  if (parts_[digest[0]].erase(digest.data() + 1)) --size_;
}

std::size_t KnownUrls::bytes() const {
  std::size_t out = parts_.capacity() * sizeof(Part);
  for (const Part& part : parts_) out += part.bytes();
  return out;
}

}  // namespace vigie::crawler::frontier
