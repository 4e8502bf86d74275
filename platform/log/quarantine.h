#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/log/log.h"

namespace vigie::log {

/// A record that a stage could not work on, with what happened.
struct Failure {
  std::string_view stage;   // extract, index, cluster, alert
  std::string_view reason;  // slug
  std::string_view detail;  // one sentence for people
  std::string_view url = {};
  int attempts = 1;
};

/// Larger records are cut, and then cannot be replayed: a record of `quarantine` must fit into the
/// topic with its key and reason.
inline constexpr std::size_t kMostQuarantinedBytes = 11ULL << 20;

/// What goes to `quarantine`: its id is a function of the record's place and the stage, so that a
/// repeat is the same record.
NewRecord quarantined(proto::Topic from, const Record& record, const Failure& failed,
                      std::int64_t now_unix_ms);

/// The record of a gap that a person acknowledged: offsets [from, to) of a partition were gone
/// before they were read, or the log ends before them.
NewRecord acknowledged_gap(TopicPartition partition, std::int64_t from, std::int64_t to,
                           std::int64_t now_unix_ms);

}  // namespace vigie::log
