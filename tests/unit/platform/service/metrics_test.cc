#include "platform/service/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::service {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<ProcessMetrics, RequestMetrics, LogMetrics>(
      "platform/service/README.md");
}

}  // namespace
}  // namespace vigie::service
