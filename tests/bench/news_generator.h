#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "proto/article.pb.h"

namespace vigie::bench {

/// Synthetic news of some 4.3 kB: a large vocabulary with a heavy tail (Zipf), topics, sources,
/// five languages. The same seed gives the same articles.
class NewsGenerator {
 public:
  static constexpr std::size_t kVocabulary = 200'000;
  static constexpr std::int64_t kStartUnixMs = 1'767'225'600'000;

  explicit NewsGenerator(std::uint64_t seed) : chance_(seed) {
    cumulative_.reserve(kVocabulary);
    double sum = 0;
    for (std::size_t i = 0; i < kVocabulary; ++i)
      cumulative_.push_back(sum += 1.0 / std::pow(static_cast<double>(i) + 2.7, 1.05));
  }

  /// The word of a rank; 0 is the most frequent. Letters only.
  static std::string word(std::size_t rank) {
    static constexpr const char* kSyllables[] = {"ba",  "chi", "do",  "ex",  "fu",  "gar", "hel",
                                                 "im",  "jo",  "ku",  "lor", "mi",  "nes", "op",
                                                 "pra", "qui", "ros", "san", "tel", "um"};
    std::string out;
    std::size_t left = rank + 20;
    while (left > 0) {
      out += kSyllables[left % 20];
      left /= 20;
    }
    return out;
  }

  v1::ArticleRecord next() {
    v1::ArticleRecord out;
    const std::string number = std::to_string(count_++);
    out.set_article_id(std::string(26 - number.size(), 'a') + number);
    out.set_version_id(std::string(16 - number.size(), 'v') + number);
    out.set_url("https://example.org/" + number);
    out.set_canonical_url(out.url());
    static constexpr const char* kLanguages[] = {"en", "en", "en", "fr", "de", "es", "ru"};
    out.set_language(kLanguages[chance_() % 7]);
    out.set_title(words(9));
    std::string text;
    for (int paragraph = 0; paragraph < 11; ++paragraph)
      text += (paragraph > 0 ? "\n\n" : "") + words(50) + ".";
    out.set_text(std::move(text));
    out.mutable_source()->set_id("source-" + std::to_string(chance_() % 500));
    out.mutable_source()->set_name("Source " + out.source().id());
    out.mutable_source()->set_country(chance_() % 2 == 0 ? "US" : "FR");
    out.mutable_source()->set_kind("newspaper");
    for (int i = 0; i < 3; ++i) {
      auto* topic = out.add_topics();
      topic->set_id("topic-" + std::to_string(i * 10 + static_cast<int>(chance_() % 10)));
      topic->set_level(i == 0 ? v1::TAG_LEVEL_ABOUT : v1::TAG_LEVEL_MENTION);
    }
    out.set_discovered_at_unix_ms(kStartUnixMs + static_cast<std::int64_t>(count_) * 20'000);
    out.set_fetched_at_unix_ms(out.discovered_at_unix_ms());
    return out;
  }

 private:
  std::string words(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      const double at = std::uniform_real_distribution<double>(0, cumulative_.back())(chance_);
      if (i > 0) out.push_back(' ');
      out += word(static_cast<std::size_t>(
          std::lower_bound(cumulative_.begin(), cumulative_.end(), at) - cumulative_.begin()));
    }
    return out;
  }

  std::mt19937_64 chance_;
  std::vector<double> cumulative_;
  std::size_t count_ = 0;
};

}  // namespace vigie::bench
