#pragma once

#include "indexer/api/call.h"

namespace vigie::log {
class Log;
}

namespace vigie::indexer::api {

class QuarantineView;

/// Records that failed: listed, shown, sent back. Thread-safe.
class QuarantineApi {
 public:
  QuarantineApi(log::Log& log, QuarantineView& quarantine) : log_(log), quarantine_(quarantine) {}
  Routes routes();

 private:
  http::Response list(const Call& call);
  http::Response show(const Call& call);
  http::Response replay(const Call& call);

  log::Log& log_;
  QuarantineView& quarantine_;
};

}  // namespace vigie::indexer::api
