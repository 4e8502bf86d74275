#include "indexer/briefs/brief.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace vigie::indexer::briefs {
namespace {

constexpr std::int64_t kNow = 1'767'139'200'000;  // 2025-12-31T00:00:00Z
const char* const kHostile =
    "<script>alert(1)</script> *bold* [a](javascript:b) \x01&amp; \u202Eevil";

v1::CollectionItem item(const std::string& title, const std::string& language,
                        const std::string& url) {
  v1::CollectionItem out;
  out.set_article_id("7gq2qk7vwyn3wzq5i3xbv2x5hu");
  out.set_version_id(
      std::string("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16));
  out.set_title(title);
  out.set_language(language);
  out.set_url(url);
  out.mutable_source()->set_name("Xinhua");
  out.mutable_source()->set_country("CN");
  out.mutable_source()->set_affiliation("state-run");
  out.mutable_published()->set_text("2025-12-30T23:05:00+08:00");
  out.mutable_published()->set_precision(v1::DATE_PRECISION_SECOND);
  out.set_discovered_at_unix_ms(1'767'110'520'000);
  return out;
}

/// Every kind of text that a brief may hold.
v1::CollectionRecord collection() {
  v1::CollectionRecord out;
  out.set_id("aaaaaaaaaaaaaaaaaaaaaaaaaa");
  out.set_name("Monday");
  out.set_title("Export controls & chips: <the week>");
  out.set_summary("Three moves.\n\n1. not a list\n# not a heading");
  v1::CollectionItem plain = item("Chips ##", "en", "https://example.org/a?b=1&c=%zz [x]");
  plain.set_note("- not a list\nsecond line");
  plain.mutable_quotation()->set_text("They said\n\n\"no\".");
  plain.mutable_quotation()->set_offset(120);
  plain.mutable_quotation()->set_length(16);
  *out.add_items() = plain;
  *out.add_items() = item("قيود على تصدير الرقائق (2025)", "ar", "https://example.org/رقائق");
  *out.add_items() = item("芯片出口管制:新规", "zh", "http://example.org/芯片");
  v1::CollectionItem hostile = item(kHostile, "\"><b>", "javascript:alert(1)");
  hostile.set_note(kHostile);
  hostile.mutable_quotation()->set_text(kHostile);
  hostile.mutable_source()->set_name("</w:t><evil/>");
  hostile.mutable_published()->set_text("2025-12-30");
  *out.add_items() = hostile;
  return out;
}

Look paris() { return {*dates::TimeZone::named("Europe/Paris"), kNow}; }

std::string read(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

std::string written(Format format, const v1::CollectionRecord& record) {
  const auto out = write(format, record, paris());
  EXPECT_TRUE(out) << out.error().to_string();
  return out ? *out : std::string();
}

/// VIGIE_WRITE_GOLDEN=1 writes what is to be looked at before it is committed.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = "tests/unit/indexer/briefs/golden/" + name;
  if (std::getenv("VIGIE_WRITE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, read(path)) << name;
}

TEST(Brief, IsAsItWasLookedAt) {
  expect_golden("brief.html", written(Format::kHtml, collection()));
  expect_golden("brief.markdown", written(Format::kMarkdown, collection()));
}

TEST(Brief, HoldsNoMarkupOfOthersInHtml) {
  const std::string html = written(Format::kHtml, collection());
  for (const char* evil : {"<script", "<b>", "<evil", "href=\"javascript", "\x01", "\u202E"})
    EXPECT_EQ(html.find(evil), std::string::npos) << evil;
  EXPECT_NE(html.find("&lt;script&gt;alert(1)"), std::string::npos) << "it is text";
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(html.find("noindex"), std::string::npos);
  EXPECT_NE(html.find("lang=\"ar\" dir=\"auto\""), std::string::npos);
}

TEST(Brief, SaysEveryFactOfAStoryInEveryFormat) {
  for (const Format format : {Format::kHtml, Format::kMarkdown}) {
    const std::string text = written(format, collection());
    for (const char* fact :
         {"Xinhua (CN, state-run)", "First seen 2025-12-30 17:02 UTC+01:00",
          "published 2025-12-30 23:05 UTC+08:00", "00112233445566778899aabbccddeeff",
          "芯片出口管制", "4 stories", "Europe/Paris", "second line",
          "quoted from its characters 121 to 136", "by SHA-256"})
      EXPECT_NE(text.find(fact), std::string::npos) << fact;
  }
}

TEST(Brief, IsTheSameBytesAgainAsDocx) {
  const std::string once = written(Format::kDocx, collection());
  EXPECT_EQ(once, written(Format::kDocx, collection()));
  EXPECT_TRUE(once.starts_with("PK\x03\x04"));
  // for tests/briefs
  if (const char* path = std::getenv("VIGIE_BRIEF_DOCX"))
    std::ofstream(path, std::ios::binary) << once;
}

TEST(Brief, OfNothingIsWholeToo) {
  v1::CollectionRecord empty;
  empty.set_name("Empty");
  for (const Format format : {Format::kHtml, Format::kMarkdown, Format::kDocx})
    EXPECT_FALSE(written(format, empty).empty());
  EXPECT_NE(written(Format::kMarkdown, empty).find("# Empty"), std::string::npos);
}

TEST(Moment, HasItsZone) {
  const auto in = [](const char* zone) { return moment(kNow, *dates::TimeZone::named(zone)); };
  EXPECT_EQ(in("UTC"), "2025-12-31 00:00 UTC");
  EXPECT_EQ(in("Europe/Paris"), "2025-12-31 01:00 UTC+01:00");
  EXPECT_EQ(in("America/St_Johns"), "2025-12-30 20:30 UTC-03:30");
  EXPECT_EQ(moment(1'751'328'000'000, *dates::TimeZone::named("Europe/Paris")),
            "2025-07-01 02:00 UTC+02:00");
}

TEST(Formats, HaveTheirNames) {
  EXPECT_EQ(format_named("docx"), Format::kDocx);
  EXPECT_EQ(format_named("pdf"), std::nullopt);
  EXPECT_EQ(file_ending(Format::kMarkdown), "md");
}

}  // namespace
}  // namespace vigie::indexer::briefs
