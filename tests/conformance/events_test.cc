// libs: extractor/tagging extractor/traits indexer/stories platform/json platform/traits records
// Articles on one event, held to tests/gold/events: pairs of one happening and pairs of another
// with the same actors and topic, tagged by the tagger and the packs of ops/topics.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "extractor/tagging/tagger.h"
#include "extractor/traits/traits_of.h"
#include "indexer/stories/event_window.h"
#include "platform/json/json.h"
#include "proto/article.pb.h"

namespace vigie {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;

std::vector<Json> lines_of(const std::string& file) {
  std::ifstream in("tests/gold/events/" + file);
  std::vector<Json> out;
  for (std::string line; std::getline(in, line);) {
    auto parsed = parse_json(line);
    EXPECT_TRUE(parsed) << file << ": " << line;
    if (parsed) out.push_back(std::move(*parsed));
  }
  return out;
}

/// The traits of every text, by its id, in the order of the file.
std::vector<std::pair<std::string, std::string>> all_traits() {
  const auto tagger = extractor::tagging::Tagger::load({"ops/topics"});
  EXPECT_TRUE(tagger) << tagger.error().to_string();
  std::vector<std::pair<std::string, std::string>> out;
  for (const Json& happening : lines_of("happenings.jsonl")) {
    for (const Json& text : happening["texts"].as_array()) {
      const auto& parts = text.as_array();
      v1::ArticleRecord article;
      article.set_language(parts[0].as_string());
      article.set_title(parts[1].as_string());
      article.set_text(parts[2].as_string());
      (*tagger)->tag(article);
      out.emplace_back(happening["id"].as_string() + "-" + parts[0].as_string(),
                       extractor::traits::traits_of(article));
    }
  }
  return out;
}

struct Score {
  int right = 0;   // pairs of one happening that are of one event
  int wrong = 0;   // pairs of two that are
  int missed = 0;  // pairs of one that are not
  double precision() const { return right + wrong == 0 ? 0 : double(right) / (right + wrong); }
  double recall() const { return right + missed == 0 ? 0 : double(right) / (right + missed); }
};

/// Other news items, which tell of none of the happenings.
std::vector<std::string> other_news() {
  const auto tagger = extractor::tagging::Tagger::load({"ops/topics"});
  std::vector<std::string> out;
  for (const char* file :
       {"topics_open.jsonl", "topics_unread.jsonl", "topics_second_unread.jsonl"}) {
    for (const Json& item : lines_of(std::string("../") + file)) {
      v1::ArticleRecord article;
      article.set_language(item["lang"].as_string());
      article.set_title(item["title"].as_string());
      article.set_text(item["text"].as_string());
      (*tagger)->tag(article);
      out.push_back(extractor::traits::traits_of(article));
    }
  }
  return out;
}

class Events : public testing::Test {
 protected:
  using Window = indexer::stories::EventWindow;

  /// Gives an article its event, as the clusterer does.
  std::string take(const std::string& id, const std::string& traits) {
    time_ += 60'000;
    const auto found = window_.find(traits, time_);
    std::string event = found ? found->event_id : id;
    window_.add(time_, time_, traits, event);
    if (found && std::getenv("VIGIE_SHOW") != nullptr)
      std::cout << id << " joins " << event << " " << found->similarity << "\n";
    return event;
  }

  void judge(const char* where) {
    std::map<std::string, std::string> events;
    for (const auto& [id, traits] : texts_) events[id] = take(id, traits);
    std::map<std::string, Score> scores;
    for (const Json& pair : lines_of("pairs.jsonl")) {
      const bool linked = events.at(pair["a"].as_string()) == events.at(pair["b"].as_string());
      Score& score = scores[pair["half"].as_string()];
      if (linked && pair["same"].as_bool()) ++score.right;
      else if (linked) ++score.wrong;
      else if (pair["same"].as_bool()) ++score.missed;
    }
    for (const auto& [half, score] : scores) {
      std::cout << "events " << where << ", " << half << " half: precision " << score.precision()
                << ", recall " << score.recall() << " (" << score.right << " right, " << score.wrong
                << " wrong, " << score.missed << " missed)\n";
      EXPECT_GE(score.precision(), 0.95) << half;
      EXPECT_GE(score.recall(), 0.70) << half;
    }
    EXPECT_EQ(scores.size(), 2U);
  }

  const std::vector<std::pair<std::string, std::string>> texts_ = all_traits();
  Window window_;
  std::int64_t time_ = kNow;
};

// records.md, "What an event is"
TEST_F(Events, AreFoundAcrossLanguagesAndWords) {
  ASSERT_GT(texts_.size(), 100U);
  judge("alone");
}

TEST_F(Events, AreFoundAmongOtherNews) {
  const auto others = other_news();
  ASSERT_GT(others.size(), 500U);
  // They are of two years and stand as if they were of one day: hardly any belong together.
  int joined = 0;
  for (std::size_t i = 0; i < others.size(); ++i) {
    const std::string id = "other-" + std::to_string(i);
    joined += take(id, others[i]) == id ? 0 : 1;
  }
  std::cout << joined << " of " << others.size() << " other news items joined another\n";
  EXPECT_LE(joined, static_cast<int>(others.size()) / 40);
  judge("among other news");
}

}  // namespace
}  // namespace vigie
