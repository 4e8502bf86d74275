#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace vigie::bench {

/// A collection like news: 20 languages of unequal share, each with a vocabulary of its own with a
/// heavy tail and inflected forms, names that all share, subjects whose words come in bursts,
/// lengths that vary, times that are nearly those of arrival. The same seed gives the same.
class PeerCollection {
 public:
  struct Article {
    std::int64_t time_unix_ms = 0;
    std::string language;
    std::array<std::string, 3> topics;
    std::string id;
    std::string title;
    std::string text;
  };
  static constexpr std::int64_t kStartUnixMs = 1'767'225'600'000;
  static constexpr std::int64_t kStepMs = 30'000;  // some 2,900 articles a day
  static constexpr std::size_t kTopics = 70;
  static constexpr std::array<const char*, 20> kLanguages{"en", "fr", "de", "es", "ru", "it", "pt",
                                                          "nl", "sv", "fi", "da", "no", "hu", "ro",
                                                          "tr", "pl", "cs", "el", "ca", "id"};

  explicit PeerCollection(std::uint64_t seed)
      : chance_(seed), words_(zipf(kWords)), names_(zipf(kNames)) {
    double sum = 0;
    for (std::size_t i = 0; i < kLanguages.size(); ++i)
      languages_.push_back(sum += 1.0 / static_cast<double>(i + 2));
  }

  /// The word of a rank in a language; 0 is the most frequent. Three forms of a base follow each
  /// other.
  static std::string word(std::size_t language, std::size_t rank) {
    static constexpr const char* kEndings[][3] = {
        {"", "s", "ed"}, {"", "s", "e"},   {"", "en", "e"}, {"o", "a", "os"}, {"", "om", "a"},
        {"o", "i", "a"}, {"o", "a", "os"}, {"", "en", "t"}, {"", "en", "a"},  {"a", "n", "t"}};
    return spelled(rank / 3 * 31 + language * 7 + 400, language * 11 + 3) +
           kEndings[language % std::size(kEndings)][rank % 3];
  }
  static std::string name(std::size_t rank) { return spelled(rank * 17 + 9'000, 1) + "x"; }

  Article next() {
    Article out;
    const std::size_t language = at(languages_);
    out.language = kLanguages[language];
    std::array<std::size_t, 3> subjects{};
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      const double share = std::uniform_real_distribution<double>(0, 1)(chance_);
      subjects[i] = static_cast<std::size_t>(share * share * kTopics);
      out.topics[i] = "topic-" + std::to_string(subjects[i]);
    }
    const std::string number = std::to_string(count_++);
    out.id = std::string(26 - number.size(), 'a') + number;
    out.title = text(language, subjects, 9, 0.4);
    const double length = std::lognormal_distribution<double>(std::log(420.0), 0.6)(chance_);
    out.text = text(language, subjects, static_cast<std::size_t>(std::clamp(length, 60.0, 3e3)), 0);
    const double late = std::exponential_distribution<double>(1.0 / 3.6e6)(chance_);
    out.time_unix_ms = kStartUnixMs + static_cast<std::int64_t>(count_) * kStepMs -
                       static_cast<std::int64_t>(std::min(late, 2.2e7));
    return out;
  }

 private:
  static constexpr std::size_t kWords = 120'000;
  static constexpr std::size_t kNames = 30'000;
  static constexpr std::size_t kSubjectWords = 60;

  static std::string spelled(std::size_t number, std::size_t first) {
    static constexpr const char* kSyllables[] = {
        "ba",  "che", "do", "fu",  "gar", "hel", "im", "jo", "ku",  "lor", "mi",
        "nes", "op",  "pr", "qui", "ros", "san", "te", "um", "val", "wi",  "ze"};
    constexpr std::size_t kCount = std::size(kSyllables);
    std::string out;
    for (std::size_t place = first; number > 0; number /= kCount, place += 5)
      out += kSyllables[(number + place) % kCount];
    return out;
  }

  static std::vector<double> zipf(std::size_t count) {
    std::vector<double> out;
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i)
      out.push_back(sum += 1.0 / std::pow(static_cast<double>(i) + 2.7, 1.05));
    return out;
  }

  std::size_t at(const std::vector<double>& cumulative) {
    const double where = std::uniform_real_distribution<double>(0, cumulative.back())(chance_);
    return static_cast<std::size_t>(std::lower_bound(cumulative.begin(), cumulative.end(), where) -
                                    cumulative.begin());
  }

  std::string text(std::size_t language, const std::array<std::size_t, 3>& subjects,
                   std::size_t count, double more) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out += ' ';
      const double kind = std::uniform_real_distribution<double>(0, 1)(chance_);
      const std::size_t subject = subjects[chance_() % subjects.size()];
      if (kind < 0.04) {
        out += name(at(names_));
      } else if (kind < 0.07) {
        out += name(200 + subject * 5 + chance_() % 5);
      } else if (kind < 0.22 + more) {
        const std::size_t one = chance_() % kSubjectWords;
        out += word(language, 300 + (subject * 7'919 + one * one * 53) % 20'000);
      } else {
        out += word(language, at(words_));
      }
    }
    return out;
  }

  std::mt19937_64 chance_;
  std::vector<double> words_;
  std::vector<double> names_;
  std::vector<double> languages_;
  std::size_t count_ = 0;
};

}  // namespace vigie::bench
