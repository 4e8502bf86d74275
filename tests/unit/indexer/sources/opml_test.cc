#include "indexer/sources/opml.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "crawler/sources/sources.h"
#include "indexer/sources/store.h"
#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::sources {
namespace {

/// The source files that are shipped.
std::vector<OpmlSource> shipped() {
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator("ops/sources")) {
    if (file.path().extension() == ".yaml") files.push_back(file.path().string());
  }
  std::sort(files.begin(), files.end());
  const auto list = crawler::sources::load_sources(files);
  EXPECT_TRUE(list && list->problems.empty());
  std::vector<OpmlSource> out;
  for (const crawler::sources::SourceEntry& entry : list->sources) {
    const v1::Source& source = entry.source;
    out.push_back({source.id(), source.name(), source.homepage(), entry.feeds, entry.sitemaps,
                   entry.sections, source.country(), source.language(), source.kind(),
                   source.affiliation(), 0});
  }
  return out;
}

Draft draft_of(const OpmlSource& source) {
  Draft out;
  out.name = source.name;
  out.homepage = source.homepage;
  out.feeds = source.feeds;
  out.sitemaps = source.sitemaps;
  out.sections = source.sections;
  out.country = source.country;
  out.language = source.language;
  out.kind = source.kind;
  out.affiliation = source.affiliation;
  return out;
}

TEST(Opml, TheShippedSourcesComeBackAsTheyWere) {
  const std::vector<OpmlSource> all = shipped();
  EXPECT_GE(all.size(), 560U);
  const auto read = read_opml(write_opml(all, "Sources"));
  ASSERT_TRUE(read) << read.error().to_string();
  ASSERT_EQ(read->size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_TRUE((*read)[i] == all[i]) << all[i].name;
}

TEST(Opml, TheShippedSourcesAreAddedUnderTheirIds) {
  FakeClock clock;
  SeededRandom random(5);
  std::string dir = (std::filesystem::temp_directory_path() / "vigie_opml_XXXXXX").string();
  ASSERT_NE(mkdtemp(dir.data()), nullptr);
  {
    log::EmbeddedOptions options;
    options.dir = dir;
    auto log = log::open_embedded(options, clock);
    ASSERT_TRUE(log);
    SourceStore store(**log, clock, random);
    const std::vector<OpmlSource> all = shipped();
    std::vector<Draft> drafts;
    for (const OpmlSource& source : all) drafts.push_back(draft_of(source));
    const auto results = store.add_all(drafts, {});
    ASSERT_TRUE(results);
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_TRUE((*results)[i]) << all[i].name << ": " << (*results)[i].error().detail;
      EXPECT_EQ((*results)[i]->id(), all[i].id);
      EXPECT_EQ((*results)[i]->feeds_size(), static_cast<int>(all[i].feeds.size()));
    }
    EXPECT_EQ(store.edits()->size(), all.size());
  }
  std::filesystem::remove_all(dir);
}

TEST(Opml, AListOfAnotherReaderIsRead) {
  const auto read = read_opml(R"(<?xml version="1.0"?>
<opml version="1.0"><head><title>Mine</title></head><body>
<outline text="News"><outline text="Tech &amp; chips">
  <outline type="rss" text="Ledger" title="Harbour Ledger" xmlUrl="https://ledger.example/a.xml"
           htmlUrl="https://ledger.example/"/>
  <outline type="rss" text="Ledger world" xmlUrl="https://ledger.example/b.xml"
           htmlUrl="https://ledger.example/"/>
</outline></outline>
<outline title="Kurier" xmlUrl="https://kurier.example/rss?x=1&amp;y=2"/>
<outline text="a bookmark" type="link" url="https://nothing.example/"/>
</body></opml>)");
  ASSERT_TRUE(read) << read.error().to_string();
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].name, "Ledger");
  EXPECT_EQ((*read)[0].feeds.size(), 2U) << "one house, two feeds";
  EXPECT_EQ((*read)[1].name, "Kurier");
  EXPECT_EQ((*read)[1].homepage, "https://kurier.example/");
  EXPECT_EQ((*read)[1].feeds[0], "https://kurier.example/rss?x=1&y=2");
}

TEST(Opml, WhatIsNoListIsRefused) {
  const auto code = [](const std::string& text, OpmlLimits limits = {}) {
    const auto read = read_opml(text, limits);
    return read ? std::string("read") : std::string(read.error().code);
  };
  EXPECT_EQ(code("<rss version=\"2.0\"><channel/></rss>"), "bad_source");
  EXPECT_EQ(code(""), "bad_xml");
  EXPECT_EQ(code("no xml at all"), "bad_xml");
  EXPECT_EQ(code("<!DOCTYPE opml [<!ENTITY a \"b\">]><opml><body/></opml>"), "bad_source");
  EXPECT_EQ(code("<!doctype opml SYSTEM \"file:///etc/passwd\"><opml/>"), "bad_source");
  std::string deep = "<opml><body>";
  for (int i = 0; i < 100; ++i) deep += "<outline text=\"a\">";
  EXPECT_EQ(code(deep), "bad_source");
  EXPECT_EQ(code(std::string(100, ' ') + "<opml/>", {.bytes = 50}), "too_large");
  std::string many = "<opml><body>";
  for (int i = 0; i < 40; ++i)
    many += "<outline xmlUrl=\"https://a.example/" + std::to_string(i) + "\"/>";
  EXPECT_EQ(code(many + "</body></opml>", {.sources = 10}), "too_large");
  EXPECT_EQ(code(many + "</body></opml>", {.nodes = 10}), "too_large");
}

TEST(Opml, TextsAreKeptWhateverTheyHold) {
  OpmlSource odd;
  odd.id = "odd";
  odd.name = "A \"quoted\" <name> & more, 日本経済新聞";
  odd.homepage = "https://odd.example/";
  odd.sitemaps = {"https://odd.example/s.xml?a=1&b=2", "https://odd.example/t.xml"};
  odd.poll_every_s = 900;
  const auto read = read_opml(write_opml({odd}, "x"));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1U);
  EXPECT_TRUE((*read)[0] == odd);
}

}  // namespace
}  // namespace vigie::indexer::sources
