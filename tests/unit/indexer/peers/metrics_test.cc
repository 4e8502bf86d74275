#include "indexer/peers/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::indexer::peers {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<PeerMetrics>("indexer/peers/README.md");
}

}  // namespace
}  // namespace vigie::indexer::peers
