#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "indexer/api/call.h"
#include "indexer/api/topic_views.h"
#include "proto/audit.pb.h"

namespace vigie::indexer::subscriptions {
class SubscriptionStore;
}

namespace vigie::indexer::api {

/// The newest audit records. Thread-safe.
class AuditView {
 public:
  static constexpr std::size_t kMost = 50'000;  // of some 300 bytes; older ones stay in the log

  explicit AuditView(log::Log& log, std::size_t most = kMost)
      : most_(most), cursor_(log, proto::Topic::kAudit) {}

  struct Filter {
    std::string who = {};  // "" any, as the next
    std::string action = {};
    std::string object = {};
  };
  struct Page {
    std::vector<v1::AuditRecord> records;  // newest first
    std::uint64_t next = 0;                // `before` of the next page; 0: this is the last
  };
  /// `before` 0: from the newest. Errors: those of the log.
  Result<Page> list(const Filter& filter, std::uint64_t before, std::size_t limit);

 private:
  void take(v1::AuditRecord record);

  const std::size_t most_;
  std::mutex mutex_;
  TopicCursor cursor_;
  std::deque<std::pair<std::uint64_t, v1::AuditRecord>> records_;  // by number, ascending
  std::uint64_t last_ = 0;
  std::map<std::string, std::uint64_t> intents_;  // numbers of those that nothing followed, by id
};

/// Who changed what. Thread-safe.
class AuditApi {
 public:
  AuditApi(log::Log& log, const subscriptions::SubscriptionStore& subscriptions)
      : view_(log), subscriptions_(subscriptions) {}
  Routes routes();

 private:
  http::Response list(const Call& call);
  http::Response history(const Call& call);

  AuditView view_;
  const subscriptions::SubscriptionStore& subscriptions_;
};

}  // namespace vigie::indexer::api
