#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "platform/http/http.h"
#include "platform/result/result.h"

/// Problem details (RFC 9457): every code that has a status of its own. Private to indexer/api.
namespace vigie::indexer::api {

struct CodeStatus {
  ErrorCode code;
  int status;
};

/// What the API itself reports, and what the folders below report where the status does not follow
/// from the disposition.
inline constexpr CodeStatus kCodeStatuses[] = {
    {"bad_json", 400},
    {"bad_parameter", 400},
    {"bad_query", 400},
    {"bad_question", 400},
    {"too_expensive", 400},
    {"unexpected_body", 400},
    {"unknown_member", 400},
    {"unknown_parameter", 400},
    {"wrong_type", 400},
    {"key_needed", 401},
    {"bad_key", 401},
    {"bad_origin", 403},
    {"loopback_only", 403},
    {"not_authorized", 403},
    {"not_found", 404},
    {"conflict", 409},
    {"not_replayable", 409},
    {"too_large", 413},
    {"unsupported_media_type", 415},
    {"bad_host", 421},
    {"over_quota", 429},
    {"too_many_attempts", 429},
    {"too_many_requests", 429},
    {"bad_channel_url", 422},
    {"bad_secret", 422},
    {"bad_source", 422},
    {"bad_subscription", 422},
    {"unsupported_channel", 422},
    {"alerts_moving", 503},
    {"busy", 503},
    {"no_alerter", 503},
    {"no_crawler", 503},
    {"not_ready", 503},
    {"not_searchable_yet", 503},
    {"peer_failed", 503},
    {"shard_missing", 503},
    {"shard_restoring", 503},
    {"disk_full", 507},
};

/// A code of that table. A literal that is not in it does not compile.
class ProblemCode {
 public:
  template <std::size_t N>
  consteval ProblemCode(const char (&text)[N])  // NOLINT: a literal is a code
      : known_(&entry(ErrorCode(text))) {}

  constexpr ErrorCode code() const { return known_->code; }
  constexpr int status() const { return known_->status; }

 private:
  static consteval const CodeStatus& entry(ErrorCode code) {
    const auto* known = std::ranges::find(kCodeStatuses, code, &CodeStatus::code);
    if (known == std::end(kCodeStatuses)) throw "the code has no status in indexer/api/problems.h";
    return *known;
  }
  const CodeStatus* known_;
};

http::Response problem(ProblemCode code, std::string_view detail);
/// The status is that of its code or, where it has none, follows from its disposition: 400, 503 or
/// 500. Of takes_long: http::Response::later().
http::Response problem_of(const Error& error);
/// For a query: with `position` (code points from 0) and `offset` (bytes).
http::Response bad_query_problem(std::string_view text, const Error& error, std::size_t offset);

/// What a caller sent will never do.
tl::unexpected<Error> refuse(ProblemCode code, std::string detail);
inline tl::unexpected<Error> bad_parameter(std::string detail) {
  return refuse("bad_parameter", std::move(detail));
}

}  // namespace vigie::indexer::api
