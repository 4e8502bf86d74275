#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "indexer/rhythm/rule.h"
#include "proto/subscription.pb.h"

namespace vigie::indexer::alerting {

/// The rules of subscriptions, each read once a revision. One thread.
class Rules {
 public:
  /// One that this version cannot read (a later one wrote it) tells at once, and is said in the
  /// log.
  rhythm::Rule of(const v1::SubscriptionRecord& subscription);

 private:
  std::map<std::string, std::pair<std::uint64_t, rhythm::Rule>> by_id_;  // with its revision
};

}  // namespace vigie::indexer::alerting
