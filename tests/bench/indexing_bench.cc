// libs: indexer/shard platform/storage
// Indexing: documents a second into a shard (batches of 500, each synced), bytes written for each
// byte that is there at the end; beside it the same documents put bare into RocksDB. Usage:
// indexing_bench [documents]
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "indexer/shard/shard.h"
#include "platform/metrics/metrics.h"
#include "platform/storage/storage.h"
#include "tests/bench/news_generator.h"

namespace {

constexpr std::size_t kBatch = 500;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// CPU this process used: what other programs of the machine do does not count.
double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Bytes this process sent to disks.
double written_bytes() {
  std::ifstream file("/proc/self/io");
  std::string name;
  double value = 0;
  while (file >> name >> value) {
    if (name == "write_bytes:") return value;
  }
  return 0;
}

using Batches = std::vector<std::vector<vigie::indexer::LoggedArticle>>;

Batches make_batches(std::size_t documents) {
  vigie::bench::NewsGenerator news(1);
  Batches batches;
  double text_bytes = 0;
  for (std::size_t i = 0; i < documents; ++i) {
    if (i % kBatch == 0) batches.emplace_back();
    const auto article = news.next();
    batches.back().push_back(
        {static_cast<std::int64_t>(i), 0, article.SerializeAsString(), article});
    text_bytes += static_cast<double>(batches.back().back().article.text().size());
  }
  std::printf("indexing.text_bytes_per_doc %.0f\n", text_bytes / static_cast<double>(documents));
  return batches;
}

bool measure_shard(const Batches& batches, std::size_t documents,
                   const std::filesystem::path& dir) {
  vigie::SystemClock clock;
  const auto registry = vigie::metrics::make_registry();
  vigie::indexer::ShardOptions options;
  options.dir = dir;
  // so that one merge of ten is in the figures
  options.seal_documents = std::max<std::size_t>(kBatch, documents / 12);
  auto shard = vigie::indexer::Shard::open(options, clock, *registry);
  if (!shard) return false;
  const double written_before = written_bytes();
  const double begin = now_s();
  const double cpu_begin = cpu_s();
  std::int64_t offset = 0;
  for (const auto& batch : batches) {
    offset += static_cast<std::int64_t>(batch.size());
    if (!(*shard)->apply(batch, offset, {}) || !(*shard)->maintain()) return false;
  }
  const double seconds = now_s() - begin;
  std::printf("indexing.docs_per_cpu_s %.0f\n",
              static_cast<double>(documents) / (cpu_s() - cpu_begin));
  std::printf("indexing.docs_per_s %.0f\n", static_cast<double>(documents) / seconds);
  const double final_bytes = static_cast<double>((*shard)->disk_bytes());
  std::printf("indexing.disk_bytes_per_doc %.0f\n", final_bytes / static_cast<double>(documents));
  std::printf("indexing.written_per_final_byte %.2f\n",
              (written_bytes() - written_before) / final_bytes);
  return true;
}

bool measure_bare_rocksdb(const Batches& batches, std::size_t documents,
                          const std::filesystem::path& dir) {
  vigie::storage::Options bare;
  bare.dir = dir;
  bare.families = {{"documents", vigie::storage::Use::kDocuments}};
  auto database = vigie::storage::open(bare);
  if (!database) return false;
  const double begin = now_s();
  std::uint64_t number = 0;
  for (const auto& batch : batches) {
    vigie::storage::Batch rows;
    for (const auto& entry : batch) {
      std::string key;
      vigie::storage::append_u64(key, number++);
      rows.put(0, key, entry.article.SerializeAsString());
    }
    if (!(*database)->write(rows, vigie::storage::Durability::kSynced)) return false;
  }
  std::printf("indexing.bare_rocksdb_docs_per_s %.0f\n",
              static_cast<double>(documents) / (now_s() - begin));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t documents = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20'000;
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_indexing_bench_" + std::to_string(getpid()));
  const Batches batches = make_batches(documents);
  const bool done = measure_shard(batches, documents, dir / "shard") &&
                    measure_bare_rocksdb(batches, documents, dir / "bare");
  std::error_code ignored;
  std::filesystem::remove_all(dir, ignored);
  return done ? 0 : 1;
}
