#include "platform/url/takedown.h"

#include <gtest/gtest.h>

namespace vigie::url {
namespace {

TEST(TakedownTest, ATargetSaysWhatItIs) {
  using Kind = Takedown::Kind;
  EXPECT_EQ(read_takedown("abcdefghij234567").kind, Kind::kArticle);
  EXPECT_EQ(read_takedown("source:le-monde").value, "le-monde");
  EXPECT_EQ(read_takedown("host:News.Example").value, "news.example");
  EXPECT_EQ(read_takedown("host:bücher.example").value, "xn--bcher-kva.example");
  const Takedown url = read_takedown("url:HTTPS://News.example/a/../b?utm_source=x#c");
  EXPECT_EQ(url.kind, Kind::kUrl);
  EXPECT_EQ(url.value, "https://news.example/b");
}

TEST(TakedownTest, WhatIsTakenDownIsKnownInEverySpelling) {
  TakenDown down;
  EXPECT_TRUE(down.empty());
  EXPECT_FALSE(down.add(read_takedown("an-article")));
  EXPECT_TRUE(down.empty());
  EXPECT_TRUE(down.add(read_takedown("host:news.example")));
  EXPECT_FALSE(down.add(read_takedown("host:NEWS.example")));
  EXPECT_TRUE(down.add(read_takedown("url:https://other.example/story")));
  EXPECT_TRUE(down.add(read_takedown("source:s")));
  for (const char* url :
       {"http://news.example/", "https://www.News.Example:8443/a?b",
        "https://other.example/story?fbclid=1#x", "https://other.example/./story"})
    EXPECT_TRUE(down.has_url(url)) << url;
  for (const char* url : {"http://badnews.example/", "http://example/", "https://other.example/",
                          "https://other.example/story2", "news.example", "", "http://"})
    EXPECT_FALSE(down.has_url(url)) << url;
  EXPECT_TRUE(down.has_source("s"));
  EXPECT_FALSE(down.has_source("t"));
}

TEST(TakedownTest, WhatCannotBeReadMatchesNothing) {
  TakenDown down;
  for (const char* target : {"host:", "host:a b", "host:x/y", "host:x:8080", "url:", "url:nothing",
                             "url:ftp://x.example/"})
    down.add(read_takedown(target));
  EXPECT_FALSE(down.has_url("http://x.example/"));
  EXPECT_FALSE(down.has_url("http://x/y"));
}

}  // namespace
}  // namespace vigie::url
