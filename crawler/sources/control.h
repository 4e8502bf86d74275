#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "platform/log/follower.h"
#include "platform/result/result.h"
#include "proto/control.pb.h"

namespace vigie::crawler::sources {

/// Reads the commands of the topic `control`. One thread.
class ControlReader {
 public:
  using Obey = std::function<Result<void>(const v1::ControlRecord& command)>;

  /// `log` and what `obey` uses must outlive the reader.
  ControlReader(log::Log& log, Obey obey);

  /// Reads all that the topic holds. Out: false if a stop was asked for first. Errors: those of
  /// TopicFollower::follow_to_end, and of `obey`.
  Result<bool> start(const std::stop_token& stop);
  /// Reads what came since. It does not wait.
  Result<void> poll();
  /// Where reading goes on.
  std::int64_t next_offset() const { return control_.next_offset(0); }

 private:
  log::TopicFollower control_;
};

}  // namespace vigie::crawler::sources
