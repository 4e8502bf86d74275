#pragma once

#include <filesystem>
#include <string_view>

#include "platform/clock/clock.h"
#include "platform/result/result.h"
#include "platform/service/metrics.h"

namespace vigie::service {

/// What every program tells of itself at /metrics: its build, since when it runs, memory, processor
/// time, open files, disk, whether it is ready, and a gap in the log that ended it. The table of
/// names is in the README of this folder. refresh() on one thread; stopped_by() on any.
class Figures {
 public:
  /// `data_dir` is where disk space is measured. The registry and the clock must outlive it.
  Figures(metrics::Registry& registry, std::string_view program, std::filesystem::path data_dir,
          Clock& clock);

  void refresh(bool ready);
  /// A role has failed, which ends the program.
  void stopped_by(const Error& error);

 private:
  std::filesystem::path data_dir_;
  ProcessMetrics metrics_;
};

}  // namespace vigie::service
