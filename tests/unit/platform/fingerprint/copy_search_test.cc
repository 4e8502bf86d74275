#include "platform/fingerprint/copy_search.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace vigie::fingerprint {
namespace {

/// Texts of shingles that are numbered: `parts` are [first, first + count) each.
Fingerprint of(std::initializer_list<std::pair<std::uint64_t, std::uint64_t>> parts) {
  std::vector<std::uint64_t> shingles;
  for (const auto& [first, count] : parts) {
    for (std::uint64_t i = 0; i < count; ++i)
      shingles.push_back((first + i) * 0x9e3779b97f4a7c15ULL);
  }
  return make(shingles);
}

constexpr std::uint64_t kHouse = 1'000'000;  // what one source repeats

struct Text {
  Fingerprint fingerprint;
  std::string source;
  std::string title;

  Article article() const { return {fingerprint, source_mark(source), Headline(title)}; }
};

std::optional<std::size_t> copied(const Text& text, const std::vector<Text>& before) {
  CopySearch search(text.article());
  for (const Text& one : before) search.add(one.article());
  const auto best = search.best();
  return best ? std::optional(best->candidate) : std::nullopt;
}

TEST(Headline, MayBeOfOneNewsWhereHalfOfItsWordsAreShared) {
  struct Case {
    const char* one;
    const char* other;
    bool may;
  };
  const Case cases[] = {
      {"Harbour strike goes on", "Rates on hold", false},
      {"Harbour strike goes on", "Harbour strike: what we know", true},
      {"UPDATE 2-Nvidia gets licence for H20", "Nvidia gets a licence for its H20 chips", true},
      {"The future of the port", "The state of the union", false},
      {"AI: go", "AI: no", true},  // too short to tell
      {"", "Rates on hold", true},
      {"英伟达获得出口许可", "英伟达获得对华出口许可", true},
      {"英伟达获得出口许可", "央行维持利率不变", false},
      {"H20", "H100", false},
      {"Élection à Paris", "ELECTION A PARIS", true},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Headline(one.one).may_be_of(Headline(one.other)), one.may) << one.one;
    EXPECT_EQ(Headline(one.other).may_be_of(Headline(one.one)), one.may) << one.other;
  }
}

TEST(CopySearch, TwoNewsOfOneHouseWithItsFootAreTwo) {
  const Text strike{of({{0, 24}, {kHouse, 130}}), "lookout", "Harbour strike goes on"};
  const Text rates{of({{5'000, 24}, {kHouse, 130}}), "lookout", "Rates on hold"};
  ASSERT_TRUE(compare(strike.fingerprint, rates.fingerprint).is_copy) << "the case is of use";
  EXPECT_EQ(copied(rates, {strike}), std::nullopt);
  Text update = strike;
  update.fingerprint = of({{0, 20}, {9'000, 6}, {kHouse, 130}});
  update.title = "Harbour strike goes on, second day";
  EXPECT_EQ(copied(update, {strike, rates}), 0U);
  Text unknown = rates;
  unknown.title.clear();
  EXPECT_EQ(copied(unknown, {strike}), 0U) << "without a headline nothing tells them apart";
}

TEST(CopySearch, TheSameTextUnderAnotherHeadlineIsACopy) {
  const Text one{of({{0, 200}}), "daily", "Harbour strike goes on"};
  EXPECT_EQ(copied({of({{0, 200}}), "daily", "Dockers stay out"}, {one}), 0U);
  EXPECT_EQ(copied({of({{2, 200}}), "other", "Dockers stay out"}, {one}), 0U);
}

TEST(CopySearch, WhatASourceRepeatsIsLearned) {
  // Results of several years: headlines alike, figures new, all else the same.
  std::vector<Text> before;
  const char* titles[] = {"Harbour strike goes on", "Rates on hold", "A bridge for Lyon"};
  for (std::uint64_t i = 0; i < 3; ++i)
    before.push_back({of({{i * 1'000, 40}, {kHouse, 160}}), "wire", titles[i]});
  const Text results{of({{10'000, 40}, {kHouse, 160}}), "wire", "Acme results of March"};
  const Text again{of({{20'000, 40}, {kHouse, 160}}), "wire", "Acme results of June"};
  EXPECT_EQ(copied(again, {results}), 0U) << "two are not enough to learn from";
  before.push_back(results);
  EXPECT_EQ(copied(again, before), std::nullopt);
  // Elsewhere, too: another house prints the foot of the first one.
  const Text printed{of({{30'000, 40}, {kHouse, 160}}), "elsewhere", "Ministers meet"};
  EXPECT_EQ(copied(printed, before), std::nullopt);
  EXPECT_EQ(copied({results.fingerprint, "elsewhere", "Acme grows"}, before), 3U)
      << "the news itself is a copy wherever it stands";
}

TEST(CopySearch, WhatAnotherHouseRepeatsIsNotHeldAgainstACopy) {
  std::vector<Text> before;
  const char* titles[] = {"Harbour strike goes on", "Rates on hold", "A bridge for Lyon"};
  for (std::uint64_t i = 0; i < 3; ++i)
    before.push_back({of({{i * 1'000, 60}, {kHouse, 60}}), "daily", titles[i]});
  before.push_back({of({{50'000, 300}}), "wire", "Chips may be sold again"});
  EXPECT_EQ(copied({of({{50'000, 300}, {kHouse, 60}}), "daily", "Sale of chips allowed"}, before),
            3U);
}

TEST(CopySearch, ManyHousesAtRandom) {
  // Houses with feet of any length; each piece of news in two or three houses, some of them changed
  // a little. Copies are found, and nothing else.
  std::mt19937_64 random(11);
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  std::size_t wanted = 0;
  std::size_t found = 0;
  std::size_t wrong = 0;
  for (int round = 0; round < 40; ++round) {
    struct Piece {
      Text text;
      std::uint64_t news;
    };
    std::vector<Piece> before;
    std::vector<std::uint64_t> feet;
    for (int i = 0; i < 4; ++i) feet.push_back(i % 2 == 0 ? 100 + below(200) : 20 + below(40));
    for (std::uint64_t news = 0; news < 12; ++news) {
      const std::uint64_t length = 60 + below(200);
      for (std::uint64_t house = news % 2; house < 4; house += 2) {
        const std::string source = "house" + std::to_string(house);
        const Text text{
            of({{(news + 1) * 10'000 + below(4), length}, {kHouse * (house + 1), feet[house]}}),
            source,
            "Word" + std::to_string(news) + "a word" + std::to_string(news) + "b of " + source};
        std::vector<Text> candidates;
        for (const Piece& one : before) candidates.push_back(one.text);
        const auto copy = copied(text, candidates);
        const bool has_copy = std::any_of(before.begin(), before.end(),
                                          [&](const Piece& one) { return one.news == news; });
        if (copy && before[*copy].news != news) ++wrong;
        // of two houses with long feet less than half may be shared: no copy by the rule
        const double shared = static_cast<double>(length);
        const bool by_rule =
            has_copy &&
            shared / (shared + static_cast<double>(feet[house] + feet[(house + 2) % 4])) >
                kCopyJaccard + 0.1;
        if (by_rule) ++wanted;
        if (by_rule && copy && before[*copy].news == news) ++found;
        before.push_back({text, news});
      }
    }
  }
  std::printf("%zu of %zu copies found, %zu wrong\n", found, wanted, wrong);
  ASSERT_GT(wanted, 30U);
  EXPECT_GE(static_cast<double>(found), 0.95 * static_cast<double>(wanted));
  EXPECT_LE(wrong, wanted / 20);
}

TEST(CopySearch, TheBestIsTheMostSimilarAndTheFirstOfEquals) {
  const Text text{of({{0, 300}}), "a", "Chips"};
  EXPECT_EQ(copied(text, {{of({{100, 300}}), "b", "Chips"},
                          {of({{0, 300}}), "c", "Chips"},
                          {of({{0, 300}}), "d", "Chips"}}),
            1U);
  EXPECT_EQ(copied(text, {{"garbage", "b", "Chips"}, {"", "c", "Chips"}}), std::nullopt);
}

TEST(CompareWithout, LeavesOutWhatBothHave) {
  const Fingerprint one = of({{0, 100}, {kHouse, 100}});
  const Fingerprint other = of({{50'000, 100}, {kHouse, 100}});
  const Comparison comparison(one);
  const Comparison::Samples common = comparison.common(other);
  EXPECT_GT(common.count(), 10U);
  EXPECT_EQ(comparison.compare_without(other, common).jaccard, 0.0);
  EXPECT_FALSE(comparison.compare_without(other, common).is_copy);
  EXPECT_EQ(comparison.compare_without(other, {}).jaccard, comparison.compare(other).jaccard);
  EXPECT_TRUE(comparison.common("garbage").none());
  // A little news behind a long foot, twice: few samples are enough where they are the same.
  const Fingerprint flash = of({{0, 24}, {kHouse, 300}});
  const Fingerprint again = of({{0, 24}, {kHouse * 2, 60}, {kHouse, 300}});
  const Comparison few(flash);
  EXPECT_TRUE(few.compare(again).is_copy);
}

}  // namespace
}  // namespace vigie::fingerprint
