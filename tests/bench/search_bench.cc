// libs: indexer/shard indexer/matching indexer/query
// Search: p50 and p99 by kind of query over sealed segments and a head, top 10; beside each the
// median of a bare scan for its first word over the same texts in memory. Usage: search_bench
// [documents]
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/shard/shard.h"
#include "platform/metrics/metrics.h"
#include "tests/bench/news_generator.h"

namespace {

using vigie::bench::NewsGenerator;
using vigie::indexer::Sort;

constexpr int kQueries = 100;
constexpr int kScans = 5;

double now_us() {
  return std::chrono::duration<double, std::micro>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double at(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// Fills the shard and returns the texts, for the bare scan; nothing where it fails.
std::vector<std::string> fill(vigie::indexer::Shard& shard, std::size_t documents) {
  NewsGenerator news(1);
  std::vector<std::string> texts;
  std::vector<vigie::indexer::LoggedArticle> batch;
  for (std::size_t i = 0; i < documents; ++i) {
    const auto article = news.next();
    batch.push_back({static_cast<std::int64_t>(i), 0, article.SerializeAsString(), article});
    texts.push_back(batch.back().article.text());
    if (batch.size() < 500 && i + 1 < documents) continue;
    if (!shard.apply(batch, static_cast<std::int64_t>(i + 1), {}) || !shard.maintain()) return {};
    batch.clear();
  }
  return texts;
}

struct Kind {
  const char* name;
  Sort sort;
  std::function<std::string()> make;
};

std::vector<Kind> kinds_of(std::mt19937_64& chance) {
  const auto common = [&] { return NewsGenerator::word(chance() % 100); };
  const auto middle = [&] { return NewsGenerator::word(100 + chance() % 5'000); };
  return {
      {"one_word", Sort::kRelevance, middle},
      {"common_word", Sort::kRelevance, common},
      {"and", Sort::kRelevance, [=] { return common() + " " + middle(); }},
      {"or", Sort::kRelevance, [=] { return common() + " OR " + middle(); }},
      {"phrase", Sort::kRelevance, [=] { return "\"" + common() + " " + common() + "\""; }},
      {"near", Sort::kRelevance, [=] { return common() + " NEAR/5 " + middle(); }},
      {"prefix", Sort::kRelevance, [=] { return middle().substr(0, 5) + "*"; }},
      {"exact", Sort::kRelevance, [=] { return "=" + middle(); }},
      {"not", Sort::kNewest, [=] { return middle() + " -" + common(); }},
      {"filters", Sort::kNewest, [=] { return middle() + " lang:fr topic:topic-3"; }},
      {"newest", Sort::kNewest, common},
      {"everything", Sort::kNewest, [] { return std::string(); }},
  };
}

/// Microseconds of a bare scan for the first word of the query.
double scan_us(const std::string& query, const std::vector<std::string>& texts) {
  const std::size_t first = query.find_first_not_of("=\"");
  const std::string word = query.substr(first, query.find_first_of(" \"*", first) - first);
  const double begin = now_us();
  std::size_t found = 0;
  for (const std::string& one : texts) found += one.find(word) != std::string::npos ? 1 : 0;
  const double took = now_us() - begin;
  return found == SIZE_MAX ? 0 : took;
}

bool measure(const Kind& kind, vigie::indexer::Shard& shard,
             const std::vector<std::string>& texts) {
  std::vector<double> took;
  std::vector<double> scans;
  for (int i = 0; i < kQueries; ++i) {
    const std::string text = kind.make();
    const auto query = vigie::indexer::query::parse(text);
    if (!query) return false;
    vigie::indexer::Find find;
    find.query = &*query;
    find.sort = kind.sort;
    find.limit = 10;
    const double begin = now_us();
    const auto response = shard.find(find);
    took.push_back(now_us() - begin);
    if (!response) return false;
    if (i < kScans && !text.empty()) scans.push_back(scan_us(text, texts));
  }
  std::printf("search.%s_us_p50 %.0f\nsearch.%s_us_p99 %.0f\n", kind.name, at(took, 0.5), kind.name,
              at(took, 0.99));
  if (!scans.empty()) std::printf("search.%s_bare_scan_us_p50 %.0f\n", kind.name, at(scans, 0.5));
  return true;
}

bool measure_counts(vigie::indexer::Shard& shard) {
  using vigie::indexer::Facet;
  const auto everything = vigie::indexer::query::parse("");
  for (const char* name : {"facets_cold", "facets"}) {
    const double begin = now_us();
    if (!shard.facets(*everything, {Facet::kTopic, Facet::kSource}, 0)) return false;
    std::printf("search.%s_us %.0f\n", name, now_us() - begin);
  }
  const double begin = now_us();
  if (!shard.timeline(*everything, 86'400'000, 0, std::nullopt)) return false;
  std::printf("search.timeline_us %.0f\n", now_us() - begin);
  return true;
}

bool measure_all(std::size_t documents, const std::filesystem::path& dir) {
  vigie::SystemClock clock;
  const auto registry = vigie::metrics::make_registry();
  vigie::indexer::ShardOptions options;
  options.dir = dir;
  options.seal_documents = 4'500;
  auto shard = vigie::indexer::Shard::open(options, clock, *registry);
  if (!shard) return false;
  const std::vector<std::string> texts = fill(**shard, documents);
  if (texts.empty()) return false;
  std::printf("search.documents %zu\n", documents);
  std::mt19937_64 chance(2);
  for (const Kind& kind : kinds_of(chance)) {
    if (!measure(kind, **shard, texts)) return false;
  }
  return measure_counts(**shard);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t documents = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20'000;
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_search_bench_" + std::to_string(getpid()));
  const bool done = measure_all(documents, dir);
  std::error_code ignored;
  std::filesystem::remove_all(dir, ignored);
  return done ? 0 : 1;
}
