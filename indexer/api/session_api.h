#pragma once

#include "indexer/api/call.h"

namespace vigie {
class Clock;
}
namespace vigie::indexer::sessions {
class SessionStore;
}

namespace vigie::indexer::api {

class Guard;

/// Signing in and out, who is signed in, who asks. Thread-safe.
class SessionApi {
 public:
  /// `has_peers`: other indexers may be asked by who has just signed in.
  SessionApi(const Guard& guard, sessions::SessionStore& sessions, Clock& clock, bool has_peers)
      : guard_(guard), sessions_(sessions), clock_(clock), has_peers_(has_peers) {}
  Routes routes();

 private:
  http::Response show(const Call& call);
  http::Response start(const Call& call);
  http::Response end(const Call& call);
  http::Response list(const Call& call);
  http::Response end_by_id(const Call& call);

  const Guard& guard_;
  sessions::SessionStore& sessions_;
  Clock& clock_;
  const bool has_peers_;
};

/// Whether the caller may see and end what is others'. Without keys everybody may.
bool is_admin(const http::Request& request);

}  // namespace vigie::indexer::api
