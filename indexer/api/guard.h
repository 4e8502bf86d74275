#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/api/attempts.h"
#include "indexer/api/call.h"
#include "indexer/api/metrics.h"
#include "indexer/api/problems.h"
#include "indexer/sessions/store.h"
#include "platform/http/http.h"
#include "platform/result/result.h"

/// ops/spec/http_api.md, "Who may call". Private to indexer/api.
namespace vigie::indexer::api {

/// The token of the cookie that POST /v1/session sets; "" without one.
std::string session_token(const http::Request& request);

/// What the guard stands on; all must outlive it.
struct GuardSeams {
  sessions::SessionStore& sessions;
  Clock& clock;
  metrics::Registry& metrics;
  bool has_peers = false;  // other indexers may be asked by who has just signed in
};

/// Without keys: loopback only, nothing between, where `Host` is a loopback name and `Origin`, if
/// sent, is its own. With keys: `Authorization: Bearer KEY`, or the cookie of a session that
/// POST /v1/session begins; an address that shows wrong ones is made to wait (Attempts). Browsers
/// that say that another site asks are refused, but for links to pages. Calls without a socket are
/// always allowed. Thread-safe.
class Guard {
 public:
  /// Errors: kStop bad_keys_file. `path` empty: no keys. A file holds a key a line of at least 16
  /// characters; # begins a comment. Only its owner and group may read or write it.
  static Result<Guard> open(const std::string& path, const GuardSeams& seams);

  /// The first key of such a file; empty without a file. Errors: as open().
  static Result<std::string> first_key(const std::string& path);

  /// Refuses, or says in `request.caller` by which key it was asked.
  std::optional<http::Response> check(http::Request& request) const;
  /// /v1/session and /v1/sessions. The guard must outlive them.
  Routes routes() const;

 private:
  explicit Guard(const GuardSeams& seams);
  http::Response start_session(const Call& call) const;
  http::Response end_session(const Call& call) const;
  http::Response list_sessions(const Call& call) const;
  http::Response end_session_by_id(const Call& call) const;
  static Result<std::vector<std::string>> read_keys(const std::string& path);
  std::optional<http::Response> judge(http::Request& request) const;
  std::optional<http::Response> check_keyless(const http::Request& request) const;
  std::optional<http::Response> check_key(http::Request& request) const;
  /// Number of the key (from 0).
  std::optional<std::size_t> find_key(std::string_view key) const;
  /// A problem, counted.
  http::Response refused(ProblemCode code, std::string_view detail) const;
  http::Response too_many(std::chrono::milliseconds wait) const;
  void count_failure(const http::Request& request) const;
  GuardSeams seams_;
  std::vector<std::string> key_digests_;  // SHA-256 of each key
  bool keyed_ = false;
  ApiMetrics metrics_;
  std::shared_ptr<Attempts> attempts_;
};

}  // namespace vigie::indexer::api
