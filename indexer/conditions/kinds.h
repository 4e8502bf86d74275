#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "platform/result/result.h"

/// What can be wrong with a vigie, and the queries that ask for it. Pure.
namespace vigie::indexer::conditions {

enum class Kind : std::uint8_t {
  kQuiet,       // a source has gone quiet (platform/status/quiet.h)
  kFailing,     // a source gives nothing: it fails, or asks for a back-off
  kFlooding,    // a source lists more than may be fetched
  kDeliveries,  // a channel takes no alert
  kQuarantine,  // a stage sets many records aside
  kDisk,        // the disk of an instance is nearly full
  kLag,         // a service falls behind on a topic of the log
};
inline constexpr std::array<Kind, 7> kKinds{Kind::kQuiet,      Kind::kFailing,    Kind::kFlooding,
                                            Kind::kDeliveries, Kind::kQuarantine, Kind::kDisk,
                                            Kind::kLag};

/// As records and queries say it: "quiet". Total.
std::string_view name_of(Kind kind);
std::optional<Kind> kind_named(std::string_view name);

/// Whether a query of a subscription asks for conditions in place of articles: its first term is of
/// `system:`. Total.
bool asks_for_conditions(std::string_view query);

/// The kinds that such a query names: `system:quiet`, `system:disk OR system:lag`, `system:*`.
/// Errors: kQuarantine bad_query, with the kinds that there are; `offset`: the byte of the first
/// term that is wrong.
Result<std::set<Kind>> kinds_asked(std::string_view query, std::size_t* offset = nullptr);

}  // namespace vigie::indexer::conditions
