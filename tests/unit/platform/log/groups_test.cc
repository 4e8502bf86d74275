#include "platform/log/groups.h"

#include <gtest/gtest.h>

namespace vigie::log {
namespace {

using config::Program;
using proto::Topic;

config::Settings settings(Program program, std::vector<std::string> sets = {}) {
  config::Sources sources;
  sources.sets = std::move(sets);
  auto loaded = config::load(program, sources);
  EXPECT_TRUE(loaded) << loaded.error().to_string();
  return *loaded;
}

TEST(Groups, AStageAloneTakesItsOwnGroupAndTheOthersTheirUsualOnes) {
  const config::Settings all = settings(Program::kUp, {"log.group=mine", "log.prefix=test"});
  EXPECT_EQ(group_of(Role::kCrawler, all), "crawler");
  EXPECT_EQ(group_of(Role::kExtractor, all), "extractor");
  EXPECT_EQ(group_of(Role::kShards, all), "indexer");
  EXPECT_EQ(group_of(Role::kClusterer, all), "test-clusterer");
  EXPECT_EQ(group_of(Role::kAlerter, all), "test-alerter");
  EXPECT_EQ(group_of(Role::kExtractor, settings(Program::kExtractor, {"log.group=mine"})), "mine");
  EXPECT_EQ(group_of(Role::kExtractor, settings(Program::kExtractor)), "extractor");
  EXPECT_EQ(group_of(Role::kCrawler, settings(Program::kCrawler, {"log.group=mine"})), "mine");
  const config::Settings indexer = settings(Program::kIndexer, {"log.group=mine"});
  EXPECT_EQ(group_of(Role::kShards, indexer), "mine");
  EXPECT_EQ(group_of(Role::kAlerter, indexer), "vigie-alerter") << "one of all indexers";
}

TEST(Groups, EachRoleOwnsTheTopicThatItShares) {
  EXPECT_EQ(topic_of(Role::kCrawler), Topic::kFrontier);
  EXPECT_EQ(topic_of(Role::kExtractor), Topic::kPages);
  EXPECT_EQ(topic_of(Role::kShards), Topic::kArticles);
  EXPECT_EQ(topic_of(Role::kClusterer), Topic::kFingerprints);
  EXPECT_EQ(topic_of(Role::kAlerter), Topic::kMatches);
}

TEST(Groups, ASkipMeansTheGroupOfTheRoleAndTheOneThatWasSet) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(groups_reading(Topic::kPages, settings(Program::kUp)), (Names{"extractor"}));
  EXPECT_EQ(groups_reading(Topic::kPages, settings(Program::kUp, {"log.group=mine"})),
            (Names{"extractor", "mine"}));
  EXPECT_EQ(groups_reading(Topic::kPages, settings(Program::kUp, {"log.group=extractor"})),
            (Names{"extractor"}));
  EXPECT_EQ(groups_reading(Topic::kMatches, settings(Program::kUp, {"log.group=mine"})),
            (Names{"vigie-alerter"}));
  EXPECT_EQ(groups_reading(Topic::kStories, settings(Program::kUp)), Names{});
}

TEST(Groups, ASkipIsRefusedExactlyWhereNobodyLooksForIt) {
  for (const proto::TopicSpec& spec : proto::kTopics) {
    const bool obeyed = spec.topic == Topic::kPages || spec.topic == Topic::kArticles ||
                        spec.topic == Topic::kFingerprints || spec.topic == Topic::kMatches;
    const auto refusal = skip_refusal(spec.topic);
    EXPECT_EQ(!refusal, obeyed) << spec.short_name;
    if (!refusal) continue;
    EXPECT_TRUE(refusal->starts_with(spec.short_name)) << *refusal;
    EXPECT_NE(refusal->find(spec.topic == Topic::kFrontier ? "remove the folder" : "Start the"),
              std::string::npos)
        << *refusal;
  }
}

}  // namespace
}  // namespace vigie::log
