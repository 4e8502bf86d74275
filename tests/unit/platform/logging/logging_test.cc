#include "platform/logging/logging.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "platform/json/json.h"
#include "platform/text/utf8.h"

namespace vigie::logging {
namespace {

TEST(EscapeForTerminal, MakesControlsAndDirectionMarksVisible) {
  EXPECT_EQ(escape_for_terminal("plain é 中 😀"), "plain é 中 😀");
  EXPECT_EQ(escape_for_terminal("a\r\nb\x1b[31m\x7f"), "a\\x0d\\x0ab\\x1b[31m\\x7f");
  EXPECT_EQ(escape_for_terminal("a\u202Eb\u2066\u200F\u2028\u0085\uFEFF"),
            "a\\u{202e}b\\u{2066}\\u{200f}\\u{2028}\\u{85}\\u{feff}");
  EXPECT_EQ(escape_for_terminal("\xff\xc3 \xe0\x80\x80\xed\xa0\x80\xe4\xb8"),
            "\\xff\\xc3 \\xe0\\x80\\x80\\xed\\xa0\\x80\\xe4\\xb8");
}

TEST(EscapeForTerminal, KeepsWithinItsBytes) {
  EXPECT_EQ(escape_for_terminal("abcdef", 6), "abcdef");
  EXPECT_EQ(escape_for_terminal("abcdefg", 6), "abc…");
  EXPECT_EQ(escape_for_terminal("ab\n\n", 6), "ab…");
  EXPECT_EQ(escape_for_terminal("中中中", 8), "中…");
  EXPECT_EQ(escape_for_terminal("abc", 2), "");
}

TEST(EscapeForTerminal, IsShortValidAndWithoutControlsForAnyBytes) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 60; i > 0; --i) bytes += static_cast<char>(random());
    const std::size_t most = random() % 64;
    const std::string out = escape_for_terminal(bytes, most);
    ASSERT_LE(out.size(), most);
    ASSERT_TRUE(text::is_valid_utf8(out));
    for (const char c : out) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
}

std::string written(Format format, Level least, const std::function<void()>& work) {
  configure(least, format);
  testing::internal::CaptureStderr();
  work();
  std::string out = testing::internal::GetCapturedStderr();
  configure(Level::kInfo, Format::kText);
  return out;
}

TEST(Write, GivesOneJsonObjectALine) {
  const double zero = 0.0;
  const std::string hostile = "evil\"\\\n{\"level\":\"error\"}\x1b\xff";
  const std::string out = written(Format::kJson, Level::kDebug, [&] {
    write(
        Level::kWarning, "feed \"failed\"",
        {{"url", hostile}, {"count", 3}, {"ok", false}, {"text", "3"}, {"no_number", 0.0 / zero}});
    debug("second");
  });
  const std::size_t first_end = out.find('\n');
  const auto first = parse_json(out.substr(0, first_end));
  ASSERT_TRUE(first) << out;
  EXPECT_EQ((*first)["level"].as_string(), "warning");
  EXPECT_EQ((*first)["event"].as_string(), "feed \"failed\"");
  EXPECT_EQ((*first)["url"].as_string(), escape_for_terminal(hostile));
  EXPECT_EQ((*first)["count"].as_integer(), 3) << "numbers are numbers";
  EXPECT_TRUE((*first)["ok"].is_bool());
  EXPECT_EQ((*first)["text"].as_string(), "3") << "text stays text";
  EXPECT_TRUE((*first)["no_number"].is_string()) << "JSON has no word for it";
  EXPECT_EQ((*first)["time"].as_string().size(),
            std::string_view("2026-01-01T00:00:00.000Z").size());
  const auto second = parse_json(out.substr(first_end + 1));
  ASSERT_TRUE(second) << out;
  EXPECT_EQ((*second)["event"].as_string(), "second");
}

TEST(Write, CountsTheLinesThatItWrote) {
  const std::uint64_t warnings = lines_written(Level::kWarning);
  const std::uint64_t infos = lines_written(Level::kInfo);
  written(Format::kText, Level::kWarning, [] {
    warn("one");
    warn("two");
    info("left out");
  });
  EXPECT_EQ(lines_written(Level::kWarning), warnings + 2);
  EXPECT_EQ(lines_written(Level::kInfo), infos);
}

TEST(Write, QuotesTextFieldsWhereNeeded) {
  const std::string out = written(Format::kText, Level::kInfo, [] {
    info("feed fetched", {{"a", "plain"}, {"b", "two words"}, {"c", ""}, {"d", "x\ny"}});
  });
  EXPECT_NE(out.find(" info feed fetched a=plain b=\"two words\" c=\"\" d=x\\x0ay\n"),
            std::string::npos)
      << out;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
}

TEST(Write, LeavesOutWhatIsBelowTheLevel) {
  const std::string out = written(Format::kText, Level::kWarning, [] {
    debug("quiet");
    info("quiet");
    warn("heard");
    error("heard too");
  });
  EXPECT_EQ(out.find("quiet"), std::string::npos);
  EXPECT_NE(out.find("heard"), std::string::npos);
  EXPECT_NE(out.find("heard too"), std::string::npos);
}

}  // namespace
}  // namespace vigie::logging
