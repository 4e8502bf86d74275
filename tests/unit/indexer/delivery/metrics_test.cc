#include "indexer/delivery/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::indexer::delivery {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<DeliveryMetrics>("indexer/delivery/README.md");
}

}  // namespace
}  // namespace vigie::indexer::delivery
