#pragma once

#include <functional>
#include <utility>

#include "indexer/api/call.h"

namespace vigie::metrics {
class Registry;
}

namespace vigie::indexer::api {

/// The document, metrics and health of this process. Thread-safe.
class ProcessApi {
 public:
  /// `not_ready` says why this process is not, or ""; empty: it always is.
  ProcessApi(metrics::Registry& metrics, std::function<std::string(const http::Request&)> not_ready)
      : metrics_(metrics), not_ready_(std::move(not_ready)) {}
  Routes routes();

 private:
  http::Response openapi(const Call& call);
  http::Response metrics(const Call& call);
  http::Response healthz(const Call& call);
  http::Response readyz(const Call& call);

  metrics::Registry& metrics_;
  std::function<std::string(const http::Request&)> not_ready_;
};

}  // namespace vigie::indexer::api
