#pragma once

#include "platform/log/log.h"

/// Names of what `Group` and `Log` have themselves by now (log.h); this file goes with their last
/// user.
namespace vigie::log {

/// Group::lost and Group::confirm.
class Membership {
 public:
  virtual ~Membership() = default;
  virtual bool lost() const = 0;
  virtual Result<bool> confirm(TopicPartition partition, std::int64_t next_offset) = 0;
};

/// Log::largest_record.
class RecordLimits {
 public:
  virtual ~RecordLimits() = default;
  virtual std::size_t largest_record(proto::Topic topic) const = 0;
};

inline std::size_t largest_record(const Log& log, proto::Topic topic) {
  return log.largest_record(topic);
}

}  // namespace vigie::log
