// libs: extractor/tagging extractor/language platform/text platform/json vectorscan
// Tagging against a bare Vectorscan scan of the same literals over the same text: with the shipped
// pack on news of 5 kB, and with 5,000 topics and 50,000 terms, whose loading is timed and weighed.
//   tagging_bench [NEWS.jsonl]  lines with title and text; else the texts are made
#include <hs/hs.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "extractor/language/language.h"
#include "extractor/tagging/tagger.h"
#include "platform/json/json.h"
#include "platform/text/matchable.h"

namespace {

using namespace vigie;
using namespace vigie::extractor::tagging;

constexpr int kRounds = 9;  // measured in turns, of which the median counts
constexpr std::size_t kNewsBytes = 5'000;
constexpr std::size_t kTopics = 5'000;
constexpr std::size_t kTermsOfTopic = 10;

struct Article {
  std::string title;
  std::string text;
  std::string language;
};

/// Processor time of this process: other work on the machine does not count.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

std::vector<Article> news_of(const char* file) {
  std::vector<Article> out;
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    const auto json = parse_json(line);
    if (!json) continue;
    out.push_back({(*json)["title"].as_string(), (*json)["text"].as_string(), ""});
  }
  return out;
}

/// News of 5 kB: the pack's own examples, one in three sentences, between sentences without a term.
std::vector<Article> made_news(const topic_packs::Pack& pack) {
  std::vector<Article> out;
  Article article;
  for (const topic_packs::Topic& topic : pack.topics) {
    for (const topic_packs::Example& example : topic.examples) {
      if (article.title.empty()) article.title = example.text;
      article.text += example.text + ". ";
      for (int i = 0; i < 3; ++i) {
        article.text +=
            "The council met on Tuesday evening to hear what the residents of the old quarter had "
            "to say about the new bus line. ";
      }
      if (article.text.size() < kNewsBytes) continue;
      out.push_back(std::move(article));
      article = {};
    }
  }
  return out;
}

/// A language with as many words as one has, made of syllables.
class Words {
 public:
  std::string word() {
    std::string out;
    for (int n = syllables_(random_); n > 0; --n) {
      out += "bcdfghjklmnprstvz"[random_() % 17];
      out += "aeiou"[random_() % 5];
      if (random_() % 3 == 0) out += "lnrst"[random_() % 5];
    }
    return out;
  }

 private:
  std::mt19937 random_{7};
  std::uniform_int_distribution<int> syllables_{2, 4};
};

topic_packs::PackFile large_pack(Words& words) {
  std::string yaml = "pack: large\ntopics:\n";
  for (std::size_t i = 0; i < kTopics; ++i) {
    yaml += "  - {id: t" + std::to_string(i) + ", name: T, definition: d, strong: {en: [";
    for (std::size_t n = 0; n < kTermsOfTopic; ++n) {
      std::string term = words.word();
      if (n % 2 == 0) term += " " + words.word();
      if (n % 3 == 0) term += "*";
      if (n == 9) term += " <6> " + words.word();
      yaml += (n == 0 ? "" : ", ") + term;
    }
    yaml += "]}, tests: {must: {en: x}, must_not: {en: y}}}\n";
  }
  return {"pack.yaml", std::move(yaml)};
}

std::vector<Article> synthetic_news(Words& words, std::size_t count) {
  std::vector<Article> out(count);
  for (Article& article : out) {
    article.language = "en";
    while (article.text.size() < kNewsBytes) article.text += words.word() + ' ';
  }
  return out;
}

template <class Work>
double median_seconds(Work&& work) {
  std::vector<double> times;
  for (int i = 0; i < kRounds; ++i) {
    const double begin = cpu_seconds();
    work();
    times.push_back(cpu_seconds() - begin);
  }
  std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
  return times[kRounds / 2];
}

/// Vectorscan as it is, on literals.
class Vectorscan {
 public:
  explicit Vectorscan(const std::vector<std::string>& literals) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    std::vector<unsigned> ids;
    for (const std::string& literal : literals) {
      ids.push_back(static_cast<unsigned>(texts.size()));
      texts.push_back(literal.data());
      lengths.push_back(literal.size());
    }
    const std::vector<unsigned> flags(literals.size(), 0);
    hs_compile_error_t* error = nullptr;
    const auto made = hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(),
                                           static_cast<unsigned>(texts.size()), HS_MODE_BLOCK,
                                           nullptr, &database_, &error);
    hs_free_compile_error(error);
    if (made == HS_SUCCESS) hs_alloc_scratch(database_, &scratch_);
  }
  ~Vectorscan() {
    hs_free_scratch(scratch_);
    hs_free_database(database_);
  }
  Vectorscan(const Vectorscan&) = delete;
  Vectorscan& operator=(const Vectorscan&) = delete;

  bool is_made() const { return scratch_ != nullptr; }
  /// Counts occurrences, which is the least that one can do with them.
  std::size_t scan(const std::string& text) {
    std::size_t hits = 0;
    const auto count = [](unsigned, unsigned long long, unsigned long long, unsigned,
                          void* context) {
      ++*static_cast<std::size_t*>(context);
      return 0;
    };
    hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch_, count, &hits);
    return hits;
  }

 private:
  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
};

int measure(const char* name, const Tagger& tagger, const std::vector<Article>& news) {
  const double begin = cpu_seconds();
  Vectorscan vectorscan(tagger.literals());
  if (!vectorscan.is_made()) return 3;
  std::printf("%s_vectorscan_compile_s %.2f\n", name, cpu_seconds() - begin);
  std::vector<std::string> laid;
  std::size_t bytes = 0;
  for (const Article& article : news) {
    laid.push_back(text::matchable(article.title).text);
    laid.push_back(text::matchable(article.text).text);
    bytes += article.title.size() + article.text.size();
  }
  std::size_t hits = 0;
  const double bare = median_seconds([&] {
    for (const std::string& text : laid) hits += vectorscan.scan(text);
  });
  const double layout = median_seconds([&] {
    for (const Article& article : news) hits += text::matchable(article.text).text.size();
  });
  const double tag = median_seconds([&] {
    for (const Article& article : news)
      hits += tagger.tag_text(article.title, article.text, article.language).topics.size();
  });
  const double whole = median_seconds([&] {
    for (const Article& article : news) {
      const std::string language = extractor::language::identify(article.text).code;
      hits += tagger.tag_text(article.title, article.text, language).topics.size();
    }
  });
  const auto count = static_cast<double>(news.size());
  std::printf("%s_literals %zu\n%s_articles %zu\n%s_article_bytes %zu\n", name,
              tagger.literals().size(), name, news.size(), name, bytes / news.size());
  std::printf("%s_bare_scan_articles_s %.0f\n%s_layout_articles_s %.0f\n", name, count / bare, name,
              count / layout);
  std::printf("%s_tag_articles_s %.0f\n%s_tag_with_language_articles_s %.0f\n", name, count / tag,
              name, count / whole);
  std::printf("%s_of_bare_scan %.2f\n", name, bare / tag);
  return hits == 0 ? 1 : 0;
}

int measure_large() {
  Words words;
  const topic_packs::PackFile file = large_pack(words);
  const long before = peak_kib();
  const double begin = cpu_seconds();
  std::vector<topic_packs::Problem> problems;
  topic_packs::PackLimits limits;
  limits.file_bytes = 64U << 20;
  topic_packs::Pack pack = topic_packs::read_pack({file}, problems, limits);
  if (!problems.empty()) {
    std::fprintf(stderr, "%s\n", problems.front().to_string().c_str());
    return 3;
  }
  const double read = cpu_seconds() - begin;
  const auto tagger = Tagger::compile({std::move(pack)});
  std::printf("large_read_s %.2f\nlarge_load_s %.2f\nlarge_load_mib %ld\n", read,
              cpu_seconds() - begin, (peak_kib() - before) / 1024);
  return measure("large", *tagger, synthetic_news(words, 100));
}

}  // namespace

int main(int argc, char** argv) {
  // First, while the memory of this process is its own.
  if (const int code = measure_large(); code != 0) return code;
  const double begin = cpu_seconds();
  const auto tagger = Tagger::load({"ops/topics"});
  if (!tagger) {
    std::fprintf(stderr, "%s; run it in the root of the repository\n",
                 tagger.error().to_string().c_str());
    return 3;
  }
  std::printf("shipped_load_s %.2f\n", cpu_seconds() - begin);
  std::vector<Article> news = argc > 1 ? news_of(argv[1]) : made_news((*tagger)->packs().front());
  if (news.empty()) {
    std::fprintf(stderr, "no article in %s\n", argv[1]);
    return 3;
  }
  for (Article& article : news) article.language = extractor::language::identify(article.text).code;
  return measure("shipped", **tagger, news);
}
