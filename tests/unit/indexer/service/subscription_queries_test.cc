#include "indexer/service/subscription_queries.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <thread>

#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::service {
namespace {

class SubscriptionQueriesTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie_subscription_queries_" + std::to_string(getpid()));
    std::filesystem::remove_all(dir_);
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    log_ = std::move(log::open_embedded(options, clock_).value());
    store_ = std::move(subscriptions::SubscriptionStore::open(*log_, clock_, random_).value());
    store_->subscribe([this](const v1::SubscriptionRecord& one) { queries_.apply(one); });
  }
  void TearDown() override {
    store_.reset();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  static std::shared_ptr<const api::Catalogue> packs(bool folded) {
    auto out = std::make_shared<api::Catalogue>();
    api::CatalogueEntry entry;
    entry.id = "export-controls";
    if (folded) entry.aliases = {"export-licences"};
    out->topics.push_back(entry);
    if (!folded) {
      entry.id = "export-licences";
      out->topics.push_back(entry);
    }
    return out;
  }
  std::string subscribe(const std::string& query) {
    return store_->create({"a", query, {}}).value().id();
  }
  /// Subscriptions that an article with a topic meets.
  std::size_t met(const std::string& topic) {
    v1::ArticleRecord article;
    article.set_article_id("a");
    article.set_title("Chips");
    v1::Tag& tag = *article.add_topics();
    tag.set_id(topic);
    tag.set_level(v1::TAG_LEVEL_ABOUT);
    // later than every change of a subscription
    return matcher_.match(matching::Document(article), std::numeric_limits<std::int64_t>::max())
        .size();
  }

  std::filesystem::path dir_;
  FakeClock clock_;
  SeededRandom random_{3};
  std::unique_ptr<log::Log> log_;
  matching::Matcher matcher_;
  std::shared_ptr<const api::Catalogue> catalogue_ = packs(false);
  api::CurrentVocabulary vocabulary_{[this] { return catalogue_; }};
  SubscriptionQueries queries_{vocabulary_, matcher_, clock_};
  std::unique_ptr<subscriptions::SubscriptionStore> store_;
};

TEST_F(SubscriptionQueriesTest, FollowWhereAPackFoldsATopicIntoAnother) {
  subscribe("topic:export-licences");
  subscribe("chips");
  const std::string gone = subscribe("about:export-licences");
  ASSERT_TRUE(store_->remove(gone));
  EXPECT_EQ(met("export-controls"), 1U);
  EXPECT_EQ(queries_.follow_packs(*store_), 0U) << "nothing has changed";
  catalogue_ = packs(true);
  EXPECT_EQ(queries_.follow_packs(*store_), 1U);
  EXPECT_EQ(met("export-controls"), 2U);
  EXPECT_EQ(queries_.follow_packs(*store_), 0U);
  subscribe("about:export-licences");
  EXPECT_EQ(met("export-controls"), 3U) << "a new one follows at once";
  catalogue_ = packs(false);
  EXPECT_EQ(queries_.follow_packs(*store_), 2U);
  EXPECT_EQ(met("export-controls"), 1U);
  EXPECT_EQ(met("export-licences"), 3U);
}

TEST_F(SubscriptionQueriesTest, LookEveryTwoSecondsUntilStopped) {
  subscribe("topic:export-licences");
  catalogue_ = packs(true);
  std::jthread thread(
      [this](const std::stop_token& stop) { EXPECT_TRUE(queries_.run(*store_, stop)); });
  for (int i = 0; i < 500 && met("export-controls") == 0; ++i) {
    clock_.advance(std::chrono::seconds(3));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(met("export-controls"), 1U);
  thread.request_stop();
  clock_.advance(std::chrono::seconds(3));
}

}  // namespace
}  // namespace vigie::indexer::service
