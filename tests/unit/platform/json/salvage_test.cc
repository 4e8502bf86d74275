#include "platform/json/salvage.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie {
namespace {

std::string salvaged(const std::string& text) {
  std::string out;
  for (const Json& root : salvage_json(text)) out += (out.empty() ? "" : " | ") + root.dump();
  return out;
}

struct Case {
  const char* what;
  const char* broken;
  const char* read;
};

TEST(SalvageJson, TakesWhatIsWhole) {
  for (const Case& one : {
           Case{"right JSON", R"({"a":[1,2.5,true,null,"x"],"b":{}})",
                R"({"a":[1,2.5,true,null,"x"],"b":{}})"},
           {"two objects", R"({"a":1} {"b":2})", R"({"a":1} | {"b":2})"},
           {"two objects and a comma", R"({"a":1},{"b":2};)", R"({"a":1} | {"b":2})"},
           {"single quotes", R"({'a':'Minister's plan','b':'it's on'})",
            R"({"a":"Minister's plan","b":"it's on"})"},
           {"typographic quotes", R"({“a”: “one”, “b”: [“two”, “three”]})",
            R"({"a":"one","b":["two","three"]})"},
           {"names without quotes", R"({headline: "x", datePublished: "2024-03-05"})",
            R"({"headline":"x","datePublished":"2024-03-05"})"},
           {"a missing comma", R"({"a":"one" "b":"two"})", R"({"a":"one","b":"two"})"},
           {"a missing comma behind an object", R"({"a":{"c":1} "b":"two"})",
            R"({"a":{"c":1},"b":"two"})"},
           {"a missing comma in a list", R"({"a":["x" "y"]})", R"({"a":["x","y"]})"},
           {"doubled commas", R"({"a":1,,"b":[2,,3,],})", R"({"a":1,"b":[2,3]})"},
           {"a missing value", R"({"a":,"b":"two"})", R"({"b":"two"})"},
           {"a missing colon", R"({"a" "one","b":"two"})", R"({"a":"one","b":"two"})"},
           {"quotes in a text", R"({"a":"he said "yes", and went","b":"two"})",
            R"({"a":"he said \"yes\", and went","b":"two"})"},
           {"quotes at the end of a text", R"({"a":"he said "yes"","b":"two"})",
            R"({"a":"he said \"yes\"","b":"two"})"},
           {"a list of words in quotes", R"({"a":"he said "yes", "no", and more","b":"two"})",
            R"({"a":"he said \"yes\", \"no\", and more","b":"two"})"},
           {"cut off within a text", R"({"a":"one","b":{"c":"two","d":"thr)",
            R"({"a":"one","b":{"c":"two"}})"},
           {"cut off within a number", R"({"a":"one","b":12)", R"({"a":"one"})"},
           {"cut off within a name", R"({"a":"one","b)", R"({"a":"one"})"},
           {"a text that was not closed", "{\"a\":\"one,\n\"b\":\"two\"}",
            R"({"a":"one","b":"two"})"},
           {"an object that was not closed", R"([{"a":1,{"b":2}])", R"([{"a":1},{"b":2}])"},
           {"brackets that close nothing", R"({"a":1]]},"b":2}})", R"({"a":1})"},
           {"a bracket of the other kind", R"({"a":[1,2},"b":3})", R"({"a":[1,2]})"},
           {"line breaks in a text", "{\"a\":\"one\ntwo\"}", R"({"a":"one\ntwo"})"},
           {"wrong escapes", R"({"a":"it\'s \q \u00e9 \ud83d\ude00"})", R"({"a":"it's q é 😀"})"},
           {"markup and comments", "<p>{<br />\"a\":1, // why\n /* so */ \"b\":2}</p>",
            R"({"a":1,"b":2})"},
           {"a script around it", R"(window.state = {"a":1};)", R"({"a":1})"},
           {"backslashes everywhere", R"({\"a\":\"one\",\"b\":\"say \\\"yes\\\"\"})",
            R"({"a":"one","b":"say \"yes\""})"},
           {"values without quotes", R"({"a": 2024-03-05T10:15:00+01:00, "b": False})",
            R"({"a":"2024-03-05T10:15:00+01:00","b":false})"},
           {"names of another script", R"({"a":"one","名前":"two" "b":3})",
            R"({"a":"one","名前":"two","b":3})"},
           {"a name that is repeated", R"({"a":1,"a":2 "b":3})", R"({"a":2,"b":3})"},
           {"no JSON", "nothing of the kind", ""},
           {"nothing", "", ""},
       })
    EXPECT_EQ(salvaged(one.broken), one.read) << one.what;
}

// Hostile: depth, size, quotation marks without end.
TEST(SalvageJson, IsBounded) {
  for (const char* unit : {"{\"a\":", "[", "{", "\"", "\"a\":", "{\"a\":\"", ",\"", "\\", "'a' ",
                           "}", "\"}", "\",\"", "a:", "<", "{\"a\" \"b\""}) {
    std::string text = "{";
    while (text.size() < (1U << 20)) text += unit;
    EXPECT_LE(salvage_json(text).size(), 64U) << unit;
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"a\":1,\"b\":";
  const std::vector<Json> roots = salvage_json(deep);
  ASSERT_EQ(roots.size(), 1U);
  std::size_t depth = 0;
  for (const Json* at = &roots.front(); at->is_object(); at = &(*at)["b"]) ++depth;
  EXPECT_EQ(depth, 64U);
}

}  // namespace
}  // namespace vigie
