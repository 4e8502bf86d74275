#include "indexer/stories/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::indexer::stories {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<StoriesMetrics>("indexer/stories/README.md");
}

}  // namespace
}  // namespace vigie::indexer::stories
