#include "platform/text/iso_codes.h"

#include <gtest/gtest.h>

namespace vigie::text {
namespace {

TEST(IsoCodes, AreThoseInUse) {
  for (const char* code : {"FR", "CN", "TW", "EU", "XK", "GB"})
    EXPECT_TRUE(is_country(code)) << code;
  for (const char* code : {"XX", "fr", "UK", "", "FRA", "ZZ"})
    EXPECT_FALSE(is_country(code)) << code;
  for (const char* code : {"fr", "zh", "uk", "no", "yue"}) EXPECT_TRUE(is_language(code)) << code;
  for (const char* code : {"xx", "cn", "FR", "", "jp"}) EXPECT_FALSE(is_language(code)) << code;
}

TEST(IsoCodes, AreFoundByNames) {
  EXPECT_EQ(country_called("France"), "FR");
  EXPECT_EQ(country_called("germany"), "DE");
  EXPECT_EQ(country_called("Deutschland"), "DE");
  EXPECT_EQ(country_called("中国"), "CN");
  EXPECT_EQ(country_called("Germnay"), "DE");
  EXPECT_EQ(country_called("USA"), "US");
  EXPECT_EQ(country_called("EN"), "GB");
  EXPECT_EQ(country_called("ja"), "JP");
  EXPECT_EQ(country_called("qwxz"), "");
  EXPECT_EQ(language_called("french"), "fr");
  EXPECT_EQ(language_called("Français"), "fr");
  EXPECT_EQ(language_called("chinese"), "zh");
  EXPECT_EQ(language_called("jp"), "ja");
  EXPECT_EQ(language_called("cn"), "zh");
  EXPECT_EQ(language_called("CZ"), "cs");
  EXPECT_EQ(language_called("klingonish"), "");
}

}  // namespace
}  // namespace vigie::text
