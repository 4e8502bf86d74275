#include "platform/yaml/yaml.h"

#include <gtest/gtest.h>

namespace vigie {
namespace {

std::string json_of(std::string_view text) {
  const auto parsed = parse_yaml(text, "f");
  return parsed ? parsed->to_json().dump() : parsed.error().to_string();
}

TEST(ParseYaml, KeepsThePlaceOfEveryNode) {
  const auto parsed = parse_yaml("# head\na:\n  - one\n  - b: two\nc: 'x'\n", "f.yaml");
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  ASSERT_TRUE(parsed->is_map());
  EXPECT_EQ(parsed->entries[0].key, "a");
  EXPECT_EQ(parsed->entries[0].line, 2);
  EXPECT_EQ(parsed->entries[0].column, 1);
  const Yaml& items = parsed->entries[0].value;
  ASSERT_TRUE(items.is_sequence());
  EXPECT_EQ(items.items[0].line, 3);
  EXPECT_EQ(items.items[0].column, 5);
  EXPECT_EQ(items.items[1].entries[0].line, 4);
  EXPECT_EQ(items.items[1].entries[0].value.column, 8);
  EXPECT_TRUE(parsed->find("c")->quoted);
  EXPECT_EQ(parsed->find("c")->column, 4);
  EXPECT_EQ(parsed->find("none"), nullptr);
}

// YAML 1.2 §10.3.2, core schema.
TEST(ParseYaml, ReadsScalarsAsTheCoreSchemaDoes) {
  EXPECT_EQ(json_of("[null, ~, , true, False, yes, no, on]"),
            R"([null,null,null,true,false,"yes","no","on"])");
  EXPECT_EQ(json_of("[0, -5, +7, 012, 0x1F, 0o17, 9223372036854775807]"),
            "[0,-5,7,12,31,15,9223372036854775807]");
  EXPECT_EQ(json_of("[1.5, -1e3, .5, 9223372036854775808]"),
            "[1.5,-1000.0,0.5,9.2233720368547758e+18]");
  EXPECT_EQ(
      json_of("['5', \"true\", !!str 7, 1_000, 1-2, 2026-01-02, 0x, 0x-5, 0o8, 1e999, e, '-']"),
      R"(["5","true","7","1_000","1-2","2026-01-02","0x","0x-5","0o8","1e999","e","-"])");
  EXPECT_EQ(json_of("|\n  5\n"), R"("5\n")");
  EXPECT_EQ(json_of(">-\n  a\n  b\n"), R"("a b")");
  EXPECT_EQ(json_of("a:\nb: ''\n"), R"({"a":null,"b":""})");
  EXPECT_EQ(json_of("é: 中\n"), R"({"é":"中"})");
}

TEST(ParseYaml, EmptyTextIsNull) {
  for (const char* text : {"", "\n", "# only a remark\n", "---\n"})
    EXPECT_EQ(json_of(text), "null") << text;
}

TEST(ParseYaml, RefusesAKeyThatStandsTwice) {
  const auto parsed = parse_yaml("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", "f.yaml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode("bad_yaml"));
  EXPECT_EQ(parsed.error().disposition, Disposition::kQuarantine);
  EXPECT_EQ(parsed.error().where, "f.yaml:5:3");
  EXPECT_NE(parsed.error().detail.find("'c'"), std::string::npos);
  EXPECT_NE(parsed.error().detail.find("line 3"), std::string::npos) << parsed.error().detail;
}

TEST(ParseYaml, RefusesWithThePlace) {
  EXPECT_EQ(parse_yaml("a: 1\nb: [1, 2\n", "f").error().code, ErrorCode("bad_yaml"));
  EXPECT_EQ(parse_yaml("a: 1\n b: 2\n", "f").error().where.substr(0, 4), "f:2:");
  EXPECT_EQ(parse_yaml("? [a]\n: 1\n", "f").error().code, ErrorCode("bad_yaml"));
  EXPECT_EQ(parse_yaml("a: *none\n", "f").error().where.substr(0, 4), "f:1:");
  EXPECT_EQ(parse_yaml("\ta: 1\n", "f").error().code, ErrorCode("bad_yaml"));
}

// YAML 1.2 §5.1: control characters are not printable. yaml-cpp would take U+0004 for the end and
// drop the rest in silence.
TEST(ParseYaml, RefusesControlCharactersAndWhatIsNotUtf8) {
  EXPECT_EQ(parse_yaml("a: 1\nb: \x04 2\nc: 3\n", "f").error().where, "f:2:4");
  EXPECT_EQ(parse_yaml(std::string_view("a\0b", 3), "f").error().where, "f:1:2");
  EXPECT_NE(parse_yaml("a: caf\xe9\n", "f").error().detail.find("UTF-8"), std::string::npos);
}

TEST(ParseYaml, RefusesASecondDocument) {
  EXPECT_EQ(json_of("---\na: 1\n...\n"), R"({"a":1})");
  const auto parsed = parse_yaml("a: 1\n---\nb: 2\n", "f");
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().detail.find("second document"), std::string::npos);
}

TEST(ParseYaml, ExpandsAliases) {
  EXPECT_EQ(json_of("a: &x [1, 2]\nb: *x\nc: &k word\nd: *k\n"),
            R"({"a":[1,2],"b":[1,2],"c":"word","d":"word"})");
}

TEST(ParseYaml, BoundsWhatAliasesMultiply) {
  std::string nodes = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    nodes += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) nodes += ", " + before;
    nodes += "]\n";
  }
  const auto many = parse_yaml(nodes, "f");
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().detail.find("too large"), std::string::npos);
  std::string bytes = "a: &a " + std::string(1 << 20, 'x') + "\nb: [*a";
  for (int i = 0; i < 100; ++i) bytes += ", *a";
  const auto large = parse_yaml(bytes + "]\n", "f");
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().detail.find("too large"), std::string::npos);
}

TEST(ParseYaml, RefusesAnAliasInsideWhatItNames) {
  EXPECT_EQ(parse_yaml("a: &a [1, *a]\n", "f").error().code, ErrorCode("bad_yaml"));
}

TEST(ParseYaml, BoundsDepth) {
  EXPECT_TRUE(parse_yaml(std::string(64, '[') + std::string(64, ']'), "f"));
  EXPECT_FALSE(parse_yaml(std::string(65, '[') + std::string(65, ']'), "f"));
  for (const char* piece : {"[", "{a: ", "- ", "? ", "? [", "{"}) {
    std::string text;
    while (text.size() < 20'000) text += piece;
    EXPECT_FALSE(parse_yaml(text, "f")) << piece;
  }
}

TEST(ParseYaml, ReadsAMapOfManyKeysInLinearTime) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const auto parsed = parse_yaml(text, "f");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->entries.size(), 60'000U);
}

}  // namespace
}  // namespace vigie
