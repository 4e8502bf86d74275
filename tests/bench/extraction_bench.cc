// libs: extractor extractor/commands extractor/dom records gumbo
// Whole extraction (HTML → article) against bare gumbo_parse on the same pages in the same run; one core. design.md §11.
#include <gumbo.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "extractor/commands/page_file.h"
#include "extractor/dom/document.h"
#include "extractor/extract.h"

namespace {

constexpr int kRounds = 7;  // of which the median counts
const std::filesystem::path kPages = "../shared/corpus/aeb/html";

// Seconds of the processor, not of the wall: other programs on the machine count for nothing.
template <class Work>
double median_seconds(const Work& work) {
  std::vector<double> seconds;
  for (int round = 0; round < kRounds; ++round) {
    const std::clock_t begin = std::clock();
    work();
    seconds.push_back(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

}  // namespace

int main() {
  if (!std::filesystem::exists(kPages)) {
    std::printf("skipped: no pages at %s; run from the root of the checkout, with the corpus beside it\n", kPages.c_str());
    return 0;
  }
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kPages)) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<vigie::v1::PageRecord> pages;
  std::size_t bytes = 0;
  for (const std::string& path : paths) {
    vigie::Result<std::string> body = vigie::extractor::commands::read_page_file(path, 8ULL << 20);
    if (!body) continue;
    bytes += body->size();
    vigie::v1::PageRecord page;
    page.set_final_url("https://www.example.com/2020/01/01/story");
    page.set_body(std::move(*body));
    pages.push_back(std::move(page));
  }
  std::size_t articles = 0;
  const double whole = median_seconds([&] {
    for (const auto& page : pages) articles += vigie::extractor::parse(page).has_value() ? 1 : 0;
  });
  std::size_t nodes = 0;
  const double tree = median_seconds([&] {
    for (const auto& page : pages) nodes += vigie::extractor::dom::parse(page.body()).nodes.size();
  });
  const double bare = median_seconds([&] {
    for (const auto& page : pages) {
      GumboOutput* output = gumbo_parse_with_options(&kGumboDefaultOptions, page.body().data(), page.body().size());
      gumbo_destroy_output(&kGumboDefaultOptions, output);
    }
  });
  const auto count = static_cast<double>(pages.size());
  std::printf("pages %zu of %.0f kB mean, %zu articles, %zu nodes in %d rounds\n", pages.size(), static_cast<double>(bytes) / count / 1000, articles, nodes, kRounds);
  std::printf("extraction, whole: %.0f pages/s\n", count / whole);
  std::printf("extraction, tree alone: %.0f pages/s\n", count / tree);
  std::printf("bare gumbo_parse: %.0f pages/s\n", count / bare);
  std::printf("extraction, whole / bare gumbo_parse: %.2f\n", bare / whole);
}
