#include "crawler/sources/control.h"

#include <utility>

namespace vigie::crawler::sources {
namespace {

/// Commands taken at a time.
constexpr std::size_t kRecordsAtOnce = 100;

Result<void> obey_batch(const log::Reader::Batch& batch, const ControlReader::Obey& obey) {
  for (const log::Record& record : batch.records) {
    v1::ControlRecord command;
    if (!record.value || !command.ParseFromString(*record.value)) continue;
    VIGIE_TRY(obey(command));
  }
  return {};
}

}  // namespace

ControlReader::ControlReader(log::Log& log, Obey obey)
    : control_(log, proto::Topic::kControl,
               [obey = std::move(obey)](const log::Reader::Batch& batch) {
                 return obey_batch(batch, obey);
               },
               {.max_records = kRecordsAtOnce}) {}

Result<bool> ControlReader::start(const std::stop_token& stop) {
  VIGIE_TRY(control_.start_all());
  return control_.follow_to_end(stop);
}

Result<void> ControlReader::poll() {
  VIGIE_TRY(control_.follow());
  return {};
}

}  // namespace vigie::crawler::sources
