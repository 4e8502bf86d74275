#include "platform/charset/charset.h"

#include <gtest/gtest.h>

#include <string>

#include "platform/text/utf8.h"

namespace vigie::charset {
namespace {

TEST(Decode, BelievesAByteOrderMarkFirst) {
  EXPECT_EQ(decode("\xEF\xBB\xBFmööse", "text/html; charset=iso-8859-1").text, "mööse");
  const Decoded little = decode(std::string("\xFF\xFEh\0i\0", 6), "");
  EXPECT_EQ(little.text, "hi");
  EXPECT_EQ(little.charset, "UTF-16LE");
  EXPECT_EQ(decode(std::string("\xFE\xFF\0h\0i", 6), "").text, "hi");
}

// adbar/trafilatura#231, newspaper4k#687.
TEST(Decode, BelievesTheHttpLabelThenThePage) {
  const Decoded latin = decode("m\xF6\xF6se", "text/html; charset=ISO-8859-1");
  EXPECT_EQ(latin.text, "mööse");
  EXPECT_EQ(latin.charset, "windows-1252");
  EXPECT_EQ(decode("<meta charset='windows-1251'>\xCF\xF0\xE8\xE2\xE5\xF2", "text/html").text,
            "<meta charset='windows-1251'>Привет");
  EXPECT_EQ(
      decode("<meta http-equiv=Content-Type content='text/html; charset=gb2312'>\xD6\xD0\xB9\xFA",
             "")
          .text.substr(66),
      "中国");
}

TEST(Decode, KeepsUtf8WhateverItIsCalled) {
  const Decoded out =
      decode("<meta charset=windows-1251>Привет", "text/html; charset=windows-1251");
  EXPECT_EQ(out.charset, "UTF-8");
  EXPECT_EQ(out.text, "<meta charset=windows-1251>Привет");
  EXPECT_EQ(out.replaced, 0U);
}

TEST(Decode, ReadsTheLabelsOfTheWebAsTheWebMeansThem) {
  EXPECT_EQ(encoding_of_label("latin1"), "windows-1252");
  EXPECT_EQ(encoding_of_label(" GB2312 "), "GB18030");
  EXPECT_EQ(encoding_of_label("shift_jis"), "windows-31j");
  EXPECT_EQ(encoding_of_label("utf-7"), "");
  EXPECT_EQ(encoding_of_label("no-such-charset"), "");
  EXPECT_EQ(encoding_of_label("koi8-r"), "KOI8-R");
}

TEST(Decode, CountsWhatItReplaces) {
  const Decoded out =
      decode("<meta charset=windows-1251>Привет, как дела, что нового\xC3(b\xFF", "");
  EXPECT_TRUE(text::is_valid_utf8(out.text));
  EXPECT_EQ(out.charset, "UTF-8");
  EXPECT_EQ(out.replaced, 2U);
}

// Bytes that no label speaks of.
TEST(Decode, SeesUtf16WithoutAMark) {
  std::string page;
  for (const char c : std::string("<html><body><p>hello world, how are you</p>")) {
    page += c;
    page += '\0';
  }
  EXPECT_EQ(decode(page, "").text, "<html><body><p>hello world, how are you</p>");
}

TEST(Decode, GuessesWhereNothingIsSaid) {
  std::string koi8;
  for (int i = 0; i < 20; ++i)
    koi8 +=
        "\xF0\xD2\xC9\xD7\xC5\xD4, \xCD\xC9\xD2! \xFC\xD4\xCF \xD2\xD5\xD3\xD3\xCB\xC9\xCA "
        "\xD4\xC5\xCB\xD3\xD4. ";
  EXPECT_NE(decode(koi8, "").text.find("русский"), std::string::npos);
}

TEST(Decode, GivesValidUtf8ForAnyBytes) {
  for (const std::string& bytes :
       {std::string("\xC0\xAF\xE0\x80\xAF"), std::string("\xED\xA0\x80\xED\xBF\xBF"),
        std::string("\xF8\x88\x80\x80\x80"), std::string("\xFF\xFE\x00", 3),
        std::string("+ADw-script+AD4-"), std::string(1000, '\x80'), std::string(1000, '\0'),
        std::string("<meta charset=utf-16>\x80\x81")}) {
    for (const char* label :
         {"", "text/html; charset=utf-8", "text/html; charset=gb18030",
          "text/html; charset=shift_jis", "text/html; charset=utf-7", "charset="}) {
      EXPECT_TRUE(text::is_valid_utf8(decode(bytes, label).text)) << label;
    }
  }
}

std::string times(std::size_t count, const std::string& piece) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

// Beyond 1 MiB a part of the body tells the encoding, whatever stands in front of what is beyond
// ASCII.
TEST(Decode, TellsALargeBodyByPartsFromEverywhere) {
  // 1.8 MB
  const std::string script = "<script>" + times(100'000, "var a = 'b'; // c\n") + "</script>";
  const std::string russian =
      times(2'000, "<p>\xCF\xF0\xE8\xE2\xE5\xF2, \xEA\xE0\xEA \xE4\xE5\xEB\xE0?</p>\n");
  const std::string label = "<meta charset=windows-1251>";
  for (const std::string& body : {label + script + russian, label + "\xC2\xA9" + script + russian,
                                  label + russian + script, script + russian}) {
    const Decoded out = decode(body, "");
    EXPECT_EQ(out.charset, "windows-1251");
    EXPECT_NE(out.text.find("Привет, как дела?"), std::string::npos);
  }
  const std::string chinese = times(400'000, "中国。");  // pieces end within characters
  const Decoded cut = decode(chinese + "\xE4\xB8", "text/html; charset=gbk");
  EXPECT_EQ(cut.charset, "UTF-8");
  EXPECT_EQ(cut.replaced, 2U);
  std::string wide;
  for (const char c : "<p>" + times(600'000, "x ")) wide += {c, '\0'};
  wide += std::string("\x1F\x04", 2);
  EXPECT_EQ(decode(wide, "").charset, "UTF-16LE");
}

// Ukrainian in KOI8 is told from Russian by its own letters, where KOI8-R has signs of frames.
TEST(Decode, TellsUkrainianFromRussianInKoi8) {
  // "пором не ходить між островами, і ніхто про це не знав" and "паром зимой не ходит между
  // островами"
  const std::string ukrainian =
      "<p>\xD0\xCF\xD2\xCF\xCD \xCE\xC5 \xC8\xCF\xC4\xC9\xD4\xD8 \xCD\xA6\xD6 "
      "\xCF\xD3\xD4\xD2\xCF\xD7\xC1\xCD\xC9, \xA6 \xCE\xA6\xC8\xD4\xCF \xD0\xD2\xCF "
      "\xC3\xC5 \xCE\xC5 \xDA\xCE\xC1\xD7</p>";
  const std::string russian =
      "<p>\xD0\xC1\xD2\xCF\xCD \xDA\xC9\xCD\xCF\xCA \xCE\xC5 \xC8\xCF\xC4\xC9\xD4 "
      "\xCD\xC5\xD6\xC4\xD5 \xCF\xD3\xD4\xD2\xCF\xD7\xC1\xCD\xC9, \xC9 \xCF\xC2 "
      "\xDC\xD4\xCF\xCD \xCE\xC9\xCB\xD4\xCF \xCE\xC5 \xDA\xCE\xC1\xCC</p>";
  EXPECT_EQ(decode(ukrainian, "").text,
            "<p>пором не ходить між островами, і ніхто про це не знав</p>");
  EXPECT_EQ(decode(ukrainian, "").charset, "KOI8-U");
  EXPECT_EQ(decode(russian, "").charset, "KOI8-R");
}

// A headline of a few characters of two bytes each, and none that says which.
TEST(Decode, TellsAFewCharactersOfTwoBytes) {
  EXPECT_EQ(decode("<p>\xB6\xC9\xC2\xD6\xCD\xA3\xBA\xBD\xB5\xBD\xB4\xBA\xCC\xEC</p>", "").text,
            "<p>渡轮停航到春天</p>");
  EXPECT_EQ(
      decode("<p>\xBF\xA9\xB0\xB4\xBC\xB1 \xBA\xBD\xB1\xEE\xC1\xF6 \xC1\xDF\xB4\xDC</p>", "").text,
      "<p>여객선 봄까지 중단</p>");
  // words of one byte a character stay
  EXPECT_EQ(decode("<p>F\xE4hre f\xE4hrt fr\xFCh, sch\xF6n</p>", "").text,
            "<p>Fähre fährt früh, schön</p>");
}

TEST(Prescan, SkipsComments) {
  EXPECT_EQ(prescan("<!-- <meta charset=koi8-r> --><meta charset=\"utf-8\">", 4096), "utf-8");
  EXPECT_EQ(prescan("<meta name=x content=y><META CHARSET = 'Big5' />", 4096), "big5");
  EXPECT_EQ(prescan("<?xml version='1.0' encoding='ISO-8859-2'?><html>", 4096), "iso-8859-2");
  EXPECT_EQ(prescan("<p>no label</p>", 4096), "");
}

}  // namespace
}  // namespace vigie::charset
