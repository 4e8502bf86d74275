#include "crawler/sources/rules.h"

#include <gtest/gtest.h>

#include "crawler/sources/sources.h"

namespace vigie::crawler::sources {
namespace {

SourceList with_rules(const std::string& rules) {
  return read_sources(
      "sources:\n  - name: A\n    homepage: https://a.example/\n    feeds: [https://a.example/f]\n"
      "    rules: " +
          rules + "\n",
      "s.yaml");
}

TEST(SourceRulesTest, AreRead) {
  const SourceList list = with_rules(
      "{gap_s: 7.5, depth: 2, cookies: false, user_agent: 'Desk/1 (+https://d.example)', "
      "reservations: obey}");
  ASSERT_TRUE(list.problems.empty()) << list.problems[0].to_string();
  const SourceRules& rules = list.sources.at(0).rules;
  EXPECT_EQ(rules.gap_s, 7.5);
  EXPECT_EQ(rules.depth, 2U);
  EXPECT_FALSE(rules.cookies);
  EXPECT_EQ(rules.user_agent, "Desk/1 (+https://d.example)");
  EXPECT_TRUE(rules.obey_reservations);
  const SourceRules usual = with_rules("{}").sources.at(0).rules;
  EXPECT_EQ(usual.gap_s, 0);
  EXPECT_FALSE(usual.depth);
  EXPECT_TRUE(usual.cookies);
  EXPECT_FALSE(usual.obey_reservations);
}

TEST(SourceRulesTest, WhatIsWrongIsToldWithItsPlace) {
  for (const char* rules :
       {"{gap_s: -1}", "{gap_s: 121}", "{gap_s: soon}", "{depth: 0}", "{depth: 11}", "{depth: 1.5}",
        "{cookies: maybe}", "{user_agent: 3}", "{user_agent: ''}", "{user_agent: \"a\\u00e9\"}",
        "{reservations: true}", "{gaps: 1}", "[]", "x"}) {
    const SourceList list = with_rules(rules);
    ASSERT_EQ(list.problems.size(), 1U) << rules;
    EXPECT_EQ(list.problems[0].where.substr(0, 9), "s.yaml:5:") << rules;
    EXPECT_TRUE(list.sources.empty()) << rules;
  }
  // A line break is a blank, so that no header can be added.
  EXPECT_EQ(with_rules("{user_agent: \"a\\nX: b\"}").sources.at(0).rules.user_agent, "a X: b");
}

}  // namespace
}  // namespace vigie::crawler::sources
