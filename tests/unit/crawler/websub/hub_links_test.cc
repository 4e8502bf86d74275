#include "crawler/websub/hub_links.h"

#include <gtest/gtest.h>

namespace vigie::crawler::websub {
namespace {

constexpr const char* kFeed = "https://news.example/feed.xml";

HubLinks of(const std::string& value) { return links_of_headers({{"link", value}}, kFeed); }

// W3C WebSub §4; RFC 8288 §3.5.
TEST(HubLinksTest, AreReadOfEachFormOfTheHeader) {
  const HubLinks wanted{"https://hub.example/", "https://news.example/feed"};
  for (const char* value :
       {"<https://hub.example/>; rel=\"hub\", <https://news.example/feed>; rel=\"self\"",
        "<https://hub.example/>;rel=hub,</feed>;rel=self",
        "<https://hub.example/> ; REL = \"HUB\" , <feed> ; rel = self",
        "<https://hub.example/>; title=\"a, b; rel=self\"; rel=hub, <feed>; rel=\"alternate self\"",
        "<x>; rel=next, <https://hub.example/>; rel=hub; rel=next, <feed>; rel=self",
        "<https://hub.example/>; title=\"say \\\"hub\\\"\"; rel=hub, <feed>; rel=self"})
    EXPECT_EQ(of(value), wanted) << value;
}

TEST(HubLinksTest, SeveralHeadersCountAndTheFirstOfARelationHolds) {
  const HubLinks links = links_of_headers({{"content-type", "text/xml"},
                                           {"link", "<https://one.example/>; rel=hub"},
                                           {"link", "<https://two.example/>; rel=hub"},
                                           {"link", "<https://news.example/own>; rel=self"}},
                                          kFeed);
  EXPECT_EQ(links.hub, "https://one.example/");
  EXPECT_EQ(links.topic, "https://news.example/own");
}

TEST(HubLinksTest, WhatIsNoHttpUrlIsPassedOver) {
  for (const char* value :
       {"", "<>", "<", "<javascript:alert(1)>; rel=hub", "<ftp://hub.example/>; rel=hub",
        "<https://hub.example/", "https://hub.example/; rel=hub", "<http://[::1>; rel=hub",
        "<https://hub.example/>; rel=", "<https://hub.example/>; rel=hubs",
        "<https://hub.example/>; rev=hub", ",,,;;;===", "<a>;;;\"\\"})
    EXPECT_EQ(of(value).hub, "") << value;
  EXPECT_EQ(of("<https://hub.example/" + std::string(3'000, 'a') + ">; rel=hub").hub, "");
}

TEST(HubLinksTest, TheHeaderGoesBeforeTheBodyAndTheFeedIsItsOwnTopic) {
  const HubLinks header{"https://h.example/", ""};
  const HubLinks body{"https://b.example/", "https://news.example/named"};
  EXPECT_EQ(links_of(header, body, kFeed),
            (HubLinks{"https://h.example/", "https://news.example/named"}));
  EXPECT_EQ(links_of({}, body, kFeed), body);
  EXPECT_EQ(links_of(header, {}, kFeed), (HubLinks{"https://h.example/", kFeed}));
  EXPECT_EQ(links_of({}, {}, kFeed).hub, "");
}

}  // namespace
}  // namespace vigie::crawler::websub
