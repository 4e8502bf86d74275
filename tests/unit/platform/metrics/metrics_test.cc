#include "platform/metrics/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "platform/metrics/spec.h"

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

TEST(Histogram, BoundsOfLatencyRiseInSmallSteps) {
  const auto bounds = latency_bounds_s();
  EXPECT_EQ(bounds.front(), 0.005);
  EXPECT_EQ(bounds.back(), 3600);
  for (std::size_t i = 1; i < bounds.size(); ++i) {
    EXPECT_LT(bounds[i - 1], bounds[i]);
    EXPECT_LE(bounds[i] / bounds[i - 1], 2.5001) << bounds[i];
  }
}

TEST(Spec, GivesHandlesZerosAndAListing) {
  const auto registry = make_registry();
  const CounterFamily ends(*registry, {"ends_total", "Ends.", "outcome", "good bad"});
  const GaugeFamily lag(*registry, {"lag", "Lag.", "group topic"});
  const GaugeFamily states(*registry, {"states", "States.", "state", "on off"});
  counter(*registry, {"all_total", "All."}).add();
  gauge(*registry, {"depth", "Depth."}).set(3);
  histogram(*registry, {"took_seconds", "Took."}).observe(1);
  const CounterFamily again(*registry, {"ends_total", "Ends.", "outcome", "good bad"});
  EXPECT_EQ(&again.of("bad"), &ends.of("bad")) << "one metric, however often it is said";

  std::string text = registry->expose();
  for (const char* line : {"ends_total{outcome=\"good\"} 0", "ends_total{outcome=\"bad\"} 0",
                           "all_total 1", "depth 3", "took_seconds_count 1"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  EXPECT_EQ(text.find("states{"), std::string::npos) << "of a gauge nothing is known yet";

  lag.of("g", std::string("t")).set(7);
  states.of("on").set(1);
  ends.of("good").add(2);
  ends.of("odd").add(5);  // not among those that are known; counted all the same
  text = registry->expose();
  for (const char* line : {"lag{group=\"g\",topic=\"t\"} 7", "states{state=\"on\"} 1",
                           "ends_total{outcome=\"good\"} 2", "ends_total{outcome=\"odd\"} 5"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;

  std::string names;
  for (const ListedMetric& metric : registry->listed())
    names += std::string(metric.spec.name) + " ";
  EXPECT_EQ(names, "ends_total lag states all_total depth took_seconds ");
  ASSERT_NE(registry->find_histogram("took_seconds"), nullptr);
  EXPECT_EQ(registry->find_histogram("took_seconds")->count(), 1);
  EXPECT_EQ(registry->find_histogram("depth"), nullptr);
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
