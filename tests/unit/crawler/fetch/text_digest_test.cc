#include "crawler/fetch/text_digest.h"

#include <gtest/gtest.h>

#include "proto/identity.h"

namespace vigie::crawler::fetch {
namespace {

std::string paragraph(const std::string& seed) {
  std::string out;
  for (int i = 0; i < 12; ++i)
    out += "The " + seed + " of part " + std::to_string(i) + " is said. ";
  return out;
}

const std::string kText = "<p>" + paragraph("rule") + "</p><p>" + paragraph("answer") + "</p>";

std::string page(const std::string& text, const std::string& around = {},
                 const std::string& title = "A rule is agreed") {
  return "<html><head><title>" + title + "</title></head><body><nav>" + around + "</nav>" + text +
         "<footer>" + around + "</footer><script>var t = '" + around + "';</script>" + around +
         "</body></html>";
}

TEST(TextDigest, IsThatOfTheTextWhateverSurroundsIt) {
  const std::string digest = text_digest(page(kText));
  EXPECT_EQ(digest.size(), 16U);
  for (const std::string& around :
       {std::string("<a href='/x;jsessionid=1'>More</a>"), std::string("12:30"),
        std::string("<!-- served by node 7 in 0.3 s -->"), "<p>" + std::string(40, 'x') + "</p>",
        "<p><a href=/y>" + std::string(200, 'y') + "</a></p>",
        "<style>" + std::string(500, 'z') + "</style>"})
    EXPECT_EQ(text_digest(page(kText, around)), digest) << around;
  std::string spaced = kText;
  spaced.insert(spaced.find("part"), "\n   ");
  EXPECT_EQ(text_digest(page(spaced)), digest);
  std::string linked = kText;
  linked.insert(linked.find("part"), "<b class=x>");
  EXPECT_EQ(text_digest(page(linked)), digest);
}

TEST(TextDigest, TellsTextsApart) {
  const std::string digest = text_digest(page(kText));
  std::string changed = kText;
  changed.replace(changed.find("said"), 4, "done");
  EXPECT_NE(text_digest(page(changed)), digest);
  EXPECT_NE(text_digest(page(kText, "", "Another title")), digest)
      << "one wall before many stories has one title, and so have its copies";
  EXPECT_NE(text_digest(page(kText), "One story"), text_digest(page(kText), "Another story"));
  EXPECT_EQ(text_digest(page(kText), "One story"), text_digest(page(kText), "One story"));
  EXPECT_NE(text_digest(page(kText + "<p>" + paragraph("update") + "</p>")), digest);
}

// Crawlers of other versions have written digests: what they are made of does not change.
TEST(TextDigest, StaysWhatItWas) {
  const std::string text = "<p>" + paragraph("rule") + "</p>\n<p>\t" + paragraph("answer") +
                           "<b> bold</b><br>line\v\f x</p><p>" + std::string(70, 'z') + " <a>" +
                           std::string(69, 'l') + "</a></p><div>" + paragraph("end") + " </div>";
  EXPECT_EQ(proto::base32(text_digest(page(text, "<p>around</p>"), "Listed")),
            "vgluyfctlirutjrge2oah6d7oq");
}

TEST(TextDigest, OfTooLittleIsNone) {
  EXPECT_EQ(text_digest(""), "");
  EXPECT_EQ(text_digest(page("<p>Subscribe to read on.</p>")), "");
  EXPECT_EQ(text_digest(page("<p>" + paragraph("one") + "</p>")), "") << "one paragraph";
  EXPECT_EQ(text_digest("<body>" + kText), "") << "no title";
  EXPECT_EQ(text_digest("<title>x"), "");
  EXPECT_EQ(text_digest("<<<!--<a <"), "");
}

}  // namespace
}  // namespace vigie::crawler::fetch
