#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "indexer/alerting/digest_entries.h"
#include "platform/storage/storage.h"

namespace vigie::indexer::alerting {

struct AlerterOptions {
  // its own RocksDB, rebuildable from `deliveries`
  std::filesystem::path dir;
  std::string group = "vigie-alerter";  // consumer group of `matches`
  // silence after which another process takes over; 0: the log's
  std::chrono::milliseconds session{0};
  // copies of an alert younger than this join it
  std::int64_t copy_window_ms = 14LL * 24 * 3600 * 1000;
  // Delivery rows are kept so long after their end, groups after their last match. A match of an
  // article discovered longer ago is dropped, so that what is forgotten never alerts again.
  // (alerts.max_age is the shard's: see eligibility.h.)
  std::int64_t keep_ms = 30LL * 24 * 3600 * 1000;
  // new alerts of one subscription in an hour of log time; what it meets beyond is counted alone
  std::size_t alerts_per_hour = 1'000;
  std::int64_t give_up_ms = 3LL * 24 * 3600 * 1000;  // of retries
  std::size_t max_in_flight = 64;                    // attempts at once
  // so that one slow receiver holds up only itself
  std::size_t max_in_flight_per_channel = 4;
  // a new match wakes at once; this bounds only timers
  std::chrono::milliseconds idle_poll{100};
  // for attempts under way; what is cut off is made again after the start
  std::chrono::milliseconds stop_wait{3'000};
  storage::Opener open_database = storage::open;
  // which events articles belong to when a digest is put together, or an event is to be told once;
  // empty: as the matches say
  std::function<Events(const std::vector<std::string>& article_ids)> events = {};
  // how far an event is reported by now; nothing where that is not known. Empty: never known
  Reach reach = {};
  // A match of a subscription that tells an event once waits so long for the event of its article,
  // which is looked for so often; then it is an alert of its own.
  std::chrono::milliseconds event_wait{30'000};
  std::chrono::milliseconds event_look{200};
};

}  // namespace vigie::indexer::alerting
