#include "extractor/genre/words.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::extractor::genre {
namespace {

TEST(Words, AreReadWithoutAProblem) {
  for (const std::string& problem : Words::shipped().problems()) ADD_FAILURE() << problem;
}

// Each genre but news and lists has words in at least twelve languages.
TEST(Words, SpeakTwelveLanguages) {
  for (const char* genre :
       {"opinion", "analysis", "interview", "live", "press-release", "fact-check"})
    EXPECT_GE(Words::shipped().languages_of(genre).size(), 12U) << genre;
}

TEST(Words, ArePhrasesOfOneUse) {
  const Words words(
      "# a comment\n\nopinion label de: Meinung, Ein Kommentar\nlive ending fr: en direct\n"
      "opinion slug de: kolumne\nopinion foot en: view: of the author\n");
  EXPECT_TRUE(words.problems().empty());
  ASSERT_NE(words.whole("meinung", {Use::kLabel}), nullptr);
  EXPECT_EQ(words.whole("meinung", {Use::kLabel})->genre, "opinion");
  EXPECT_EQ(words.whole("meinung", {Use::kSection}), nullptr);
  EXPECT_NE(words.whole("meinung", {Use::kSection, Use::kLabel}), nullptr);
  EXPECT_EQ(words.whole("meinungsfreiheit", {Use::kLabel}), nullptr);
  EXPECT_NE(words.ending("le sommet en direct", Use::kEnding), nullptr);
  EXPECT_EQ(words.ending("le sommet pen direct", Use::kEnding), nullptr);
  EXPECT_NE(words.beginning("kolumne-der-drucker", Use::kSlug), nullptr);
  EXPECT_EQ(words.beginning("kolumnen", Use::kSlug), nullptr);
  EXPECT_NE(words.within("this is the view: of the author.", Use::kFoot), nullptr);
}

TEST(Words, OfAnotherFormAreNamed) {
  EXPECT_EQ(Words("opinion nowhere de: x").problems().size(), 1U);
  EXPECT_EQ(Words("opinion label: x").problems().size(), 1U);
  EXPECT_EQ(Words("opinion label de:").problems().size(), 1U);
  EXPECT_EQ(Words("opinion label de: x\nlive label en: X").problems().size(), 1U);
}

TEST(Normalised, DropsMarksAndForms) {
  EXPECT_EQ(normalised("  OPINIÓN | "), "opinion");
  EXPECT_EQ(normalised("【社論】"), normalised("社论"));
  EXPECT_EQ(normalised("« Éditorial »"), "editorial");
  EXPECT_EQ(normalised("رأي"), normalised("راي"));
  EXPECT_EQ(normalised("—:|"), "");
}

}  // namespace
}  // namespace vigie::extractor::genre
