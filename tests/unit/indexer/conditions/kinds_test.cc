#include "indexer/conditions/kinds.h"

#include <gtest/gtest.h>

namespace vigie::indexer::conditions {
namespace {

TEST(Kinds, AQueryAsksForConditionsWhereItsFirstTermDoes) {
  EXPECT_TRUE(asks_for_conditions("system:quiet"));
  EXPECT_TRUE(asks_for_conditions("  system:*"));
  EXPECT_FALSE(asks_for_conditions("chips system:quiet"));
  EXPECT_FALSE(asks_for_conditions("\"system:quiet\""));
  EXPECT_FALSE(asks_for_conditions(""));
}

TEST(Kinds, AreNamedAloneTogetherOrAll) {
  EXPECT_EQ(kinds_asked("system:disk").value(), std::set<Kind>{Kind::kDisk});
  EXPECT_EQ(kinds_asked("system:disk OR\tsystem:lag ").value(),
            (std::set<Kind>{Kind::kDisk, Kind::kLag}));
  EXPECT_EQ(kinds_asked("system:*").value().size(), kKinds.size());
  for (const Kind kind : kKinds) EXPECT_EQ(kind_named(name_of(kind)), kind);
}

TEST(Kinds, WhatIsWrongIsNamedWithItsPlace) {
  const struct {
    const char* query;
    std::size_t offset;
    const char* says;
  } rows[] = {
      {"system:quite", 0, "quiet, failing"},
      {"system:", 0, "quiet, failing, flooding"},
      {"system:disk OR nvidia", 15, "not mixed"},
      {"system:disk system:lag", 12, "OR"},
      {"system:disk AND system:lag", 12, "OR"},
      {"system:disk OR", 14, "missing"},
      {"system:DISK", 0, "disk"},
  };
  for (const auto& row : rows) {
    std::size_t offset = 99;
    const auto got = kinds_asked(row.query, &offset);
    ASSERT_FALSE(got) << row.query;
    EXPECT_EQ(got.error().code, ErrorCode("bad_query"));
    EXPECT_EQ(offset, row.offset) << row.query;
    EXPECT_NE(got.error().detail.find(row.says), std::string::npos) << got.error().detail;
  }
  EXPECT_FALSE(kinds_asked(std::string(2'000, ' ') + "system:disk"));
}

}  // namespace
}  // namespace vigie::indexer::conditions
