#include "extractor/commands/tag_command.h"

#include <gtest/gtest.h>

#include <sstream>

#include "platform/json/json.h"

namespace vigie::extractor::commands {
namespace {

constexpr const char* kPack = "ops/topics/ai-geopolitics";

TEST(TagCommand, ABadLineIsOneErrorWithItsNumberAndWorkGoesOn) {
  std::istringstream in(
      "{\"id\":\"a\",\"title\":\"Nvidia\",\"text\":\"Export controls hit Nvidia.\"}\nnot "
      "json\n{\"id\":\"b\",\"title\":\"\",\"text\":\"x\"}\n");
  std::ostringstream out;
  std::ostringstream err;
  TagArguments arguments;
  arguments.manifest = "-";
  arguments.packs = {kPack};
  arguments.jobs = 2;
  EXPECT_EQ(
      run_tag(arguments, [](std::string_view) { return std::string("en"); }, in, out, err), 1);
  EXPECT_NE(err.str().find("-:2: "), std::string::npos) << err.str();
  std::istringstream lines(out.str());
  std::string line;
  std::getline(lines, line);
  const auto first = parse_json(line);
  ASSERT_TRUE(first);
  EXPECT_EQ((*first)["id"].as_string(), "a");
  EXPECT_EQ((*first)["actors"].as_array().at(0)["id"].as_string(), "org:nvidia");
  std::getline(lines, line);
  EXPECT_NE(line.find("\"id\":\"b\""), std::string::npos);
}

}  // namespace
}  // namespace vigie::extractor::commands
