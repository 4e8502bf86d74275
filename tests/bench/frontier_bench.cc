// libs: crawler/frontier platform/process
// The frontier: URLs/s through find and follow, of which 45 % are known; beside it bare lookups in
// a std::unordered_map of the same URLs. Memory of the store for each URL, and the time to open it
// and scan what is due.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "crawler/frontier/frontier.h"
#include "platform/process/process.h"

namespace {

using namespace vigie;
using namespace vigie::crawler::frontier;

constexpr std::int32_t kPartitions = 12;
constexpr int kDomains = 2'000;
constexpr std::size_t kBatch = 1'000;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::string url_of(std::size_t number) {
  return "https://www.site" + std::to_string(number % kDomains) +
         ".example/2026/11/28/technology/story-" +
         std::to_string(number * 2654435761U % 1'000'000'007U) + ".html";
}

v1::UrlState finished(std::size_t number) {
  v1::UrlState state;
  state.set_url(url_of(number));
  state.set_source_id("source-" + std::to_string(number % kDomains));
  state.set_kind(v1::URL_KIND_ARTICLE);
  state.set_discovered_at_unix_ms(1'700'000'000'000 + static_cast<std::int64_t>(number));
  state.set_last_fetch_unix_ms(1'700'000'000'000 + static_cast<std::int64_t>(number));
  state.set_body_sha256(std::string(32, static_cast<char>(number)));
  state.set_fetches(5);
  if (number % 100 == 0) state.set_next_due_unix_ms(1'800'000'000'000);
  return state;
}

/// Sends what is new among `numbers` and reads it back. Out: how many were new; nothing on an
/// error.
std::optional<std::size_t> discover(Frontier& frontier, const std::vector<std::size_t>& numbers,
                                    std::vector<std::int64_t>& ends) {
  std::vector<log::Reader::Batch> batches(kPartitions);
  std::size_t fresh = 0;
  for (const std::size_t number : numbers) {
    const auto known = frontier.find(url_of(number));
    if (!known) return std::nullopt;
    if (*known) continue;
    ++fresh;
    const Frontier::Sent sent = frontier.put(finished(number));
    const std::int32_t partition = proto::partition_of(sent.record.partition_key, kPartitions);
    log::Record record{partition, ends[static_cast<std::size_t>(partition)]++, 0, sent.record.key,
                       sent.record.value};
    frontier.acknowledged(url_of(number), sent.number, {partition, record.offset});
    batches[static_cast<std::size_t>(partition)].records.push_back(std::move(record));
  }
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    log::Reader::Batch& batch = batches[static_cast<std::size_t>(p)];
    batch.from = {proto::Topic::kFrontier, p};
    batch.next_offset = ends[static_cast<std::size_t>(p)];
    if (!batch.records.empty() && !frontier.follow(batch, true, 1'750'000'000'000))
      return std::nullopt;
  }
  return fresh;
}

int run(const std::filesystem::path& dir, std::size_t urls) {
  auto opened = Frontier::open(dir, kPartitions);
  if (!opened) return 1;
  std::vector<std::int64_t> ends(kPartitions, 0);
  const std::uint64_t before = process::resident_bytes();
  std::vector<std::size_t> numbers;
  std::size_t next = 0;
  const auto fill = [&](std::size_t until) {
    while (next < until) {
      numbers.clear();
      for (; numbers.size() < kBatch && next < until; ++next) numbers.push_back(next);
      if (!discover(**opened, numbers, ends)) return false;
    }
    return true;
  };
  if (!fill(urls)) return 1;
  const std::uint64_t after = process::resident_bytes();
  std::printf(
      "frontier.urls %zu\nfrontier.ram_bytes_per_url %.1f (write buffers and cache included; disk "
      "%.0f)\n",
      urls, static_cast<double>(after - before) / static_cast<double>(urls),
      static_cast<double>((*opened)->store().disk_bytes()) / static_cast<double>(urls));
  // 45 % known.
  const std::size_t asked = urls / 4;
  const auto begin = std::chrono::steady_clock::now();
  std::size_t fresh = 0;
  for (std::size_t done = 0; done < asked; done += kBatch) {
    numbers.clear();
    for (std::size_t i = 0; i < kBatch; ++i)
      numbers.push_back(i % 100 < 45 ? (done + i) * 7919 % urls : next++);
    const auto found = discover(**opened, numbers, ends);
    if (!found) return 1;
    fresh += *found;
  }
  const double rate = static_cast<double>(asked) / seconds_since(begin);
  std::unordered_map<std::string, int> map;
  for (std::size_t i = 0; i < asked; ++i) map.emplace(url_of(i), 0);
  const auto bare = std::chrono::steady_clock::now();
  std::size_t hits = 0;
  for (std::size_t i = 0; i < asked; ++i) hits += map.count(url_of(i * 2));
  std::printf(
      "frontier.discover_urls_per_s %.0f (%zu of %zu new; bare in-memory lookups %.0f, %zu hits)\n",
      rate, fresh, asked, static_cast<double>(asked) / seconds_since(bare), hits);
  opened->reset();
  const auto again = std::chrono::steady_clock::now();
  auto reopened = Frontier::open(dir, kPartitions);
  if (!reopened) return 1;
  std::size_t domains = 0;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    const auto found = (*reopened)->store().due().domains(p);
    if (!found) return 1;
    domains += found->size();
  }
  std::printf("frontier.open_and_scan_s %.3f (%zu domains)\n", seconds_since(again), domains);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t urls = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  const std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("vigie_frontier_bench_" + std::to_string(getpid()));
  const int status = run(dir, urls);
  std::filesystem::remove_all(dir);
  return status;
}
