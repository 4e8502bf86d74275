#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/delivery.pb.h"
#include "proto/digest.pb.h"

namespace vigie::indexer::alerting {

/// What a digest shows: the most entries, the most other articles of one, and the most bytes of all
/// (a record of `deliveries` has a mebibyte).
inline constexpr std::size_t kMaxEntries = 200;
inline constexpr std::size_t kMaxOthers = 10;
inline constexpr std::size_t kMaxEntryBytes = 512UL << 10;

/// Which event an article belongs to, by article id, as it is known now. What is not known is left
/// out.
using Events = std::map<std::string, std::string>;

/// How far an event is reported; nothing where that is not known.
using Reach = std::function<std::optional<v1::EventReach>(const std::string& event_id)>;
/// So many entries of a digest say how far their events are reported: those that it begins with.
inline constexpr std::size_t kMaxReached = 30;
/// Asks it for the entries of a digest whose events are known.
void say_reach(const Reach& reach, v1::Digest& digest);

/// Fills entries, further, alerts and articles of a digest: one entry for each event, or for each
/// story where no event is known, the one with the newest match first, shown by its first article
/// in time. `groups`: the alerts, newest match first. Pure.
void fill_entries(const std::vector<v1::AlertGroup>& groups, const Events& events,
                  v1::Digest& digest);

}  // namespace vigie::indexer::alerting
