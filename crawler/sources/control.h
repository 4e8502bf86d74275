#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/control.pb.h"

namespace vigie::crawler::sources {

/// Reads the commands of the topic `control`. One thread.
class ControlReader {
 public:
  using Obey = std::function<Result<void>(const v1::ControlRecord& command)>;

  /// Reads all that the topic holds. Errors: of the log, and of `obey`.
  Result<void> start(log::Log& log, const Obey& obey);
  /// Reads what came since. It does not wait.
  Result<void> poll(const Obey& obey);
  /// Where reading goes on.
  std::int64_t next_offset() const { return next_offset_; }

 private:
  std::unique_ptr<log::Reader> reader_;
  std::int64_t next_offset_ = 0;
};

}  // namespace vigie::crawler::sources
