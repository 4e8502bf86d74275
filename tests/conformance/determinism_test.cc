// libs: extractor extractor/commands records
// Same bytes in, same bytes out: the corpus twice, in two orders, with one thread and with four.
// extractor/README.md, "Always"; ARCHITECTURE.md, "Nothing lost, nothing doubled".
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "extractor/commands/page_file.h"
#include "extractor/extract.h"

namespace vigie::extractor {
namespace {

const std::filesystem::path kCorpus = "../shared/corpus";

std::string outcome_of(const v1::PageRecord& page) {
  const Result<v1::ArticleRecord> article = extract(page);
  return article ? article->SerializeAsString() : article.error().to_string();
}

TEST(Extraction, IsAFunctionOfThePageAlone) {
  if (!std::filesystem::exists(kCorpus))
    GTEST_SKIP() << "the corpus is not at " << kCorpus << "; put it there to extract real pages";
  std::vector<v1::PageRecord> pages;
  for (const char* source : {"aeb", "fev", "fun", "nae", "dan", "wcx", "trf", "hda"}) {
    for (const auto& entry : std::filesystem::directory_iterator(kCorpus / source / "html")) {
      auto body = commands::read_page_file(entry.path().string(), 8ULL << 20);
      ASSERT_TRUE(body) << entry.path();
      v1::PageRecord page;
      page.set_final_url("https://www.example.com/" + entry.path().stem().string());
      page.set_body(std::move(*body));
      pages.push_back(std::move(page));
    }
  }
  ASSERT_GT(pages.size(), 1'000U);
  std::vector<std::string> forwards(pages.size());
  for (std::size_t i = 0; i < pages.size(); ++i) forwards[i] = outcome_of(pages[i]);
  std::vector<std::string> backwards(pages.size());
  for (std::size_t i = pages.size(); i-- > 0;) backwards[i] = outcome_of(pages[i]);
  std::vector<std::string> together(pages.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t i = thread; i < pages.size(); i += 4) together[i] = outcome_of(pages[i]);
      });
    }
  }
  for (std::size_t i = 0; i < pages.size(); ++i) {
    ASSERT_EQ(forwards[i], backwards[i]) << pages[i].final_url();
    ASSERT_EQ(forwards[i], together[i]) << pages[i].final_url();
  }
  EXPECT_GT(std::count_if(forwards.begin(), forwards.end(),
                          [](const std::string& out) { return out.size() > 500; }),
            1'000);
}

}  // namespace
}  // namespace vigie::extractor
