// libs: extractor/tagging extractor/traits indexer/stories platform/json platform/traits records
// Articles on one event, held to tests/gold/events: pairs of one happening and pairs of another with
// the same actors and topic, tagged by the tagger and the packs of ops/topics.
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
  int right = 0;    // pairs of one happening that are of one event
  int wrong = 0;    // pairs of two that are
  int missed = 0;   // pairs of one that are not
  double precision() const { return right + wrong == 0 ? 0 : double(right) / (right + wrong); }
  double recall() const { return right + missed == 0 ? 0 : double(right) / (right + missed); }
};

// records.md, "What an event is"
TEST(Events, AreFoundAcrossLanguagesAndWords) {
  const auto traits = all_traits();
  ASSERT_GT(traits.size(), 100U);
  indexer::stories::EventWindow window;
  std::map<std::string, std::string> events;
  std::int64_t time = kNow;
  for (const auto& [id, of_text] : traits) {
    time += 20 * 60'000;
    const auto found = window.find(of_text, time);
    events[id] = found ? found->event_id : id;
    window.add(time, time, of_text, events[id]);
  }
  const auto by_id = std::map<std::string, std::string>(traits.begin(), traits.end());
  const bool show = std::getenv("VIGIE_SHOW") != nullptr;
  std::map<std::string, Score> scores;
  for (const Json& pair : lines_of("pairs.jsonl")) {
    const std::string a = pair["a"].as_string();
    const std::string b = pair["b"].as_string();
    const bool linked = events.at(a) == events.at(b);
    Score& score = scores[pair["half"].as_string()];
    if (linked && pair["same"].as_bool()) ++score.right;
    else if (linked) ++score.wrong;
    else if (pair["same"].as_bool()) ++score.missed;
    if (show && pair["half"].as_string() == "open")
      std::cout << window.similarity(by_id.at(a), by_id.at(b)) << (linked ? " linked " : " apart ")
                << (pair["same"].as_bool() ? "same " : "other ") << a << " " << b << "\n";
  }
  for (const auto& [half, score] : scores) {
    std::cout << "events, " << half << " half: precision " << score.precision() << ", recall "
              << score.recall() << " (" << score.right << " right, " << score.wrong << " wrong, "
              << score.missed << " missed)\n";
    EXPECT_GE(score.precision(), 0.95) << half;
    EXPECT_GE(score.recall(), 0.70) << half;
  }
}

}  // namespace
}  // namespace vigie
