#include "indexer/api/stream_api.h"

#include <utility>

#include "indexer/api/live_feed.h"
#include "indexer/api/problems.h"
#include "indexer/api/query_parameter.h"
#include "indexer/api/subscription_api.h"
#include "indexer/subscriptions/store.h"

namespace vigie::indexer::api {

Routes StreamApi::routes() {
  return {route("GET", "/v1/stream", "stream", this, &StreamApi::stream)};
}

/// One that another process made a moment ago is known, too.
bool StreamApi::knows(const std::string& subscription) {
  if (store_.find(subscription)) return true;
  return store_.catch_up({}) && store_.find(subscription);
}

http::Response StreamApi::stream(const Call& call) {
  if (live_ == nullptr)
    return problem("not_ready", "This process tells no live pages; ask an indexer.");
  std::optional<http::Response> refused;
  auto parsed = query_parameter(call, names_, refused);
  if (!parsed) return std::move(*refused);
  LiveFeed::Wish wish;
  wish.query = std::move(*parsed);
  wish.subscription = call.text("subscription");
  if (!wish.subscription.empty() && !knows(wish.subscription))
    return no_subscription(wish.subscription);
  // Behind one address there may be many keys, and one key may serve many machines.
  wish.caller = call.request.peer + ' ' + call.request.caller;
  // EventSource cannot set the header for its first request, so that a page may give the id as a
  // parameter.
  const std::string header = call.request.header("last-event-id");
  wish.last_event_id = header.empty() ? call.text("last_event_id") : header;
  auto stream = live_->open(std::move(wish));
  if (!stream) return problem_of(stream.error());
  http::Response response;
  response.headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                      {"Cache-Control", "no-store"},
                      {"X-Accel-Buffering", "no"}};
  response.stream = std::move(*stream);
  return response;
}

}  // namespace vigie::indexer::api
