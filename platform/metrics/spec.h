#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/metrics/metrics.h"

/// A metric said once: its handles, its zeros at the start and its row in a README come from it.
/// A component keeps its metrics in one struct of handles in its metrics.{h,cc}.
namespace vigie::metrics {

/// Each text lives as long as the program.
struct MetricSpec {
  std::string_view name;
  std::string_view help;
  std::string_view labels = {};  // names, separated by spaces
  /// Values of the one label that are known, separated by spaces. A counter stands at zero for each
  /// from the start: a rate needs the value before the first event, and silence must not look like
  /// absence. Empty: values that only become known later; each must be ours, and they are few.
  std::string_view values = {};
};

/// What registries list of the metrics that were made from a MetricSpec.
struct ListedMetric {
  enum class Kind { kCounter, kGauge, kHistogram };
  Kind kind;
  MetricSpec spec;
};

/// The metric, which has no labels.
Counter& counter(Registry& registry, const MetricSpec& spec);
Gauge& gauge(Registry& registry, const MetricSpec& spec);
/// With the bounds of latency_bounds_s().
Histogram& histogram(Registry& registry, const MetricSpec& spec);

/// Metrics of one name, told apart by labels. Thread-safe, and without a lock for values that the
/// MetricSpec names. `registry` must outlive it.
template <class Handle>
class Family {
 public:
  Family(Registry& registry, const MetricSpec& spec) : Family(registry, spec, latency_bounds_s()) {}
  /// `bounds`: of histograms.
  Family(Registry& registry, const MetricSpec& spec, std::vector<double> bounds);

  /// One value for each label, in their order. A metric is made when it is first asked for.
  template <class... Values>
  Handle& of(const Values&... values) const {
    return handle({std::string_view(values)...});
  }

 private:
  Handle& handle(const std::vector<std::string_view>& values) const;
  Handle& make(const std::vector<std::string_view>& values) const;

  Registry& registry_;
  MetricSpec spec_;
  std::vector<std::string> labels_;
  std::vector<double> bounds_;
  std::map<std::string, Handle*, std::less<>> known_;
};

extern template class Family<Counter>;
extern template class Family<Gauge>;
extern template class Family<Histogram>;

using CounterFamily = Family<Counter>;
using GaugeFamily = Family<Gauge>;
using HistogramFamily = Family<Histogram>;

}  // namespace vigie::metrics
