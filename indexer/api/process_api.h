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
  /// `ready` empty: always.
  ProcessApi(metrics::Registry& metrics, std::function<bool()> ready)
      : metrics_(metrics), ready_(std::move(ready)) {}
  Routes routes();

 private:
  http::Response openapi(const Call& call);
  http::Response metrics(const Call& call);
  http::Response healthz(const Call& call);
  http::Response readyz(const Call& call);

  metrics::Registry& metrics_;
  std::function<bool()> ready_;
};

}  // namespace vigie::indexer::api
