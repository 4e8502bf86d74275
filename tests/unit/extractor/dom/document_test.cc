#include "extractor/dom/document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace vigie::extractor::dom {
namespace {

std::string text_of(const Document& document) {
  std::string out = document.text_of(0);
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::uint32_t find(const Document& document, Tag tag, std::size_t which = 0) {
  for (std::uint32_t i = 0; i < document.nodes.size(); ++i) {
    if (document.nodes[i].tag == tag && which-- == 0) return i;
  }
  return kNoNode;
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

// Invariants of the tree that every stage relies on.
void expect_well_formed(const Document& document) {
  ASSERT_FALSE(document.nodes.empty());
  EXPECT_EQ(document.nodes[0].parent, kNoNode);
  EXPECT_EQ(document.nodes[0].end, document.nodes.size());
  for (std::uint32_t i = 1; i < document.nodes.size(); ++i) {
    const Node& node = document.nodes[i];
    ASSERT_LT(node.parent, i);
    ASSERT_GT(node.end, i);
    ASSERT_LE(node.end, document.nodes[node.parent].end);
    if (node.tag == Tag::kText) {
      ASSERT_EQ(node.end, i + 1);
    }
  }
}

// A tag knows which attributes it may have; what it has is found whatever its case and place.
TEST(Document, FindsAttributesByTheBitsOfTheirNames) {
  const Document document =
      parse("<body><p CLASS=one Data-Qa='x' hidden><a href=/x rel=tag>y</a><p>");
  const std::uint32_t first = find(document, Tag::kP);
  const SourceTag& tag = document.tags[document.nodes[first].source];
  EXPECT_EQ(find_attribute(tag, "class"), "one");
  EXPECT_EQ(find_attribute(tag, "data-qa"), "x");
  EXPECT_EQ(find_attribute(tag, "hidden"), "");
  EXPECT_EQ(find_attribute(tag, "href"), std::nullopt);
  EXPECT_FALSE(tag.may_have(bit_of_attribute("itemprop")));
  EXPECT_TRUE(tag.may_have(bit_of_attribute("class")));
  EXPECT_EQ(document.attribute(find(document, Tag::kA), "rel"), "tag");
  EXPECT_EQ(document.tags[document.nodes[find(document, Tag::kP, 1)].source].names, 0U);
  // one that nobody scanned may have any
  EXPECT_EQ(find_attribute(SourceTag{"p", " id=z"}, "id"), "z");
}

TEST(Document, KeepsTextAndAttributesAsViewsOfThePage) {
  const std::string page = "<body><p class='lead big' ID=x>One <b>two</b>&amp;three</p></body>";
  const Document document = parse(page);
  expect_well_formed(document);
  const std::uint32_t paragraph = find(document, Tag::kP);
  ASSERT_NE(paragraph, kNoNode);
  EXPECT_EQ(document.attribute(paragraph, "class"), "lead big");
  EXPECT_EQ(document.attribute(paragraph, "id"), "x");
  EXPECT_FALSE(document.attribute(paragraph, "href").has_value());
  EXPECT_EQ(text_of(document), "One two&three");
  const std::string_view view = *document.attribute(paragraph, "class");
  EXPECT_TRUE(view.data() >= page.data() && view.data() < page.data() + page.size());
}

TEST(Document, LeavesOutScriptsStylesDrawingsAndComments) {
  const Document document = parse(
      "<p>a<script>if (1 < 2) "
      "document.write('<p>no</p>')</script><style>p{}</style><svg><text>no</text></svg><!-- <p>no "
      "--><noscript>no</noscript>"
      "<template>no</template><select><option>no</select><textarea>no</textarea>b</p>");
  EXPECT_EQ(text_of(document), "ab");
}

// WHATWG §13.2.5.15 and following: script data escaped states.
TEST(Document, EndsAScriptWhereBrowsersDo) {
  EXPECT_EQ(text_of(parse("<script><!-- <script> </script> still script --></script>after")),
            "after");
  EXPECT_EQ(text_of(parse("<script>var a = '<!-- '; </script>after")), "after");
  EXPECT_EQ(text_of(parse("x<script>unclosed <p>a")), "x");
}

TEST(Document, KeepsMetadataAside) {
  const Document document = parse(
      "<html lang=fr><head><title>A &amp; B</title><meta name=author content='X'><link "
      "rel=canonical href=/x><base href=/b/>"
      "<script type='application/ld+json'>{\"a\":1}</script></head><body class=page><img "
      "src=a.png>");
  ASSERT_EQ(document.titles.size(), 1U);
  EXPECT_EQ(document.titles[0], "A &amp; B");
  ASSERT_EQ(document.metas.size(), 1U);
  EXPECT_EQ(find_attribute(document.metas[0].attributes, "content"), "X");
  ASSERT_EQ(document.links.size(), 1U);
  ASSERT_EQ(document.scripts.size(), 1U);
  EXPECT_EQ(document.scripts[0].content, "{\"a\":1}");
  EXPECT_EQ(find_attribute(document.html.attributes, "lang"), "fr");
  EXPECT_EQ(find_attribute(document.body.attributes, "class"), "page");
  EXPECT_EQ(find_attribute(document.base.attributes, "href"), "/b/");
  EXPECT_EQ(document.images.size(), 1U);
}

TEST(Document, ClosesWhatHtmlClosesByItself) {
  const Document document =
      parse("<ul><li>a<li>b</ul><p>c<p>d<div>e</div><table><tr><td>f<td>g<tr><td>h</table>");
  expect_well_formed(document);
  const std::uint32_t list = find(document, Tag::kUl);
  EXPECT_EQ(document.nodes[find(document, Tag::kLi, 0)].parent, list);
  EXPECT_EQ(document.nodes[find(document, Tag::kLi, 1)].parent, list);
  EXPECT_EQ(document.nodes[find(document, Tag::kDiv)].parent, 0U);
  EXPECT_EQ(document.nodes[find(document, Tag::kTd, 1)].parent, find(document, Tag::kTr));
  EXPECT_EQ(find(document, Tag::kTd, 3), kNoNode);
  EXPECT_EQ(text_of(document), "a b c d e    f g  h");
}

TEST(Document, LeavesALinkThatIsNotClosedAtTheNextOne) {
  const Document document = parse("<p><a href=1>one <a href=2>two</a> three</p>");
  const std::uint32_t second = find(document, Tag::kA, 1);
  ASSERT_NE(second, kNoNode);
  EXPECT_NE(document.nodes[second].parent, find(document, Tag::kA, 0));
}

// WHATWG §13.2.6.4.7: a form within a form is none; a form that ends within a block leaves the
// block open.
TEST(Document, LetsAFormEndOnItsOwn) {
  const Document nested = parse("<form>a<div><form>b</div>c</form>d");
  expect_well_formed(nested);
  EXPECT_EQ(find(nested, Tag::kForm, 1), kNoNode);
  const Document early = parse("<form><div>a</form>b</div>c");
  expect_well_formed(early);
  EXPECT_EQ(early.nodes[find(early, Tag::kDiv)].parent, find(early, Tag::kForm));
  // "c" stands behind it, "b" in it
  EXPECT_EQ(early.nodes[find(early, Tag::kDiv)].end, early.nodes.size() - 1);
  EXPECT_EQ(text_of(early), "abc");
}

// WHATWG §13.2.6.1 foster parenting, §13.2.6.4.9 a table between the parts of a table.
TEST(Document, MovesWhatStandsBetweenThePartsOfATableInFrontOfIt) {
  const Document document =
      parse("<div><table>x<tr><td>a<p>b</td>y</table>z</div><table><tr><table><td>c</table>");
  expect_well_formed(document);
  EXPECT_EQ(document.nodes[find(document, Tag::kTable, 0)].parent, find(document, Tag::kDiv));
  EXPECT_EQ(document.nodes[find(document, Tag::kTable, 2)].parent, 0U);
  std::string text = document.text_of(find(document, Tag::kDiv));
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  EXPECT_EQ(text, "xyabz");
}

// WHATWG §13.2.6.5: foreign content ends at its own end tag, or at an element that none holds.
TEST(Document, LeavesOutDrawingsToTheirEnd) {
  EXPECT_EQ(text_of(parse("a<svg><svg><text>no</text></svg><title>no</title></svg>b")), "ab");
  EXPECT_EQ(text_of(parse("a<svg/>b<svg viewBox='0 0 1 1' />c<svg></svg>d")), "abcd");
  EXPECT_EQ(text_of(parse("a<svg><path d=1><div>kept</div></svg>b")), "a keptb");
  EXPECT_EQ(text_of(parse("a<svg><foreignObject><div>no</div></foreignObject></svg>b")), "ab");
}

TEST(Document, TakesALoneAngleBracketForText) {
  EXPECT_EQ(text_of(parse("<p>1 < 2 and 3<4")), "1 < 2 and 3<4");
  EXPECT_EQ(text_of(parse("a<")), "a<");
}

TEST(Document, ReadsAttributesAsWritten) {
  std::string_view rest = " a=1 b='x > y' c=\"d\"e f/ g = h>tail";
  std::string_view name;
  std::string_view value;
  std::string seen;
  while (next_attribute(rest, name, value)) {
    if (name == ">") break;
    seen += std::string(name) + "=" + std::string(value) + ";";
  }
  EXPECT_EQ(seen, "a=1;b=x > y;c=d;e=;f=;g=h;");
  EXPECT_EQ(rest, "tail");
}

TEST(Document, NeverGivesATagThatThePageEndsIn) {
  EXPECT_EQ(text_of(parse("<p>text<a href='")), "text");
  EXPECT_EQ(text_of(parse("<p>text<!-- x")), "text");
}

TEST(Document, GivesAnEmptyBodyForNothing) {
  for (const std::string_view page :
       {"", " ", "\0\0\0", "<", "</", "<!", "<html>", "<!DOCTYPE html>"}) {
    expect_well_formed(parse(page));
  }
}

// Character references: WHATWG §13.2.5.72 to 80.
TEST(Decoded, FollowsTheCharacterReferencesOfHtml) {
  EXPECT_EQ(decoded("&lt;&gt;&quot;&apos;&nbsp;x"), "<>\"'\xC2\xA0x");
  EXPECT_EQ(decoded("&#233;&#xE9;&#XE9"), "ééé");
  EXPECT_EQ(decoded("&#150;"), "–");
  EXPECT_EQ(decoded("&#0;&#xD800;&#x110000;&#99999999999;"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(decoded("&notit; &notin; &copy2024 &unknown; & &#; &#x;"),
            "¬it; ∉ ©2024 &unknown; & &#; &#x;");
  EXPECT_EQ(decoded("?a=1&copy=2&lt", true), "?a=1&copy=2<");
  EXPECT_EQ(decoded(std::string_view("a\0b", 3)), "a\uFFFDb");
  EXPECT_EQ(decoded("&CounterClockwiseContourIntegral;"), "∳");
}

// Each of these takes plain gumbo from seconds to
// minutes, or the process with it.
struct Bomb {
  const char* name;
  std::string page;
};

std::vector<Bomb> bombs() {
  std::vector<Bomb> out;
  out.push_back({"512 KB of lists in lists", repeated("<ul><li>", 64'000)});
  out.push_back({"a million nested div", repeated("<div>", 1'000'000)});
  out.push_back({"262,144 nested span", repeated("<span>", 262'144)});
  out.push_back({"nested tables", repeated("<table><tr><td>", 50'000)});
  out.push_back({"foster parenting", "<table>" + repeated("<b>x</b>y", 200'000)});
  out.push_back({"foster parenting of blocks", "<table>" + repeated("<div>x</div><tr>", 200'000)});
  out.push_back({"formatting elements", repeated("<b><i><u><font color=1>", 100'000)});
  out.push_back({"adoption agency", repeated("<b><p></b></p>", 150'000)});
  out.push_back({"adoption agency with links", repeated("<a><div></a>", 150'000)});
  out.push_back({"reopened formatting", repeated("<p><b id=a><b id=b><b id=c>", 100'000)});
  out.push_back({"attributes of one tag", "<p " + repeated("a=1 ", 1'000'000) + ">x"});
  out.push_back({"distinct attributes", [] {
                   std::string page = "<p ";
                   for (int i = 0; i < 300'000; ++i)
                     page += "a" + std::to_string(i) + "=" + std::to_string(i) + " ";
                   return page + ">x";
                 }()});
  out.push_back({"unclosed comments", repeated("<!--", 500'000)});
  out.push_back({"unclosed drawings", repeated("<svg>", 500'000)});
  out.push_back({"unclosed templates", repeated("<template>", 300'000)});
  out.push_back({"unclosed titles", repeated("<title>", 300'000)});
  out.push_back({"table link svg template mixes", repeated("<table><a><svg><template>", 80'000)});
  out.push_back({"selects", repeated("<select><option>", 150'000)});
  out.push_back({"framesets", repeated("<frameset>", 200'000)});
  out.push_back({"end tags of nothing", repeated("</p></div></b></li></table></a>", 100'000)});
  out.push_back(
      {"end tags under a deep stack", repeated("<div>", 5'000) + repeated("</span>", 500'000)});
  out.push_back({"buttons and markers", repeated("<button><object><marquee><applet>", 80'000)});
  out.push_back({"headings", repeated("<h1><h2>", 200'000)});
  out.push_back({"definition lists", repeated("<dl><dt><dd>", 120'000)});
  out.push_back({"empty tags", repeated("<i></i>", 1'000'000)});
  out.push_back({"line breaks", repeated("<br>", 1'500'000)});
  out.push_back({"entities", repeated("&CounterClockwiseContourIntegral;&", 200'000)});
  out.push_back({"zeros", std::string(8'000'000, '\0')});
  out.push_back({"angle brackets", std::string(8'000'000, '<')});
  out.push_back({"quotes", "<p a='" + repeated("'\"", 3'000'000)});
  out.push_back({"scripts in comments in scripts", repeated("<script><!--<script>", 300'000)});
  return out;
}

TEST(Document, StaysWithinItsBudgetsWhateverThePage) {
  for (const Bomb& bomb : bombs()) {
    SCOPED_TRACE(bomb.name);
    const auto begin = std::chrono::steady_clock::now();
    const Document document = parse(bomb.page);
    const auto took = std::chrono::steady_clock::now() - begin;
    expect_well_formed(document);
    // Ten times what it takes on an idle machine, a hundredth of what plain gumbo takes.
    EXPECT_LT(std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), 2'000);
    RecordProperty(
        bomb.name,
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  }
}

TEST(Document, KeepsTheTextOfAPageThatIsOverBudget) {
  const std::string page =
      "<p>Before the bomb.</p>" + repeated("<table><b>", 200'000) + "<p>After the bomb.</p>";
  const Document document = parse(page);
  EXPECT_TRUE(document.text_only);
  const std::string text = text_of(document);
  EXPECT_NE(text.find("Before the bomb."), std::string::npos);
  EXPECT_NE(text.find("After the bomb."), std::string::npos);
}

TEST(Document, FlattensWhatIsTooDeepAndKeepsItsText) {
  const std::string page =
      repeated("<div>", 1'000) + "deep" + repeated("</div>", 1'000) + "<p>after</p>";
  const Document document = parse(page);
  EXPECT_FALSE(document.text_only);
  EXPECT_EQ(document.flattened, 800U);
  EXPECT_EQ(document.nodes[find(document, Tag::kP)].parent, 0U);
  EXPECT_NE(text_of(document).find("deep"), std::string::npos);
}

TEST(Document, FallsBackWhenTheArenaIsTooSmall) {
  Limits limits;
  limits.arena_bytes = 1024;
  const Document document = parse("<p>one</p><p>two</p>", limits);
  EXPECT_TRUE(document.text_only);
  EXPECT_EQ(text_of(document), "one two");
}

TEST(Document, IsTheSameEveryTime) {
  const std::string page = "<div><p>a<table><tr><td>b</table>c<ul><li>d<li>e</ul></div>";
  const Document one = parse(page);
  const Document two = parse(page);
  ASSERT_EQ(one.nodes.size(), two.nodes.size());
  for (std::size_t i = 0; i < one.nodes.size(); ++i) {
    EXPECT_EQ(one.nodes[i].tag, two.nodes[i].tag);
    EXPECT_EQ(one.nodes[i].text.data(), two.nodes[i].text.data());
  }
}

}  // namespace
}  // namespace vigie::extractor::dom
