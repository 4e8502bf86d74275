#include "platform/text/html_tag.h"

#include <gtest/gtest.h>

namespace vigie::text {
namespace {

TEST(HtmlTag, ReadsNamesAndValuesAsTheyAreWritten) {
  const std::string html =
      "x<META Http-Equiv=refresh CONTENT='0; url=/a?b&amp;c' hidden content=x/>y";
  const auto tag = read_html_tag(html, 1);
  ASSERT_TRUE(tag);
  EXPECT_EQ(tag->name, "meta");
  EXPECT_FALSE(tag->closing);
  EXPECT_EQ(tag->attribute("http-equiv"), "refresh");
  EXPECT_EQ(tag->attribute("content"), "0; url=/a?b&amp;c") << "the first of a name counts";
  EXPECT_EQ(tag->attribute("hidden"), "");
  EXPECT_FALSE(tag->attribute("charset"));
  EXPECT_EQ(html.substr(tag->end), "y");
  EXPECT_TRUE(read_html_tag("</p >", 0)->closing);
}

TEST(HtmlTag, IsNoneWhereItDoesNotBeginOrEnd) {
  for (const char* html :
       {"<", "</", "< p>", "<3>", "<p", "<p a='", "<p a='>", "<!-- -->", "<p a="})
    EXPECT_FALSE(read_html_tag(html, 0)) << html;
  EXPECT_FALSE(read_html_tag("<p " + std::string(20'000, 'a') + ">", 0)) << "it is too long";
  std::string many = "<p";
  for (int i = 0; i < 100; ++i) many += " a" + std::to_string(i) + "=1";
  EXPECT_EQ(read_html_tag(many + ">", 0)->attributes.size(), 64U);
}

}  // namespace
}  // namespace vigie::text
