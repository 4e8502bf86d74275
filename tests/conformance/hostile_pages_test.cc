// libs: extractor records platform/text
// Pages made to hurt: each of them ends with an article or a reason, within half a second of the
// processor and 64 MiB. What plain gumbo does with them stands beside each. Sources: the issues of
// google/gumbo-parser (387, 391, 393) and rubys/nokogumbo (125, PR 143), AngleSharp 1179,
// whatwg/html 3732, html5lib-tests.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/extract.h"
#include "platform/text/utf8.h"

namespace vigie::extractor {
namespace {

constexpr double kMostSeconds = 0.5;   // of the processor
constexpr double kSlowMachine = 2;     // times slower than the one the figure was set on
constexpr double kMostMegabytes = 64;  // beyond the page itself

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr bool kMeasures = false;  // instrumented code says nothing about time and memory
#else
constexpr bool kMeasures = true;
#endif

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

struct Hostile {
  const char* name;
  std::string body;
};

std::vector<Hostile> nested() {
  return {
      {"64,000 lists in lists (512 KB: 53 s)", repeated("<ul><li>", 64'000)},
      {"640,000 lists in lists", repeated("<ul><li>", 640'000)},
      {"64,000 div (11 s)", repeated("<div>", 64'000)},
      {"640,000 div", repeated("<div>", 640'000)},
      {"32,000 span (24 s and 7.9 GB)", repeated("<span>", 32'000)},
      {"262,144 span (crash when freed)", repeated("<span>", 262'144)},
      {"1,000,000 span", repeated("<span>", 1'000'000)},
      {"active formatting elements (2.6 s and 1.5 GB)",
       repeated("<b a1><b a2><b a3><i a1><i a2>", 1'500) + "x" + repeated("</b></i>", 4'000)},
      {"ten times as many",
       repeated("<b a1><b a2><b a3><i a1><i a2>", 15'000) + "x" + repeated("</b></i>", 40'000)},
      {"50,000 attributes (8.2 s)", "<p " + repeated("a b c d=1 ", 12'500) + ">x"},
      {"distinct attributes",
       [] {
         std::string body = "<p ";
         for (int i = 0; i < 500'000; ++i) body += "a" + std::to_string(i) + "=1 ";
         return body + ">x";
       }()},
      {"numeric reference that overflows",
       "<p>&#x5555555555555555555555555555;&#99999999999999999999999;</p>"},
      {"10,000 tables in tables (10 s)", repeated("<table><tr><td>", 10'000)},
      {"500,000 tables in tables", repeated("<table><tr><td>", 500'000)},
      {"foster parenting", "<table>" + repeated("<b>x</b>y", 300'000)},
      {"foster parenting of blocks", "<table>" + repeated("<div>x</div><tr>", 300'000)},
      {"table, link, svg, template", repeated("<table><a><svg><template>", 200'000)},
      {"templates in templates", repeated("<template>", 600'000)},
      {"closed templates in templates",
       repeated("<template>", 200'000) + repeated("</template>", 200'000)},
      {"selects", repeated("<select><option><optgroup>", 200'000)},
      {"framesets", repeated("<frameset><frame>", 300'000)},
      {"foreign content", repeated("<svg><foreignObject><math><annotation-xml>", 150'000)},
      {"drawings that break off", repeated("<svg><path d='M0 0'><p>", 250'000)},
      {"adoption agency", repeated("<a><div></a>", 500'000)},
      {"reopened formatting", repeated("<p><b id=a><b id=b><b id=c>", 250'000)},
      {"forms", repeated("<form><div></form>", 300'000)},
      {"forms among table parts", repeated("<table><form><tr><form></form></table>", 150'000)},
      {"buttons and markers", repeated("<button><object><marquee><applet>", 200'000)},
      {"headings", repeated("<h1><h2>", 800'000)},
      {"definition lists", repeated("<dl><dt><dd>", 500'000)},
      {"items without a list", repeated("<li>x", 1'200'000)},
      {"end tags of nothing", repeated("</p></div></b></li></table></a></form>", 200'000)},
  };
}

std::vector<Hostile> flat() {
  return {
      {"50 MB of character references",
       "<p>" + repeated("&CounterClockwiseContourIntegral;&amp;&#x1F600;", 1'100'000)},
      {"zeros", std::string(8'000'000, '\0')},
      {"angle brackets", std::string(8'000'000, '<')},
      {"unclosed comments", repeated("<!--", 2'000'000)},
      {"comments", repeated("<!---->", 1'100'000)},
      {"unclosed scripts", repeated("<script><!--<script>", 400'000)},
      {"unclosed titles", repeated("<title>", 1'100'000)},
      {"quotes", "<p a='" + repeated("'\"", 4'000'000)},
      {"an attribute of 8 MB", "<p class='" + std::string(8'000'000, 'x') + "'>y"},
      {"a word of 8 MB", "<p>" + std::string(8'000'000, 'x')},
      {"a name of 8 MB", "<" + std::string(8'000'000, 'x') + ">y"},
      {"line breaks", repeated("<br>", 2'000'000)},
      {"empty elements", repeated("<i></i>", 1'100'000)},
      {"short paragraphs", repeated("<p>x, y.", 1'000'000)},
      {"real paragraphs",
       repeated("<p>A sentence of a story, which says little, and ends.</p>\n", 140'000)},
      {"links", repeated("<a href=/x>word</a> ", 400'000)},
      {"meta tags",
       repeated("<meta name=author content='A B'><link rel=canonical href=/x>", 130'000) +
           "<p>x, y, and z."},
      {"JSON-LD of brackets", "<script type='application/ld+json'>" + std::string(4'000'000, '[') +
                                  "</script><p>x, y, and z."},
      {"JSON-LD of objects", "<script type='application/ld+json'>" + repeated("{\"a\":", 700'000) +
                                 "</script><p>x, y, and z."},
      {"many JSON-LD",
       repeated(
           "<script "
           "type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"x\"}</script>",
           90'000) +
           "<p>x, y, and z."},
      {"dates", repeated("<time datetime=2020-13-45>31 February 2020</time><p>12 March 2020 12:00",
                         100'000)},
      {"bylines", repeated("<span class=author>By A. Writer</span>", 200'000)},
      {"class names",
       repeated("<div class='article-body share related comments'>x, y</div>", 140'000)},
      {"combining marks", "<p>" + repeated("a\u0301\u0323\u0302", 1'100'000)},
      {"one combining sequence", "<p>a" + repeated("\u0301\u0323", 2'000'000)},
  };
}

std::vector<Hostile> bytes() {
  return {
      {"overlong forms, surrogates, five bytes",
       "<p>" + repeated("\xC0\x80\xE0\x80\x80\xED\xA0\x80\xF8\x88\x80\x80\x80\xFF", 500'000)},
      {"cut sequences", "<p>" + repeated("\xE4\xBD", 2'000'000)},
      {"UTF-16 without a mark", repeated(std::string_view("<\0p\0>\0x\0,\0", 10), 400'000)},
      {"UTF-16 mark and odd length",
       "\xFF\xFE" + repeated(std::string_view("<\0p\0>\0", 6), 1'000'001) + "x"},
      {"UTF-7", "<meta charset=utf-7><p>+ADw-script+AD4-alert(1)+ADw-/script+AD4-, and so on."},
      {"a charset that lies", "<meta charset=utf-16><p>" + repeated("caf\xE9, ", 500'000)},
      {"a charset that does not exist",
       "<meta charset=x-nobody><p>" + repeated("\xEF\xE5\xF0\xE2\xFB\xE9, ", 500'000)},
      {"ISO-2022-JP that never ends",
       "<meta charset=iso-2022-jp><p>" + repeated("\x1B$B$3$s", 800'000)},
      {"GB18030 in four bytes",
       "<meta charset=gb18030><p>" + repeated("\x84\x31\xA4\x37", 1'500'000)},
  };
}

struct Cost {
  double seconds = 0;
  double megabytes = 0;  // greatest resident size beyond what was resident before
  bool ended = false;
  int code = 0;
};

// A figure of /proc/self/status, in kB.
long status_figure(std::string_view name) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, name.size(), name) == 0)
      return std::strtol(line.c_str() + name.size() + 1, nullptr, 10);
  }
  return 0;
}

int outcome_of(const std::string& body, Cost& cost);

// In a process of its own, so that memory and a crash are the page's alone.
Cost cost_of(const std::string& body) {
  void* memory =
      mmap(nullptr, sizeof(Cost), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {};
  Cost* shared = new (memory) Cost();
  const pid_t pid = fork();
  if (pid == 0) _exit(outcome_of(body, *shared));
  int status = 0;
  waitpid(pid, &status, 0);
  Cost out = *shared;
  munmap(memory, sizeof(Cost));
  out.ended = WIFEXITED(status);
  out.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return out;
}

enum Outcome { kArticle = 0, kTextOnly = 1, kReason = 2, kNoReason = 3, kInvalid = 4 };

int outcome_of(const std::string& body, Cost& cost) {
  v1::PageRecord page;
  page.set_final_url("https://www.example.com/2026/11/28/story");
  page.set_body(body);
  std::ofstream("/proc/self/clear_refs") << "5";  // the greatest resident size begins anew
  const long before = status_figure("VmRSS:");
  const std::clock_t begin = std::clock();
  const Result<v1::ArticleRecord> article = extract(page);
  cost.seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  cost.megabytes = static_cast<double>(status_figure("VmHWM:") - before) / 1024;
  if (!article)
    return article.error().code.empty() || article.error().detail.empty() ? kNoReason : kReason;
  for (const std::string* field : {&article->text(), &article->title(), &article->description()}) {
    if (!text::is_valid_utf8(*field)) return kInvalid;
  }
  return article->text_only_fallback() ? kTextOnly : kArticle;
}

void expect_bounded(const std::vector<Hostile>& pages) {
  for (const Hostile& page : pages) {
    SCOPED_TRACE(page.name);
    const Cost cost = cost_of(page.body);
    std::printf("%-50s %6.3f s %7.1f MiB  %s\n", page.name, cost.seconds, cost.megabytes,
                cost.code == kArticle    ? "article"
                : cost.code == kTextOnly ? "text only"
                                         : "reason");
    EXPECT_TRUE(cost.ended && cost.code <= kReason) << "outcome " << cost.code;
    if (!kMeasures) continue;
    EXPECT_LE(cost.seconds, kMostSeconds * kSlowMachine);
    EXPECT_LE(cost.megabytes, kMostMegabytes);
  }
}

// Depth, misplaced content, attributes.
TEST(HostilePages, OfElementsStayWithinTimeAndMemory) { expect_bounded(nested()); }
TEST(HostilePages, OfTextAndMetadataStayWithinTimeAndMemory) { expect_bounded(flat()); }
// Bytes that are no text, and labels that lie.
TEST(HostilePages, OfBytesStayWithinTimeAndMemory) { expect_bounded(bytes()); }

// A real page that is over a budget is read all the same, as plain paragraphs.
TEST(HostilePages, FallBackToTheTextAlone) {
  v1::PageRecord page;
  page.set_final_url("https://www.example.com/story");
  page.set_body(
      "<title>A headline of the day</title><h1>A headline of the day</h1><p>The first paragraph of "
      "the story, which is long enough to be one.</p><p>The second paragraph, "
      "which is no shorter, and has a comma.</p>" +
      repeated("<table><b>", 200'000));
  const Result<v1::ArticleRecord> article = extract(page);
  ASSERT_TRUE(article);
  EXPECT_TRUE(article->text_only_fallback());
  EXPECT_NE(article->text().find("The first paragraph"), std::string::npos);
  EXPECT_NE(article->text().find("The second paragraph"), std::string::npos);
}

}  // namespace
}  // namespace vigie::extractor
