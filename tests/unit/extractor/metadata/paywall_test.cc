#include "extractor/metadata/paywall.h"

#include <gtest/gtest.h>

#include <string>

#include "extractor/metadata/metadata.h"

namespace vigie::extractor::metadata {
namespace {

TEST(Paywall, ReadsMicrodataAndRdfa) {
  for (const auto& [page, paywall] : std::initializer_list<std::pair<std::string, const char*>>{
           {"<meta itemprop=isAccessibleForFree content=False>", "locked"},
           {"<meta property=\"schema:isAccessibleForFree\" content=\"true\">", "free"},
           {"<link itemprop=isAccessibleForFree href=https://schema.org/False>", "locked"},
           {"<div><span itemprop=isAccessibleForFree>No</span></div>", "locked"},
           {"<span itemprop=isAccessibleForFree content=true></span><div><meta "
            "itemprop=isAccessibleForFree content=false></div>",
            "locked"},
           {"<meta itemprop=isAccessibleForFree content=perhaps>", ""},
           {"<p>isAccessibleForFree: false</p>", ""},
       })
    EXPECT_EQ(read(dom::parse(page), {"https://courier.example/n/1", {}}).paywall, paywall) << page;
}

}  // namespace
}  // namespace vigie::extractor::metadata
