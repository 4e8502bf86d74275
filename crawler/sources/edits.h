#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "crawler/sources/merge.h"
#include "platform/log/follower.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/source_edit.pb.h"

namespace vigie::crawler::sources {

/// Reads the topic `source_edits`: what people said of sources, and what they ask for. A record
/// that cannot be read is told in the log and passed over. One thread.
class EditReader {
 public:
  /// What is taken up later than this after it was asked for is not done any more.
  static constexpr std::int64_t kPollHoldsMs = 3'600'000;
  static constexpr std::int64_t kDiscoveryHoldsMs = 120'000;

  /// `log` must outlive the reader.
  explicit EditReader(log::Log& log);

  /// Reads all that the topic holds. Out: false if a stop was asked for first. Errors: those of
  /// TopicFollower::follow_to_end.
  Result<bool> start(const std::stop_token& stop);
  /// Reads what came since. It does not wait.
  Result<void> poll();

  const Edits& edits() const { return edits_; }
  /// Whether the edits are others than when this was asked last. The first time: yes.
  bool take_changed();
  /// Sources that are to be polled, each with when that was asked.
  std::vector<v1::PollRequest> take_polls();

  struct Discovery {
    v1::DiscoveryRequest request;
    bool gone = false;  // nobody waits for its response any more
  };
  /// Requests that came, and those that are gone, since this was asked last, in their order.
  std::vector<Discovery> take_discoveries();
  /// Responses that are in the log, with when they were given: whoever may, removes them.
  const std::map<std::string, v1::DiscoveryResponse>& responses() const { return responses_; }

  /// The response as a record; without a value: its removal.
  static log::NewRecord record_of(const v1::DiscoveryResponse& response);
  static log::NewRecord removal_of(const std::string& response_id);

 private:
  Result<void> take(const log::Reader::Batch& batch);
  void take(const log::Record& record);

  log::TopicFollower topic_;
  Edits edits_;
  bool changed_ = true;
  std::map<std::string, v1::PollRequest> polls_;  // by source id, not taken yet
  std::map<std::string, v1::DiscoveryRequest> requests_;
  std::vector<Discovery> discoveries_;
  std::map<std::string, v1::DiscoveryResponse> responses_;
};

}  // namespace vigie::crawler::sources
