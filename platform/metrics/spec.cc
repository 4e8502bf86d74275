#include "platform/metrics/spec.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "platform/result/result.h"

namespace vigie::metrics {
namespace {

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

template <class Handle>
constexpr ListedMetric::Kind kKind =
    std::is_same_v<Handle, Counter> ? ListedMetric::Kind::kCounter
    : std::is_same_v<Handle, Gauge> ? ListedMetric::Kind::kGauge
                                    : ListedMetric::Kind::kHistogram;

}  // namespace

Counter& counter(Registry& registry, const MetricSpec& spec) {
  return CounterFamily(registry, spec).of();
}

Gauge& gauge(Registry& registry, const MetricSpec& spec) {
  return GaugeFamily(registry, spec).of();
}

Histogram& histogram(Registry& registry, const MetricSpec& spec) {
  return HistogramFamily(registry, spec).of();
}

template <class Handle>
Family<Handle>::Family(Registry& registry, const MetricSpec& spec, std::vector<double> bounds)
    : registry_(registry), spec_(spec), labels_(words(spec.labels)), bounds_(std::move(bounds)) {
  VIGIE_INVARIANT(spec.values.empty() || labels_.size() == 1);
  registry_.list({kKind<Handle>, spec_});
  if constexpr (std::is_same_v<Handle, Counter>) {
    for (const std::string& value : words(spec.values)) known_[value] = &make({value});
  }
}

template <class Handle>
Handle& Family<Handle>::handle(const std::vector<std::string_view>& values) const {
  if (values.size() == 1) {
    if (const auto found = known_.find(values[0]); found != known_.end()) return *found->second;
  }
  return make(values);
}

template <class Handle>
Handle& Family<Handle>::make(const std::vector<std::string_view>& values) const {
  VIGIE_INVARIANT(values.size() == labels_.size());
  Labels labels;
  for (std::size_t i = 0; i < values.size(); ++i) labels.emplace_back(labels_[i], values[i]);
  if constexpr (std::is_same_v<Handle, Counter>) {
    return registry_.counter(spec_.name, spec_.help, labels);
  } else if constexpr (std::is_same_v<Handle, Gauge>) {
    return registry_.gauge(spec_.name, spec_.help, labels);
  } else {
    return registry_.histogram(spec_.name, spec_.help, bounds_, labels);
  }
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

}  // namespace vigie::metrics
