#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "proto/article.pb.h"

/// Random articles and random queries over one small vocabulary, so that they meet often. For
/// property tests of matching and of search; the same seed gives the same sequence.
namespace vigie::indexer::testing {

class QueryGenerator {
 public:
  explicit QueryGenerator(std::uint64_t seed) : chance_(seed) {}

  /// Below `bound`.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(chance_() % bound); }
  bool one_in(std::size_t n) { return below(n) == 0; }

  /// An article with every attribute that a filter looks at. Ids are distinct within one generator.
  v1::ArticleRecord article() {
    v1::ArticleRecord out;
    const std::string number = std::to_string(++articles_);
    out.set_article_id("article" + std::string(19 - number.size(), '0') + number);
    out.set_version_id("version" + std::string(9 - std::min<std::size_t>(9, number.size()), '0') +
                       number);
    out.set_canonical_url("https://example.org/" + number);
    out.set_url(out.canonical_url());
    const std::string language = pick(kLanguages);
    out.set_language(language);
    out.set_title(text(language, 1 + below(6)));
    std::string body;
    for (std::size_t i = 0, paragraphs = 1 + below(3); i < paragraphs; ++i)
      body += (i > 0 ? "\n\n" : "") + text(language, below(25)) + ".";
    out.set_text(body);
    auto* source = out.mutable_source();
    source->set_id(pick(kSources));
    source->set_name(source->id() == "le-monde" ? "Le Monde" : "The " + source->id());
    source->set_country(pick(kCountries));
    if (one_in(2)) out.add_authors(one_in(2) ? "Ana Ruíz" : "J. R. Ruiz");
    if (one_in(3)) out.set_section(one_in(2) ? "World & Business" : "business");
    if (one_in(3))
      out.set_canonical_url("https://www.news." + pick(kSources) + ".example/" + number);
    source->set_kind(pick(kKinds));
    source->set_affiliation(pick(kAffiliations));
    if (one_in(2)) out.set_genre(pick(kGenres));
    for (const char* id : kTopics) {
      if (one_in(4)) tag(out.add_topics(), id, out);
    }
    for (const char* id : kActors) {
      if (one_in(4)) tag(out.add_actors(), id, out);
    }
    out.set_discovered_at_unix_ms(kNowUnixMs - static_cast<std::int64_t>(below(20)) * 86'400'000 -
                                  static_cast<std::int64_t>(below(86'400'000)));
    out.set_fetched_at_unix_ms(out.discovered_at_unix_ms() + 1'000);
    if (!one_in(4)) {
      out.mutable_published()->set_unix_ms(out.discovered_at_unix_ms() -
                                           static_cast<std::int64_t>(below(7'200'000)) + 1'000'000);
      out.mutable_published()->set_precision(v1::DATE_PRECISION_SECOND);
    }
    return out;
  }

  /// A query that parses. `for_subscription`: one that a subscription may have.
  std::string query(bool for_subscription = false) {
    std::string out = clause(0, for_subscription);
    if (for_subscription) out = "(" + out + ") " + positive_leaf();
    return out;
  }

  /// "Now" of within: and the newest time of articles.
  static constexpr std::int64_t kNowUnixMs = 1'767'225'600'000;

 private:
  static constexpr const char* kWords[] = {
      "chip",     "chips",  "Chips",  "export",    "exports",  "exporting",    "control",
      "controls", "Nvidia", "NVIDIA", "l'Europe",  "GPT-4",    "covid-19",     "U.S.",
      "model",    "models", "puce",   "puces",     "Chine",    "Zürich",       "zurich",
      "Nvidia's", "the",    "of",     "ban",       "banned",   "5.3",          "2026",
      "law",      "laws",   "court",  "state-run", "GPU",      "GPUs",         "gpus",
      "H100s",    "h100",   "F-35s",  "F-35",      "us",       "US",           "U.S",
      "24,576",   "24576",  "$5.3bn", "5,3",       "zuerich",  "Zürich-Chips", "C++",
      "C#",       "c",      "@chips", "chips.of",  "of_chips", "A.I.",         "AI",
      "2nm",      "nm",     "2",      "2-nm",      "bn",       "billion",      "billions",
      "RMB5.3bn", "Mrd",    "5.3",    "Milliarden"};
  static constexpr const char* kUnspaced[] = {"半", "导", "導", "體", "体", "出",  "口",
                                              "管", "制", "中", "国", "の", "エヌ"};
  static constexpr const char* kKorean[] = {"반도체", "반도체가", "수출", "통제를", "엔비디아"};
  static constexpr const char* kLanguages[] = {"en", "en", "fr", "de", "zh", "ko", "", "no"};
  static constexpr const char* kSources[] = {"le-monde", "agency-x", "daily"};
  static constexpr const char* kCountries[] = {"FR", "US", "CN", ""};
  static constexpr const char* kKinds[] = {"newspaper", "agency", "blog"};
  static constexpr const char* kAffiliations[] = {"independent", "state-run"};
  static constexpr const char* kGenres[] = {"news", "opinion", "press-release"};
  static constexpr const char* kTopics[] = {"export-controls", "chips", "models"};
  static constexpr const char* kActors[] = {"org:nvidia", "country:CN", "person:someone"};

  static constexpr const char* kAny[] = {"topic:*",          "about:*",     "mention:*",
                                         "actor:*",          "about:org:*", "actor:person:*",
                                         "mention:country:*"};

  template <std::size_t N>
  std::string pick(const char* const (&from)[N]) {
    return from[below(N)];
  }

  std::string word_of(const std::string& language) {
    if (language == "zh" && !one_in(4)) {
      std::string out;
      for (std::size_t i = 0, count = 1 + below(4); i < count; ++i) out += pick(kUnspaced);
      return out;
    }
    if (language == "ko" && !one_in(3)) return pick(kKorean);
    return pick(kWords);
  }

  std::string text(const std::string& language, std::size_t words) {
    std::string out;
    for (std::size_t i = 0; i < words; ++i) {
      if (i > 0) out += one_in(6) ? ", " : language == "zh" && one_in(2) ? "" : " ";
      // Two words in a query, in a text one number as well.
      out += one_in(40) ? "24 576" : word_of(language);
    }
    return out;
  }

  void tag(v1::Tag* tag, const char* id, const v1::ArticleRecord& article) {
    tag->set_id(id);
    tag->set_level(one_in(2) ? v1::TAG_LEVEL_ABOUT : v1::TAG_LEVEL_MENTION);
    tag->set_score(1);
    auto* span = tag->add_evidence();
    span->set_field("title");
    span->set_length(static_cast<std::uint32_t>(article.title().size()));
  }

  std::string any_word() {
    return one_in(4) ? word_of("zh") : one_in(8) ? word_of("ko") : pick(kWords);
  }
  std::string phrase() {
    const std::string language = one_in(4) ? "zh" : "en";
    return "\"" + text(language, 1 + below(3)) + "\"";
  }

  std::string filter(bool for_subscription) {
    switch (below(for_subscription ? 14 : 17)) {
      case 0: return "topic:" + pick(kTopics);
      case 1: return "about:" + (one_in(2) ? pick(kTopics) : pick(kActors));
      case 2: return "mention:" + (one_in(2) ? pick(kTopics) : pick(kActors));
      case 3: return "actor:" + pick(kActors);
      case 4: return "lang:" + std::string(one_in(2) ? "en" : one_in(2) ? "nb" : "zh");
      case 5: return "country:" + std::string(one_in(2) ? "fr" : "CN");
      case 6: return one_in(2) ? std::string("source:\"le  MONDE\"") : "source:" + pick(kSources);
      case 7: return "kind:" + pick(kKinds);
      case 8: return one_in(2) ? "affiliation:" + pick(kAffiliations) : "type:" + pick(kGenres);
      case 9: return "site:" + (one_in(2) ? "news." : std::string()) + pick(kSources) + ".example";
      case 10: return one_in(2) ? "author:ruiz" : "author:\"Ana Ruíz\"";
      case 11: return "section:business";
      case 12: return pick(kAny);
      case 13: return one_in(2) ? "source:monde" : "source:the";
      case 14: return "after:2025-12-" + std::to_string(10 + below(20));
      case 15: return "before:2025-12-" + std::to_string(10 + below(20));
      default: return "within:" + std::to_string(1 + below(300)) + "h";
    }
  }

  std::string near_side() {
    if (one_in(4)) return "(" + any_word() + " OR " + (one_in(2) ? phrase() : any_word()) + ")";
    return one_in(4) ? phrase() : one_in(5) ? std::string("expo*") : any_word();
  }

  std::string positive_leaf() {
    switch (below(10)) {
      case 0: return phrase();
      case 1: return one_in(2) ? "ch*" : "contr*";
      case 2: return "=" + pick(kWords);
      case 3: return near_side() + " NEAR/" + std::to_string(1 + below(6)) + " " + near_side();
      case 4: return "title:" + (one_in(3) ? phrase() : any_word());
      case 5: return "title:(" + any_word() + " OR " + any_word() + ")";
      default: return any_word();
    }
  }

  std::string clause(int depth, bool for_subscription) {
    if (depth >= 3 || one_in(2)) return one_in(3) ? filter(for_subscription) : positive_leaf();
    std::string out = "(" + clause(depth + 1, for_subscription);
    for (std::size_t i = 0, more = 1 + below(2); i < more; ++i) {
      out += one_in(3) ? " OR " : " ";
      if (one_in(4)) out += one_in(2) ? "-" : "NOT ";
      out += clause(depth + 1, for_subscription);
    }
    return out + ")";
  }

  std::mt19937_64 chance_;
  std::uint64_t articles_ = 0;
};

}  // namespace vigie::indexer::testing
