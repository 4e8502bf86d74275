#include "indexer/shard/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::indexer {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<ShardMetrics>("indexer/shard/README.md");
}

}  // namespace
}  // namespace vigie::indexer
