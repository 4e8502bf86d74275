#pragma once

#include <filesystem>
#include <functional>
#include <utility>

#include "indexer/api/call.h"

namespace vigie {
class Clock;
class Random;
}  // namespace vigie
namespace vigie::log {
class Log;
}
namespace vigie::metrics {
class Registry;
}
namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

class ControlView;
class QuarantineView;
class StatusView;

/// How sources and services do, and commands to them. Thread-safe.
class OperationApi {
 public:
  /// What the log says, as it is now.
  struct Views {
    StatusView& status;
    ControlView& control;
    QuarantineView& quarantine;
  };
  /// Of this process.
  struct Process {
    metrics::Registry& metrics;
    std::filesystem::path data_dir;
    std::function<Json()> more;  // members added to the pipeline; may be empty
  };
  OperationApi(log::Log& log, Views views, search::Index& index, Clock& clock, Random& random,
               Process process)
      : log_(log),
        views_(views),
        index_(index),
        clock_(clock),
        random_(random),
        process_(std::move(process)) {}
  Routes routes();

 private:
  http::Response pipeline(const Call& call);
  http::Response conditions(const Call& call);
  http::Response control(const Call& call);
  http::Response command(const Call& call);

  log::Log& log_;
  Views views_;
  search::Index& index_;
  Clock& clock_;
  Random& random_;
  Process process_;
};

}  // namespace vigie::indexer::api
