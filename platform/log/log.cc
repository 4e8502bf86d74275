#include "platform/log/log.h"

#include <algorithm>

namespace vigie::log {
namespace {

constexpr std::size_t kCatchUpRecords = 1000;  // at a time
constexpr std::chrono::milliseconds kCatchUpPoll{1000};
constexpr int kCatchUpIdlePolls = 60;  // a minute without a record: the log does not answer

}  // namespace

Result<void> append(Log& log, std::vector<NewRecord> records) {
  const std::unique_ptr<Producer> producer = log.producer();
  for (NewRecord& record : records) {
    Result<void> queued = producer->send(std::move(record));
    if (queued) continue;
    VIGIE_TRY(producer->flush());
    return queued;
  }
  return producer->flush();
}

Result<std::vector<std::int64_t>> read_to_end(
    Log& log, proto::Topic topic, const std::function<Result<void>(const Record&)>& each) {
  VIGIE_ASSIGN(const std::int32_t partitions, log.partitions(topic));
  const std::unique_ptr<Reader> reader = log.reader();
  std::vector<std::int64_t> ends(static_cast<std::size_t>(partitions), 0);
  std::size_t open = 0;
  for (std::int32_t p = 0; p < partitions; ++p) {
    const TopicPartition partition{topic, p};
    VIGIE_ASSIGN(const OffsetRange range, log.offsets(partition));
    ends[static_cast<std::size_t>(p)] = range.end;
    if (range.begin >= range.end) continue;
    VIGIE_TRY(reader->assign(partition, range.begin));
    ++open;
  }
  int idle = 0;
  while (open > 0) {
    VIGIE_ASSIGN(const std::vector<Reader::Batch> batches,
                 reader->poll(kCatchUpRecords, kCatchUpPoll));
    if (batches.empty() && ++idle >= kCatchUpIdlePolls) {
      return failure(
          Disposition::kRetry, "log_silent",
          "the log gave no record for a minute while there were more; look at the broker",
          std::string(proto::spec(topic).short_name));
    }
    if (!batches.empty()) idle = 0;
    for (const Reader::Batch& batch : batches) {
      const std::int64_t end = ends[static_cast<std::size_t>(batch.from.partition)];
      for (const Record& record : batch.records) {
        if (record.offset < end) VIGIE_TRY(each(record));
      }
      if (batch.next_offset < end) continue;
      reader->unassign(batch.from);
      --open;
    }
  }
  return ends;
}

}  // namespace vigie::log
