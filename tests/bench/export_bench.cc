// libs: indexer/exporting indexer/search indexer/shard indexer/query
// Export: every article of an index as rows, in pieces as the API sends them; time, rows and bytes,
// and the memory that it takes beside the index, for each format with and without texts. Usage:
// export_bench [documents [folder]]; into a folder the files are written: FORMAT, FORMAT_text
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "indexer/exporting/rows.h"
#include "indexer/query/query.h"
#include "indexer/search/index.h"
#include "indexer/shard/shard.h"
#include "platform/metrics/metrics.h"
#include "tests/bench/news_generator.h"

namespace {

using vigie::indexer::search::Index;
using vigie::indexer::search::Listing;

constexpr std::size_t kRowsOfAPiece = 20;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// A line of /proc/self/status, in MB.
double status_mb(const std::string& name) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) / 1024;
  }
  return 0;
}

/// VmHWM counts from here on. Source: proc(5), clear_refs.
void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

bool fill(vigie::indexer::Shard& shard, std::size_t documents) {
  vigie::bench::NewsGenerator news(1);
  std::vector<vigie::indexer::LoggedArticle> batch;
  for (std::size_t i = 0; i < documents; ++i) {
    const auto article = news.next();
    batch.push_back({static_cast<std::int64_t>(i), 0, article.SerializeAsString(), article});
    if (batch.size() < 500 && i + 1 < documents) continue;
    if (!shard.apply(batch, static_cast<std::int64_t>(i + 1), {}) || !shard.maintain())
      return false;
    batch.clear();
  }
  return true;
}

bool measure(const Index& index, const char* name, bool text, const std::string& folder) {
  namespace exporting = vigie::indexer::exporting;
  const auto rows = exporting::make_rows(*exporting::format_named(name),
                                         *exporting::fields_named("", text), text, {});
  reset_peak();
  const double resident = status_mb("VmRSS");
  const double begin = now_s();
  const std::string with = std::string(name) + (text ? "_text" : "");
  std::ofstream file;
  if (!folder.empty()) file.open(std::filesystem::path(folder) / with);
  const auto query = vigie::indexer::query::parse("");
  std::uint64_t total = 0;
  const auto listing = index.list(*query, 250'000, total);
  if (!listing) return false;
  const double listed = now_s() - begin;
  const double listed_mb = status_mb("VmHWM") - resident;
  std::size_t bytes = 0;
  const auto take = [&](const std::string& part) {
    bytes += part.size();
    if (file.is_open()) file << part;
  };
  take(rows->head());
  std::size_t written = 0;
  for (std::size_t row = 0; row < listing->size(); row += kRowsOfAPiece) {
    const auto articles = index.articles(*listing, row, kRowsOfAPiece);
    if (!articles) return false;
    for (const auto& view : *articles) {
      take(rows->row(view.article, view.story_id));
      ++written;
    }
  }
  take(rows->foot());
  std::printf(
      "export.%s: %zu rows of %llu, %.1f MB in %.1f s (list: %.2f s, %.0f MB more at most), peak "
      "%.0f MB more than the %.0f MB before\n",
      with.c_str(), written, static_cast<unsigned long long>(total),
      static_cast<double>(bytes) / 1e6, now_s() - begin, listed, listed_mb,
      status_mb("VmHWM") - resident, resident);
  return written == total && (folder.empty() || file.flush());
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::size_t documents = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_export_bench_" + std::to_string(getpid()));
  bool good = false;
  {
    vigie::SystemClock clock;
    const auto registry = vigie::metrics::make_registry();
    vigie::indexer::ShardOptions options;
    options.dir = dir;
    auto shard = vigie::indexer::Shard::open(options, clock, *registry);
    Index index(clock);
    if (shard && fill(**shard, documents)) {
      index.set_deadline(std::chrono::minutes(5));
      index.add_shard(0, std::shared_ptr<vigie::indexer::Shard>(std::move(*shard)));
      good = true;
      for (const char* name : {"csv", "jsonl", "atom", "ris", "bibtex"}) {
        for (const bool text : {false, true})
          good = measure(index, name, text, argc > 2 ? argv[2] : "") && good;
      }
    }
  }
  std::filesystem::remove_all(dir);
  return good ? 0 : 1;
}
