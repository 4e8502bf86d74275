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
  // Beyond so many bytes of pages (keys and values, before compression) the oldest that every group
  // has read go before their time, to within 1 MiB a partition; 0: no bound.
  std::uint64_t pages_max_bytes = 0;
  /// Records of a topic that a group has not committed, about once a second while it polls; on the
  /// thread that polls.
  std::function<void(const std::string& group, proto::Topic topic, std::int64_t records)> on_lag =
      {};
};

/// What a log in this process can do beside: every log of open_embedded is one of these too.
class Checkpointed {
 public:
  virtual ~Checkpointed() = default;
  /// Writes a copy of the log as it is now into a folder that must not exist: hard links where the
  /// file system is the same. It can be opened as a log. Any thread. Errors: kStop io.
  virtual Result<void> checkpoint(const std::filesystem::path& to) = 0;
};

/// The log of one machine and one process, on one RocksDB: durable (a flush syncs), bounded by
/// retention, compacted. Errors: kStop locked if another process holds `dir`; kStop corrupt; kStop
/// partitions_changed.
Result<std::unique_ptr<Log>> open_embedded(const EmbeddedOptions& options, Clock& clock);

}  // namespace vigie::log
