#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "extractor/content/phrases.h"
#include "platform/text/word_lists.h"

namespace vigie::extractor::content {
namespace {

class PhraseLists : public testing::Test {
 protected:
  PhraseLists() {
    std::ifstream in("extractor/content/phrases.txt");
    text_.assign(std::istreambuf_iterator<char>(in), {});
    words_ = text::read_word_lists(text_);
  }
  std::string text_;
  text::WordLists words_;
};

TEST_F(PhraseLists, AreReadWhole) {
  EXPECT_TRUE(words_.problems.empty());
  for (const char* name :
       {"label", "request", "said", "appeal", "support", "imprint", "opens", "comments"})
    EXPECT_FALSE(words_.of(name).empty()) << name;
  EXPECT_TRUE(is_label("relatedarticles"));
  EXPECT_TRUE(is_request(squeezed("Mehr zum Thema")));
  EXPECT_TRUE(is_appeal(squeezed("Apoya el periodismo libre")));
  EXPECT_TRUE(begins_comments(squeezed("Leave a comment below")));
}

// Where a line is looked up by what it begins with, one phrase alone may begin it.
TEST_F(PhraseLists, OfBeginningsHoldNoneThatBeginsAnother) {
  for (const char* name : {"request", "imprint", "comments"}) {
    std::vector<std::string_view> phrases = words_.of(name);
    std::sort(phrases.begin(), phrases.end());
    for (std::size_t i = 1; i < phrases.size(); ++i)
      EXPECT_FALSE(phrases[i].starts_with(phrases[i - 1])) << phrases[i];
  }
}

// Phrases that are looked for anywhere are found by their first four bytes.
TEST_F(PhraseLists, OfPhrasesAnywhereHoldNoShortOne) {
  for (const char* name : {"said", "appeal", "support"}) {
    for (const std::string_view phrase : words_.of(name)) EXPECT_GE(phrase.size(), 4U) << phrase;
  }
}

TEST_F(PhraseLists, AreSqueezed) {
  for (const text::WordLine& line : words_.lines) {
    // what is looked for as it stands: "©", "Foto", "provided by", "Mis à jour"
    if (line.name == "imprint" || line.name == "picture" || line.name == "origin" ||
        line.name == "updated")
      continue;
    for (const std::string_view phrase : line.phrases) EXPECT_EQ(squeezed(phrase), phrase);
  }
}

}  // namespace
}  // namespace vigie::extractor::content
