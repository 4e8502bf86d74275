// libs: indexer/matching
// Matching of articles against many subscriptions (the aim is in tests/bench/README.md). Prints one
// line a figure. Articles of about 700 words over a Zipf vocabulary; subscriptions of 1 to 3 groups
// of 1 to 6 words, a quarter phrases, one in twelve NEAR, one in seven with NOT, words drawn from
// the rarer nine tenths of the vocabulary as names are.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "indexer/matching/matcher.h"

namespace {

constexpr std::size_t kVocabulary = 60'000;
constexpr std::size_t kArticles = 600;
constexpr std::size_t kWarmUp = 250;  // past the first lesson of the anchors

class Text {
 public:
  explicit Text(std::uint64_t seed) : chance_(seed) {
    double sum = 0;
    for (std::size_t rank = 1; rank <= kVocabulary; ++rank) {
      sum += 1.0 / static_cast<double>(rank);
      cumulative_.push_back(sum);
    }
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(chance_() % bound); }
  std::string word() {
    const double at = std::uniform_real_distribution<double>(0, cumulative_.back())(chance_);
    return name(static_cast<std::size_t>(
        std::lower_bound(cumulative_.begin(), cumulative_.end(), at) - cumulative_.begin()));
  }
  std::string rare_word() { return name(kVocabulary / 10 + below(kVocabulary - kVocabulary / 10)); }

 private:
  static std::string name(std::size_t rank) {
    static constexpr const char* kSyllables[] = {"ba", "co", "di", "fu", "ga", "he", "ki", "lo",
                                                 "mu", "na", "po", "ra", "se", "ti", "vo", "zu"};
    std::string out = "x";
    for (std::size_t value = rank + 1; value > 0; value /= 16) out += kSyllables[value % 16];
    return out;
  }
  std::mt19937_64 chance_;
  std::vector<double> cumulative_;
};

std::string atom(Text& text) {
  if (text.below(4) == 0) return "\"" + text.rare_word() + " " + text.word() + "\"";
  if (text.below(12) == 0) return "(" + text.rare_word() + " NEAR/5 " + text.word() + ")";
  return text.rare_word();
}

std::string subscription_query(Text& text) {
  std::string out;
  for (std::size_t group = 0, groups = 1 + text.below(3); group < groups; ++group) {
    out += "(" + atom(text);
    for (std::size_t i = 0, more = text.below(6); i < more; ++i) out += " OR " + atom(text);
    out += ") ";
  }
  if (text.below(7) == 0) out += "-" + text.rare_word();
  return out;
}

void run(std::size_t subscriptions, const std::vector<vigie::v1::ArticleRecord>& articles) {
  using Clock = std::chrono::steady_clock;
  Text text(11);
  vigie::indexer::matching::Matcher matcher;
  const auto built_from = Clock::now();
  for (std::size_t i = 0; i < subscriptions; ++i) {
    vigie::v1::SubscriptionRecord record;
    record.set_id("s" + std::to_string(i));
    record.set_query(subscription_query(text));
    if (auto applied = matcher.apply(record); !applied)
      std::fprintf(stderr, "%s\n", applied.error().to_string().c_str());
  }
  const std::chrono::duration<double> build = Clock::now() - built_from;
  for (std::size_t i = 0; i < kWarmUp; ++i) (void)matcher.match(articles[i], 1);
  std::size_t matches = 0;
  const auto from = Clock::now();
  for (std::size_t i = kWarmUp; i < articles.size(); ++i)
    matches += matcher.match(articles[i], 1).size();
  const std::chrono::duration<double> time = Clock::now() - from;
  const double documents = static_cast<double>(articles.size() - kWarmUp);
  std::printf("matching subscriptions=%zu docs_per_s=%.0f matches_per_doc=%.1f build_s=%.2f\n",
              subscriptions, documents / time.count(), static_cast<double>(matches) / documents,
              build.count());
}

}  // namespace

int main() {
  Text text(7);
  std::vector<vigie::v1::ArticleRecord> articles(kArticles);
  for (std::size_t i = 0; i < articles.size(); ++i) {
    articles[i].set_article_id("a" + std::to_string(i));
    articles[i].set_language("en");
    articles[i].set_title(text.word() + " " + text.word() + " " + text.word());
    std::string body;
    for (int word = 0; word < 700; ++word) body += text.word() + (word % 12 == 11 ? ". " : " ");
    articles[i].set_text(body);
  }
  const auto from = std::chrono::steady_clock::now();
  for (const auto& article : articles) vigie::indexer::matching::Document document(article);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - from;
  std::printf("matching prepare_docs_per_s=%.0f\n",
              static_cast<double>(articles.size()) / time.count());
  run(10'000, articles);
  run(100'000, articles);
  return 0;
}
