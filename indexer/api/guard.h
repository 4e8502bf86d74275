#pragma once

#include <optional>
#include <string>
#include <vector>

#include "indexer/api/call.h"
#include "platform/http/http.h"
#include "platform/result/result.h"

/// ops/spec/http_api.md, "Who may call". Private to indexer/api.
namespace vigie::indexer::api {

/// Without keys: loopback only, where `Host` is a loopback name and `Origin`, if sent, is its own.
/// With keys: `Authorization: Bearer KEY`, or the cookie that POST /v1/session sets. Calls without
/// a socket are always allowed. Thread-safe.
class Guard {
 public:
  /// Errors: kStop bad_keys_file. `path` empty: no keys. A file holds a key a line of at least 16
  /// characters; # begins a comment.
  static Result<Guard> open(const std::string& path);

  /// The first key of such a file; empty without a file. Errors: as open().
  static Result<std::string> first_key(const std::string& path);

  std::optional<http::Response> check(const http::Request& request) const;
  /// POST and DELETE /v1/session. The guard must outlive them.
  Routes routes() const;

 private:
  http::Response start_session(const Call& call) const;
  http::Response end_session(const Call& call) const;
  static Result<std::vector<std::string>> read_keys(const std::string& path);
  std::optional<http::Response> check_loopback(const http::Request& request) const;
  /// Whether it shows a key or a session.
  bool knows(const http::Request& request) const;
  bool knows_key(std::string_view key) const;
  bool knows_session(std::string_view token) const;
  std::vector<std::string> key_digests_;  // SHA-256 of each key
  std::vector<std::string> session_tokens_;
  bool keyed_ = false;
};

}  // namespace vigie::indexer::api
