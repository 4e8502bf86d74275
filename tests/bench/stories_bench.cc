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

constexpr std::size_t kSteps = 7;
constexpr std::size_t kMeasured = 4'000;  // the last of each step

/// Texts as shingles: one in five copies one of the last 5,000.
class Texts {
 public:
  std::string next() {
    std::vector<std::uint64_t> shingles;
    if (!recent_.empty() && random_() % 5 == 0) {
      shingles = recent_[random_() % recent_.size()];
      for (std::uint64_t& shingle : shingles) {
        if (random_() % 10 == 0) shingle = random_();
      }
    } else {
      for (std::size_t left = 60 + random_() % 440; left > 0; --left) shingles.push_back(random_());
      for (std::uint64_t i = 0; i < 10; ++i) shingles.push_back(random_() % 200);
    }
    std::string out = vigie::fingerprint::make(shingles);
    if (recent_.size() < 5'000) recent_.push_back(std::move(shingles));
    else recent_[random_() % recent_.size()] = std::move(shingles);
    return out;
  }

 private:
  std::mt19937_64 random_{7};
  std::vector<std::vector<std::uint64_t>> recent_;
};

struct Step {
  double finding = 0;  // seconds
  double adding = 0;
  std::size_t copies = 0;
  std::vector<std::string> measured;  // fingerprints
};

/// Fills the window up to so many articles; the last of them are timed.
Step fill(vigie::indexer::stories::Window& window, Texts& texts, std::size_t wanted) {
  Step step;
  for (std::size_t i = window.size(); i < wanted; ++i) {
    std::string fingerprint = texts.next();
    const bool timed = wanted - i <= kMeasured;
    std::string story = "story-" + std::to_string(i) + "-0123456789";
    if (timed) {
      const auto begin = Clock::now();
      const auto copy = window.find({fingerprint, 0, {}});
      step.finding += seconds_since(begin);
      if (copy) {
        ++step.copies;
        story = copy->story_id;
      }
      step.measured.push_back(fingerprint);
    }
    const auto begin = Clock::now();
    window.add(static_cast<std::int64_t>(i), {fingerprint, 0, {}}, story);
    if (timed) step.adding += seconds_since(begin);
  }
  return step;
}

/// Nanoseconds of comparing two fingerprints alone.
double compare_ns(const std::vector<std::string>& fingerprints) {
  const auto begin = Clock::now();
  std::size_t alike = 0;
  for (std::size_t i = 1; i < fingerprints.size(); ++i)
    alike += vigie::fingerprint::compare(fingerprints[i - 1], fingerprints[i]).is_copy;
  const double took = seconds_since(begin);
  return alike > fingerprints.size() ? 0 : took / static_cast<double>(fingerprints.size()) * 1e9;
}

void print(const Step& step, std::size_t articles, double resident_before) {
  const double compare = compare_ns(step.measured);
  const auto measured = static_cast<double>(step.measured.size());
  std::printf(
      "%9zu articles in the window: find %.0f us (%.0f compares of %.0f ns), add %.1f us, %.0f "
      "bytes an article, %.0f MB; a day of 200,000 takes %.0f s\n",
      articles, step.finding / measured * 1e6, step.finding / measured * 1e9 / compare, compare,
      step.adding / measured * 1e6,
      (resident_mb() - resident_before) * 1e6 / static_cast<double>(articles), resident_mb(),
      (step.finding + step.adding) / measured * 200'000);
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::size_t articles = argc > 1 ? std::stoul(argv[1]) : 14UL * 200'000;
  Texts texts;
  vigie::indexer::stories::Window window;
  const double before = resident_mb();
  std::size_t copies = 0;
  for (std::size_t step = 1; step <= kSteps; ++step) {
    const Step done = fill(window, texts, articles * step / kSteps);
    copies += done.copies;
    print(done, window.size(), before);
  }
  const auto begin = Clock::now();
  window.forget_before(static_cast<std::int64_t>(articles / 14));
  std::printf("forget a day: %.1f s; %zu copies found of the %zu looked for\n",
              seconds_since(begin), copies, kSteps * kMeasured);
  return copies == 0 ? 1 : 0;
}
