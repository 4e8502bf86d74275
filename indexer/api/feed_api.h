#pragma once

#include <string>
#include <utility>

#include "indexer/api/call.h"
#include "indexer/api/feeds.h"

namespace vigie::indexer::search {
class Index;
}
namespace vigie::indexer::sessions {
class SessionStore;
}
namespace vigie::indexer::subscriptions {
class SubscriptionStore;
}

namespace vigie::indexer::api {

class Guard;
class QueryNames;

/// Feeds of any search, and the tokens by which feed readers open a feed where keys are asked for.
/// Thread-safe.
class FeedApi {
 public:
  struct Seams {
    search::Index& index;
    const QueryNames& names;
    const Guard& guard;
    sessions::SessionStore& sessions;
    const subscriptions::SubscriptionStore& subscriptions;
  };
  /// `public_url` as in base_url().
  FeedApi(const Seams& seams, std::string public_url)
      : seams_(seams), public_url_(std::move(public_url)) {}
  Routes routes();

 private:
  http::Response feed(const Call& call);
  http::Response list(const Call& call);
  http::Response create(const Call& call);
  http::Response remove(const Call& call);
  /// The feed that a body asks for, as in SessionRecord.feed. Errors: bad_parameter, not_found,
  /// bad_query.
  Result<std::string> wanted(const Call& call) const;

  Seams seams_;
  const std::string public_url_;
};

}  // namespace vigie::indexer::api
