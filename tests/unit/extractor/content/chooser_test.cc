#include "extractor/content/chooser.h"

#include <gtest/gtest.h>

#include <random>

namespace vigie::extractor::content {
namespace {

// Whether all trees are asked or the answer shows before makes no difference.
TEST(IsLikelier, SaysWhatTheWholeSumSays) {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same in each run
  std::uniform_real_distribution<float> small(0, 1);
  std::uniform_real_distribution<float> large(0, 100);
  int more = 0;
  for (int round = 0; round < 4000; ++round) {
    Features features{};
    for (float& value : features) value = random() % 3 == 0 ? large(random) : small(random);
    const double all = likelihood(features);
    for (const double least : {0.05, 0.47, 0.5, 0.55, 0.75, 0.95, all}) {
      EXPECT_EQ(is_likelier(features, least), all > least) << all << " and " << least;
      more += all > least ? 1 : 0;
    }
  }
  EXPECT_GT(more, 1000);
}

}  // namespace
}  // namespace vigie::extractor::content
