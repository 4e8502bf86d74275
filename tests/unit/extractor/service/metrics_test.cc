#include "extractor/service/metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::extractor::service {
namespace {

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<ExtractorMetrics>("extractor/service/README.md");
}

}  // namespace
}  // namespace vigie::extractor::service
