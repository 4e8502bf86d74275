#include "extractor/language/language.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace vigie::extractor::language {
namespace {

// extractor/language/README.md: ISO 639-1, iw → he, nb and nn → no, zh in both scripts.
TEST(PrimaryLanguage, MapsToIso6391) {
  EXPECT_EQ(primary_language("pt-BR"), "pt");
  EXPECT_EQ(primary_language("iw"), "he");
  EXPECT_EQ(primary_language("nb-NO"), "no");
  EXPECT_EQ(primary_language("nn"), "no");
  EXPECT_EQ(primary_language("zh-Hant-TW"), "zh");
  EXPECT_EQ(primary_language("en_US"), "en");
  EXPECT_EQ(primary_language("english"), "");
  EXPECT_EQ(primary_language(""), "");
  EXPECT_EQ(primary_language("e1"), "");
}

TEST(Identify, TellsLanguageAndScript) {
  EXPECT_EQ(identify("Le ministre a annoncé mardi de nouvelles restrictions à l'exportation des "
                     "puces avancées vers la Chine.")
                .code,
            "fr");
  const Language simplified =
      identify("美国商务部周二宣布，将对先进人工智能芯片实施新的出口管制措施，以防止其流入中国。");
  EXPECT_EQ(simplified.code, "zh");
  EXPECT_EQ(simplified.script, "Hans");
  const Language traditional = identify(
      "美國商務部週二宣布，將對先進人工智慧晶片實施新的出口管制措施，以防止其流入中國大陸。");
  EXPECT_EQ(traditional.code, "zh");
  EXPECT_EQ(traditional.script, "Hant");
  EXPECT_EQ(identify("政府は火曜日、先端半導体の輸出規制を強化すると発表した。").code, "ja");
  EXPECT_EQ(identify("שר המסחר הודיע אתמול על מגבלות חדשות").code, "he");
  const Language russian = identify(
      "Министр торговли объявил во вторник о новых ограничениях на экспорт передовых микросхем.");
  EXPECT_EQ(russian.code, "ru");
  EXPECT_EQ(russian.script, "Cyrl");
}

TEST(Identify, LetsThePageDecideWhereTheTextIsTooShort) {
  EXPECT_EQ(identify("Nuovo chip", "it").code, "it");
  EXPECT_EQ(identify("", "it").code, "");
  EXPECT_EQ(identify("12345 !!", "it").code, "");
}

TEST(Identify, IsRightForNewsSentences) {
  const std::filesystem::path folder = "../shared/corpus/langid";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no sentences at " << folder;
  std::size_t right = 0;
  std::size_t asked = 0;
  for (const char* code : {"en", "fr", "de", "es", "ru", "zh", "ar", "ja", "ko", "pt",
                           "it", "nl", "pl", "tr", "uk", "el", "he", "fa", "hi", "sv"}) {
    std::ifstream file(folder / (std::string(code) + ".txt"));
    for (std::string line; std::getline(file, line);) {
      ++asked;
      right += identify(line).code == code ? 1 : 0;
    }
  }
  ASSERT_GT(asked, 1000U);
  EXPECT_GE(static_cast<double>(right) / static_cast<double>(asked), 0.94);
}

// The beginning alone does not decide, however plainly it is what the page says.
TEST(Identify, IsThatOfMostOfALongText) {
  std::string text;
  for (int i = 0; i < 13; ++i)
    text +=
        "The minister said on Monday that exporters would have until July to file their papers. ";
  for (int i = 0; i < 30; ++i)
    text +=
        "Das Ministerium teilte am Montag mit, dass die Unternehmen ihre Anträge bis Juli "
        "stellen. ";
  EXPECT_EQ(identify(text, "en").code, "de");
  EXPECT_EQ(identify(text.substr(700), "de").code, "de");
}

}  // namespace
}  // namespace vigie::extractor::language
