#include "indexer/api/handlers.h"

namespace vigie::indexer::api {

http::Response Handlers::openapi(const http::Request&) {
  return http::Response::json(openapi_document());
}

http::Response Handlers::metrics(const http::Request&) {
  return http::Response::text(dependencies_.metrics.expose(),
                              "text/plain; version=0.0.4; charset=utf-8");
}

http::Response Handlers::healthz(const http::Request&) {
  return http::Response::text("ok\n", "text/plain; charset=utf-8");
}

http::Response Handlers::readyz(const http::Request&) {
  if (!dependencies_.ready || dependencies_.ready())
    return http::Response::text("ready\n", "text/plain; charset=utf-8");
  return http::Response::problem(
      503, "not_ready",
      "This process is still catching up with the log; GET /v1/pipeline says how far it is.");
}

}  // namespace vigie::indexer::api
