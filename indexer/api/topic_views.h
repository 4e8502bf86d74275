#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/condition.pb.h"
#include "proto/control.pb.h"
#include "proto/quarantine.pb.h"
#include "proto/status.pb.h"

/// What the API knows of the topics that it shows: each view reads on from where it was when it is
/// asked, so that none needs a thread.
namespace vigie::indexer::api {

/// Reads every partition of a topic up to its present end, from where the last call stopped. What
/// retention removed in between is told in the log lines, and passed over: who only shows a topic
/// shows what it holds. Not thread-safe.
class TopicCursor {
 public:
  TopicCursor(log::Log& log, proto::Topic topic) : log_(log), topic_(topic) {}
  /// Errors: kRetry log_silent, if the log does not respond for as long as a request may wait; the
  /// others of the log, and those of `each`, which is then called again with the same record.
  Result<void> catch_up(const std::function<Result<void>(const log::Record&)>& each);

 private:
  std::int64_t position(std::int32_t partition, const log::OffsetRange& range) const;
  log::Log& log_;
  proto::Topic topic_;
  std::vector<std::int64_t> next_;  // by partition; empty before the first call
};

/// Newest status of every service and source. Thread-safe.
class StatusView {
 public:
  explicit StatusView(log::Log& log) : cursor_(log, proto::Topic::kStatus) {}
  struct Now {
    std::vector<v1::ServiceStatus> services;      // by service, then instance
    std::vector<v1::SourceStatus> sources;        // by name
    std::vector<v1::ConditionRecord> conditions;  // by kind, then subject
  };
  Result<Now> now();

 private:
  std::mutex mutex_;
  TopicCursor cursor_;
  std::map<std::string, v1::StatusRecord> records_;
  std::map<std::string, v1::ConditionRecord> conditions_;
};

/// Commands in force. Thread-safe.
class ControlView {
 public:
  explicit ControlView(log::Log& log) : cursor_(log, proto::Topic::kControl) {}
  Result<std::map<std::string, v1::ControlRecord>> now();  // by key

 private:
  std::mutex mutex_;
  TopicCursor cursor_;
  std::map<std::string, v1::ControlRecord> records_;
};

/// What failed, newest last; the failed records themselves stay in the log. Thread-safe.
class QuarantineView {
 public:
  explicit QuarantineView(log::Log& log) : log_(log), cursor_(log, proto::Topic::kQuarantine) {}
  struct Entry {
    std::uint64_t number = 0;     // in order of arrival, from 1
    log::LogPosition place;       // of the record in the log
    v1::QuarantineRecord record;  // without key and value
  };
  /// At most `limit` entries with a number below `before` (0: from the newest), newest first; empty
  /// stage and reason: any.
  struct Filter {
    std::string stage;
    std::string reason;
    bool resolved = false;  // also the resolved ones
  };
  Result<std::vector<Entry>> list(const Filter& filter, std::uint64_t before, std::size_t limit);
  /// Open entries by stage and reason.
  Result<std::map<std::pair<std::string, std::string>, std::uint64_t>> counts();
  /// The whole record, value included. nullopt if there is none (any more).
  Result<std::optional<v1::QuarantineRecord>> find(const std::string& id);

 private:
  Result<void> refresh();
  std::mutex mutex_;
  log::Log& log_;
  TopicCursor cursor_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, Entry> entries_;
  std::unordered_map<std::string, std::uint64_t> by_id_;
};

/// Articles of the newest matches, by match id: an alert knows its copies by their match ids.
/// Thread-safe.
class MatchView {
 public:
  explicit MatchView(log::Log& log) : cursor_(log, proto::Topic::kMatches) {}
  /// Article ids, in the order of the match ids; unknown ones are left out.
  Result<std::vector<std::string>> articles_of(const std::vector<std::string>& match_ids);

 private:
  std::mutex mutex_;
  TopicCursor cursor_;
  std::unordered_map<std::string, std::string> article_of_;
  std::deque<std::string> order_;
};

/// One record at a place. nullopt if it is gone.
Result<std::optional<log::Record>> read_one(log::Log& log, proto::Topic topic,
                                            log::LogPosition place);

}  // namespace vigie::indexer::api
