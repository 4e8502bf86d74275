// libs: indexer/stories platform/fingerprint
// Finding near-duplicates in a window of two weeks of 200,000 articles a day, one core: time and
// memory an article as the window fills, against comparing two fingerprints alone. Each text has 60
// to 500 shingles; one in five copies one of the last 5,000, with a tenth of it changed; all share
// shingles of boilerplate. Usage: stories_bench [ARTICLES]
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "indexer/stories/window.h"
#include "platform/fingerprint/fingerprint.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double resident_mb() {
  std::ifstream in("/proc/self/statm");
  long pages = 0;
  in >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::size_t articles = argc > 1 ? std::stoul(argv[1]) : 14UL * 200'000;
  constexpr std::size_t kMeasured = 4'000;  // the last of each step
  std::mt19937_64 random(7);
  std::vector<std::vector<std::uint64_t>> recent;
  const auto make = [&] {
    std::vector<std::uint64_t> shingles;
    if (!recent.empty() && random() % 5 == 0) {
      shingles = recent[random() % recent.size()];
      for (std::uint64_t& shingle : shingles) {
        if (random() % 10 == 0) shingle = random();
      }
    } else {
      for (std::size_t left = 60 + random() % 440; left > 0; --left) shingles.push_back(random());
      for (std::uint64_t i = 0; i < 10; ++i) shingles.push_back(random() % 200);
    }
    std::string out = vigie::fingerprint::make(shingles);
    if (recent.size() < 5'000) recent.push_back(std::move(shingles));
    else recent[random() % recent.size()] = std::move(shingles);
    return out;
  };

  vigie::indexer::stories::Window window;
  const double before = resident_mb();
  std::size_t copies = 0;
  for (std::size_t step = 1; step <= 7; ++step) {
    const std::size_t wanted = articles * step / 7;
    double finding = 0;
    double adding = 0;
    std::size_t measured = 0;
    std::vector<std::string> made;
    for (std::size_t i = window.size(); i < wanted; ++i) {
      std::string fingerprint = make();
      const bool timed = wanted - i <= kMeasured;
      std::string story = "story-" + std::to_string(i) + "-0123456789";
      if (timed) {
        const auto begin = Clock::now();
        const auto copy = window.find(fingerprint);
        finding += seconds_since(begin);
        if (copy) {
          ++copies;
          story = copy->story_id;
        }
        ++measured;
        made.push_back(fingerprint);
      }
      const auto begin = Clock::now();
      window.add(static_cast<std::int64_t>(i), std::move(fingerprint), std::move(story));
      if (timed) adding += seconds_since(begin);
    }
    const auto begin = Clock::now();
    std::size_t alike = 0;
    for (std::size_t i = 1; i < made.size(); ++i)
      alike += vigie::fingerprint::compare(made[i - 1], made[i]).is_copy;
    const double compare_ns = seconds_since(begin) / static_cast<double>(made.size()) * 1e9;
    std::printf(
        "%9zu articles in the window: find %.0f us (%.0f compares of %.0f ns), add %.1f us, %.0f "
        "bytes an article, %.0f MB; a day of 200,000 takes %.0f s\n",
        window.size(), finding / static_cast<double>(measured) * 1e6,
        finding / static_cast<double>(measured) * 1e9 / compare_ns, compare_ns,
        adding / static_cast<double>(measured) * 1e6,
        (resident_mb() - before) * 1e6 / static_cast<double>(window.size()), resident_mb(),
        (finding + adding) / static_cast<double>(measured) * 200'000);
    if (alike > made.size()) return 1;
  }
  const auto begin = Clock::now();
  window.forget_before(static_cast<std::int64_t>(articles / 14));
  std::printf("forget a day: %.1f s; %zu copies found of the %zu looked for\n",
              seconds_since(begin), copies, 7 * kMeasured);
  return copies == 0 ? 1 : 0;
}
