#include "indexer/api/source_list.h"

#include <gtest/gtest.h>

namespace vigie::indexer::api {
namespace {

v1::SourceStatus status(std::string id, std::string name, std::string homepage) {
  v1::SourceStatus out;
  out.set_source_id(std::move(id));
  out.set_name(std::move(name));
  out.set_homepage(std::move(homepage));
  out.set_country("FR");
  out.set_kind("newspaper");
  return out;
}

const SourceList& sources() {
  static const SourceList list({
      status("harbour", "Harbour Ledger", "https://www.harbour-ledger.example/"),
      status("harbour-tech", "Harbour Tech", "https://www.harbour-ledger.example/tech/"),
      status("harbour-es", "Puerto", "https://www.harbour-ledger.example/es"),
      status("meridian", "Meridian", "https://english.meridian.example/index.html"),
      status("blog-a", "Blog A", "https://a.platform.example/"),
      status("blog-b", "Blog B", "https://b.platform.example/"),
      status("gazette", "Gazette", "https://news.gazette.co.uk/"),
  });
  return list;
}

std::string source_of(const char* address) { return sources().of(*url::parse(address)).id(); }

TEST(SourceList, TakesTheLongestHomepage) {
  EXPECT_EQ(source_of("https://www.harbour-ledger.example/2026/a"), "harbour");
  EXPECT_EQ(source_of("http://harbour-ledger.example/a"), "harbour");
  EXPECT_EQ(source_of("https://m.harbour-ledger.example/a"), "harbour");
  EXPECT_EQ(source_of("https://www.harbour-ledger.example/tech/a"), "harbour-tech");
  EXPECT_EQ(source_of("https://www.harbour-ledger.example/technology/a"), "harbour");
  EXPECT_EQ(source_of("https://www.harbour-ledger.example/es/a"), "harbour-es");
  EXPECT_EQ(source_of("https://www.harbour-ledger.example/espana"), "harbour");
}

TEST(SourceList, TakesTheDomainWhereOneSourceStandsForIt) {
  EXPECT_EQ(source_of("https://english.meridian.example/a"), "meridian");
  EXPECT_EQ(source_of("https://www.meridian.example/a"), "meridian");
  EXPECT_EQ(source_of("https://gazette.co.uk/a"), "gazette");
  EXPECT_EQ(source_of("https://other.co.uk/a"), "other-co-uk");
  EXPECT_EQ(source_of("https://a.platform.example/x"), "blog-a");
  EXPECT_EQ(source_of("https://c.platform.example/x"), "platform-example")
      << "somebody else's blog";
  EXPECT_EQ(source_of("https://notharbour-ledger.example/a"), "notharbour-ledger-example");
}

TEST(SourceList, GivesAllThatIsKnownOfASource) {
  const v1::Source source = sources().of(*url::parse("https://harbour-ledger.example/a"));
  EXPECT_EQ(source.name(), "Harbour Ledger");
  EXPECT_EQ(source.country(), "FR");
  EXPECT_EQ(source.kind(), "newspaper");
  EXPECT_EQ(sources().of(*url::parse("https://unknown.example/a")).country(), "");
}

TEST(SourceList, FindsByIdAndByName) {
  EXPECT_EQ(sources().named("harbour-tech")->name(), "Harbour Tech");
  EXPECT_EQ(sources().named("harbour LEDGER")->id(), "harbour");
  const auto none = sources().named("Harbor Ledger");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find("nearest is \"Harbour Ledger\""), std::string::npos)
      << none.error().detail;
}

}  // namespace
}  // namespace vigie::indexer::api
