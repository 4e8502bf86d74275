#include "platform/traits/traits.h"

#include <gtest/gtest.h>

namespace vigie::traits {
namespace {

TEST(Traits, AreOfOneKindAndOneText) {
  EXPECT_EQ(make(Kind::kNumber, "214"), make(Kind::kNumber, "214"));
  EXPECT_NE(make(Kind::kNumber, "214"), make(Kind::kName, "214"));
  EXPECT_NE(make(Kind::kNumber, "214"), make(Kind::kNumber, "215"));
  for (const Kind kind :
       {Kind::kActor, Kind::kTopic, Kind::kNumber, Kind::kDate, Kind::kName, Kind::kWord})
    EXPECT_EQ(kind_of(make(kind, "x")), kind);
}

TEST(Traits, ComeBackSortedAndOnce) {
  const Trait a = make(Kind::kWord, "a");
  const Trait b = make(Kind::kActor, "b");
  const auto back = decode(encode({a, b, a}));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, (std::vector<Trait>{b, a}));
  EXPECT_TRUE(decode("")->empty());
}

TEST(Traits, AreAtMostSoMany) {
  std::vector<Trait> many;
  for (int i = 0; i < 1'000; ++i) many.push_back(make(Kind::kWord, std::to_string(i)));
  const auto back = decode(encode(many));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->size(), kMaxTraits);
}

TEST(Traits, NothingMalformedIsDecoded) {
  const std::string good = encode({make(Kind::kWord, "a"), make(Kind::kActor, "b")});
  EXPECT_FALSE(decode(good.substr(1)));
  EXPECT_FALSE(decode(good.substr(4) + good.substr(0, 4)));  // not ascending
  EXPECT_FALSE(decode(good + good.substr(4)));               // twice
  EXPECT_FALSE(decode(std::string(4, '\0')));                // no kind
  EXPECT_FALSE(decode(std::string(4, '\xFF')));              // a kind of a later version
  EXPECT_FALSE(decode(std::string((kMaxTraits + 1) * 4, 'x')));
}

}  // namespace
}  // namespace vigie::traits
