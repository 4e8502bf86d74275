#include "indexer/exporting/rows.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vigie::indexer::exporting {
namespace {

v1::ArticleRecord article() {
  v1::ArticleRecord out;
  out.set_article_id("abc");
  out.set_canonical_url("https://example.org/a?x=1&y={2}");
  out.set_title("Chips, \"licences\" & 50% more");
  out.set_text("First line.\nSecond line, with commas.");
  out.set_description("What it says.");
  out.set_language("en");
  out.set_section("Business");
  out.add_authors("Ana Ruiz");
  out.add_authors("van der Berg, Jan and Sons");
  out.set_discovered_at_unix_ms(1'767'225'600'000);
  out.mutable_published()->set_text("2026-01-01T02:30:00+05:30");
  out.mutable_published()->set_unix_ms(1'767'214'800'000);
  out.mutable_published()->set_precision(v1::DATE_PRECISION_SECOND);
  out.mutable_source()->set_id("daily");
  out.mutable_source()->set_name("The Daily");
  out.mutable_source()->set_country("FR");
  for (const auto& [id, level] : {std::pair{"ai-chips", v1::TAG_LEVEL_ABOUT},
                                  std::pair{"sanctions", v1::TAG_LEVEL_MENTION}}) {
    v1::Tag& tag = *out.add_topics();
    tag.set_id(id);
    tag.set_level(level);
  }
  return out;
}

std::string written(Format format, std::string_view fields, bool text,
                    const v1::ArticleRecord& one) {
  const auto rows = make_rows(format, *fields_named(fields, text), text, {"chips", "x1", 0});
  return rows->head() + rows->row(one, "story1") + rows->foot();
}

TEST(Csv, HasAHeaderAndQuotedCells) {  // RFC 4180
  EXPECT_EQ(written(Format::kCsv, "id,title,authors,topics,about,story,modified", false, article()),
            "\"id\",\"title\",\"authors\",\"topics\",\"about\",\"story\",\"modified\"\r\n"
            "\"abc\",\"Chips, \"\"licences\"\" & 50% more\",\"Ana Ruiz;van der Berg, Jan and "
            "Sons\",\"ai-chips;sanctions\",\"ai-chips\",\"story1\",\"\"\r\n");
}

// OWASP, CSV Injection: no cell begins as a formula does, and none ends before its end.
TEST(Csv, AFormulaIsText) {
  const char* formulas[] = {
      "=cmd|' /C calc'!A0", "+1+1",    "-2+3",    "@SUM(A1)",      "\t=1",    "\r=1", "\n=1",
      "\uFF1D1+1",          "\uFF0B1", "\uFF0D1", "\uFF20SUM(A1)", "=\"\",=1"};
  for (const std::string formula : formulas) {
    const std::string cell = csv_cell(formula);
    EXPECT_TRUE(cell.starts_with("\"'")) << formula;
    EXPECT_TRUE(cell.ends_with('"')) << formula;
    EXPECT_EQ(std::count(cell.begin() + 1, cell.end() - 1, '"') % 2, 0) << formula;
  }
  EXPECT_EQ(csv_cell("1 = 1"), "\"1 = 1\"");
  EXPECT_EQ(csv_cell(std::string_view("a\0b", 3)), "\"ab\"");
  EXPECT_EQ(csv_cell(""), "\"\"");
  v1::ArticleRecord hostile = article();
  for (std::string* text :
       {hostile.mutable_title(), hostile.mutable_section(), hostile.mutable_description(),
        hostile.mutable_text(), hostile.mutable_site_name(), hostile.mutable_authors(0),
        hostile.mutable_source()->mutable_name()})
    *text = "=HYPERLINK(\"https://evil.example\")";
  const std::string all = written(Format::kCsv, all_field_names(), true, hostile);
  EXPECT_EQ(all.find("\"=H"), std::string::npos);
}

TEST(Fields, AreNamedOrRefusedWithTheNearest) {
  EXPECT_EQ(fields_named("title, id,title", false)->size(), 2U);
  EXPECT_EQ(fields_named("id", true)->back().name, "text");
  EXPECT_EQ(fields_named("text", true)->size(), 1U);
  const auto defaults = fields_named("", false);
  EXPECT_GT(defaults->size(), 10U);
  for (const Field& field : *defaults) EXPECT_NE(field.name, "text");
  for (const char* bad : {"titel", "id,,title", "id,", "Title", "\xFF"}) {
    const auto refused = fields_named(bad, false);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, ErrorCode("bad_parameter"));
  }
  EXPECT_NE(fields_named("titel", false).error().detail.find("did you mean 'title'?"),
            std::string::npos);
}

TEST(JsonLines, KeepTypes) {
  EXPECT_EQ(written(Format::kJsonLines, "id,authors,country,kind", false, article()),
            "{\"id\":\"abc\",\"authors\":[\"Ana Ruiz\",\"van der Berg, Jan and Sons\"],"
            "\"country\":\"FR\",\"kind\":null}\n");
}

TEST(Atom, IsWellFormedWhateverIsWritten) {  // RFC 4287; XML 1.0 §2.2
  v1::ArticleRecord hostile = article();
  hostile.set_title("]]> <b> & \x01 \xEF\xBF\xBE \"x\"");
  const std::string feed = written(Format::kAtom, "", true, hostile);
  EXPECT_TRUE(feed.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed"));
  EXPECT_TRUE(feed.ends_with("</feed>\n"));
  EXPECT_NE(feed.find("<title>]]&gt; &lt;b&gt; &amp;   &quot;x&quot;</title>"), std::string::npos)
      << feed;
  EXPECT_NE(feed.find("x=1&amp;y={2}"), std::string::npos);
  EXPECT_EQ(feed.find("\xEF\xBF\xBE"), std::string::npos);
}

TEST(Ris, IsALineATag) {
  v1::ArticleRecord hostile = article();
  hostile.set_title("Chips\r\nER  - \r\nTY  - BOOK");
  const std::string ris = written(Format::kRis, "", true, hostile);
  EXPECT_TRUE(ris.starts_with("TY  - NEWS\r\nID  - abc\r\nTI  - Chips ER  - TY  - BOOK\r\n"))
      << ris;
  for (const char* line :
       {"AU  - Ana Ruiz\r\n", "T2  - The Daily\r\n", "PY  - 2026\r\n", "DA  - 2026/01/01\r\n",
        "KW  - sanctions\r\n", "N2  - First line. Second line, with commas.\r\n"})
    EXPECT_NE(ris.find(line), std::string::npos) << line << ris;
  EXPECT_TRUE(ris.ends_with("ER  - \r\n\r\n"));
}

TEST(Bibtex, IsAnEntryThatTexTakes) {
  v1::ArticleRecord hostile = article();
  hostile.set_title("50% {of} AT&T_x \\input{x} ~ ^ } {");
  const std::string bib = written(Format::kBibtex, "", true, hostile);
  EXPECT_TRUE(bib.starts_with("@article{abc,\n"));
  EXPECT_NE(bib.find("author = {{Ana Ruiz} and {van der Berg, Jan and Sons}}"), std::string::npos)
      << bib;
  EXPECT_NE(bib.find("date = {2026-01-01}"), std::string::npos);
  EXPECT_NE(bib.find("50\\% \\textbraceleft{}of\\textbraceright{} AT\\&T\\_x "
                     "\\textbackslash{}input"),
            std::string::npos)
      << bib;
  int depth = 0;
  for (const char c : bib) {
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    ASSERT_GE(depth, 0);
  }
  EXPECT_EQ(depth, 0);
}

}  // namespace
}  // namespace vigie::indexer::exporting
