#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/frontier.pb.h"

/// Where a URL waits for its next fetch: rows of the frontier's store, one domain after the other,
/// in the order in which they are taken. Pure functions.
namespace vigie::crawler::frontier {

/// In the order of their rows.
enum class Waiting : std::uint8_t {
  kPoll = 0,  // by due time
  // never fetched well and due: newest first, by when its feed says that it was published, else by
  // its discovery
  kFresh = 1,
  kLater = 2,    // never fetched well, due in the future; by due time
  kRevisit = 3,  // by due time
};

struct DueSlot {
  Waiting kind = Waiting::kPoll;
  std::int64_t order = 0;
  std::int64_t newest = 0;  // order among the fresh, once it is due
};

/// Nothing where the URL is never due again. `now_unix_ms` tells fresh from later.
std::optional<DueSlot> due_slot_of(const v1::UrlState& state, std::int64_t now_unix_ms);
/// The same of a page that was never fetched well.
DueSlot first_slot(std::int64_t next_due_unix_ms, std::int64_t discovered_at_unix_ms,
                   std::string_view published, std::int64_t now_unix_ms);
/// Whether it waits for its first fetch.
bool waits_for_first_fetch(const v1::UrlState& state);

/// Rows of one domain begin with this; no domain holds a NUL.
std::string due_prefix(std::int32_t partition, std::string_view domain);
std::string due_key(std::string_view prefix, Waiting kind, std::int64_t order,
                    std::string_view url);

struct DueRow {
  Waiting kind;
  std::int64_t order;
  std::string_view url;
};
/// A row of the domain whose prefix is `prefix_bytes` long; views into `key`.
DueRow read_due_key(std::string_view key, std::size_t prefix_bytes);

/// Registrable domain of a URL's host, the partition key of the frontier; the URL itself where it
/// has no host.
std::string domain_of(std::string_view url);

/// The same of many URLs, most of which follow others of their host, as in a listing. One thread.
class Domains {
 public:
  /// Valid until the next call.
  const std::string& of(std::string_view url);

 private:
  std::string host_;
  std::string domain_;
};

}  // namespace vigie::crawler::frontier
