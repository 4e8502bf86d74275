// libs: indexer/api platform/process platform/text
// ops/spec/http_api.md is the table of routes and what the schemas name.
#include <gtest/gtest.h>

#include <set>

#include "indexer/api/routes.h"
#include "tests/spec/spec_page.h"

namespace vigie::indexer::api {
namespace {

constexpr std::string_view kPage = "http_api.md";

std::string heading_of(const Route& route) {
  return std::string(route.method) + " " + std::string(route.pattern);
}

std::string whole_page() {
  std::string out;
  for (const std::string& line : spec::lines_of(kPage)) out += line + "\n";
  return out;
}

/// Names of members of a schema and of what is in it.
void collect_members(const Json& schema, std::set<std::string>& out) {
  std::vector<const Json*> pending{&schema};
  while (!pending.empty()) {
    const Json& next = *pending.back();
    pending.pop_back();
    if (!next.is_object()) continue;
    for (const auto& [name, member] : next["properties"].as_object()) {
      out.insert(name);
      pending.push_back(&member);
    }
    if (next["items"].is_object()) pending.push_back(&next["items"]);
  }
}

TEST(HttpApiPage, HasASectionForEveryRouteAndNoOther) {
  std::set<std::string> expected;
  for (const Route& route : routes()) expected.insert(heading_of(route));
  std::set<std::string> found;
  for (const auto& [heading, text] : spec::sections_of(kPage)) {
    found.insert(heading);
    EXPECT_FALSE(text::trim(text).empty()) << heading;
  }
  EXPECT_EQ(found, expected);
}

TEST(HttpApiPage, NamesTheParametersOfEveryRoute) {
  const auto sections = spec::sections_of(kPage);
  for (const Route& route : routes()) {
    const auto section = sections.find(heading_of(route));
    if (section == sections.end()) continue;
    for (const Parameter& parameter : route.parameters)
      EXPECT_NE(section->second.find("`" + std::string(parameter.name) + "`"), std::string::npos)
          << heading_of(route) << " does not name " << parameter.name;
  }
}

TEST(HttpApiPage, NamesEveryMemberOfEverySchema) {
  const std::string page = whole_page();
  ASSERT_FALSE(schemas().as_object().empty());
  for (const auto& [name, schema] : schemas().as_object()) {
    std::set<std::string> members;
    collect_members(schema, members);
    for (const std::string& member : members) {
      const bool named = page.find("`" + member + "`") != std::string::npos ||
                         page.find("\"" + member + "\"") != std::string::npos;
      EXPECT_TRUE(named) << name << " has a member " << member << " that the page does not name";
    }
  }
}

}  // namespace
}  // namespace vigie::indexer::api
