#include "platform/log/resume.h"

#include <string>

#include "platform/logging/logging.h"

namespace vigie::log {
namespace {

bool holds(const OffsetRange& range, std::int64_t offset) {
  return offset >= range.begin && offset <= range.end;
}

Error gap(TopicPartition partition, const OffsetRange& range, std::int64_t stored,
          std::string_view reader) {
  const std::string topic(proto::spec(partition.topic).short_name);
  const std::string number = std::to_string(partition.partition);
  const std::int64_t way_out = stored < range.begin ? range.begin : range.end;
  return Error{"log_gap", Disposition::kStop,
               std::string(reader) + " has read to offset " + std::to_string(stored) +
                   " but the log holds " + std::to_string(range.begin) + " to " +
                   std::to_string(range.end) +
                   "; restore the log or a checkpoint of the reader, or stop vigie and go on "
                   "without the records between by `vigie log skip " +
                   topic + " " + number + " " + std::to_string(way_out) + "`",
               topic + "/" + number};
}

}  // namespace

Result<Resume> resume(TopicPartition partition, const OffsetRange& range,
                      std::optional<std::int64_t> stored, std::optional<std::int64_t> acknowledged,
                      std::string_view reader) {
  if (!stored) return Resume{range.begin, std::nullopt};
  if (holds(range, *stored)) return Resume{*stored, std::nullopt};
  if (acknowledged && holds(range, *acknowledged)) return Resume{*acknowledged, stored};
  return failure(gap(partition, range, *stored, reader));
}

Result<Resume> resume(Log& log, TopicPartition partition, std::optional<std::int64_t> stored,
                      std::string_view reader) {
  VIGIE_ASSIGN(const OffsetRange range, log.offsets(partition));
  std::optional<std::int64_t> acknowledged;
  if (stored && !holds(range, *stored)) {
    VIGIE_ASSIGN(acknowledged, log.committed(kSkipGroup, partition));
  }
  VIGIE_ASSIGN(const Resume resumed, resume(partition, range, stored, acknowledged, reader));
  if (resumed.gap_from) warn_skipped(partition, resumed);
  return resumed;
}

std::int64_t resume_compacted(const OffsetRange& range, std::optional<std::int64_t> stored) {
  return stored && holds(range, *stored) ? *stored : range.begin;
}

Result<std::int64_t> resume_mirror(TopicPartition partition, const OffsetRange& range,
                                   std::optional<std::int64_t> stored, std::string_view store) {
  if (!stored || *stored <= range.end) return resume_compacted(range, stored);
  const std::string topic(proto::spec(partition.topic).short_name);
  return failure(Disposition::kStop, "log_gap",
                 "the " + topic + " was read up to offset " + std::to_string(*stored) +
                     " and the log ends at " + std::to_string(range.end) +
                     ": it has lost records. To go on from what it holds, remove " +
                     std::string(store),
                 "topic " + topic + ", partition " + std::to_string(partition.partition));
}

void warn_skipped(TopicPartition partition, const Resume& resumed) {
  logging::warn("an acknowledged gap is skipped",
                {{"topic", std::string(proto::spec(partition.topic).short_name)},
                 {"partition", partition.partition},
                 {"from_offset", resumed.gap_from.value_or(resumed.offset)},
                 {"to_offset", resumed.offset}});
}

}  // namespace vigie::log
