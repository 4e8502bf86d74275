// libs: indexer/shard indexer/matching indexer/query
// The index at the size where segments have been merged: documents in 20 languages, the shipped
// settings, queries as people type them. Of each query the least thread CPU of some rounds; printed
// are p50 and p99 of each kind, bytes read by a warm query, and the rate and pauses of the writer.
// Usage: index_bench [documents [folder]]. A folder is kept, and only asked where it is full.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/shard/shard.h"
#include "platform/metrics/metrics.h"
#include "tests/bench/news_generator.h"

namespace {

using vigie::bench::NewsGenerator;
using vigie::indexer::Facet;
using vigie::indexer::Find;
using vigie::indexer::Shard;
using vigie::indexer::Sort;

constexpr std::size_t kBatch = 500;
constexpr int kQueries = 100;
constexpr int kRounds = 4;
constexpr double kSlowUs = 10'000;  // asked twice alone
constexpr std::int64_t kDayMs = 86'400'000;

double seconds_of(clockid_t clock) {
  timespec at{};
  clock_gettime(clock, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}
double thread_us() { return seconds_of(CLOCK_THREAD_CPUTIME_ID) * 1e6; }
double process_s() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }
double wall_s() { return seconds_of(CLOCK_MONOTONIC); }

double io_bytes(const std::string& wanted) {
  std::ifstream file("/proc/self/io");
  std::string name;
  double value = 0;
  while (file >> name >> value) {
    if (name == wanted) return value;
  }
  return 0;
}
double rss_mb() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * 4096 / 1e6;
}

double at(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

bool fill(Shard& shard, std::size_t documents) {
  static constexpr const char* kLanguages[] = {"en", "fr", "de", "es", "ru", "it", "pt",
                                               "nl", "sv", "fi", "da", "no", "hu", "ro",
                                               "tr", "ar", "zh", "ja", "ko", "pl"};
  NewsGenerator news(1);
  std::vector<vigie::indexer::LoggedArticle> batch;
  std::vector<double> pauses;
  double cpu = 0;
  const double written = io_bytes("write_bytes:");
  const double begin = wall_s();
  for (std::size_t i = 0; i < documents; ++i) {
    auto article = news.next();
    article.set_language(kLanguages[(i * 7 + i / 20) % 20]);
    batch.push_back({static_cast<std::int64_t>(i), 0, article.SerializeAsString(), article});
    if (batch.size() < kBatch && i + 1 < documents) continue;
    const double cpu_before = process_s();
    if (!shard.apply(batch, static_cast<std::int64_t>(i + 1), {})) return false;
    const double before = wall_s();
    if (!shard.maintain()) return false;
    pauses.push_back((wall_s() - before) * 1e3);
    cpu += process_s() - cpu_before;
    batch.clear();
  }
  std::printf("index.docs_per_cpu_s %.0f\n", static_cast<double>(documents) / cpu);
  std::printf("index.docs_per_s %.0f\n", static_cast<double>(documents) / (wall_s() - begin));
  std::printf("index.maintain_ms_p50 %.0f\nindex.maintain_ms_max %.0f\n", at(pauses, 0.5),
              at(pauses, 1));
  std::printf("index.disk_mb %.0f\nindex.written_mb %.0f\n",
              static_cast<double>(shard.disk_bytes()) / 1e6,
              (io_bytes("write_bytes:") - written) / 1e6);
  return true;
}

struct Kind {
  const char* name;
  std::function<std::string()> make;
  std::function<bool(const Shard&, const vigie::indexer::query::Query&)> ask;
};

std::function<bool(const Shard&, const vigie::indexer::query::Query&)> hits(Sort sort,
                                                                            std::size_t limit) {
  return [=](const Shard& shard, const vigie::indexer::query::Query& query) {
    Find find;
    find.query = &query;
    find.sort = sort;
    find.limit = limit;
    return shard.find(find).has_value();
  };
}

bool by_day(const Shard& shard, const vigie::indexer::query::Query& query) {
  return shard.timeline(query, kDayMs, 0, std::nullopt).has_value();
}
bool by_topic(const Shard& shard, const vigie::indexer::query::Query& query) {
  return shard.facets(query, {Facet::kTopic}, 0).has_value();
}

std::vector<Kind> kinds_of(std::mt19937_64& chance) {
  const auto common = [&] { return NewsGenerator::word(chance() % 100); };
  const auto word = [&] {
    return NewsGenerator::word(chance() % 2 == 0 ? chance() % 300 : 300 + chance() % 5'000);
  };
  const auto either = [=] { return word() + " OR " + word(); };
  const auto both = [=] { return word() + " " + word(); };
  const auto top = hits(Sort::kRelevance, 10);
  return {
      {"term", word, top},
      {"or2", either, top},
      {"or3", [=] { return either() + " OR " + word(); }, top},
      {"and2", both, top},
      {"phrase2", [=] { return "\"" + common() + " " + common() + "\""; }, top},
      {"near2", [=] { return common() + " NEAR/5 " + word(); }, top},
      {"prefix", [=] { return word().substr(0, 5) + "*"; }, top},
      {"filter", [=] { return word() + " lang:fr topic:topic-3"; }, top},
      {"newest50", word, hits(Sort::kNewest, 50)},
      {"newest50_all", [] { return std::string(); }, hits(Sort::kNewest, 50)},
      {"count_and2", both, hits(Sort::kNewest, 0)},
      {"count_or2", either, hits(Sort::kNewest, 0)},
      {"days_and2", both, by_day},
      {"days_or2", either, by_day},
      {"topics_or2", either, by_topic},
  };
}

bool measure(const Kind& kind, const Shard& shard) {
  std::vector<double> took;
  double read = 0;
  for (int i = 0; i < kQueries; ++i) {
    const auto query = vigie::indexer::query::parse(kind.make());
    if (!query) return false;
    double best = 1e18;
    for (int round = 0; round < kRounds; ++round) {
      const double read_before = io_bytes("rchar:");
      const double begin = thread_us();
      if (!kind.ask(shard, *query)) return false;
      best = std::min(best, thread_us() - begin);
      const bool last = round + 1 == kRounds || (round > 0 && best > kSlowUs);
      if (last) read += io_bytes("rchar:") - read_before;
      if (last) break;
    }
    took.push_back(best);
  }
  std::printf("index.%s_us_p50 %.0f\nindex.%s_us_p99 %.0f\nindex.%s_warm_kb_read %.0f\n", kind.name,
              at(took, 0.5), kind.name, at(took, 0.99), kind.name, read / kQueries / 1e3);
  std::fflush(stdout);
  return true;
}

bool measure_all(std::size_t documents, const std::filesystem::path& dir) {
  vigie::SystemClock clock;
  const auto registry = vigie::metrics::make_registry();
  vigie::indexer::ShardOptions options;
  options.dir = dir;
  const double rss = rss_mb();
  const double begin = process_s();
  auto shard = Shard::open(options, clock, *registry);
  if (!shard) {
    std::fprintf(stderr, "%s\n", shard.error().to_string().c_str());
    return false;
  }
  std::printf("index.open_s %.2f\nindex.open_rss_mb %.0f\n", process_s() - begin, rss_mb() - rss);
  if ((*shard)->documents() == 0 && !fill(**shard, documents)) return false;
  std::printf("index.documents %llu\n", static_cast<unsigned long long>((*shard)->documents()));
  std::mt19937_64 chance(2);
  for (const Kind& kind : kinds_of(chance)) {
    if (!measure(kind, **shard)) return false;
  }
  std::printf("index.rss_mb %.0f\n", rss_mb() - rss);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t documents = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20'000;
  const std::filesystem::path dir = argc > 2
                                        ? std::filesystem::path(argv[2])
                                        : std::filesystem::temp_directory_path() /
                                              ("vigie_index_bench_" + std::to_string(getpid()));
  const bool done = measure_all(documents, dir);
  std::error_code ignored;
  if (argc <= 2) std::filesystem::remove_all(dir, ignored);
  return done ? 0 : 1;
}
