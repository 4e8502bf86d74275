#include "platform/net/http_client.h"

#include <future>

namespace vigie::net {

const std::string& HttpResponse::header(const std::string& name) const {
  static const std::string kAbsent;
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return kAbsent;
}

Result<HttpResponse> HttpClient::fetch(HttpRequest request) {
  // Shared: the callback may still be inside set_value when the waiting side has gone on.
  auto promise = std::make_shared<std::promise<Result<HttpResponse>>>();
  std::future<Result<HttpResponse>> response = promise->get_future();
  start(std::move(request),
        [promise](Result<HttpResponse> result) { promise->set_value(std::move(result)); });
  return response.get();
}

}  // namespace vigie::net
