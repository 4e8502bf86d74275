#include "indexer/collections/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::collections {
namespace {

using namespace std::chrono_literals;

class Collections : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name =
        (std::filesystem::temp_directory_path() / "vigie_collections_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    open_log();
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  void open_log() {
    log_.reset();
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 2;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  std::unique_ptr<CollectionStore> open(const Limits& limits = {}) {
    auto store = CollectionStore::open(*log_, clock_, random_, limits);
    EXPECT_TRUE(store) << store.error().to_string();
    return std::move(*store);
  }
  static Record made(CollectionStore& store, std::string name = "Monday") {
    Draft draft;
    draft.name = std::move(name);
    auto created = store.create(draft, "ana");
    EXPECT_TRUE(created) << created.error().to_string();
    return created ? *created : nullptr;
  }
  static v1::CollectionItem item(const std::string& article, std::string note = {}) {
    v1::CollectionItem out;
    out.set_article_id(article);
    out.set_version_id("0123456789abcdef");
    out.set_title("Headline of " + article);
    out.set_note(std::move(note));
    return out;
  }
  static std::vector<std::string> articles(const Record& record) {
    std::vector<std::string> out;
    for (const v1::CollectionItem& one : record->items()) out.push_back(one.article_id());
    return out;
  }
  static Draft draft_of(const Record& record) {
    Draft out;
    out.name = record->name();
    out.title = record->title();
    out.summary = record->summary();
    for (const v1::CollectionItem& one : record->items()) {
      Draft::Item& added = out.items.emplace_back();
      added.article_id = one.article_id();
      added.note = one.note();
      if (one.has_quotation()) added.quotation = one.quotation();
    }
    return out;
  }
  /// What compaction left: the keys that have a value.
  std::set<std::string> keys() {
    std::set<std::string> out;
    EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kCollections, [&](const log::Record& record) {
      if (record.value) out.insert(record.key);
      else out.erase(record.key);
      return Result<void>();
    }));
    return out;
  }
  bool run_until(CollectionStore& store, const std::function<bool()>& done) {
    std::jthread role([&](std::stop_token stop) { EXPECT_TRUE(store.run(std::move(stop))); });
    for (int i = 0; i < 500; ++i) {
      if (done()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  FakeClock clock_{1'767'139'200'000};
  SeededRandom random_{7};
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
};

TEST_F(Collections, KeepWhatPeopleGaveThemAcrossARestart) {
  std::string id;
  {
    auto store = open();
    id = made(*store)->id();
    for (const char* article : {"a", "b", "c"}) {
      clock_.advance(1s);
      ASSERT_TRUE(store->add(id, item(article, "why"), "ben"));
    }
    Draft draft = draft_of(store->find(id));
    draft.title = "The week";
    draft.summary = "One.\n\nTwo.";
    std::swap(draft.items[0], draft.items[2]);
    draft.items[1].note = "first line\nsecond line";
    draft.items[1].quotation.emplace().set_text("words");
    draft.items[1].quotation->set_offset(4);
    ASSERT_TRUE(store->replace(id, store->find(id)->revision(), draft, "cem"));
  }
  open_log();
  const Record kept = open()->find(id);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->revision(), 5U);
  EXPECT_EQ(kept->title(), "The week");
  EXPECT_EQ(kept->summary(), "One.\n\nTwo.");
  EXPECT_EQ(articles(kept), (std::vector<std::string>{"c", "b", "a"}));
  EXPECT_EQ(kept->items(1).note(), "first line\nsecond line");
  EXPECT_EQ(kept->items(1).quotation().text(), "words");
  EXPECT_EQ(kept->items(0).title(), "Headline of c");
  EXPECT_EQ(kept->items(0).added_by(), "ben");
  EXPECT_EQ(kept->created_by(), "ana");
  EXPECT_EQ(kept->updated_by(), "cem");
}

TEST_F(Collections, OfTwoChangesOfOneRevisionOneIsInForceAndTheOtherIsTold) {
  auto here = open();
  auto there = open();
  const Record before = made(*here);
  Draft first = draft_of(before);
  first.title = "Mine";
  Draft second = draft_of(before);
  second.title = "Yours";
  ASSERT_TRUE(here->replace(before->id(), before->revision(), first, "ana"));
  const auto refused = there->replace(before->id(), before->revision(), second, "ben");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode("conflict"));
  EXPECT_EQ(there->find(before->id())->title(), "Mine");
  ASSERT_TRUE(there->replace(before->id(), before->revision() + 1, second, "ben"));
  ASSERT_TRUE(here->catch_up({}));
  EXPECT_EQ(here->find(before->id())->title(), "Yours");
}

/// A process that stopped between its look at the topic and its writing.
TEST_F(Collections, WhatWasWrittenFromAnOlderRevisionIsNeverInForce) {
  auto store = open();
  const Record before = made(*store);
  Draft draft = draft_of(before);
  draft.title = "Answered";
  ASSERT_TRUE(store->replace(before->id(), 1, draft, "ana"));
  v1::CollectionRecord late = *before;
  late.set_revision(2);
  late.set_change_id("zzzzzzzzzzzzzzzzzzzzzzzzzz");
  late.set_title("Late");
  ASSERT_TRUE(log::append(
      *log_, {{proto::Topic::kCollections, late.id() + "/0000000002/" + late.change_id(),
               late.SerializeAsString()}}));
  ASSERT_TRUE(store->catch_up({}));
  EXPECT_EQ(store->find(before->id())->title(), "Answered");
  EXPECT_EQ(open()->find(before->id())->title(), "Answered") << "by the log alone, too";
  EXPECT_TRUE(run_until(*store, [&] { return keys().size() == 1; })) << "the others are buried";
  EXPECT_EQ(open()->find(before->id())->title(), "Answered");
}

/// Four processes add and change at once: what was answered is there, once, and nothing else.
TEST_F(Collections, LoseAndDoubleNothingWhereSeveralProcessesWrite) {
  constexpr int kWriters = 4;
  constexpr int kStories = 12;
  auto first = open();
  const std::string id = made(*first)->id();
  std::vector<std::set<std::string>> answered(kWriters);
  std::vector<int> titles(kWriters, 0);
  std::map<std::uint64_t, int> revisions;
  std::mutex mutex;
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < kWriters; ++w) {
      writers.emplace_back([&, w] {
        auto store = open();
        for (int i = 0; i < kStories; ++i) {
          const std::string article = std::to_string(w) + "-" + std::to_string(i);
          if (store->add(id, item(article), "w")) answered[w].insert(article);
          Draft draft = draft_of(store->find(id));
          draft.title = article;
          const auto changed = store->replace(id, store->find(id)->revision(), draft, "w");
          if (!changed) continue;
          const std::lock_guard lock(mutex);
          ++titles[w];
          ++revisions[(*changed)->revision()];
        }
      });
    }
  }
  for (const auto& [revision, count] : revisions) EXPECT_EQ(count, 1) << revision;
  const Record kept = open()->find(id);
  std::multiset<std::string> there;
  for (const std::string& article : articles(kept)) there.insert(article);
  std::size_t all = 0;
  for (const auto& of_one : answered) {
    all += of_one.size();
    for (const std::string& article : of_one) EXPECT_EQ(there.count(article), 1U) << article;
  }
  EXPECT_EQ(there.size(), all);
  EXPECT_GT(all, 20U);
  const std::uint64_t changes =
      1 + all + static_cast<std::uint64_t>(titles[0] + titles[1] + titles[2] + titles[3]);
  EXPECT_EQ(kept->revision(), changes) << "every response is a revision, every revision a response";
}

TEST_F(Collections, HoldAnArticleOnce) {
  auto store = open();
  const std::string id = made(*store)->id();
  EXPECT_TRUE(store->add(id, item("a", "first"), "ana")->is_new);
  const auto again = store->add(id, item("a", "second"), "ana");
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->record->items(0).note(), "first");
  EXPECT_EQ(again->record->revision(), 2U);
}

TEST_F(Collections, RefuseByNameWhatIsTooMuch) {
  Limits few;
  few.items = 2;
  few.collections = 2;
  few.note = 10;
  few.record_bytes = 800;
  auto store = open(few);
  const std::string id = made(*store)->id();
  const auto code = [](const auto& result) { return result ? ErrorCode("") : result.error().code; };
  Draft same;
  same.name = " Monday ";
  EXPECT_EQ(code(store->create(same, "")), ErrorCode("bad_argument")) << "the name is taken";
  EXPECT_EQ(code(store->create(Draft{"", "", ""}, "")), ErrorCode("bad_argument"));
  EXPECT_EQ(code(store->create(Draft{std::string(121, 'n'), "", ""}, "")),
            ErrorCode("bad_argument"));
  EXPECT_EQ(code(store->add(id, item("a", "more than ten"), "")), ErrorCode("bad_argument"));
  EXPECT_EQ(code(store->add(id, item("a", "十十十十十十十十十十"), "")), ErrorCode(""));
  EXPECT_EQ(code(store->add(id, item("b"), "")), ErrorCode(""));
  EXPECT_EQ(code(store->add(id, item("c"), "")), ErrorCode("bad_argument"));
  Draft draft = draft_of(store->find(id));
  draft.summary = std::string(900, 's');
  EXPECT_EQ(code(store->replace(id, 3, draft, "")), ErrorCode("too_large"));
  draft = draft_of(store->find(id));
  draft.items.push_back(draft.items[0]);
  EXPECT_EQ(code(store->replace(id, 3, draft, "")), ErrorCode("bad_argument")) << "twice";
  EXPECT_EQ(code(store->add("none", item("a"), "")), ErrorCode("not_found"));
  EXPECT_TRUE(made(*store, "Tuesday"));
  EXPECT_EQ(code(store->create(Draft{"Wednesday", "", ""}, "")), ErrorCode("over_quota"));
  ASSERT_TRUE(store->remove(id, ""));
  EXPECT_TRUE(made(*store, "Monday")) << "its name and its place are free";
  EXPECT_EQ(store->find(id), nullptr);
}

TEST_F(Collections, ShowNobodyWhatNobodySees) {
  auto store = open();
  Draft draft;
  draft.name = "a\nb\u202Ec\x01";
  draft.summary = "\n\n one \r\n\n\n\n two\u200B \n";
  const auto created = store->create(draft, "");
  ASSERT_TRUE(created);
  EXPECT_EQ((*created)->name(), "a bc");
  EXPECT_EQ((*created)->summary(), "one\n\ntwo");
}

TEST_F(Collections, AreReadByTheNewestTokenAlone) {
  auto store = open();
  const std::string id = made(*store)->id();
  const auto first = store->share(id, "ana");
  ASSERT_TRUE(first);
  EXPECT_EQ(store->shared_by(first->token)->id(), id);
  EXPECT_EQ(first->record->share().token_sha256().find(first->token), std::string::npos);
  const auto second = store->share(id, "ana");
  ASSERT_TRUE(second);
  EXPECT_EQ(store->shared_by(first->token), nullptr);
  auto other = open();
  EXPECT_EQ(other->shared_by(second->token)->id(), id);
  EXPECT_EQ(other->shared_by(""), nullptr);
  EXPECT_EQ(other->shared_by(std::string(64, '0')), nullptr);
  ASSERT_TRUE(store->unshare(id, "ana"));
  ASSERT_TRUE(store->unshare(id, "ana")) << "nothing to do";
  ASSERT_TRUE(other->catch_up({}));
  EXPECT_EQ(other->shared_by(second->token), nullptr);
  const auto third = store->share(id, "ana");
  ASSERT_TRUE(store->remove(id, "ana"));
  EXPECT_EQ(store->shared_by(third->token), nullptr);
}

TEST_F(Collections, AreGoneFromTheLogThirtyDaysAfterTheyWereDeleted) {
  auto store = open();
  const std::string id = made(*store)->id();
  ASSERT_TRUE(store->remove(id, ""));
  clock_.advance(29 * 24h);
  EXPECT_TRUE(run_until(*store, [&] { return keys().size() == 1; })) << "the first revision";
  EXPECT_EQ(open()->find(id), nullptr);
  clock_.advance(2 * 24h);
  EXPECT_TRUE(run_until(*store, [&] { return keys().empty(); }));
  EXPECT_EQ(open()->find(id), nullptr);
}

TEST_F(Collections, PassOverWhatIsNoRecord) {
  v1::CollectionRecord wrong;
  wrong.set_id("x");
  wrong.set_revision(1);
  ASSERT_TRUE(
      log::append(*log_, {{proto::Topic::kCollections, "x", std::string("\xff\xff")},
                          {proto::Topic::kCollections, "y/0000000001/z", wrong.SerializeAsString()},
                          {proto::Topic::kCollections, "z", std::nullopt}}));
  EXPECT_TRUE(open()->list().empty());
}

}  // namespace
}  // namespace vigie::indexer::collections
