#include "crawler/service/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::crawler::service {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<CrawlerMetrics>("crawler/README.md");
}

}  // namespace
}  // namespace vigie::crawler::service
