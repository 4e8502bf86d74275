#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/frontier.pb.h"
#include "proto/identity.h"

/// The rows of the frontier's store on disk: families and keys. A key begins with the partition in
/// two bytes. For the two owners of the rows, FrontierStore and DueRows.
namespace vigie::crawler::frontier {

/// Column families, in the order in which the store opens them.
enum Family : std::size_t {
  // partition, URL → UrlState, where it is not left in a record of kNew; and partition + kKnown,
  // digest of a URL → its note, of which
  // KnownUrls is made: both are flushed together
  kUrls,
  kDue,           // see due.h
  kParked,        // partition, source id, NUL, URL: set aside
  kArrivals,      // partition, URL → Discovery
  kReservations,  // partition, name → Reservation
  kMisplaced,     // partition, key of a record that belongs to another partition
  kMeta,          // partition → how far it was read
  kTexts,         // partition, source id, NUL, digest of a text → URL of its page
  kNew,           // records of new URLs that stand, see new_url_rows.cc
};

/// Rows that one call looks at: what is in hand, set aside, or becomes due in between.
inline constexpr std::size_t kRowsAtOnce = 1'000;

inline std::string partition_prefix(std::int32_t partition) {
  std::string key;
  storage::append_u16(key, static_cast<std::uint16_t>(partition));
  return key;
}

inline std::string row(std::int32_t partition, std::string_view name) {
  return partition_prefix(partition).append(name);
}

inline std::string text_row(std::int32_t partition, std::string_view source_id,
                            std::string_view text_digest) {
  std::string key = row(partition, source_id);
  key += '\0';
  return key.append(text_digest);
}

/// Beyond every number of a partition.
inline constexpr std::int32_t kKnown = 1 << 15;

inline std::string known_prefix(std::int32_t partition) {
  VIGIE_INVARIANT(partition < kKnown);
  return partition_prefix(partition + kKnown);
}

inline std::string known_row(std::int32_t partition, const proto::Digest128& digest) {
  return known_prefix(partition).append(reinterpret_cast<const char*>(digest.data()),
                                        digest.size());
}

inline storage::KeyRange range_of(const std::string& prefix) {
  return {prefix, storage::after_prefix(prefix)};
}

template <class Message>
std::optional<Message> parsed(std::string_view bytes) {
  Message out;
  if (!out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  return out;
}

}  // namespace vigie::crawler::frontier
