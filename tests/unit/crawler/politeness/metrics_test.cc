#include "crawler/politeness/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::crawler::politeness {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<GapMetrics>("crawler/politeness/README.md");
}

}  // namespace
}  // namespace vigie::crawler::politeness
