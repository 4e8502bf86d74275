// libs: indexer/matching
// Matching of articles against many subscriptions (the aim is in tests/bench/README.md). Prints one
// line a figure, in thread CPU time: whole, with evidence, snippet and the bytes of a record for
// each match, as a shard stores them; the same with the records parsed from them; and the ids of
// the matches alone. Articles of about 700 words over a Zipf vocabulary; subscriptions of 1 to 3
// groups of 1 to 6 words, a quarter phrases, one in twelve NEAR, one in seven with NOT, words drawn
// from the rarer nine tenths of the vocabulary as names are. Those of one group alone meet most:
// `least_groups=2` is the same without them. Usage: matching_bench [MORE_SUBSCRIPTIONS]
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "indexer/matching/matcher.h"

namespace {

using vigie::indexer::matching::Document;

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

std::string subscription_query(Text& text, std::size_t least_groups) {
  std::string out;
  const std::size_t groups = least_groups + text.below(4 - least_groups);
  for (std::size_t group = 0; group < groups; ++group) {
    out += "(" + atom(text);
    for (std::size_t i = 0, more = text.below(6); i < more; ++i) out += " OR " + atom(text);
    out += ") ";
  }
  if (text.below(7) == 0) out += "-" + text.rare_word();
  return out;
}

double thread_cpu_us() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) * 1e6 + static_cast<double>(at.tv_nsec) / 1e3;
}

/// What calls of one kind took, one by one.
class Times {
 public:
  template <class Call>
  void take(const Call& call) {
    const double begin = thread_cpu_us();
    call();
    us_.push_back(thread_cpu_us() - begin);
  }
  double per_s() const {
    return 1e6 * static_cast<double>(us_.size()) / std::accumulate(us_.begin(), us_.end(), 0.0);
  }
  double at(double share) {
    std::sort(us_.begin(), us_.end());
    return us_[static_cast<std::size_t>(share * static_cast<double>(us_.size() - 1))];
  }

 private:
  std::vector<double> us_;
};

/// Bytes that the allocator has given out.
std::size_t allocated() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

void add(vigie::indexer::matching::Matcher& matcher, std::size_t number, std::string query) {
  vigie::v1::SubscriptionRecord record;
  record.set_id("s" + std::to_string(number));
  record.set_query(std::move(query));
  if (auto applied = matcher.apply(record); !applied)
    std::fprintf(stderr, "%s\n", applied.error().to_string().c_str());
}

void run(std::size_t subscriptions, std::size_t least_groups,
         const std::vector<vigie::v1::ArticleRecord>& articles) {
  Text text(11);
  vigie::indexer::matching::Matcher matcher;
  Times build;
  for (std::size_t i = 0; i < subscriptions; ++i) {
    std::string query = subscription_query(text, least_groups);
    build.take([&] { add(matcher, i, std::move(query)); });
  }
  for (std::size_t i = 0; i < kWarmUp; ++i) (void)matcher.match(Document(articles[i]), 1);
  std::size_t matches = 0;
  std::size_t bytes = 0;
  Times whole;
  Times parsed;
  Times ids;
  for (std::size_t i = kWarmUp; i < articles.size(); ++i) {
    whole.take([&] {
      const auto met = matcher.match(Document(articles[i]), 1);
      matches += met.size();
      bytes += met.own.size();
    });
    parsed.take([&] { (void)records(matcher.match(Document(articles[i]), 1)); });
    ids.take([&] {
      const Document document(articles[i]);
      (void)matcher.meeting(document, 1);
    });
  }
  std::printf(
      "matching subscriptions=%zu least_groups=%zu docs_per_s=%.0f p50_us=%.0f p99_us=%.0f "
      "records_docs_per_s=%.0f ids_docs_per_s=%.0f ids_p50_us=%.0f ids_p99_us=%.0f "
      "matches_per_doc=%.1f bytes_per_match=%.0f add_us=%.1f\n",
      subscriptions, least_groups, whole.per_s(), whole.at(0.5), whole.at(0.99), parsed.per_s(),
      ids.per_s(), ids.at(0.5), ids.at(0.99),
      static_cast<double>(matches) / static_cast<double>(articles.size() - kWarmUp),
      static_cast<double>(bytes) / static_cast<double>(std::max<std::size_t>(matches, 1)),
      1e6 / build.per_s());
}

/// Subscriptions of two words each, as most people's are.
void memory(std::size_t subscriptions) {
  Text text(13);
  std::vector<std::string> queries;
  for (std::size_t i = 0; i < subscriptions; ++i)
    queries.push_back(text.rare_word() + " " + text.rare_word());
  vigie::indexer::matching::Matcher matcher;
  const std::size_t before = allocated();
  for (std::size_t i = 0; i < subscriptions; ++i) add(matcher, i, queries[i]);
  std::printf("matching plain_subscriptions=%zu bytes_each=%.0f\n", subscriptions,
              static_cast<double>(allocated() - before) / static_cast<double>(subscriptions));
}

}  // namespace

int main(int argc, char** argv) {
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
  Times prepare;
  for (const auto& article : articles)
    prepare.take([&] { const vigie::indexer::matching::Document document(article); });
  std::printf("matching prepare_docs_per_s=%.0f\n", prepare.per_s());
  memory(100'000);
  run(10'000, 1, articles);
  run(100'000, 1, articles);
  run(100'000, 2, articles);
  if (argc > 1) run(std::stoul(argv[1]), 2, articles);
  return 0;
}
