#pragma once

#include <string>
#include <vector>

#include "indexer/api/metrics.h"
#include "platform/clock/clock.h"
#include "platform/http/http.h"
#include "platform/log/log.h"
#include "proto/audit.pb.h"

namespace google::protobuf {
class Message;
}

/// Who changed what by the API, for topic `audit`. Private to indexer/api.
namespace vigie::indexer::api {

/// One change, in the words of AuditRecord.
struct Change {
  std::string object = {};
  std::string name = {};
  std::string before_sha256 = {};  // bytes; "" none
  std::string after_sha256 = {};
  std::vector<std::string> changed = {};
  std::string who = {};  // where the call itself says so; "": its caller
};

/// Writes audit records. All must outlive it. Thread-safe.
class Auditor {
 public:
  Auditor(log::Log& log, Clock& clock, Random& random, metrics::Registry& registry,
          std::string instance)
      : log_(log),
        clock_(clock),
        random_(random),
        metrics_(registry),
        instance_(std::move(instance)) {}

  log::NewRecord record(const http::Request& request, std::string_view action,
                        const Change& change) const;
  /// Of a change that was made by other means than one append. Where it fails, the log line has
  /// what the record would have had, and it is counted: the change itself stands.
  void write(const http::Request& request, std::string_view action, const Change& change) const;

 private:
  log::Log& log_;
  Clock& clock_;
  Random& random_;
  ApiMetrics metrics_;
  std::string instance_;
};

/// What one call is to leave in the audit topic. Bound to the request; of one thread. `auditor`
/// nullptr: nothing.
class Trail {
 public:
  Trail(const Auditor* auditor, const http::Request& request, std::string_view action)
      : auditor_(auditor), request_(request), action_(action) {}

  /// The record of a change, to be appended with it: then neither is without the other.
  std::vector<log::NewRecord> with(const Change& change) {
    written_ = true;
    if (auditor_ == nullptr) return {};
    return {auditor_->record(request_, action_, change)};
  }
  /// What finish() writes.
  void note(Change change) { change_ = std::move(change); }
  /// Of a call that turns out to change nothing.
  void silence() { written_ = true; }
  /// After a call that succeeded: writes what was noted, unless with() was asked for it. `object`:
  /// where nothing was noted.
  void finish(const std::string& object);

 private:
  const Auditor* auditor_;
  const http::Request& request_;
  const std::string action_;
  Change change_;
  bool written_ = false;
};

/// Names of the fields in which two messages of one type differ, without `ignored`.
std::vector<std::string> differing_fields(const google::protobuf::Message& before,
                                          const google::protobuf::Message& after,
                                          const std::vector<std::string_view>& ignored);

}  // namespace vigie::indexer::api
