#include "indexer/api/process_api.h"

#include "indexer/api/document.h"
#include "indexer/api/problems.h"
#include "platform/metrics/metrics.h"

namespace vigie::indexer::api {

Routes ProcessApi::routes() {
  return {
      route("GET", "/openapi.json", "openapi", this, &ProcessApi::openapi),
      route("GET", "/metrics", "metrics", this, &ProcessApi::metrics),
      route("GET", "/healthz", "healthz", this, &ProcessApi::healthz),
      route("GET", "/readyz", "readyz", this, &ProcessApi::readyz),
  };
}

http::Response ProcessApi::openapi(const Call&) { return http::Response::json(document()); }

http::Response ProcessApi::metrics(const Call&) {
  return http::Response::text(metrics_.expose(), "text/plain; version=0.0.4; charset=utf-8");
}

http::Response ProcessApi::healthz(const Call&) {
  return http::Response::text("ok\n", "text/plain; charset=utf-8");
}

http::Response ProcessApi::readyz(const Call& call) {
  const std::string why = not_ready_ ? not_ready_(call.request) : "";
  if (why.empty()) return http::Response::text("ready\n", "text/plain; charset=utf-8");
  return problem("not_ready", "Not ready: " + why + ". GET /v1/pipeline says how far it is.");
}

}  // namespace vigie::indexer::api
