#include "indexer/api/unsubscribe_api.h"

#include "indexer/api/problems.h"
#include "indexer/api/subscription_api.h"
#include "indexer/subscriptions/store.h"

namespace vigie::indexer::api {
namespace {

/// A page of one sentence, without script. It says nothing of the alert: whoever has half of the
/// address learns nothing.
http::Response page(int status, const std::string& sentence, const std::string& form) {
  http::Response response;
  response.status = status;
  response.headers = {
      {"Content-Type", "text/html; charset=utf-8"},
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"},
      {"Referrer-Policy", "no-referrer"}};
  response.body =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>vigie: mails of an alert</title></head>\n<body "
      "style=\"font-family:sans-serif;max-width:32em;margin:4em auto;padding:0 1em\"><h1>Mails of "
      "an "
      "alert</h1>\n<p>" +
      sentence + "</p>\n" + form + "</body></html>\n";
  return response;
}

}  // namespace

Routes UnsubscribeApi::routes() {
  return {route("GET", "/unsubscribe", "askUnsubscribe", this, &UnsubscribeApi::ask),
          route("POST", "/unsubscribe", "unsubscribe", this, &UnsubscribeApi::end)};
}

/// A GET changes nothing: programs that look at the links of mails follow it (RFC 8058 §1).
http::Response UnsubscribeApi::ask(const Call&) {
  return page(200, "Shall no more mails of this alert be sent to you?",
              "<form method=\"post\"><button>No more mails of it</button></form>\n");
}

http::Response UnsubscribeApi::end(const Call& call) {
  call.trail.silence();  // where the mails have ended already
  const auto ended = store_.unsubscribe(call.text("subscription"), call.text("channel"),
                                        call.text("token"), audited(call, "a reader of its mail"));
  if (!ended && ended.error().code == ErrorCode("not_found"))
    return page(404, "This address ends no mails. They may have ended already.", "");
  if (!ended) return problem_of(ended.error());
  return page(200, "No more mails of this alert are sent to you. Who runs it can send them again.",
              "");
}

}  // namespace vigie::indexer::api
