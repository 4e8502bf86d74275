#include "extractor/metadata/json_ld.h"

#include <gtest/gtest.h>

#include <string>

#include "extractor/metadata/json_ld_nodes.h"

namespace vigie::extractor::metadata {
namespace {

const std::string kUrl = "https://courier.example/world/2024/dam-is-dry";
const std::string kTitle = "The dam above the valley is dry";

JsonLd read_blocks(const std::vector<std::string>& blocks, const std::string& head = {}) {
  std::string page = "<title>" + kTitle + "</title>" + head;
  for (const std::string& block : blocks)
    page += "<script type=\"application/ld+json\">" + block + "</script>";
  page += "<h1>" + kTitle + "</h1><p>text</p>";
  return read_json_ld(dom::parse(page), kUrl);
}

const std::string kOwn =
    R"({"@type":"NewsArticle","headline":"The dam above the valley is dry","url":")" + kUrl +
    R"(","datePublished":"2024-03-05"})";
const std::string kRicher =
    R"({"@type":"NewsArticle","headline":"Bakers strike","datePublished":"2020-01-01",
        "dateModified":"2020-01-02","author":{"name":"Ola Berg"},"image":"https://x.example/i.jpg",
        "publisher":{"name":"P"},"mainEntityOfPage":"https://courier.example/w/bakers-strike"})";

TEST(ReadJsonLd, ReadsAuthorsOfOrderedLists) {
  const std::vector<std::string> both = {"Ada Moss", "Bo Lund"};
  const std::string kHead = R"({"@type":"NewsArticle","headline":"The dam is dry","author":)";
  EXPECT_EQ(read_blocks({kHead + R"({"@list":[{"@type":"Person","name":"Ada Moss"},"Bo Lund"]}})"})
                .authors,
            both);
  // an ordered list holds no other
  EXPECT_TRUE(read_blocks({kHead + R"({"@list":[{"@list":["Ada Moss"]}]}})"}).authors.empty());
}

struct Broken {
  const char* what;
  const char* block;
};

// Whatever is wrong with a block, headline and author that are whole are read.
TEST(ReadJsonLd, TakesWhatIsWholeOfBrokenBlocks) {
  for (const Broken& one : {
           Broken{"encoded",
                  "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;headline&quot;:"
                  "&quot;The dam is dry&quot;,&quot;author&quot;:{&quot;name&quot;:"
                  "&quot;Ada Moss&quot;}}"},
           {"encoded twice",
            "{&amp;quot;@type&amp;quot;:&amp;quot;NewsArticle&amp;quot;,"
            "&amp;quot;headline&amp;quot;:&amp;quot;The dam is dry&amp;quot;,"
            "&amp;quot;author&amp;quot;:{&amp;quot;name&amp;quot;:&amp;quot;Ada "
            "Moss&amp;quot;}}"},
           {"encoded by number",
            "&#123;&#34;@type&#34;:&#x22;NewsArticle&#34;,&#34;headline&#34;:"
            "&#34;The dam is dry&#34;,&#34;author&#34;:&#34;Ada Moss&#34;}"},
           {"encoded and with an encoded text",
            "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;headline&quot;:&quot;The dam is "
            "dry&quot;,&quot;description&quot;:&quot;say &amp;quot;yes&amp;quot;&quot;,"
            "&quot;author&quot;:&quot;Ada Moss&quot;}"},
           {"two objects",
            R"({"@type":"BreadcrumbList"}{"@type":"NewsArticle","headline":"The dam is
             dry","author":"Ada Moss"})"},
           {"single quotes",
            "{'@type':'NewsArticle','headline':'The dam is dry','author':'Ada Moss',"
            "'description':'Minister's day'}"},
           {"typographic quotes",
            "{“@type”: “NewsArticle”,<br />“headline”: “The dam is dry”,"
            "<br />“author”: “Ada Moss”}"},
           {"no commas",
            "{\"@type\":\"NewsArticle\"\n\"headline\":\"The dam is dry\"\n"
            "\"author\":\"Ada Moss\"}"},
           {"cut off", R"({"@type":"NewsArticle","headline":"The dam is dry","author":"Ada Moss",
             "description":"Th)"},
           {"a quote in a text", R"({"@type":"NewsArticle","description":"He said "dry", and left.",
             "headline":"The dam is dry","author":"Ada Moss"})"},
           {"a quote that is not closed",
            "{\"@type\":\"NewsArticle\",\"description\":\"Dry,\n"
            "\"headline\":\"The dam is dry\",\"author\":\"Ada Moss\"}"},
           {"in a script", R"(window.data = {"@type":"NewsArticle","headline":"The dam is dry",
             "author":"Ada Moss"}; run();)"},
           {"within a text", R"({\"@type\":\"NewsArticle\",\"headline\":\"The dam is dry\",
             \"author\":\"Ada Moss\"})"},
           {"too many brackets", R"([{"@type":"NewsArticle","headline":"The dam is dry",
             "author":"Ada Moss"}}}]])"},
       }) {
    const JsonLd found = read_blocks({one.block});
    EXPECT_EQ(found.headline, "The dam is dry") << one.what;
    EXPECT_EQ(found.authors, std::vector<std::string>{"Ada Moss"}) << one.what;
  }
}

TEST(ReadJsonLd, LeavesRightBlocksAsTheyStand) {
  EXPECT_EQ(
      read_blocks({R"({"@type":"NewsArticle","headline":"Say &quot;no&quot; 'now'"})"}).headline,
      "Say \"no\" 'now'");
}

struct Choice {
  const char* what;
  std::vector<std::string> blocks;
};

// Of a rich node of another page nothing is taken, wherever it stands.
TEST(ReadJsonLd, TakesTheNodeThatIsAboutThisPage) {
  const std::string other = kRicher;
  for (const Choice& one : {
           Choice{"the next story before", {other, kOwn}},
           {"the next story behind", {kOwn, other}},
           {"in one graph", {R"({"@graph":[)" + other + "," + kOwn + "]}"}},
           {"in one list", {"[" + other + "," + kOwn + "]"}},
           {"a list of stories",
            {kOwn, R"({"@type":"ItemList","itemListElement":[{"item":)" + other + "}]}"}},
           {"a page with parts", {kOwn, R"({"@type":"WebPage","hasPart":[)" + other + "]}"}},
           {"what it is based on",
            {kOwn.substr(0, kOwn.size() - 1) + R"(,"isBasedOn":)" + other + "}"}},
           {"what it mentions",
            {kOwn.substr(0, kOwn.size() - 1) + R"(,"mentions":[)" + other + "]}"}},
           {"what it cites", {kOwn.substr(0, kOwn.size() - 1) + R"(,"citation":)" + other + "}"}},
           {"an update by reference",
            {kOwn.substr(0, kOwn.size() - 1) +
                 R"(,"liveBlogUpdate":[{"@id":"https://courier.example/#u1"}]})",
             R"({"@id":"https://courier.example/#u1",)" + other.substr(1)}},
           {"the main entity of the page",
            {R"({"@type":"WebPage","mainEntity":)" + kOwn + R"(,"mentions":)" + other + "}"}},
       }) {
    const JsonLd found = read_blocks(one.blocks);
    EXPECT_EQ(found.headline, kTitle) << one.what;
    EXPECT_EQ(found.published, "2024-03-05") << one.what;
    EXPECT_TRUE(found.authors.empty()) << one.what;
    EXPECT_TRUE(found.image_url.empty()) << one.what;
  }
}

TEST(ReadJsonLd, TakesNothingFromOtherPagesAlone) {
  const JsonLd found = read_blocks({kRicher});
  EXPECT_EQ(found.headline, "");
  EXPECT_EQ(found.published, "");
  EXPECT_EQ(found.page_type, "");
}

// Twins where the rule must not fire: the node is this page's though its URL is written otherwise.
TEST(ReadJsonLd, KnowsThePageByOtherSpellingsOfItsUrlAndHeadline) {
  for (const char* url : {"http://www.courier.example/world/2024/dam-is-dry/",
                          "https://m.courier.example/world/2024/dam-is-dry?from=app",
                          "https://courier.example/world/2024/dam-is-dry/amp",
                          "https://courier.example/world/2024/dam-is-dry#article",
                          "https://cdn.other.example/world/2024/dam-is-dry",
                          "https://courier.example/", "/world/2024/dam-is-dry", ""}) {
    const JsonLd found =
        read_blocks({R"({"@type":"NewsArticle","headline":"Water runs out","author":"Ada Moss",
                         "mainEntityOfPage":{"@id":")" +
                     std::string(url) + "\"}}"});
    EXPECT_EQ(found.headline, "Water runs out") << url;
  }
  // another URL, but the headline: a story that moved
  EXPECT_EQ(
      read_blocks({R"({"@type":"NewsArticle","headline":"The dam above the valley is dry, again",
                             "url":"https://courier.example/old/77","author":"Ada Moss"})"})
          .authors.size(),
      1U);
  EXPECT_FALSE(same_page("https://a.example/s?id=1", "https://a.example/s?id=2"));
  EXPECT_FALSE(same_page("https://a.example/", "https://a.example/"));
}

// An update of a live blog that stands in a block of its own has the page's URL with a fragment.
TEST(ReadJsonLd, PrefersThePageToAPartOfIt) {
  const JsonLd found = read_blocks(
      {R"({"@type":"BlogPosting","headline":"Pumps arrive","url":")" + kUrl +
           R"(#p3","datePublished":"2024-03-06","author":"Ola Berg","image":"https://x.example/p",
              "publisher":{"name":"P"},"articleBody":"Pumps."})",
       R"({"@type":"LiveBlogPosting","headline":"Dam, live","url":")" + kUrl + "\"}"});
  EXPECT_EQ(found.headline, "Dam, live");
  EXPECT_TRUE(found.authors.empty());
}

TEST(ReadJsonLd, JoinsTwoNodesOfOneArticle) {
  const JsonLd found = read_blocks(
      {kOwn,
       R"({"@type":"Article","headline":"The dam above the valley is dry","author":"Ada Moss"})"});
  EXPECT_EQ(found.published, "2024-03-05");
  EXPECT_EQ(found.authors, std::vector<std::string>{"Ada Moss"});
}

struct Access {
  const char* members;
  bool said;
  bool free;
};

// schema.org isAccessibleForFree, and Google's form in hasPart.
TEST(ReadJsonLd, ReadsEveryFormOfAPaywall) {
  for (const Access& one : {
           Access{R"("isAccessibleForFree":false)", true, false},
           {R"("isAccessibleForFree":true)", true, true},
           {R"("isAccessibleForFree":"False")", true, false},
           {R"("isAccessibleForFree":"false ")", true, false},
           {R"("isAccessibleForFree":"https://schema.org/False")", true, false},
           {R"("isAccessibleForFree":"schema:True")", true, true},
           {R"("isAccessibleForFree":{"@id":"http://schema.org/False"})", true, false},
           {R"("isAccessibleForFree":{"@value":false})", true, false},
           {R"("isAccessibleForFree":[false])", true, false},
           {R"("isAccessibleForFree":0)", true, false},
           {R"("isAccessibleForFree":1)", true, true},
           {R"("isAccessibleForFree":"no")", true, false},
           {R"("isAccessibleForFree":"Yes")", true, true},
           {R"("isaccessibleforfree":"false")", true, false},
           {R"("isAccessibleForFree":"perhaps")", false, true},
           {R"("isAccessibleForFree":"")", false, true},
           {R"("requiresSubscription":true)", true, false},
           {R"("hasPart":{"@type":"WebPageElement","isAccessibleForFree":false})", true, false},
           {R"("hasPart":[{"@type":"WebPageElement","isAccessibleForFree":"True"},
                          {"isAccessibleForFree":"schema.org/False"}])",
            true, false},
           {R"("hasPart":[{"@type":"WebPageElement","isAccessibleForFree":true}])", false, true},
           {R"("hasPart":[])", false, true},
           {R"("isAccessibleForFree":true,"hasPart":{"isAccessibleForFree":false})", true, true},
       }) {
    const JsonLd found =
        read_blocks({R"({"@type":"NewsArticle","headline":"The dam above the valley is dry",)" +
                     std::string(one.members) + "}"});
    EXPECT_EQ(found.has_access, one.said) << one.members;
    EXPECT_EQ(found.accessible, one.free) << one.members;
  }
  // of another story
  EXPECT_FALSE(read_blocks({kOwn, R"({"@type":"ItemList","itemListElement":[{"@type":"NewsArticle",
                       "url":"https://courier.example/x/1","isAccessibleForFree":false}]})"})
                   .has_access);
}

}  // namespace
}  // namespace vigie::extractor::metadata
