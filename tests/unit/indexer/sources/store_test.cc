#include "indexer/sources/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::sources {
namespace {

class Sources : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "vigie_sources_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    open_log();
  }
  void TearDown() override {
    store_.reset();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }
  void open_log() {
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
    store_ = std::make_unique<SourceStore>(*log_, clock_, random_);
  }
  static Draft draft(std::string name = "Harbour Ledger",
                     std::string feed = "https://ledger.example/feed.xml") {
    Draft out;
    out.name = std::move(name);
    out.homepage = "https://ledger.example/";
    out.feeds = std::vector<std::string>{std::move(feed)};
    out.made_by = "ana";
    return out;
  }
  static std::vector<Known> le_monde() {
    return {{"le-monde", "Le Monde", false, {"https://lemonde.example/rss"}}};
  }

  FakeClock clock_;
  SeededRandom random_{5};
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<SourceStore> store_;
};

TEST_F(Sources, WhatIsAddedIsThereAfterARestart) {
  const auto added = store_->add(draft(), le_monde());
  ASSERT_TRUE(added) << added.error().to_string();
  EXPECT_EQ(added->id(), "harbour-ledger");
  EXPECT_EQ(added->revision(), 1U);
  EXPECT_EQ(added->made_by(), "ana");
  store_.reset();
  log_.reset();
  open_log();
  const auto edits = store_->edits();
  ASSERT_TRUE(edits);
  ASSERT_TRUE(edits->contains("harbour-ledger"));
  EXPECT_EQ(edits->at("harbour-ledger").SerializeAsString(), added->SerializeAsString());
}

TEST_F(Sources, AnotherProcessGoesOnWhereTheFirstLeft) {
  ASSERT_TRUE(store_->add(draft(), {}));
  SourceStore other(*log_, clock_, random_);
  const auto second = other.add(draft("Harbour Ledger", "https://ledger.example/2.xml"), {});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->id(), "harbour-ledger-2") << "the first is known, though another added it";
  Draft change;
  change.country = "GB";
  ASSERT_TRUE(other.change("harbour-ledger", change, 1, {}));
  EXPECT_EQ(store_->edits()->at("harbour-ledger").source().country(), "GB");
  const auto late = store_->change("harbour-ledger", change, 1, {});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode("conflict"));
  ASSERT_TRUE(other.remove("harbour-ledger", {}));
  EXPECT_FALSE(store_->edits()->contains("harbour-ledger"));
}

TEST_F(Sources, WhatIsNoSourceIsRefusedBySentence) {
  const auto refused = [&](const Draft& draft) {
    const auto added = store_->add(draft, le_monde());
    EXPECT_FALSE(added);
    return added ? std::string() : std::string(added.error().code) + " " + added.error().detail;
  };
  Draft one = draft();
  one.name = "  ";
  EXPECT_NE(refused(one).find("bad_source a source needs a name"), std::string::npos);
  one = draft();
  one.feeds->clear();
  EXPECT_NE(refused(one).find("no feed, no sitemap and no section"), std::string::npos);
  one = draft();
  one.feeds = std::vector<std::string>{"ftp://ledger.example/feed"};
  EXPECT_NE(refused(one).find("is no http or https URL"), std::string::npos);
  one = draft();
  one.feeds = std::vector<std::string>{"https://me:secret@ledger.example/feed"};
  EXPECT_NE(refused(one).find("password"), std::string::npos);
  one = draft();
  one.country = "France";
  EXPECT_NE(refused(one).find("no country"), std::string::npos);
  one = draft();
  one.kind = "journal";
  EXPECT_NE(refused(one).find("it is one of: newspaper"), std::string::npos);
  one = draft();
  one.poll_every_s = kMostPollEveryS + 1;
  EXPECT_NE(refused(one).find("a week"), std::string::npos);
  EXPECT_EQ(refused(draft("Other", "https://lemonde.example/rss")),
            "conflict all of its URLs are polled already, by Le Monde");
  EXPECT_TRUE(store_->edits()->empty());
}

TEST_F(Sources, AnAddressThatOthersHaveIsLeftOut) {
  Draft two = draft();
  two.feeds->push_back("https://lemonde.example/rss");
  const auto added = store_->add(two, le_monde());
  ASSERT_TRUE(added);
  ASSERT_EQ(added->feeds_size(), 1);
  EXPECT_EQ(added->feeds(0), "https://ledger.example/feed.xml");
}

TEST_F(Sources, AFilesSourceIsChangedFieldByFieldAndTakenBack) {
  Draft change;
  change.country = "BE";
  change.poll_every_s = 600;
  auto changed = store_->change("le-monde", change, 0, le_monde());
  ASSERT_TRUE(changed) << changed.error().to_string();
  ASSERT_TRUE(*changed);
  EXPECT_FALSE((*changed)->own());
  EXPECT_EQ((*changed)->fields_size(), 2);
  Draft back;
  back.taken_back = {"country"};
  changed = store_->change("le-monde", back, std::nullopt, le_monde());
  ASSERT_TRUE(changed && *changed);
  ASSERT_EQ((*changed)->fields_size(), 1);
  EXPECT_EQ((*changed)->fields(0), "poll_every_s");
  EXPECT_EQ((*changed)->source().country(), "");
  back.taken_back = {"poll_every_s"};
  changed = store_->change("le-monde", back, std::nullopt, le_monde());
  ASSERT_TRUE(changed);
  EXPECT_FALSE(*changed) << "nothing is said of it any more";
  EXPECT_FALSE(store_->edits()->contains("le-monde"));
}

TEST_F(Sources, AFilesSourceIsNotRemoved) {
  const auto removed = store_->remove("le-monde", le_monde());
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode("conflict"));
  EXPECT_EQ(store_->remove("nobody", le_monde()).error().code, ErrorCode("not_found"));
  EXPECT_EQ(store_->poll("nobody", le_monde()).error().code, ErrorCode("not_found"));
  Draft change;
  change.country = "BE";
  EXPECT_EQ(store_->change("nobody", change, std::nullopt, le_monde()).error().code,
            ErrorCode("not_found"));
}

TEST_F(Sources, AListIsAddedInOneWriteWithAResultForEach) {
  std::vector<Draft> drafts{draft("A", "https://a.example/1"), draft("", "https://b.example/1"),
                            draft("A", "https://a.example/2"), draft("C", "https://a.example/1")};
  const auto results = store_->add_all(drafts, {});
  ASSERT_TRUE(results);
  ASSERT_EQ(results->size(), 4U);
  EXPECT_TRUE((*results)[0]);
  EXPECT_EQ((*results)[1].error().code, ErrorCode("bad_source"));
  EXPECT_TRUE((*results)[2]);
  EXPECT_NE((*results)[2]->id(), (*results)[0]->id());
  EXPECT_EQ((*results)[3].error().code, ErrorCode("conflict"));
  EXPECT_EQ(store_->edits()->size(), 2U);
}

TEST_F(Sources, WhereNoCrawlerAnswersThatIsSaidAndNothingStays) {
  const auto response = store_->discover("ledger.example", std::chrono::milliseconds(0), {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode("no_crawler"));
  std::set<std::string> left;
  ASSERT_TRUE(log::read_to_end(*log_, proto::Topic::kSourceEdits,
                               [&](const log::Record& record) -> Result<void> {
                                 if (record.value) left.insert(record.key);
                                 else left.erase(record.key);
                                 return {};
                               }));
  EXPECT_TRUE(left.empty());
  bool guessed = false;
  EXPECT_EQ(*typed_address(" ledger.example:81/x ", guessed), "https://ledger.example:81/x");
  EXPECT_TRUE(guessed);
  EXPECT_EQ(*typed_address("http://ledger.example", guessed), "http://ledger.example/");
  EXPECT_FALSE(guessed);
  EXPECT_FALSE(typed_address("ftp://ledger.example", guessed));
  EXPECT_FALSE(typed_address("   ", guessed));
}

}  // namespace
}  // namespace vigie::indexer::sources
