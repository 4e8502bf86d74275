#include "extractor/service/retag.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/log/embedded_log.h"

namespace vigie::extractor::service {
namespace {

class Retagging : public testing::Test {
 protected:
  Retagging()
      : dir_(std::filesystem::temp_directory_path() / ("vigie-retag-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(dir_);
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 2;
    log_ = std::move(*log::open_embedded(options, clock_));
  }
  ~Retagging() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  void store(const std::string& id, std::int64_t fetched, const std::string& title) {
    v1::ArticleRecord article;
    article.set_article_id(id);
    article.set_fetched_at_unix_ms(fetched);
    article.set_title(title);
    article.set_raise_alerts(true);
    article.set_pack("p@1");
    article.add_topics()->set_id("old");
    ASSERT_TRUE(
        log::append(*log_, {{proto::Topic::kArticles, id, article.SerializeAsString(), {}}}));
  }
  std::vector<v1::ArticleRecord> stored() {
    std::vector<v1::ArticleRecord> out;
    EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kArticles,
                                 [&](const log::Record& record) -> Result<void> {
                                   if (!out.emplace_back().ParseFromString(*record.value))
                                     out.pop_back();
                                   return {};
                                 }));
    return out;
  }

  SystemClock clock_;
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
};

/// Every article but those called "same" has the topic "new" now.
void give_new_topic(v1::ArticleRecord& article) {
  article.set_pack("p@2");
  if (article.title() != "same") article.mutable_topics(0)->set_id("new");
}

TEST_F(Retagging, AppendsTheNewestRecordWithItsNewTagsAndNoAlert) {
  store("a", 2'000, "second");
  store("a", 1'000, "first");
  store("b", 1'000, "same");
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kArticles, "c", "\xFFno record", {}}}));
  const auto counts = retag(*log_, give_new_topic);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->articles, 2U);
  EXPECT_EQ(counts->changed, 1U);
  EXPECT_EQ(counts->unreadable, 1U);
  const auto all = stored();
  ASSERT_EQ(all.size(), 4U);
  const auto retagged = std::find_if(all.begin(), all.end(), [](const v1::ArticleRecord& article) {
    return article.topics(0).id() == "new";
  });
  ASSERT_NE(retagged, all.end());
  EXPECT_EQ(retagged->article_id(), "a");
  EXPECT_EQ(retagged->title(), "second");
  EXPECT_EQ(retagged->pack(), "p@2");
  EXPECT_EQ(retagged->fetched_at_unix_ms(), 2'001);
  EXPECT_FALSE(retagged->raise_alerts());
}

TEST_F(Retagging, ASecondTimeChangesNothing) {
  store("a", 1'000, "one");
  ASSERT_TRUE(retag(*log_, give_new_topic));
  const auto again = retag(*log_, give_new_topic);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->articles, 1U);
  EXPECT_EQ(again->changed, 0U);
  EXPECT_EQ(stored().size(), 2U);
}

}  // namespace
}  // namespace vigie::extractor::service
