#include "extractor/tagging/literal_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

namespace vigie::extractor::tagging {
namespace {

using Found = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // begin, literal

Found scanned(const LiteralIndex& index, const std::string& text) {
  std::vector<LiteralIndex::Hit> hits;
  index.scan(text, hits);
  Found out;
  for (const LiteralIndex::Hit& hit : hits) out.emplace_back(hit.begin, hit.literal);
  std::sort(out.begin(), out.end());
  return out;
}

Found searched(const std::vector<std::string>& literals, const std::string& text) {
  Found out;
  for (std::uint32_t i = 0; i < literals.size(); ++i) {
    for (std::size_t at = text.find(literals[i]); at != std::string::npos;
         at = text.find(literals[i], at + 1))
      out.emplace_back(static_cast<std::uint32_t>(at), i);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Few different bytes, so that literals are prefixes of each other, of every length and group.
TEST(LiteralIndex, FindsWhatASearchForEachLiteralFinds) {
  static constexpr const char* kPieces[] = {" ", "a", "b", "ab", "z", "я", "芯", "1"};
  std::mt19937 random(3);
  const auto text_of = [&](unsigned pieces) {
    std::string out;
    for (; pieces > 0; --pieces) out += kPieces[random() % 8];
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    std::set<std::string> made;
    for (unsigned n = random() % 200; n > 0; --n) made.insert(text_of(1 + random() % 9));
    const std::vector<std::string> literals(made.begin(), made.end());
    const LiteralIndex index(literals);
    ASSERT_EQ(index.literals(), literals);
    for (int i = 0; i < 5; ++i) {
      const std::string text = text_of(random() % 60);
      ASSERT_EQ(scanned(index, text), searched(literals, text)) << text;
    }
  }
}

TEST(LiteralIndex, OfNothingFindsNothing) {
  EXPECT_TRUE(scanned(LiteralIndex(), "text").empty());
  EXPECT_TRUE(scanned(LiteralIndex({"a", " abc "}), "").empty());
}

}  // namespace
}  // namespace vigie::extractor::tagging
