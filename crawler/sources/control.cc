#include "crawler/sources/control.h"

#include <algorithm>

namespace vigie::crawler::sources {
namespace {

/// Commands taken at a time.
constexpr std::size_t kRecordsAtOnce = 100;

Result<void> obey_record(const log::Record& record, const ControlReader::Obey& obey) {
  v1::ControlRecord command;
  if (!record.value || !command.ParseFromString(*record.value)) return {};
  return obey(command);
}

}  // namespace

Result<void> ControlReader::start(log::Log& log, const Obey& obey) {
  VIGIE_ASSIGN(const std::vector<std::int64_t> ends,
               log::read_to_end(log, proto::Topic::kControl, [&](const log::Record& record) {
                 return obey_record(record, obey);
               }));
  next_offset_ = ends.at(0);
  reader_ = log.reader();
  return reader_->assign({proto::Topic::kControl, 0}, next_offset_);
}

Result<void> ControlReader::poll(const Obey& obey) {
  VIGIE_ASSIGN(const std::vector<log::Reader::Batch> batches,
               reader_->poll(kRecordsAtOnce, std::chrono::milliseconds(0)));
  for (const log::Reader::Batch& batch : batches) {
    for (const log::Record& record : batch.records) VIGIE_TRY(obey_record(record, obey));
    next_offset_ = std::max(next_offset_, batch.next_offset);
  }
  return {};
}

}  // namespace vigie::crawler::sources
