#include "platform/metrics/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <thread>

namespace vigie::metrics {
namespace {

TEST(Registry, GivesTheSameHandleForTheSameNameAndLabels) {
  const auto registry = make_registry();
  Counter& one = registry->counter("vigie_pages_total", "Pages.", {{"result", "ok"}});
  Counter& same = registry->counter("vigie_pages_total", "Pages.", {{"result", "ok"}});
  Counter& other = registry->counter("vigie_pages_total", "Pages.", {{"result", "failed"}});
  EXPECT_EQ(&one, &same);
  one.add();
  same.add(2);
  EXPECT_EQ(one.value(), 3);
  EXPECT_EQ(other.value(), 0);
}

// Prometheus text exposition format 0.0.4.
TEST(Registry, ExposesTheTextFormat) {
  const auto registry = make_registry();
  registry->counter("vigie_pages_total", "Pages fetched.", {{"result", "a\"b\\c\nd"}}).add(3);
  registry->gauge("vigie_depth", "Depth.").set(-2.5);
  registry->histogram("vigie_delay_seconds", "Delay.", {0.5, 2}).observe(1);
  const std::string text = registry->expose();
  for (const char* line :
       {"# HELP vigie_pages_total Pages fetched.\n", "# TYPE vigie_pages_total counter\n",
        "vigie_pages_total{result=\"a\\\"b\\\\c\\nd\"} 3\n", "# TYPE vigie_depth gauge\n",
        "vigie_depth -2.5\n", "# TYPE vigie_delay_seconds histogram\n",
        "vigie_delay_seconds_count 1\n", "vigie_delay_seconds_sum 1\n",
        "vigie_delay_seconds_bucket{le=\"0.5\"} 0\n", "vigie_delay_seconds_bucket{le=\"2\"} 1\n",
        "vigie_delay_seconds_bucket{le=\"+Inf\"} 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.starts_with("# ") || line.starts_with("vigie_")) << line;
}

TEST(Registry, IsCleanForPromtool) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "promtool is not installed (package prometheus)";
  const auto registry = make_registry();
  registry->counter("vigie_pages_total", "Pages fetched.", {{"result", "ok"}}).add();
  registry->gauge("vigie_depth", "Depth.").set(1);
  registry->histogram("vigie_delay_seconds", "Delay.", latency_bounds_s()).observe(1);
  FILE* tool = popen("promtool check metrics", "w");
  ASSERT_NE(tool, nullptr);
  const std::string text = registry->expose();
  std::fwrite(text.data(), 1, text.size(), tool);
  EXPECT_EQ(pclose(tool), 0);
}

TEST(Histogram, EstimatesQuantilesFromItsBuckets) {
  const auto registry = make_registry();
  Histogram& histogram = registry->histogram("h", "H.", {10, 20, 40});
  EXPECT_TRUE(std::isnan(histogram.quantile(0.5)));
  for (int i = 0; i < 50; ++i) histogram.observe(5);
  for (int i = 0; i < 50; ++i) histogram.observe(15);
  EXPECT_EQ(histogram.count(), 100);
  EXPECT_DOUBLE_EQ(histogram.quantile(0.5), 10);
  EXPECT_DOUBLE_EQ(histogram.quantile(0.75), 15);
  EXPECT_DOUBLE_EQ(histogram.quantile(1), 20);
  EXPECT_DOUBLE_EQ(histogram.quantile(0), 0);
  for (int i = 0; i < 900; ++i) histogram.observe(1000);
  EXPECT_DOUBLE_EQ(histogram.quantile(0.99), 40)
      << "beyond the last bound only that bound is known";
}

TEST(Histogram, BoundsOfLatencyRise) {
  const auto bounds = latency_bounds_s();
  ASSERT_EQ(bounds.size(), 10U);
  EXPECT_EQ(bounds.front(), 0.005);
  EXPECT_EQ(bounds.back(), 3600);
  for (std::size_t i = 1; i < bounds.size(); ++i) EXPECT_LT(bounds[i - 1], bounds[i]);
}

TEST(Registry, CountsOnManyThreads) {
  const auto registry = make_registry();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) {
        registry->counter("c_total", "C.", {{"k", std::to_string(k % 3)}}).add();
        if (k % 100 == 0) EXPECT_FALSE(registry->expose().empty());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  double sum = 0;
  for (const char* k : {"0", "1", "2"})
    sum += registry->counter("c_total", "C.", {{"k", k}}).value();
  EXPECT_EQ(sum, 4000);
}

}  // namespace
}  // namespace vigie::metrics
