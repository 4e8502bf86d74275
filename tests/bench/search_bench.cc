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

}  // namespace

int main(int argc, char** argv) {
  const std::size_t documents = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20'000;
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_search_bench_" + std::to_string(getpid()));
  NewsGenerator news(1);
  vigie::SystemClock clock;
  const auto registry = vigie::metrics::make_registry();
  vigie::indexer::ShardOptions options;
  options.dir = dir;
  options.seal_documents = 4'500;
  auto shard = vigie::indexer::Shard::open(options, clock, *registry);
  if (!shard) return 1;
  std::vector<std::string> texts;
  std::vector<vigie::indexer::LoggedArticle> batch;
  for (std::size_t i = 0; i < documents; ++i) {
    batch.push_back({static_cast<std::int64_t>(i), 0, news.next()});
    texts.push_back(batch.back().article.text());
    if (batch.size() < 500 && i + 1 < documents) continue;
    if (!(*shard)->apply(batch, static_cast<std::int64_t>(i + 1), {}) || !(*shard)->maintain())
      return 1;
    batch.clear();
  }
  std::printf("search.documents %zu\n", documents);

  std::mt19937_64 chance(2);
  const auto common = [&] { return NewsGenerator::word(chance() % 100); };
  const auto middle = [&] { return NewsGenerator::word(100 + chance() % 5'000); };
  struct Kind {
    const char* name;
    Sort sort;
    std::function<std::string()> make;
  };
  const std::vector<Kind> kinds{
      {"one_word", Sort::kRelevance, middle},
      {"common_word", Sort::kRelevance, common},
      {"and", Sort::kRelevance, [&] { return common() + " " + middle(); }},
      {"or", Sort::kRelevance, [&] { return common() + " OR " + middle(); }},
      {"phrase", Sort::kRelevance, [&] { return "\"" + common() + " " + common() + "\""; }},
      {"near", Sort::kRelevance, [&] { return common() + " NEAR/5 " + middle(); }},
      {"prefix", Sort::kRelevance, [&] { return middle().substr(0, 5) + "*"; }},
      {"exact", Sort::kRelevance, [&] { return "=" + middle(); }},
      {"not", Sort::kNewest, [&] { return middle() + " -" + common(); }},
      {"filters", Sort::kNewest, [&] { return middle() + " lang:fr topic:topic-3"; }},
      {"newest", Sort::kNewest, common},
      {"everything", Sort::kNewest, [] { return std::string(); }},
  };
  for (const Kind& kind : kinds) {
    std::vector<double> took;
    std::vector<double> scans;
    for (int i = 0; i < kQueries; ++i) {
      const std::string text = kind.make();
      const auto query = vigie::indexer::query::parse(text);
      if (!query) return 1;
      vigie::indexer::Find find;
      find.query = &*query;
      find.sort = kind.sort;
      find.limit = 10;
      double begin = now_us();
      const auto answer = (*shard)->find(find);
      took.push_back(now_us() - begin);
      if (!answer) return 1;
      if (i >= kScans || text.empty()) continue;
      const std::size_t first = text.find_first_not_of("=\"");
      const std::string word = text.substr(first, text.find_first_of(" \"*", first) - first);
      begin = now_us();
      std::size_t found = 0;
      for (const std::string& one : texts) found += one.find(word) != std::string::npos ? 1 : 0;
      scans.push_back(now_us() - begin);
      if (found == SIZE_MAX) return 1;
    }
    std::printf("search.%s_us_p50 %.0f\nsearch.%s_us_p99 %.0f\n", kind.name, at(took, 0.5),
                kind.name, at(took, 0.99));
    if (!scans.empty()) std::printf("search.%s_bare_scan_us_p50 %.0f\n", kind.name, at(scans, 0.5));
  }
  const auto everything = vigie::indexer::query::parse("");
  double begin = now_us();
  if (!(*shard)->facets(*everything,
                        {vigie::indexer::Facet::kTopic, vigie::indexer::Facet::kSource}, 0))
    return 1;
  std::printf("search.facets_cold_us %.0f\n", now_us() - begin);
  begin = now_us();
  if (!(*shard)->facets(*everything,
                        {vigie::indexer::Facet::kTopic, vigie::indexer::Facet::kSource}, 0))
    return 1;
  std::printf("search.facets_us %.0f\n", now_us() - begin);
  begin = now_us();
  if (!(*shard)->timeline(*everything, 86'400'000, 0, std::nullopt)) return 1;
  std::printf("search.timeline_us %.0f\n", now_us() - begin);
  shard->reset();
  std::error_code ignored;
  std::filesystem::remove_all(dir, ignored);
  return 0;
}
