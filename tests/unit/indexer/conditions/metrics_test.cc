#include "indexer/conditions/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::indexer::conditions {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<ConditionMetrics>("indexer/conditions/README.md");
}

}  // namespace
}  // namespace vigie::indexer::conditions
