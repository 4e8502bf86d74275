#include "platform/text/words.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

/// The words, joined by '|'; those of one character of an unspaced script in brackets.
std::string joined(std::string_view text) {
  std::string out;
  for (const Word& word : words(text)) {
    if (!out.empty()) out += '|';
    const std::string_view form = text.substr(word.offset, word.length);
    out += word.unspaced ? "[" + std::string(form) + "]" : std::string(form);
  }
  return out;
}

TEST(Words, AreRunsOfLettersDigitsAndMarks) {
  // the example of UAX #29 §4, but for its apostrophe
  EXPECT_EQ(joined("The quick (“brown”) fox can’t jump 32.3 feet, right?"),
            "The|quick|brown|fox|can|t|jump|32.3|feet|right");
  EXPECT_EQ(joined("U.S. export-controls, 1,000,000 GPUs"), "U.S|export|controls|1,000,000|GPUs");
  EXPECT_EQ(joined("naïve e\u0301te\u0301 Straße"), "naïve|e\u0301te\u0301|Straße");
  EXPECT_EQ(joined("snake_case A100/H100 GPT-4o"), "snake|case|A100|H100|GPT|4o");
  EXPECT_EQ(joined("Санкции против Huawei: что дальше?"), "Санкции|против|Huawei|что|дальше");
  EXPECT_EQ(joined("العقوبات، الصين؟"), "العقوبات|الصين");
  EXPECT_EQ(joined("반도체 수출규제"), "반도체|수출규제");
  EXPECT_EQ(joined("हिन्दी समाचार।"), "हिन्दी|समाचार");
}

// ICU 72 takes @ for a letter and 74 does not; no version parts chips.Name or a_b.
TEST(Words, ArePartedByWhateverGluesThem) {
  EXPECT_EQ(joined("@Quorvane: a.\tRT@Quorvane"), "Quorvane|a|RT|Quorvane");
  EXPECT_EQ(joined("chips.Quorvane quorvane.com www.quorvane.co.uk"),
            "chips|Quorvane|quorvane|com|www|quorvane|co|uk");
  EXPECT_EQ(joined("a_b __init__ x‿y p:q #tag$USD"), "a|b|init|x|y|p|q|tag|USD");
  EXPECT_EQ(joined("экспорт.Чипы «чипы»_чипы"), "экспорт|Чипы|чипы|чипы");
  EXPECT_EQ(joined("col·lecció a·b"), "col·lecció|a|b");
  EXPECT_EQ(joined("exam\u00ADple na\u200Cme\u200D one\u200Btwo"),
            "exam\u00ADple|na\u200Cme|one|two");
  EXPECT_EQ(joined("об'єкт обʼєкт л’Europe"), "об|єкт|об|єкт|л|Europe");
}

TEST(Words, KeepTheStopsOfInitials) {
  EXPECT_EQ(joined("U.S.-China U.K. A.I., e.g. Η.Π.Α. U.S.S.R."),
            "U.S|China|U.K|A.I|e.g|Η.Π.Α|U.S.S.R");
  EXPECT_EQ(joined("U.S.China x.com t.co J.R.R.Tolkien end.A"),
            "U.S|China|x|com|t|co|J.R.R|Tolkien|end|A");
  EXPECT_EQ(joined("a.b.c.d.e.f.g.h.i.j"), "a.b.c.d.e.f.g.h|i.j") << "bounded";
  EXPECT_EQ(joined("美.国 1.A"), "[美]|[国]|1|A");
}

TEST(Words, KeepWhatBelongsToANumber) {
  EXPECT_EQ(joined("24,576 24.576,50 1,00,000 3,5 v2.5 $3.5bn"),
            "24,576|24.576,50|1,00,000|3,5|v2.5|3.5bn");
  EXPECT_EQ(joined("24\u202F576 10\u00A0000,5 24’576 H100\u00A0200"),
            "24\u202F576|10\u00A0000,5|24’576|H100|200");
  EXPECT_EQ(joined("1,2,3 28,2026 in 2026\u00A0500 7\u00A0nm 6'2"),
            "1|2|3|28|2026|in|2026|500|7|nm|6|2");
  EXPECT_EQ(joined("26.11.2026 192.168.0.1 1.2.x 5."), "26.11.2026|192.168.0.1|1.2|x|5");
  EXPECT_EQ(joined("٣٫٥ ۲۴٬۵۷۶"), "٣٫٥|۲۴٬۵۷۶");
}

TEST(Words, KeepTheSignsOfProgrammingLanguages) {
  EXPECT_EQ(joined("C++, C# F# g++ C++20 (C++)"), "C++|C#|F#|g++|C++|20|C++");
  EXPECT_EQ(joined("a+b c++d C+ AB# C#4 # ++"), "a|b|c|d|C|AB|C|4");
}

TEST(Words, LeaveOutPunctuationSymbolsAndSpaces) {
  EXPECT_EQ(joined(""), "");
  EXPECT_EQ(joined(" \n\t… — !? € 😀 "), "");
  EXPECT_EQ(joined("、。「」・！"), "");
  EXPECT_EQ(joined("။ ។"), "");
}

TEST(Words, GiveOneWordACharacterWhereScriptsHaveNoSpaces) {
  EXPECT_EQ(joined("芯片出口"), "[芯]|[片]|[出]|[口]");
  EXPECT_EQ(joined("カナ・ひら。"), "[カ]|[ナ]|[ひ]|[ら]");
  EXPECT_EQ(joined("二〇二五年 データー"), "[二]|[〇]|[二]|[五]|[年]|[デ]|[ー]|[タ]|[ー]");
  EXPECT_EQ(joined("が\u3099"), "[が\u3099]");
  EXPECT_EQ(joined("ไทย"), "[ไ]|[ท]|[ย]");
}

TEST(Words, KeepOtherScriptsWholeAmongThem) {
  EXPECT_EQ(joined("AI芯片2025年"), "AI|[芯]|[片]|2025|[年]");
  EXPECT_EQ(joined("美国Nvidia公司H20芯片"), "[美]|[国]|Nvidia|[公]|[司]|H20|[芯]|[片]");
  EXPECT_EQ(joined("NVIDIA(英伟达)"), "NVIDIA|[英]|[伟]|[达]");
}

TEST(Words, LieInOrderInsideTheTextForRandomTexts) {
  std::mt19937_64 random(7);
  static constexpr std::string_view kPieces[] = {"a",      "é",  "中", "カ", "・",     " ",  "\n",
                                                 ".",      "'",  "1",  "ไ",  "ที่",      "한", "я",
                                                 "\u0301", "😀", "-",  "ع",  "\u200D", "_",  ","};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = random() % 25; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    std::size_t behind = 0;
    for (const Word& word : words(text)) {
      ASSERT_GE(word.offset, behind) << text;
      ASSERT_GT(word.length, 0U);
      behind = word.offset + word.length;
      ASSERT_LE(behind, text.size());
      ASSERT_TRUE(is_valid_utf8(std::string_view(text).substr(word.offset, word.length))) << text;
    }
  }
}

std::vector<std::string> sentences_of(std::string_view text) {
  std::vector<std::string> out;
  for (const Sentence& sentence : sentences(text))
    out.emplace_back(text.substr(sentence.begin, sentence.end - sentence.begin));
  return out;
}

TEST(SentenceAt, LooksNoFurtherThanItsReach) {
  std::string endless;
  while (endless.size() < 3'000'000) endless += "字é ";
  for (int i = 0; i < 300; ++i) {
    const std::size_t offset = endless.size() / 300 * static_cast<std::size_t>(i);
    const Sentence sentence = sentence_at(endless, offset);
    ASSERT_LE(sentence.end - sentence.begin, 2 * kSentenceReachBytes + 8);
    ASSERT_TRUE(sentence.begin <= offset && offset < sentence.end);
    ASSERT_TRUE(is_valid_utf8(
        std::string_view(endless).substr(sentence.begin, sentence.end - sentence.begin)));
  }
}

using Texts = std::vector<std::string>;

TEST(Sentences, EndAtTheirMarksAndAtLines) {
  EXPECT_EQ(sentences_of("One here. Two there! Three?\nTitle\n\n四句话。第二句！"),
            (Texts{"One here.", "Two there!", "Three?", "Title", "四句话。", "第二句！"}));
  EXPECT_EQ(sentences_of("Version 2.5 costs $1.50 now."), Texts{"Version 2.5 costs $1.50 now."});
  EXPECT_EQ(sentences_of("یہ پہلا ہے۔ دوسرا۔"), (Texts{"یہ پہلا ہے۔", "دوسرا۔"}));
  EXPECT_TRUE(sentences_of(" \n\u3000\n").empty());
}

TEST(SentenceAt, IsTheSentenceAroundAnOffset) {
  const std::string text = "Title\nOne here. Two there.\nLast";
  const auto at = [&](std::size_t offset) {
    const Sentence sentence = sentence_at(text, offset);
    return text.substr(sentence.begin, sentence.end - sentence.begin);
  };
  EXPECT_EQ(at(0), "Title");
  EXPECT_EQ(at(5), "Title");
  EXPECT_EQ(at(6), "One here.");
  EXPECT_EQ(at(text.find("here")), "One here.");
  EXPECT_EQ(at(text.find("there")), "Two there.");
  EXPECT_EQ(at(text.size()), "Last");
  EXPECT_EQ(at(1000), "Last");
  EXPECT_EQ(sentence_at("", 0).end, 0U);
}

TEST(Stem, JoinsFormsOfAWord) {
  EXPECT_EQ(stem("controls", "en"), stem("controlling", "en"));
  EXPECT_EQ(stem("санкции", "ru"), stem("санкциями", "ru"));
  EXPECT_EQ(stem("китайский", "ru"), stem("китайские", "ru")) << "й is kept by folding for this";
  EXPECT_EQ(stem("exportaciones", "es"), stem("exportacion", "es"));
  EXPECT_EQ(stem("exportaciones", "es"), "export");
  EXPECT_EQ(stem("exportacao", "pt"), stem("exportacoes", "pt"));
  EXPECT_EQ(stem("beschrankungen", "de"), stem("beschrankung", "de"));
  EXPECT_EQ(stem("nvidias", "ru"), "nvidias") << "a word of another script";
  for (int time = 0; time < 2; ++time) {  // what is remembered is of one language
    EXPECT_EQ(stem("arbeiten", "de"), "arbeit");
    EXPECT_EQ(stem("arbeiten", "en"), "arbeiten");
    EXPECT_EQ(stem("arbeiten", "tr"), "arbei");
  }
  EXPECT_EQ(stem("chip", "xx"), "chip");
  EXPECT_EQ(stem("芯片", "zh"), "芯片");
  EXPECT_EQ(stem("", "en"), "");
}

TEST(Stem, HasAStemmerForEachLanguageItClaims) {
  for (const auto& [language, word] : std::initializer_list<std::pair<const char*, const char*>>{
           {"en", "running"},       {"ru", "санкциями"},    {"de", "regierungen"},
           {"fr", "gouvernements"}, {"es", "gobiernos"},    {"pt", "governos"},
           {"it", "governi"},       {"nl", "regeringen"},   {"sv", "regeringarna"},
           {"da", "regeringerne"},  {"no", "regjeringene"}, {"fi", "hallituksen"},
           {"hu", "kormányok"},     {"ro", "guvernele"},    {"tr", "hukumetler"},
           {"ar", "الحكومات"},      {"el", "κυβερνησεισ"},  {"hi", "सरकारों"},
           {"id", "pemerintahan"},  {"ca", "governs"},      {"ta", "அரசுகள்"},
           {"lt", "vyriausybes"},   {"sr", "vladama"},      {"hy", "կառավարություններ"}}) {
    EXPECT_TRUE(has_stemmer(language)) << language;
    EXPECT_NE(stem(word, language), word) << language;
  }
  EXPECT_FALSE(has_stemmer("zh"));
  EXPECT_FALSE(has_stemmer(""));
}

TEST(Words, AndStemsWorkOnManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int k = 0; k < 200; ++k) {
        EXPECT_EQ(words("AI芯片, can’t stop").size(), 6U);
        EXPECT_EQ(stem("controls", "en"), "control");
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace vigie::text
