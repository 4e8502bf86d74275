#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "platform/metrics/spec.h"

namespace vigie::metrics::testing {

/// The row of a metric in the table of a README, which tells what its MetricSpec says.
inline std::string readme_row(const ListedMetric& metric) {
  const MetricSpec& spec = metric.spec;
  std::string labels;
  for (const char letter : spec.labels) labels += letter == ' ' ? "`, `" : std::string(1, letter);
  if (!labels.empty()) labels = " `" + labels + "`";
  if (!spec.values.empty()) labels += ": " + std::string(spec.values);
  const char* kind = metric.kind == ListedMetric::Kind::kCounter ? "counter"
                     : metric.kind == ListedMetric::Kind::kGauge ? "gauge"
                                                                 : "histogram";
  return "| `" + std::string(spec.name) + "` | " + kind + " |" + labels + " | " +
         std::string(spec.help) + " |";
}

/// The rows that a README has of metrics. `path` counts from the root of the tree, where tests run.
inline std::vector<std::string> readme_rows(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `vigie_") || line.starts_with("| `process_")) rows.push_back(line);
  return rows;
}

/// The README has the rows of the metrics of these structs, in this order, and no others.
template <class... Metrics>
void expect_readme_lists(const std::string& path) {
  const std::unique_ptr<Registry> registry = make_registry();
  (Metrics(*registry), ...);
  std::vector<std::string> rows;
  for (const ListedMetric& metric : registry->listed()) rows.push_back(readme_row(metric));
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(readme_rows(path), rows);
}

}  // namespace vigie::metrics::testing
