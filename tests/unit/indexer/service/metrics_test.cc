#include "indexer/service/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::indexer::service {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<IndexerMetrics>("indexer/service/README.md");
}

}  // namespace
}  // namespace vigie::indexer::service
