#include "platform/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>

#include "platform/metrics/spec.h"
#include "platform/result/result.h"

namespace vigie::metrics {
namespace {

class CounterHandle final : public Counter {
 public:
  explicit CounterHandle(prometheus::Counter& counter) : counter_(counter) {}
  void add(double value) override { counter_.Increment(value); }
  double value() const override { return counter_.Value(); }

 private:
  prometheus::Counter& counter_;
};

class GaugeHandle final : public Gauge {
 public:
  explicit GaugeHandle(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void set(double value) override { gauge_.Set(value); }
  void add(double value) override { gauge_.Increment(value); }
  double value() const override { return gauge_.Value(); }

 private:
  prometheus::Gauge& gauge_;
};

class HistogramHandle final : public Histogram {
 public:
  explicit HistogramHandle(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void observe(double value) override { histogram_.Observe(value); }

  double quantile(double q) const override {
    const prometheus::ClientMetric metric = histogram_.Collect();
    const auto& buckets = metric.histogram.bucket;
    const double all = static_cast<double>(metric.histogram.sample_count);
    if (all == 0) return std::numeric_limits<double>::quiet_NaN();
    const double rank = std::clamp(q, 0.0, 1.0) * all;
    double below = 0;
    double lower = 0;
    for (const auto& bucket : buckets) {
      const double cumulative = static_cast<double>(bucket.cumulative_count);
      if (cumulative >= rank && cumulative > below) {
        if (std::isinf(bucket.upper_bound)) return lower;
        return lower + (bucket.upper_bound - lower) * (rank - below) / (cumulative - below);
      }
      below = cumulative;
      if (!std::isinf(bucket.upper_bound)) lower = bucket.upper_bound;
    }
    return lower;
  }
  double count() const override {
    return static_cast<double>(histogram_.Collect().histogram.sample_count);
  }

 private:
  prometheus::Histogram& histogram_;
};

class PrometheusRegistry final : public Registry {
 public:
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels) override {
    return handle<CounterHandle>(counters_, name, labels,
                                 [&](const prometheus::Labels& all) -> prometheus::Counter& {
                                   return prometheus::BuildCounter()
                                       .Name(std::string(name))
                                       .Help(std::string(help))
                                       .Register(registry_)
                                       .Add(all);
                                 });
  }
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels) override {
    return handle<GaugeHandle>(gauges_, name, labels,
                               [&](const prometheus::Labels& all) -> prometheus::Gauge& {
                                 return prometheus::BuildGauge()
                                     .Name(std::string(name))
                                     .Help(std::string(help))
                                     .Register(registry_)
                                     .Add(all);
                               });
  }
  Histogram& histogram(std::string_view name, std::string_view help,
                       const std::vector<double>& bounds, const Labels& labels) override {
    return handle<HistogramHandle>(histograms_, name, labels,
                                   [&](const prometheus::Labels& all) -> prometheus::Histogram& {
                                     return prometheus::BuildHistogram()
                                         .Name(std::string(name))
                                         .Help(std::string(help))
                                         .Register(registry_)
                                         .Add(all, bounds);
                                   });
  }
  const Histogram* find_histogram(std::string_view name) const override {
    const std::lock_guard lock(mutex_);
    const auto found = histograms_.find({std::string(name), Labels()});
    return found == histograms_.end() ? nullptr : found->second.get();
  }
  void list(const ListedMetric& metric) override {
    const std::lock_guard lock(mutex_);
    const bool known = std::any_of(listed_.begin(), listed_.end(), [&](const ListedMetric& one) {
      return one.spec.name == metric.spec.name;
    });
    if (!known) listed_.push_back(metric);
  }
  std::vector<ListedMetric> listed() const override {
    const std::lock_guard lock(mutex_);
    return listed_;
  }
  std::string expose() const override {
    return prometheus::TextSerializer().Serialize(registry_.Collect());
  }

 private:
  template <class Handle>
  using Handles = std::map<std::pair<std::string, Labels>, std::unique_ptr<Handle>>;

  template <class Handle, class Add>
  Handle& handle(Handles<Handle>& handles, std::string_view name, const Labels& labels, Add&& add) {
    const std::lock_guard lock(mutex_);
    auto& slot = handles[{std::string(name), labels}];
    if (slot == nullptr)
      slot = std::make_unique<Handle>(add(prometheus::Labels(labels.begin(), labels.end())));
    return *slot;
  }

  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
  mutable std::mutex mutex_;
  Handles<CounterHandle> counters_;
  Handles<GaugeHandle> gauges_;
  Handles<HistogramHandle> histograms_;
  std::vector<ListedMetric> listed_;
};

}  // namespace

std::unique_ptr<Registry> make_registry() { return std::make_unique<PrometheusRegistry>(); }

std::vector<double> latency_bounds_s() {
  return {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,   2,    5,
          10,    20,   30,    60,   120, 300,  600, 900, 1800, 3600};
}

}  // namespace vigie::metrics
