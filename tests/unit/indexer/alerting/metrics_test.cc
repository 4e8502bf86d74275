#include "indexer/alerting/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::indexer::alerting {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<AlertingMetrics>("indexer/alerting/README.md");
}

}  // namespace
}  // namespace vigie::indexer::alerting
