#include "platform/log/log.h"

namespace vigie::log {

Result<void> append(Log& log, std::vector<NewRecord> records) {
  if (!log.connected()) {
    return failure(Disposition::kRetry, "broker_unreachable",
                   "no broker has been connected to for some seconds; try again when one is back");
  }
  const std::unique_ptr<Producer> producer = log.producer();
  for (NewRecord& record : records) {
    Result<void> queued = producer->send(std::move(record));
    if (queued) continue;
    VIGIE_TRY(producer->flush());
    return queued;
  }
  return producer->flush();
}

}  // namespace vigie::log
