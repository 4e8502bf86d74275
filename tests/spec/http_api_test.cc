// libs: indexer/api platform/process platform/text
// ops/spec/http_api.md names the calls and the members of the description that is served.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "indexer/api/document.h"
#include "indexer/api/operation.h"
#include "indexer/api/problems.h"
#include "tests/spec/spec_page.h"

namespace vigie::indexer::api {
namespace {

constexpr std::string_view kPage = "http_api.md";

std::string heading_of(const Operation& operation) {
  return operation.method + " " + operation.pattern;
}

/// Of its path, its query and its headers.
std::vector<std::string> parameters_of(const Operation& operation) {
  std::string method = operation.method;
  for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
  std::vector<std::string> out;
  const Json& described = document()["paths"][operation.pattern][method]["parameters"];
  for (const Json& parameter : described.as_array())
    out.push_back(resolved(parameter)["name"].as_string());
  return out;
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
    for (const Json& part : next["allOf"].as_array()) pending.push_back(&part);
  }
}

TEST(HttpApiPage, HasASectionForEveryRouteAndNoOther) {
  std::set<std::string> expected;
  for (const Operation& operation : operations()) expected.insert(heading_of(operation));
  std::set<std::string> found;
  for (const auto& [heading, text] : spec::sections_of(kPage)) {
    found.insert(heading);
    EXPECT_FALSE(text::trim(text).empty()) << heading;
  }
  EXPECT_EQ(found, expected);
}

TEST(HttpApiPage, NamesTheParametersOfEveryRoute) {
  const auto sections = spec::sections_of(kPage);
  for (const Operation& operation : operations()) {
    const auto section = sections.find(heading_of(operation));
    if (section == sections.end()) continue;
    for (const std::string& name : parameters_of(operation))
      EXPECT_NE(section->second.find("`" + name + "`"), std::string::npos)
          << heading_of(operation) << " does not name " << name;
  }
}

TEST(HttpApiPage, NamesEveryCodeWithItsStatus) {
  std::map<std::string, std::set<std::string>> statuses;
  for (const auto& row : spec::table_of(kPage, "Status")) {
    for (const std::string& code : spec::quoted_of(row[1])) statuses[code].insert(row[0]);
  }
  for (const CodeStatus& known : kCodeStatuses) {
    const std::string code(known.code.text());
    EXPECT_TRUE(statuses[code].contains(std::to_string(known.status)))
        << code << " is told with " << known.status;
  }
}

TEST(HttpApiPage, NamesEveryMemberOfEverySchema) {
  const std::string page = whole_page();
  const Json& schemas = document()["components"]["schemas"];
  ASSERT_FALSE(schemas.as_object().empty());
  for (const auto& [name, schema] : schemas.as_object()) {
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
