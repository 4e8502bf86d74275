#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "indexer/api/attempts.h"
#include "indexer/api/cors.h"
#include "indexer/api/key_ring.h"
#include "indexer/api/metrics.h"
#include "indexer/api/operation_roles.h"
#include "indexer/api/problems.h"
#include "indexer/api/proxies.h"
#include "indexer/sessions/store.h"
#include "platform/http/http.h"
#include "platform/result/result.h"

namespace vigie::config {
class Settings;
}

/// ops/spec/http_api.md, "Who may call". Private to indexer/api.
namespace vigie::indexer::api {

/// The token of the cookie that POST /v1/session sets; "" without one.
std::string session_token(const http::Request& request);

/// The feed that a request asks for, as in SessionRecord.feed; "" for what is no feed.
std::string feed_of(const http::Request& request);

/// What the guard stands on; all must outlive it.
struct GuardSeams {
  sessions::SessionStore& sessions;
  keys::KeyStore& keys;
  Clock& clock;
  metrics::Registry& metrics;
};

/// Without keys: loopback only, nothing between, where `Host` is a loopback name and `Origin`, if
/// sent, is its own. With keys: `Authorization: Bearer KEY`, the cookie of a session that
/// POST /v1/session begins, or a person whom a trusted proxy names; for feeds also HTTP Basic with
/// a key, or a token in the URL. An address that shows wrong keys is made to wait (Attempts).
/// What a caller may do is its role's matter (operation_roles.h). Browsers that say that another
/// site asks are refused, but for links to pages and for the origins of api.cors_origins. Calls
/// without a socket are always allowed. Thread-safe.
class Guard {
 public:
  /// Errors: kStop bad_keys_file, bad_setting, bad_network.
  static Result<Guard> open(const config::Settings& settings, const GuardSeams& seams);

  /// Refuses, or says in `request` who asks, with what role, and from which address.
  std::optional<http::Response> check(http::Request& request) const;

  bool is_keyed() const { return keyed_; }
  const Cors& cors() const { return cors_; }
  const KeyRing& ring() const { return ring_; }
  /// Whom `key` belongs to, under the rules for who shows wrong ones; nullopt with `refused` set.
  std::optional<Caller> sign_in(const http::Request& request, const std::string& key,
                                http::Response& refused) const;
  /// Who asked a request that the guard let through; nullopt: nobody who has a name.
  std::optional<Caller> caller_of(const http::Request& request) const;
  /// The session of a token, if it is one of a person and not of a feed.
  std::optional<sessions::SessionStore::Found> session(const std::string& token) const;

 private:
  Guard(const GuardSeams& seams, KeyRing ring, Proxies proxies, Cors cors);
  /// What a request shows of who asks.
  struct Shown {
    enum class Kind { kNothing, kKey, kSession, kFeed };
    Kind kind = Kind::kNothing;
    std::string text;
  };
  Shown shown_by(const http::Request& request, bool opens_feed, bool by_key_alone) const;
  std::optional<Caller> known(const Shown& shown, const http::Request& request) const;
  std::optional<http::Response> refusal_of(http::Request& request) const;
  std::optional<http::Response> check_keyless(const http::Request& request) const;
  std::optional<http::Response> check_probe(http::Request& request, const Access* access) const;
  std::optional<http::Response> check_caller(http::Request& request, const Access& access,
                                             bool from_proxy) const;
  std::optional<http::Response> check_role(http::Request& request, const Access& access,
                                           const Caller& caller) const;
  /// Whether a trusted proxy sent it, whose word on the caller's address is taken.
  bool take_address(http::Request& request) const;
  http::Response key_needed(const Access& access) const;
  /// A problem, counted.
  http::Response refused(ProblemCode code, std::string_view detail) const;
  http::Response too_many(std::chrono::milliseconds wait) const;
  void count_failure(const http::Request& request) const;

  GuardSeams seams_;
  KeyRing ring_;
  Proxies proxies_;
  Cors cors_;
  bool keyed_ = false;
  bool metrics_keyed_ = false;
  ApiMetrics metrics_;
  std::shared_ptr<Attempts> attempts_;
};

}  // namespace vigie::indexer::api
