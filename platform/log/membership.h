#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/log/log.h"
#include "platform/result/result.h"

/// What an engine whose groups have several members knows beyond log.h: a Group or Log of such an
/// engine has these as further bases, that of one process has not.
namespace vigie::log {

/// Of a Group.
class Membership {
 public:
  virtual ~Membership() = default;
  /// Whether what the last poll() revoked was taken away, because the session had ended: others may
  /// own it already, so nothing more may be written for it. Else it is this member's until the next
  /// poll(), which lets it go.
  virtual bool lost() const = 0;
  /// Commits, and tells whether the group took it: false where this member is one no longer, or its
  /// partitions are changing hands. Who may have been asleep for longer than its session asks
  /// before it acts. Errors: as Group::commit.
  virtual Result<bool> confirm(TopicPartition partition, std::int64_t next_offset) = 0;
};

/// Of a Log whose topics may take less than proto/log_topics.h says.
class RecordLimits {
 public:
  virtual ~RecordLimits() = default;
  /// Bytes of key and value that a record of the topic may have: max_record_bytes, or less where a
  /// broker takes less.
  virtual std::size_t largest_record(proto::Topic topic) const = 0;
};

/// Of any log.
inline std::size_t largest_record(const Log& log, proto::Topic topic) {
  const auto* limits = dynamic_cast<const RecordLimits*>(&log);
  return limits != nullptr ? limits->largest_record(topic)
                           : static_cast<std::size_t>(proto::spec(topic).max_record_bytes);
}

}  // namespace vigie::log
