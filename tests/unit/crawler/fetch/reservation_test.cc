#include "crawler/fetch/reservation.h"

#include <gtest/gtest.h>

namespace vigie::crawler::fetch {
namespace {

bool reserved(const std::string& page, const std::string& header = "") {
  net::HttpResponse response;
  if (!header.empty()) response.headers.emplace_back("tdm-reservation", header);
  return reserves_mining(response, page);
}

// TDMRep §4 (header) and §5 (meta element).
TEST(ReservationTest, IsReadInHeaderAndPage) {
  EXPECT_TRUE(reserved("", "1"));
  EXPECT_TRUE(reserved("", " 1 "));
  EXPECT_FALSE(reserved("", "0"));
  EXPECT_FALSE(reserved("", "10"));
  for (const char* page :
       {"<meta name=\"tdm-reservation\" content=\"1\">", "<META content='1' NAME=TDM-Reservation>",
        "<head><meta charset=utf-8>\n<meta\nname = \"tdm-reservation\"\ncontent = \" 1 \" />"})
    EXPECT_TRUE(reserved(page)) << page;
  for (const char* page :
       {"", "<meta name=\"tdm-reservation\" content=\"0\">", "<meta name=\"tdm-reservation\">",
        "<meta name=\"tdm-policy\" content=\"1\">",
        "<meta data-name=\"tdm-reservation\" content=1>", "<meta name=\"tdm-reservation\"",
        "tdm-reservation content=1"})
    EXPECT_FALSE(reserved(page)) << page;
}

TEST(ReservationTest, WhatStandsFarDownIsNotLookedFor) {
  EXPECT_FALSE(
      reserved(std::string(70 << 10, ' ') + "<meta name=\"tdm-reservation\" content=\"1\">"));
}

}  // namespace
}  // namespace vigie::crawler::fetch
