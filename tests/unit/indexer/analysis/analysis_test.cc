#include "indexer/analysis/analysis.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vigie::indexer::analysis {
namespace {

std::vector<std::string> forms(std::string_view text) {
  std::vector<std::string> out;
  for (const Token& token : tokens(text)) out.push_back(token.form);
  return out;
}

std::vector<std::string> terms(std::string_view text, std::string_view language) {
  std::vector<std::string> out;
  for (const Posting& posting : postings(tokens(text), language)) out.push_back(posting.term);
  return out;
}

bool has(const std::vector<std::string>& terms, std::string_view term) {
  return std::find(terms.begin(), terms.end(), term) != terms.end();
}

using List = std::vector<std::string>;

TEST(Tokens, FoldsCaseAndAccents) {
  EXPECT_EQ(forms("Élysée CHIPS Straße"), (List{"elysee", "chips", "strasse"}));
}

TEST(Tokens, PartsWordsAtApostrophesSoThatElisionsAndPossessivesAreFound) {
  EXPECT_EQ(forms("l'Europe"), (List{"l", "europe"}));
  EXPECT_EQ(forms("l’Europe"), (List{"l", "europe"}));
  EXPECT_EQ(forms("Nvidia’s chips"), (List{"nvidia", "s", "chips"}));
}

TEST(Tokens, GivesOneTokenForEachCharacterOfUnspacedScriptsAndHangul) {
  EXPECT_EQ(forms("半导体 AI"), (List{"半", "导", "体", "ai"}));
  EXPECT_EQ(forms("엔비디아가"), (List{"엔", "비", "디", "아", "가"}));
}

TEST(Tokens, PointAtTheBytesOfTheField) {
  const std::string text = "Zürich: l’Europe, GPT-4.";
  std::uint32_t position = 0;
  std::string joined;
  for (const Token& token : tokens(text)) {
    EXPECT_EQ(token.position, position++);
    joined += text.substr(token.offset, token.length) + "|";
  }
  EXPECT_EQ(joined, "Zürich|l|Europe|GPT|4|");
}

/// The form of each word and its variants, as "us.s/us".
std::string variants(std::string_view text) {
  std::string out;
  for (const Token& token : tokens(text)) {
    if (!out.empty()) out += ' ';
    out += token.form;
    for (const Variant& variant : token.variants) out += '/' + variant.form;
  }
  return out;
}

TEST(Variants, AreTheSingularOfAcronymsAndOfNamesWithDigits) {
  EXPECT_EQ(
      variants("GPUs LLMs TPUs NGOs SMEs SKUs MoUs PhDs VCs EVs"),
      "gpus/gpu llms/llm tpus/tpu ngos/ngo smes/sme skus/sku mous/mou phds/phd vcs/vc evs/ev");
  EXPECT_EQ(variants("gpus llms GPUS ngos kpis smes"),
            "gpus/gpu llms/llm gpus/gpu/g.p.u.s ngos/ngo kpis/kpi smes/sme");
  EXPECT_EQ(variants("H100s h100s B200s F-35s MiG-29s 5090s 747s"),
            "h100s/h100 h100s/h100 b200s/b200 f 35s/35 mig 29s/29 5090s/5090 747s/747");
}

TEST(Variants, AreNotMadeOfOtherWordsWithAnS) {
  for (const char* word :
       {"bus",  "plus", "this",  "thus",  "us",     "is",     "its",    "was",   "gas",
        "news", "yes",  "virus", "focus", "status", "corpus", "campus", "class", "press",
        "less", "gps",  "sms",   "dns",   "cms",    "https",  "1990s",  "2020s", "30s",
        "90s",  "10s",  "100s",  "Chris", "Kris",   "Glas",   "Gras",   "très",  "près",
        "gros", "días", "mrs",   "vs",    "paris",  "texas",  "Airbus", "Asus"}) {
    for (const Token& token : tokens(word))
      EXPECT_TRUE(token.variant(Variant::Kind::kSingular).empty()) << word;
  }
}

TEST(Variants, JoinAndPartInitials) {
  EXPECT_EQ(variants("U.S. US us Us A.I. Η.Π.Α. США"),
            "u.s/us us/u.s us us a.i/ai η.π.α/ηπα сша/с.ш.а");
  EXPECT_EQ(variants("IS is HUAWEI e.g. v2.5"), "is/i.s is huawei e.g/eg v2.5");
}

TEST(Variants, SpellUmlautsOut) {
  EXPECT_EQ(variants("Müller Mueller Muller Straße Öl Ørsted Århus"),
            "muller/mueller mueller muller strasse ol/oel orsted/oersted arhus/aarhus");
}

TEST(Variants, TakeTheNumberFromItsUnit) {
  EXPECT_EQ(
      variants("$3.5bn 3,5 24,576 RMB24,576 US$5m 80GB 5G 3D H100"),
      "3.5 bn/billion 3.5 24576 rmb/r.m.b 24576 us/u.s 5 m/million/millones 80 gb/gigabyte/g.b 5g "
      "3d h100");
}

TEST(Variants, JoinThousandsThatAPlainSpaceParts) {
  EXPECT_EQ(variants("12 500 puces, 1 250 000 €, 24 576"),
            "12/12500 500 puces 1/1250000 250 000 24/24576 576");
  EXPECT_EQ(variants("в 2025 100 чипов"), "в 2025 100 чипов");
  EXPECT_EQ(variants("030 123 456, 12 50, 12 5000, 12  500, 12, 500, A-12 500, 12-500"),
            "030 123 456 12 50 12 5000 12 500 12 500 a 12 500 12 500");
  EXPECT_EQ(variants("1 234 567 890 123 456 789"), "1 234 567 890 123 456 789");
  EXPECT_EQ(variants("H100 200 and €12 500"), "h100 200 and 12/12500 500");
}

TEST(Variants, KeepTheLetterOfCPlusPlus) { EXPECT_EQ(variants("C++ C# C"), "c++/c c#/c c"); }

TEST(Tokens, AreSimplifiedHan) {
  EXPECT_EQ(forms("半導體"), forms("半导体"));
  EXPECT_EQ(forms("電腦晶片"), forms("电脑晶片"));
  EXPECT_NE(forms("半導體"), forms("半島體"));
}

TEST(Postings, HoldVariantsAtTheirWordAndEachTermOnce) {
  EXPECT_EQ(terms("GPUs", "en"), (List{"gpus", "en~gpus", "gpu", "en~gpu"}));
  EXPECT_EQ(terms("EVs", "en"), (List{"evs", "en~ev", "ev"}));
  EXPECT_EQ(terms("GPUs", "zh"), (List{"gpus", "gpu"}));
  EXPECT_EQ(terms("U.S.", "en"), (List{"u.s", "us", "en~us"}));
}

TEST(Tokens, LeavesOutPunctuationAndEmptyText) {
  EXPECT_TRUE(tokens("").empty());
  EXPECT_TRUE(tokens(" — … & ").empty());
}

TEST(Postings, HoldFormAndStemOfTheArticlesLanguage) {
  const List found = terms("chips", "en");
  EXPECT_TRUE(has(found, "chips"));
  EXPECT_TRUE(has(found, "en~chip"));
  EXPECT_EQ(terms("chips", ""), (List{"chips"}));
  EXPECT_EQ(terms("chips", "zz"), (List{"chips"}));
}

TEST(Postings, HoldBigramsOfNeighboursInUnspacedScripts) {
  EXPECT_EQ(terms("半导体", "zh"), (List{"半", "半导", "导", "导体", "体"}));
}

TEST(Postings, GiveNumbersNoStem) { EXPECT_EQ(terms("gpt4 2026", "en"), (List{"gpt4", "2026"})); }

TEST(QueryTerms, MeetThePostingsOfEveryLanguage) {
  const List query = query_terms("chips", true);
  for (const char* language : {"en", "fr", "de"}) {
    const List article = terms("chip", language);
    const bool meets = std::any_of(article.begin(), article.end(),
                                   [&](const std::string& term) { return has(query, term); });
    EXPECT_EQ(meets, has(article, stem_term("chips", language))) << language;
  }
  EXPECT_EQ(query_terms("chips", false), (List{"chips"}));
  EXPECT_EQ(query_terms("半", true), (List{"半"}));
}

TEST(NormaliseLanguage, KeepsThePrimarySubtagAndMapsOldCodes) {
  EXPECT_EQ(normalise_language("fr-CA"), "fr");
  EXPECT_EQ(normalise_language("NB"), "no");
  EXPECT_EQ(normalise_language("nn"), "no");
  EXPECT_EQ(normalise_language("zh-Hant"), "zh");
  EXPECT_EQ(normalise_language("iw"), "he");
}

// ops/spec/records.md, "The time of an article".
TEST(ArticleTime, IsPublishedIfKnownAndNotLaterThanDiscovered) {
  v1::ArticleRecord article;
  article.set_discovered_at_unix_ms(5'000);
  EXPECT_EQ(article_time_unix_ms(article), 5'000);
  article.mutable_published()->set_unix_ms(4'000);
  EXPECT_EQ(article_time_unix_ms(article), 5'000) << "precision none: unknown";
  article.mutable_published()->set_precision(v1::DATE_PRECISION_SECOND);
  EXPECT_EQ(article_time_unix_ms(article), 4'000);
  article.mutable_published()->set_unix_ms(6'000);
  EXPECT_EQ(article_time_unix_ms(article), 5'000);
}

TEST(Attributes, AreNormalised) {
  v1::ArticleRecord article;
  article.set_language("nb");
  article.mutable_source()->set_name("Le  Monde “Pixels”");
  auto* topic = article.add_topics();
  topic->set_id("chips");
  topic->set_level(v1::TAG_LEVEL_ABOUT);
  const Attributes found = attributes(article);
  EXPECT_EQ(found.language, "no");
  EXPECT_EQ(found.source_names,
            (List{"le monde pixels", "le", "le monde", "monde", "monde pixels", "pixels"}));
  ASSERT_EQ(found.topics.size(), 1U);
  EXPECT_TRUE(found.topics[0].second);
}

TEST(Attributes, AreFoundByPartsOfNamesAndByTheDomainsOfTheHost) {
  v1::ArticleRecord article;
  article.set_url("https://www.news.example.co.uk/a?b");
  article.mutable_source()->set_id("agency-x");
  article.mutable_source()->set_name("人民网");
  article.add_authors("Ana Ruíz");
  article.set_section("Tech & Policy");
  const Attributes found = attributes(article);
  EXPECT_EQ(found.sites, (List{"news.example.co.uk", "example.co.uk", "co.uk", "uk"}));
  EXPECT_EQ(found.source_names, (List{"人民网", "人民", "民网", "agency x", "agency", "x"}));
  EXPECT_EQ(found.authors, (List{"ana ruiz", "ana", "ruiz"}));
  EXPECT_EQ(found.sections, (List{"tech policy", "tech", "policy"}));
}

TEST(NormaliseHost, TakesWhatPeoplePaste) {
  for (const char* typed :
       {"lemonde.example", "www.lemonde.example", "https://www.lemonde.example/a/b?c",
        "*.lemonde.example", ".lemonde.example", "LeMonde.Example:8080", "lemonde.example."})
    EXPECT_EQ(normalise_host(typed), "lemonde.example") << typed;
  EXPECT_EQ(normalise_host("bücher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(normalise_host("le monde"), "");
}

TEST(TagValues, AreIdsAndWhatStandsForAny) {
  const std::vector<std::pair<std::string, bool>> tags{
      {"org:nvidia", true}, {"org:tsmc", true}, {"country:CN", false}};
  EXPECT_EQ(tag_values(tags, true), (List{"org:nvidia", "*", "org:*", "org:tsmc"}));
  EXPECT_EQ(tag_values(tags, false), (List{"country:CN", "*", "country:*"}));
  EXPECT_TRUE(is_tag_of("org:nvidia", "org:*"));
  EXPECT_TRUE(is_tag_of("chips", "*"));
  EXPECT_FALSE(is_tag_of("organ", "org:*"));
}

}  // namespace
}  // namespace vigie::indexer::analysis
