#pragma once

#include "indexer/api/call.h"

namespace vigie::config {
class Settings;
}
namespace vigie::log {
class Log;
}

namespace vigie::indexer::api {

/// The log as it is. Thread-safe.
class LogApi {
 public:
  /// `settings` say how the log should be.
  LogApi(log::Log& log, const config::Settings& settings) : log_(log), settings_(settings) {}
  Routes routes();

 private:
  http::Response topics(const Call& call);
  http::Response records(const Call& call);

  log::Log& log_;
  const config::Settings& settings_;
};

}  // namespace vigie::indexer::api
