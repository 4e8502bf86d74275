#include "indexer/api/session_api.h"

#include <algorithm>

#include "indexer/api/guard.h"
#include "indexer/api/problems.h"
#include "indexer/api/views.h"
#include "indexer/sessions/store.h"
#include "platform/logging/logging.h"
#include "platform/text/ascii.h"

namespace vigie::indexer::api {
namespace {

/// The page says by its origin whether it came by https, and a proxy that ends TLS says it too.
bool came_by_https(const http::Request& request) {
  return text::ascii::lower(request.header("origin")).starts_with("https:") ||
         text::ascii::iequals(request.header("x-forwarded-proto"), "https");
}

http::Response cookie_response(const std::string& token, std::string_view more) {
  http::Response response;
  response.status = 204;
  response.headers.emplace_back(
      "Set-Cookie",
      "vigie_session=" + token + "; Path=/; HttpOnly; SameSite=Strict" + std::string(more));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

bool is_admin(const http::Request& request) {
  return request.caller.empty() || request.caller_role == keys::name_of(keys::Role::kAdmin);
}

Routes SessionApi::routes() {
  return {
      route("GET", "/v1/session", "session", this, &SessionApi::show),
      route("POST", "/v1/session", "startSession", this, &SessionApi::start),
      route("DELETE", "/v1/session", "endSession", this, &SessionApi::end),
      route("GET", "/v1/sessions", "sessions", this, &SessionApi::list),
      route("DELETE", "/v1/sessions/{id}", "endSessionById", this, &SessionApi::end_by_id),
  };
}

http::Response SessionApi::show(const Call& call) {
  const http::Request& request = call.request;
  if (request.caller.empty())
    return http::Response::json(
        Json::object({{"name", Json()}, {"role", "admin"}, {"by", "loopback"}}));
  const auto caller = guard_.caller_of(request);
  const bool by_proxy = caller && caller->key_id == kProxyKeyId;
  const bool by_session = !by_proxy && request.header("authorization").empty();
  return http::Response::json(Json::object({{"name", request.caller},
                                            {"role", request.caller_role},
                                            {"by", by_proxy     ? "proxy"
                                                   : by_session ? "session"
                                                                : "key"}}));
}

http::Response SessionApi::start(const Call& call) {
  if (!guard_.is_keyed()) return cookie_response("", "");  // nothing to prove here
  http::Response refused;
  const auto caller = guard_.sign_in(call.request, call.member("key"), refused);
  if (!caller) return refused;
  // A disk that is nearly full keeps nobody out: the trail counts what it could not write.
  static_cast<void>(call.trail.intend({.who = caller->name}));
  const auto begun = sessions_.begin({caller->key_digest, caller->key_id, caller->name,
                                      call.request.peer, call.request.header("user-agent")});
  if (!begun) return problem_of(begun.error());
  call.trail.note({.object = begun->session.id(), .who = caller->name});
  logging::info(
      "signed in",
      {{"session", begun->session.id()}, {"name", caller->name}, {"address", call.request.peer}});
  // Whoever asked may be answered by another indexer next.
  if (has_peers_) clock_.sleep_for(sessions::kSpreads, call.request.gone);
  return cookie_response(begun->token, came_by_https(call.request) ? "; Max-Age=31536000; Secure"
                                                                   : "; Max-Age=31536000");
}

http::Response SessionApi::end(const Call& call) {
  const std::string token = session_token(call.request);
  // Also one whose key is gone: it opens nothing, but stands in the list.
  auto session = sessions_.of(token);
  if (!session && !token.empty()) {  // another indexer may have begun it a moment ago
    if (const auto read = sessions_.catch_up(call.request.gone); !read)
      return problem_of(read.error());
    session = sessions_.of(token);
  }
  if (session && session->feed.empty()) {
    static_cast<void>(call.trail.intend({.object = session->id, .who = session->caller}));
    if (const auto ended = sessions_.end(session->id); !ended) return problem_of(ended.error());
    call.trail.note({.object = session->id, .who = session->caller});
    logging::info("signed out", {{"session", session->id}, {"address", call.request.peer}});
  } else {
    call.trail.silence();
  }
  return cookie_response("", "; Max-Age=0");
}

http::Response SessionApi::list(const Call& call) {
  const auto own = guard_.session(session_token(call.request));
  const bool all = is_admin(call.request);
  Json out = Json::array();
  for (const sessions::Session& session : sessions_.list()) {
    const v1::SessionRecord& record = session.record;
    const bool current = own && own->id == record.id();
    if (!record.feed().empty()) continue;
    if (!all && !current && record.caller() != call.request.caller) continue;
    out.push(Json::object({{"id", record.id()},
                           {"name", record.caller().empty() ? Json() : Json(record.caller())},
                           {"created", time_json(record.created_at_unix_ms())},
                           {"last_used", time_json(session.used_at_unix_ms)},
                           {"ends", time_json(session.ends_at_unix_ms())},
                           {"address", record.address()},
                           {"user_agent", record.user_agent()},
                           {"current", current}}));
  }
  return http::Response::json(Json::object({{"sessions", std::move(out)}}));
}

http::Response SessionApi::end_by_id(const Call& call) {
  const std::vector<sessions::Session> known = sessions_.list();
  const auto found = std::ranges::find(
      known, call.capture(0), [](const sessions::Session& one) { return one.record.id(); });
  const auto own = guard_.session(session_token(call.request));
  const bool may = found != known.end() && found->record.feed().empty() &&
                   (is_admin(call.request) || found->record.caller() == call.request.caller ||
                    (own && own->id == call.capture(0)));
  if (!may)
    return problem("not_found",
                   "There is no such session of yours, or it has ended; GET /v1/sessions lists "
                   "them.");
  static_cast<void>(call.trail.intend({.object = call.capture(0), .name = found->record.caller()}));
  const auto ended = sessions_.end(call.capture(0));
  if (!ended) return problem_of(ended.error());
  call.trail.note({.object = call.capture(0), .name = found->record.caller()});
  logging::info("session ended", {{"session", call.capture(0)}, {"address", call.request.peer}});
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace vigie::indexer::api
