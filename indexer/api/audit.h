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
  /// What is intended by other means than one append; durable on return. Returns the id that
  /// conclude() needs. Errors: those of the log.
  Result<std::string> intend(const http::Request& request, std::string_view action,
                             const Change& change) const;
  /// What came of it. `id`: of the intent; "": there was none. Where it fails, the log line has
  /// what the record would have had, and it is counted: the change itself stands.
  void conclude(const http::Request& request, std::string_view action, const Change& change,
                const std::string& id, bool made) const;

 private:
  log::NewRecord record(v1::AuditRecord audit, const std::string& id) const;

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
  /// That a change is about to be made by other means than one append: a crash between the two
  /// leaves a record all the same. Durable on return. Errors: those of the log; nobody was told
  /// then.
  Result<void> intend(const Change& change);
  /// What finish() writes.
  void note(Change change) { change_ = std::move(change); }
  /// Of a call that turns out to change nothing.
  void silence() { silent_ = true; }
  /// After a call: what came of what was intended, and what was noted where it succeeded, unless
  /// with() was asked for it. `object`: where nothing was noted.
  void finish(const std::string& object, bool succeeded);

 private:
  const Auditor* auditor_;
  const http::Request& request_;
  const std::string action_;
  Change change_;
  std::string intent_;  // its id; "": nothing was intended
  bool written_ = false;
  bool silent_ = false;
};

/// Names of the fields in which two messages of one type differ, without `ignored`.
std::vector<std::string> differing_fields(const google::protobuf::Message& before,
                                          const google::protobuf::Message& after,
                                          const std::vector<std::string_view>& ignored);

}  // namespace vigie::indexer::api
