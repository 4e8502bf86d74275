// libs: indexer/stories platform/fingerprint
// Finding near-duplicates in a window of two weeks of 200,000 articles a day, one core: time and
// memory an article as the window fills, against comparing two fingerprints alone. Each text has 60
// to 500 shingles; one in five copies one of the last 5,000: half of these whole, with a tenth of
// it changed, a quarter an excerpt of a fifth to a half, a quarter with up to three times as much
// of its own; all share shingles of boilerplate. Of each kind it counts the copies (by their
// fingerprints) whose story is found. Usage: stories_bench [ARTICLES]
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "indexer/stories/window.h"
#include "platform/fingerprint/fingerprint.h"

namespace {

double cpu_seconds() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}
double seconds_since(double begin) { return cpu_seconds() - begin; }

double resident_mb() {
  std::ifstream in("/proc/self/statm");
  long pages = 0;
  in >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

constexpr std::size_t kSteps = 7;
constexpr std::size_t kMeasured = 4'000;  // the last of each step

enum Kind : std::size_t { kWhole, kExcerpt, kLonger, kKinds };
constexpr const char* kNames[kKinds] = {"whole", "excerpt", "longer"};

struct Text {
  std::string fingerprint;
  Kind kind = kKinds;  // of a copy
  bool copy = false;   // by the fingerprints
};

/// Texts as shingles: one in five copies one of the last 5,000.
class Texts {
 public:
  Text next() {
    Text out;
    std::vector<std::uint64_t> shingles;
    std::string original;
    if (!recent_.empty() && random_() % 5 == 0) {
      shingles = recent_[random_() % recent_.size()];
      original = vigie::fingerprint::make(shingles);
      out.kind = std::array{kWhole, kWhole, kExcerpt, kLonger}[random_() % 4];
      change(out.kind, shingles);
    } else {
      add_news(60 + random_() % 440, shingles);
      for (std::uint64_t i = 0; i < 10; ++i) shingles.push_back(random_() % 200);
    }
    out.fingerprint = vigie::fingerprint::make(shingles);
    out.copy = !original.empty() && vigie::fingerprint::compare(original, out.fingerprint).is_copy;
    if (out.kind != kWhole && out.kind != kKinds) return out;  // lengths stay what they are
    if (recent_.size() < 5'000) recent_.push_back(std::move(shingles));
    else recent_[random_() % recent_.size()] = std::move(shingles);
    return out;
  }

 private:
  void add_news(std::size_t count, std::vector<std::uint64_t>& shingles) {
    for (; count > 0; --count) shingles.push_back(random_());
  }
  void change(Kind kind, std::vector<std::uint64_t>& shingles) {
    const std::size_t whole = shingles.size();
    if (kind == kExcerpt) shingles.resize(whole / 5 + random_() % (whole * 3 / 10));
    if (kind == kLonger) add_news(random_() % (3 * whole), shingles);
    if (kind != kWhole) return;
    for (std::uint64_t& shingle : shingles) {
      if (random_() % 10 == 0) shingle = random_();
    }
  }

  std::mt19937_64 random_{7};
  std::vector<std::vector<std::uint64_t>> recent_;
};

struct Step {
  double finding = 0;  // seconds
  double adding = 0;
  std::size_t copies[kKinds] = {};
  std::size_t found[kKinds] = {};
  std::vector<std::string> measured;  // fingerprints
};

/// Fills the window up to so many articles; the last of them are timed.
Step fill(vigie::indexer::stories::Window& window, Texts& texts, std::size_t wanted) {
  Step step;
  for (std::size_t i = window.size(); i < wanted; ++i) {
    const Text text = texts.next();
    const std::string& fingerprint = text.fingerprint;
    const bool timed = wanted - i <= kMeasured;
    std::string story = "story-" + std::to_string(i) + "-0123456789";
    if (timed) {
      const auto begin = cpu_seconds();
      const auto copy = window.find({fingerprint, 0, {}});
      step.finding += seconds_since(begin);
      if (copy) story = copy->story_id;
      if (text.copy) ++step.copies[text.kind];
      if (text.copy && copy) ++step.found[text.kind];
      step.measured.push_back(fingerprint);
    }
    const auto begin = cpu_seconds();
    window.add(static_cast<std::int64_t>(i), {fingerprint, 0, {}}, story);
    if (timed) step.adding += seconds_since(begin);
  }
  return step;
}

/// Nanoseconds of comparing two fingerprints alone.
double compare_ns(const std::vector<std::string>& fingerprints) {
  const auto begin = cpu_seconds();
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
  Step all;
  for (std::size_t step = 1; step <= kSteps; ++step) {
    const Step done = fill(window, texts, articles * step / kSteps);
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      all.copies[kind] += done.copies[kind];
      all.found[kind] += done.found[kind];
    }
    print(done, window.size(), before);
  }
  const auto begin = cpu_seconds();
  window.forget_before(static_cast<std::int64_t>(articles / 14));
  std::printf("forget a day: %.1f s\n", seconds_since(begin));
  for (std::size_t kind = 0; kind < kKinds; ++kind)
    std::printf("%s: %zu found of %zu copies\n", kNames[kind], all.found[kind], all.copies[kind]);
  return all.found[kWhole] == 0 ? 1 : 0;
}
