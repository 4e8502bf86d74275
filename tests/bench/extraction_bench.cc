// libs: extractor extractor/commands extractor/dom extractor/isolation records gumbo
// Whole extraction (HTML → article) against bare gumbo_parse on the same pages in the same run; one
// core. The aim is in tests/bench/README.md.
//   extraction_bench              ratio, stages, growth with the size of a page, worker processes
//   extraction_bench --soak N     memory over N pages
#include <gumbo.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/commands/page_file.h"
#include "extractor/dom/document.h"
#include "extractor/extract.h"
#include "extractor/isolation/worker.h"

namespace {

namespace isolation = vigie::extractor::isolation;

constexpr int kRounds = 11;  // of which the median counts
const std::filesystem::path kCorpus = "../shared/corpus";

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Seconds of the processor, not of the wall: other programs on the machine count for nothing.
template <class Work>
double seconds_of(const Work& work) {
  const double begin = cpu_seconds();
  work();
  return cpu_seconds() - begin;
}

template <class Work>
double median_seconds(const Work& work) {
  std::vector<double> seconds;
  for (int round = 0; round < kRounds; ++round) seconds.push_back(seconds_of(work));
  return median(std::move(seconds));
}

std::vector<vigie::v1::PageRecord> read_pages(const std::vector<const char*>& sources) {
  std::vector<std::string> paths;
  for (const char* source : sources) {
    for (const auto& entry : std::filesystem::directory_iterator(kCorpus / source / "html"))
      paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<vigie::v1::PageRecord> pages;
  for (const std::string& path : paths) {
    vigie::Result<std::string> body = vigie::extractor::commands::read_page_file(path, 8ULL << 20);
    if (!body) continue;
    vigie::v1::PageRecord page;
    page.set_final_url("https://www.example.com/2020/01/01/story");
    page.set_body(std::move(*body));
    pages.push_back(std::move(page));
  }
  return pages;
}

void compare_with_gumbo(const std::vector<vigie::v1::PageRecord>& pages) {
  std::size_t bytes = 0;
  for (const auto& page : pages) bytes += page.body().size();
  std::size_t articles = 0;
  std::size_t nodes = 0;
  std::vector<double> whole;
  std::vector<double> tree;
  std::vector<double> bare;
  std::vector<double> ratio;  // of a round: what the machine does meanwhile concerns both
  for (int round = 0; round < kRounds; ++round) {
    whole.push_back(seconds_of([&] {
      for (const auto& page : pages)
        articles += vigie::extractor::extract(page).has_value() ? 1 : 0;
    }));
    bare.push_back(seconds_of([&] {
      for (const auto& page : pages) {
        GumboOutput* output =
            gumbo_parse_with_options(&kGumboDefaultOptions, page.body().data(), page.body().size());
        gumbo_destroy_output(&kGumboDefaultOptions, output);
      }
    }));
    tree.push_back(seconds_of([&] {
      for (const auto& page : pages)
        nodes += vigie::extractor::dom::parse(page.body()).nodes.size();
    }));
    ratio.push_back(bare.back() / whole.back());
  }
  const auto count = static_cast<double>(pages.size());
  std::printf("pages %zu of %.0f kB mean, %zu articles, %zu nodes in %d rounds\n", pages.size(),
              static_cast<double>(bytes) / count / 1000, articles, nodes, kRounds);
  std::printf("extraction, whole: %.0f pages/s\n", count / median(whole));
  std::printf("extraction, tree alone: %.0f pages/s\n", count / median(tree));
  std::printf("bare gumbo_parse: %.0f pages/s\n", count / median(bare));
  std::printf("extraction, whole / bare gumbo_parse: %.2f (rounds %.2f to %.2f)\n", median(ratio),
              *std::min_element(ratio.begin(), ratio.end()),
              *std::max_element(ratio.begin(), ratio.end()));
}

// A page grown by repeating what stands in its body.
void grow(const vigie::v1::PageRecord& page) {
  const std::string& body = page.body();
  double first = 0;
  for (const std::size_t megabytes : {1, 2, 4, 8}) {
    vigie::v1::PageRecord large = page;
    while (large.body().size() < (megabytes << 20)) large.mutable_body()->append(body);
    large.mutable_body()->resize(megabytes << 20);
    bool text_only = false;
    const double seconds = median_seconds([&] {
      const auto article = vigie::extractor::extract(large);
      text_only = article && article->text_only_fallback();
    });
    if (megabytes == 1) first = seconds;
    std::printf("page of %zu MB: %.1f ms, %.2f of the time a MB of the page of 1 MB%s\n", megabytes,
                seconds * 1000, seconds / first / static_cast<double>(megabytes),
                text_only ? " (text only)" : "");
  }
}

// Wall time, with the same number of pages in the hands of one parser: what a worker costs beside
// parsing here.
void compare_with_workers(const std::vector<vigie::v1::PageRecord>& pages) {
  std::vector<std::string> records;
  for (const auto& page : pages) records.push_back(page.SerializeAsString());
  isolation::WorkerOptions options;
  options.command = {"/proc/self/exe", std::string(isolation::kWorkerArgument)};
  const auto supervised = isolation::make_supervised(options);
  const auto direct = isolation::make_direct({});
  const auto best_seconds_of = [&](isolation::Extractor& parser) {
    std::vector<double> seconds;
    for (int round = 0; round < kRounds; ++round) {
      std::size_t next = 0;
      const auto begin = std::chrono::steady_clock::now();
      const auto end = parser.run(
          [&]() -> const std::string* {
            return next < records.size() ? &records[next++] : nullptr;
          },
          [](auto&&, int) {});
      if (!end) std::printf("%s\n", end.error().to_string().c_str());
      seconds.push_back(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    return *std::min_element(seconds.begin(), seconds.end());
  };
  const double here = best_seconds_of(*direct);
  const double there = best_seconds_of(*supervised);
  std::printf(
      "in a worker process / in this process: %.2f of the pages/s (best of %d rounds, wall time)\n",
      here / there, kRounds);
}

double resident_megabytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  in >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

void soak(const std::vector<vigie::v1::PageRecord>& pages, std::size_t count) {
  std::size_t articles = 0;
  std::printf("%zu pages at hand, %.1f MiB resident\n", pages.size(), resident_megabytes());
  for (std::size_t i = 0; i < count; ++i) {
    articles += vigie::extractor::extract(pages[i % pages.size()]).has_value() ? 1 : 0;
    if ((i + 1) % (count / 10) == 0)
      std::printf("after %zu pages: %.1f MiB resident, %zu articles\n", i + 1, resident_megabytes(),
                  articles),
          std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (isolation::is_worker(argc, argv)) return isolation::run_worker(argc, argv);
  if (!std::filesystem::exists(kCorpus / "aeb")) {
    std::printf(
        "skipped: no pages at %s; run from the root of the checkout, with the corpus beside it\n",
        kCorpus.c_str());
    return 0;
  }
  if (argc == 3 && std::string_view(argv[1]) == "--soak") {
    soak(read_pages({"aeb", "fev", "fun", "nae", "dan", "wcx", "trf", "hda"}),
         std::max<std::size_t>(10, std::strtoull(argv[2], nullptr, 10)));
    return 0;
  }
  const std::vector<vigie::v1::PageRecord> pages = read_pages({"aeb"});
  compare_with_gumbo(pages);
  grow(pages.front());
  compare_with_workers(pages);
  return 0;
}
