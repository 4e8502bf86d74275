#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/api/call.h"
#include "platform/dates/time_zone.h"

namespace vigie::log {
class Log;
}
namespace vigie::v1 {
class PeerAlertCounts;
}
namespace vigie::indexer::alerting {
class Alerts;
}
namespace vigie::indexer::search {
class Peers;
}

namespace vigie::indexer::api {

/// Who delivers the alerts of a subscription: this process, another indexer, or nobody for a
/// moment. Thread-safe.
class AlertOwners {
 public:
  /// `alerter` nullptr: this process delivers none. `peers` nullptr: there are no others.
  AlertOwners(alerting::Alerts* alerter, search::Peers* peers, log::Log& log)
      : alerter_(alerter), peers_(peers), log_(log) {}

  bool delivers_here() const { return alerter_ != nullptr; }
  /// Whether this process is to answer for the alerts of a subscription.
  bool is_here(const std::string& subscription_id) const;
  /// The response of the process that delivers the alerts of the subscription in captures[0], or
  /// why there is none; nothing where that is this one.
  std::optional<http::Response> elsewhere(const Call& call) const;

  using Counts = std::map<std::string, v1::PeerAlertCounts>;
  /// Alerts of subscriptions, by subscription id, from whoever delivers them; `partial` is set
  /// where somebody did not answer; days are those of `zone`.
  Counts counts(const std::vector<std::string>& subscription_ids, const dates::TimeZone& zone,
                bool& partial) const;
  /// Of one that is here.
  v1::PeerAlertCounts own_counts(const std::string& subscription_id, std::size_t days,
                                 const dates::TimeZone& zone) const;

 private:
  std::optional<std::string> owner_of(std::int32_t partition) const;

  alerting::Alerts* alerter_;
  search::Peers* peers_;
  log::Log& log_;
};

/// Set on what came from another indexer: it is answered from what is here, or not at all.
inline constexpr std::string_view kFromPeer = "x-vigie-peer";

}  // namespace vigie::indexer::api
