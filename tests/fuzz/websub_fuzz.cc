// libs: crawler/websub
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "crawler/websub/callbacks.h"
#include "crawler/websub/hub_links.h"
#include "crawler/websub/signature.h"
#include "platform/clock/clock.h"
#include "platform/result/result.h"

namespace {

using namespace vigie;
using namespace vigie::crawler::websub;

constexpr std::string_view kCallback = "https://vigie.example/websub";

/// What a hub may send: the first line is a query, the second a signature, the third a Link header,
/// the rest a body. Whatever stands there, nothing is told of a feed that nobody signed for.
void send(std::string_view bytes) {
  const auto line = [&bytes] {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view out = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    return out;
  };
  http::Request request;
  std::string_view query = line();
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query.emplace_back(
        http::percent_decode(pair.substr(0, equals), true),
        http::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
  }
  request.headers.emplace("x-hub-signature", std::string(line()));
  const HubLinks links = links_of_headers({{"link", std::string(line())}}, "http://x.example/feed");
  for (const std::string& url : {links.hub, links.topic}) {
    VIGIE_INVARIANT(url.empty() || url.starts_with("http"));
    VIGIE_INVARIANT(url.size() <= kMaxLinkBytes);
  }
  request.body = bytes;

  SystemClock clock;
  int verified = 0;
  int pushed = 0;
  auto callbacks = std::make_shared<Callbacks>(clock);
  callbacks->connect(
      [&](HubCall call) {
        VIGIE_INVARIANT(call.feed == "http://x.example/feed");
        VIGIE_INVARIANT(call.lease.count() >= 0);
        (call.kind == HubCall::Kind::kPushed ? pushed : verified) += 1;
      },
      [](Callbacks::Outcome) {});
  const std::string secret = "s3cret";
  callbacks->expect("known", {"http://x.example/feed", "http://x.example/topic", secret});
  const auto router = callback_router(callbacks, kCallback);
  for (const char* path : {"/websub/known", "/websub/unknown", "/websub/", "/"}) {
    request.path = path;
    request.method = "GET";
    const http::Response asked = router->handle(request);
    request.method = "POST";
    const http::Response told = router->handle(request);
    const bool is_known = request.path == "/websub/known";
    VIGIE_INVARIANT(is_known || (asked.status >= 400 && told.status >= 400));
  }
  const bool topic = request.parameter("hub.topic") == "http://x.example/topic";
  VIGIE_INVARIANT(verified <= (topic ? 1 : 0));
  const bool is_signed =
      judge_signature(request.header("x-hub-signature"), request.body, secret) != Signature::kWrong;
  VIGIE_INVARIANT(pushed == (is_signed ? 1 : 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  send(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
