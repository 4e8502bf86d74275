#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Metrics of one service, over prometheus-cpp core. No label may take its values from the web.
namespace vigie::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double value = 1) = 0;  // value ≥ 0
  virtual double value() const = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double value) = 0;
  virtual double value() const = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
  /// Estimate from the buckets, 0 ≤ q ≤ 1; NaN while empty.
  virtual double quantile(double q) const = 0;
  virtual double count() const = 0;
};

struct ListedMetric;  // spec.h

/// Thread-safe. Handles live as long as the registry; asking again for the same name and labels
/// gives the same handle.
class Registry {
 public:
  virtual ~Registry() = default;
  // name ends in _total
  virtual Counter& counter(std::string_view name, std::string_view help,
                           const Labels& labels = {}) = 0;
  virtual Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {}) = 0;
  virtual Histogram& histogram(std::string_view name, std::string_view help,
                               const std::vector<double>& bounds, const Labels& labels = {}) = 0;
  /// The histogram without labels of this name; null where nobody has made it.
  virtual const Histogram* find_histogram(std::string_view name) const = 0;
  /// Notes a metric that is made from its MetricSpec, once by name.
  virtual void list(const ListedMetric& metric) = 0;
  /// In the order in which they were first made.
  virtual std::vector<ListedMetric> listed() const = 0;
  /// Text exposition format 0.0.4.
  virtual std::string expose() const = 0;
};

std::unique_ptr<Registry> make_registry();

/// Bucket bounds in seconds from 5 ms to 1 h: steps of at most 2.5, and every limit that a rule of
/// ops/prometheus sets for a time, so that a figure at the limit is not guessed from afar.
std::vector<double> latency_bounds_s();

}  // namespace vigie::metrics
