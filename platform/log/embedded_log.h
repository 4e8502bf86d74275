#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "platform/clock/clock.h"
#include "platform/log/log.h"

namespace vigie::log {

struct EmbeddedOptions {
  std::filesystem::path dir;
  // of topics that are not single; fixed when the directory is made
  std::int32_t partitions = 12;
  // records sent and not yet durable; a full queue blocks
  std::size_t queue_bytes = 64ULL << 20;
  std::chrono::milliseconds housekeeping{30'000};  // compaction and retention
  /// Records of a topic that a group has not committed, about once a second while it polls; on the
  /// thread that polls.
  std::function<void(const std::string& group, proto::Topic topic, std::int64_t records)> on_lag =
      {};
};

/// The log of one machine and one process, on one RocksDB: durable (a flush syncs), bounded by
/// retention, compacted. Errors: kStop locked if another process holds `dir`; kStop corrupt; kStop
/// partitions_changed.
Result<std::unique_ptr<Log>> open_embedded(const EmbeddedOptions& options, Clock& clock);

}  // namespace vigie::log
