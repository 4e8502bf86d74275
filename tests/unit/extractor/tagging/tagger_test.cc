#include "extractor/tagging/tagger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <set>
#include <sstream>

#include "proto/article.pb.h"

namespace vigie::extractor::tagging {
namespace {

constexpr const char* kPack = "ops/topics/ai-geopolitics";

std::shared_ptr<const Tagger> tagger() {
  static const auto loaded = Tagger::load({kPack});
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().to_string());
  return loaded ? *loaded : nullptr;
}

std::set<std::string> ids(const TagResult& result, bool about_only) {
  std::set<std::string> out;
  for (const auto* list : {&result.topics, &result.actors}) {
    for (const TagFound& tag : *list) {
      if (tag.about || !about_only) out.insert(tag.id);
    }
  }
  return out;
}

// What a person finds in one real article: about, mentioned, and not in it.
TEST(Tagger, GivesTheSeedArticleItsTags) {
  std::ifstream in("../shared/seed/000_90beccf443ff237a.txt");
  if (!in) GTEST_SKIP() << "the seed article is not beside the repository";
  std::stringstream all;
  all << in.rdbuf();
  std::string text = all.str();
  text.erase(0, text.find("\n\n") + 2);
  const TagResult result = tagger()->tag_text("", text, "fr");
  const auto about = ids(result, true);
  const auto any = ids(result, false);
  for (const char* id :
       {"country:CN", "country:US", "org:deepseek", "product:deepseek-r1", "us-china-tech-rivalry",
        "innovation-progress", "export-controls", "ai-chips", "tech-decoupling",
        "compute-efficiency-cost", "model-release"}) {
    EXPECT_EQ(about.count(id), 1U) << "about " << id;
  }
  for (const char* id : {"org:nvidia", "org:huawei", "org:microsoft", "org:openai", "org:meta",
                         "person:satya-nadella", "person:tyler-cowen", "place:silicon-valley",
                         "tariffs-trade-war", "forced-technology-transfer-ip",
                         "entity-list-sanctions", "tech-self-reliance", "open-weights-open-source",
                         "space-satellites", "ai-ethics-norms", "data-governance-crossborder",
                         "cybersecurity-attacks", "tech-diplomacy-cooperation", "energy-for-ai"}) {
    EXPECT_EQ(any.count(id), 1U) << "mention " << id;
  }
  for (const char* id :
       {"eu-ai-act", "military-ai", "tsmc-taiwan-foundry", "talent-visas-brain-drain",
        "disinformation-deepfakes", "rare-earths-critical-minerals", "person:wolf"}) {
    EXPECT_EQ(any.count(id), 0U) << "must not " << id;
  }
}

// ops/spec/command_line.md, `vigie tag`: offset and length are UTF-8 bytes of the field exactly as
// given.
TEST(Tagger, EvidenceIsBytesOfTheFieldAsGiven) {
  const std::string title = "«É» — Les contrôles à l’exportation";
  const TagResult result = tagger()->tag_text(title, "Rien d’autre.", "fr");
  const auto tag = std::find_if(result.topics.begin(), result.topics.end(),
                                [](const TagFound& t) { return t.id == "export-controls"; });
  ASSERT_NE(tag, result.topics.end());
  ASSERT_FALSE(tag->evidence.empty());
  EXPECT_TRUE(tag->evidence[0].in_title);
  EXPECT_EQ(title.substr(tag->evidence[0].offset, tag->evidence[0].length),
            "contrôles à l’exportation");
}

TEST(Tagger, AmbiguousNamesNeedContext) {
  EXPECT_EQ(ids(tagger()->tag_text("", "An Apple a day keeps the doctor away.", "en"), false)
                .count("org:apple"),
            0U);
  EXPECT_EQ(
      ids(tagger()->tag_text("", "Apple sells fewer iPhones.", "en"), false).count("org:apple"),
      1U);
}

TEST(Tagger, IsTotalOnOddTexts) {
  for (const std::string& text : {std::string(), std::string(100'000, 'a'),
                                  std::string(50'000, ' '), std::string("中国中国")}) {
    const TagResult result = tagger()->tag_text(text, text, "");
    for (const TagFound& tag : result.actors) {
      EXPECT_LE(tag.evidence.size(), kEvidenceOfTag);
      for (const EvidenceSpan& span : tag.evidence)
        EXPECT_LE(span.offset + span.length, text.size());
    }
  }
}

/// Seconds of the processor, which others may use too.
double seconds_of_tagging(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += "ban export chip ";
  const std::clock_t begin = std::clock();
  EXPECT_FALSE(tagger()->tag_text("", text, "en").topics.empty());
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// A hostile text that repeats the words of a nearness term must not cost quadratic time.
TEST(Tagger, IsLinearOnRepeatedWords) {
  seconds_of_tagging(1000);  // what is made once
  const double half = seconds_of_tagging(1'000'000);
  const double whole = seconds_of_tagging(2'000'000);
  EXPECT_LT(whole, 3 * half) << half << " s for the half";
  EXPECT_LT(whole, 9) << "an extractor gives an article ten seconds";
}

}  // namespace
}  // namespace vigie::extractor::tagging
