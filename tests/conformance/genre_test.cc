// libs: extractor/content extractor/dom extractor/genre extractor/metadata
// Genres of the pages of tests/gold/genre.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "extractor/content/content.h"
#include "extractor/dom/document.h"
#include "extractor/genre/genre.h"
#include "extractor/metadata/metadata.h"

namespace vigie {
namespace {

struct GoldPage {
  std::string id;
  std::string genre;
  std::string url;
  std::string html;
};

/// Pages of a file of tests/gold/genre: a line "== ID GENRE URL", then the HTML.
std::vector<GoldPage> read_gold(const std::filesystem::path& file) {
  std::vector<GoldPage> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("== ")) {
      std::istringstream words(line.substr(3));
      GoldPage page;
      words >> page.id >> page.genre >> page.url;
      out.push_back(std::move(page));
    } else if (!out.empty()) {
      out.back().html += line + "\n";
    }
  }
  return out;
}

struct Score {
  int right = 0;
  int given = 0;
  int there = 0;
  double precision() const { return given == 0 ? 1 : static_cast<double>(right) / given; }
  double recall() const { return there == 0 ? 1 : static_cast<double>(right) / there; }
};

extractor::genre::Genre genre_of(const GoldPage& page) {
  const extractor::dom::Document document = extractor::dom::parse(page.html);
  extractor::metadata::PageFacts facts;
  facts.url = page.url;
  facts.page = page.html;
  const extractor::metadata::Metadata found = extractor::metadata::read(document, facts);
  const extractor::content::MainText text = extractor::content::find_main_text(
      document, {found.title, found.article_body, found.description});
  return extractor::genre::genre_of(document, found, {page.url, {}, text.paragraphs});
}

/// Scores by genre, and of all pages under "".
std::map<std::string, Score> score_of(const std::vector<GoldPage>& pages) {
  std::map<std::string, Score> out;
  for (const GoldPage& page : pages) {
    const extractor::genre::Genre read = genre_of(page);
    const bool is_right = read.name == page.genre;
    for (const std::string& genre : {page.genre, std::string()}) {
      ++out[genre].there;
      if (is_right) ++out[genre].right;
    }
    ++out[read.name].given;
    ++out[""].given;
    if (!is_right)
      std::cout << page.id << ": " << page.genre << ", read as " << read.name << " ("
                << read.carrier << ": " << read.evidence << ")\n";
  }
  for (const auto& [genre, score] : out)
    std::cout << (genre.empty() ? "all" : genre) << ": precision " << score.precision()
              << ", recall " << score.recall() << " of " << score.there << "\n";
  return out;
}

class Genres : public testing::TestWithParam<const char*> {};

TEST_P(Genres, AreReadAsThePagesSay) {
  const std::vector<GoldPage> pages = read_gold(std::string("tests/gold/genre/") + GetParam());
  ASSERT_GE(pages.size(), 110U);
  const std::map<std::string, Score> scores = score_of(pages);
  EXPECT_GE(scores.at("opinion").precision(), 0.95);
  EXPECT_GE(scores.at("opinion").recall(), 0.80);
  EXPECT_GE(scores.at("").recall(), 0.85);
  for (const auto& [genre, score] : scores) {
    // news is what nothing else says anything of
    if (genre != "news") EXPECT_GE(score.precision(), 0.85) << genre;
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, Genres, testing::Values("open.txt", "held_out.txt", "third.txt"));

}  // namespace
}  // namespace vigie
