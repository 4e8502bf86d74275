// libs: extractor/fingerprint platform/fingerprint platform/json platform/url
// Near-duplicates among the gold texts of real pages (../shared/corpus), by fingerprints and lookup
// keys alone, as the story clusterer finds them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "extractor/fingerprint/shingles.h"
#include "platform/fingerprint/copy_search.h"
#include "platform/fingerprint/fingerprint.h"
#include "platform/json/json.h"
#include "platform/url/url.h"

namespace vigie {
namespace {

const std::filesystem::path kCorpus = "../shared/corpus";

struct Text {
  std::string id;
  std::string text;
  std::string source;  // registrable domain
  std::string title;
};
using Pair = std::pair<std::string, std::string>;

Pair ordered(std::string a, std::string b) {
  return a < b ? Pair(std::move(a), std::move(b)) : Pair(std::move(b), std::move(a));
}

std::string source_of(const std::string& address) {
  const auto parsed = url::parse(address);
  return parsed && parsed->host ? url::registrable_domain(*parsed->host) : std::string();
}

std::vector<Text> gold_texts() {
  std::vector<Text> out;
  for (const char* source : {"aeb", "dan", "fev", "fun", "nae", "wcx"}) {
    std::ifstream in(kCorpus / source / "gold.jsonl");
    for (std::string line; std::getline(in, line);) {
      const auto page = parse_json(line);
      if (page && (*page)["text"].is_string())
        out.push_back({(*page)["id"].as_string(), (*page)["text"].as_string(),
                       source_of((*page)["url"].as_string()), (*page)["title"].as_string()});
    }
  }
  return out;
}

/// Finds copies as the clusterer does: texts that share a key are compared.
class Collection {
 public:
  void add(const std::string& id, const std::string& text) {
    const std::string fingerprint = extractor::fingerprint::of_text(text);
    for (const std::uint64_t key : fingerprint::lookup_keys(fingerprint))
      by_key_[key].push_back(id);
    fingerprints_[id] = fingerprint;
  }
  std::set<std::string> copies_of(const std::string& text) const {
    const std::string fingerprint = extractor::fingerprint::of_text(text);
    std::set<std::string> out;
    for (const std::uint64_t key : fingerprint::lookup_keys(fingerprint)) {
      const auto found = by_key_.find(key);
      if (found == by_key_.end()) continue;
      for (const std::string& id : found->second) {
        if (fingerprint::compare(fingerprint, fingerprints_.at(id)).is_copy) out.insert(id);
      }
    }
    return out;
  }
  /// The one that a text is a copy of, as the clusterer judges it: with its source and headline.
  std::optional<std::string> story_of(const Text& text,
                                      const std::map<std::string, Text>& texts) const {
    const std::string fingerprint = extractor::fingerprint::of_text(text.text);
    std::set<std::string> candidates;
    for (const std::uint64_t key : fingerprint::lookup_keys(fingerprint)) {
      const auto found = by_key_.find(key);
      if (found != by_key_.end()) candidates.insert(found->second.begin(), found->second.end());
    }
    candidates.erase(text.id);
    fingerprint::CopySearch search(article(fingerprint, text));
    for (const std::string& id : candidates)
      search.add(article(fingerprints_.at(id), texts.at(id)));
    const auto best = search.best();
    if (!best) return std::nullopt;
    return *std::next(candidates.begin(), static_cast<std::ptrdiff_t>(best->candidate));
  }
  bool is_judged(const std::string& id) const { return !fingerprints_.at(id).empty(); }

 private:
  static fingerprint::Article article(const std::string& fingerprint, const Text& text) {
    return {fingerprint, fingerprint::source_mark(text.source), fingerprint::Headline(text.title)};
  }

  std::map<std::uint64_t, std::vector<std::string>> by_key_;
  std::map<std::string, std::string> fingerprints_;
};

class NearDuplicates : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kCorpus / "neardup.jsonl"))
      GTEST_SKIP() << "no corpus beside the checkout";
    texts_ = gold_texts();
    ASSERT_GT(texts_.size(), 700U);
    for (const Text& text : texts_) collection_.add(text.id, text.text);
  }
  std::vector<Text> texts_;
  Collection collection_;
};

// A pair is a copy by what neardup.jsonl says: exact Jaccard ≥ 0.5, or 0.8 of the shorter text in
// the longer.
TEST_F(NearDuplicates, AreFoundAmongAllTexts) {
  std::set<Pair> alike;  // Jaccard ≥ 0.5
  std::set<Pair> copies;
  std::ifstream in(kCorpus / "neardup.jsonl");
  for (std::string line; std::getline(in, line);) {
    const auto row = parse_json(line);
    ASSERT_TRUE(row) << line;
    const Pair pair = ordered((*row)["a"].as_string(), (*row)["b"].as_string());
    const double jaccard = (*row)["jaccard"].as_double();
    if (jaccard >= fingerprint::kCopyJaccard) alike.insert(pair);
    if (jaccard >= fingerprint::kCopyJaccard ||
        (*row)["containment"].as_double() >= fingerprint::kCopyContainment)
      copies.insert(pair);
  }
  ASSERT_GT(alike.size(), 20U);
  std::set<Pair> found;
  for (const Text& text : texts_) {
    for (const std::string& id : collection_.copies_of(text.text)) {
      if (id != text.id) found.insert(ordered(text.id, id));
    }
  }
  std::size_t hit = 0;
  for (const Pair& pair : alike) {
    hit += found.contains(pair);
    if (!found.contains(pair))
      std::printf("missed: %s %s\n", pair.first.c_str(), pair.second.c_str());
  }
  std::size_t right = 0;
  for (const Pair& pair : found) {
    right += copies.contains(pair);
    if (!copies.contains(pair))
      std::printf("no copy: %s %s\n", pair.first.c_str(), pair.second.c_str());
  }
  const double recall = static_cast<double>(hit) / static_cast<double>(alike.size());
  const double precision = static_cast<double>(right) / static_cast<double>(found.size());
  std::printf(
      "near-duplicates of %zu texts: recall %.3f of %zu pairs, precision %.3f of %zu found\n",
      texts_.size(), recall, alike.size(), precision, found.size());
  EXPECT_GE(recall, 0.95);
  EXPECT_GE(precision, 0.95);
}

// The same with source and headline: what has a copy joins one, and nothing else is joined.
TEST_F(NearDuplicates, AreFoundWithSourceAndHeadline) {
  std::map<std::string, Text> texts;
  for (const Text& text : texts_) texts[text.id] = text;
  std::set<Pair> copies;
  std::set<std::string> with_copy;
  std::ifstream in(kCorpus / "neardup.jsonl");
  for (std::string line; std::getline(in, line);) {
    const auto row = parse_json(line);
    ASSERT_TRUE(row) << line;
    const double jaccard = (*row)["jaccard"].as_double();
    const bool alike = jaccard >= fingerprint::kCopyJaccard;
    if (!alike && (*row)["containment"].as_double() < fingerprint::kCopyContainment) continue;
    copies.insert(ordered((*row)["a"].as_string(), (*row)["b"].as_string()));
    if (!alike) continue;
    with_copy.insert((*row)["a"].as_string());
    with_copy.insert((*row)["b"].as_string());
  }
  std::size_t hit = 0;
  std::size_t found = 0;
  std::size_t right = 0;
  for (const Text& text : texts_) {
    const auto story = collection_.story_of(text, texts);
    if (with_copy.contains(text.id)) hit += story.has_value();
    if (!story) continue;
    ++found;
    right += copies.contains(ordered(text.id, *story));
    if (!copies.contains(ordered(text.id, *story)))
      std::printf("no copy: %s %s\n", text.id.c_str(), story->c_str());
  }
  const double recall = static_cast<double>(hit) / static_cast<double>(with_copy.size());
  const double precision = static_cast<double>(right) / static_cast<double>(found);
  std::printf("with source and headline: recall %.3f of %zu texts, precision %.3f of %zu found\n",
              recall, with_copy.size(), precision, found);
  EXPECT_GE(recall, 0.95);
  EXPECT_GE(precision, 0.95);
}

// Wire copy inside a longer story: a text of the corpus whole, or the first half of one, within
// another text one to four times as long.
TEST_F(NearDuplicates, AreFoundInsideLongerTexts) {
  std::size_t wanted = 0;
  std::size_t hit = 0;
  std::size_t wrong = 0;
  std::size_t half_tried = 0;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const Text& wire = texts_[i];
    if (!collection_.is_judged(wire.id) || wire.text.size() < 600) continue;
    for (std::size_t step = 1; step < texts_.size(); ++step) {
      const Text& frame = texts_[(i + step) % texts_.size()];
      if (frame.text.size() < wire.text.size() || frame.text.size() > 4 * wire.text.size())
        continue;
      const std::size_t middle = frame.text.find("\n\n", frame.text.size() / 3);
      if (middle == std::string::npos) continue;
      const std::string head = frame.text.substr(0, middle + 2);
      const std::string tail = frame.text.substr(middle);
      ++wanted;
      hit += collection_.copies_of(head + wire.text + tail).contains(wire.id);
      const std::size_t half = wire.text.find(' ', wire.text.size() / 2);
      if (half != std::string::npos) {
        ++half_tried;
        wrong += collection_.copies_of(head + wire.text.substr(0, half) + tail).contains(wire.id);
      }
      break;
    }
  }
  ASSERT_GT(wanted, 300U);
  const double recall = static_cast<double>(hit) / static_cast<double>(wanted);
  const double precision = static_cast<double>(hit) / static_cast<double>(hit + wrong);
  std::printf(
      "wire copy inside longer stories: recall %.3f of %zu, %zu of %zu halves taken for copies, "
      "precision %.3f\n",
      recall, wanted, wrong, half_tried, precision);
  EXPECT_GE(recall, 0.95);
  EXPECT_GE(precision, 0.95);
}

}  // namespace
}  // namespace vigie
