#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "crawler/service/discoveries.h"
#include "crawler/sources/control.h"
#include "crawler/sources/edits.h"
#include "platform/log/log.h"
#include "platform/result/result.h"

namespace vigie::crawler::service {

/// What people say while the crawler runs: their commands (`control`), what they say of sources and
/// what they ask of URLs (`source_edits`). One thread. Errors, of all: of the log, and of
/// `obey`.
class People {
 public:
  /// `log` and what `obey` and the seams use must outlive it.
  People(log::Log& log, sources::ControlReader::Obey obey, Discoveries::Seams seams)
      : control_(log, std::move(obey)), edits_(log), discoveries_(seams) {}

  /// Reads both topics to their ends. Out: false if a stop was asked for first.
  Result<bool> start(const std::stop_token& stop) {
    VIGIE_ASSIGN(const bool obeyed, control_.start(stop));
    if (!obeyed) return false;
    return edits_.start(stop);
  }
  /// Reads what came since. It does not wait.
  Result<void> poll() {
    VIGIE_TRY(control_.poll());
    VIGIE_TRY(edits_.poll());
    discoveries_.take(edits_.take_discoveries());
    return {};
  }
  /// How far `control` was read.
  std::int64_t next_control_offset() const { return control_.next_offset(); }

  const sources::Edits& edits() const { return edits_.edits(); }
  /// Whether the edits are others than when this was asked last.
  bool take_changed() { return edits_.take_changed(); }
  /// Sources that are to be polled, and since when: requests that still hold.
  std::vector<v1::PollRequest> take_polls(std::int64_t now_unix_ms) {
    std::vector<v1::PollRequest> polls = edits_.take_polls();
    std::erase_if(polls, [&](const v1::PollRequest& poll) {
      return poll.asked_at_unix_ms() + sources::EditReader::kPollHoldsMs < now_unix_ms;
    });
    return polls;
  }
  Discoveries& discoveries() { return discoveries_; }
  Result<void> forget_responses() { return discoveries_.forget_responses(edits_.responses()); }

 private:
  sources::ControlReader control_;
  sources::EditReader edits_;
  Discoveries discoveries_;
};

}  // namespace vigie::crawler::service
