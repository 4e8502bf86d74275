#pragma once

#include <cstdint>
#include <string_view>

#include "platform/metrics/spec.h"

namespace vigie::metrics {

/// Whether the files that a running program reads again were good when it last read them, and when
/// they last were: a bad file leaves the old one in force, which nobody notices otherwise.
/// Thread-safe. `registry` must outlive it.
class Reloads {
 public:
  explicit Reloads(Registry& registry);
  /// `what`: sources, topics or catalogue.
  void note(std::string_view what, bool good, std::int64_t now_unix_ms) const;

 private:
  GaugeFamily success_;
  GaugeFamily success_time_;
};

}  // namespace vigie::metrics
