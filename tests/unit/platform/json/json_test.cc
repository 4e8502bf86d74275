#include "platform/json/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

namespace vigie {
namespace {

std::string normal(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? parsed->dump() : std::string(parsed.error().code);
}
std::string tolerant(std::string_view text) {
  JsonLimits limits;
  limits.tolerant = true;
  const auto parsed = parse_json(text, limits);
  return parsed ? parsed->dump() : parsed.error().to_string();
}

// RFC 8259 §2-§7.
TEST(ParseJson, ReadsWhatTheGrammarAllows) {
  EXPECT_EQ(normal(" [1 , 2\t,\r\n{\"a\" : null}] "), R"([1,2,{"a":null}])");
  EXPECT_EQ(normal("true"), "true");
  EXPECT_EQ(normal("\"\""), "\"\"");
  EXPECT_EQ(normal("-0.5e+1"), "-5.0");
  EXPECT_EQ(normal(R"("\u00e9\n\/\ud83d\ude00\"")"), "\"é\\n/😀\\\"\"");
  EXPECT_EQ(normal("\"\x7f\""), "\"\\u007f\"");
  EXPECT_EQ(normal(R"({"":{"":[]}})"), R"({"":{"":[]}})");
  EXPECT_EQ(normal("[1E22,1e-7,0]"), "[1e+22,1e-07,0]");
}

TEST(ParseJson, RefusesWhatTheGrammarForbids) {
  for (const char* bad : {"",
                          " ",
                          "[1,]",
                          "[,1]",
                          "[1 2]",
                          "{\"a\":1,}",
                          "{\"a\"}",
                          "{a:1}",
                          "{\"a\":1 \"b\":2}",
                          "'a'",
                          "[1]x",
                          "[1][2]",
                          "01",
                          "+1",
                          "1.",
                          ".5",
                          "1e",
                          "-",
                          "0x1",
                          "NaN",
                          "Infinity",
                          "nul",
                          "TRUE",
                          "\"a",
                          "\"\\x\"",
                          "\"\\u12g4\"",
                          "\"\\ud800\"",
                          "\"\\udc00\"",
                          "\"\t\"",
                          "\"\n\"",
                          "[",
                          "{\"a\":",
                          "// c\n1",
                          "/* c */1",
                          "\xEF\xBB\xBF"
                          "1",
                          "\"\xff\"",
                          "\"\xed\xa0\x80\"",
                          "\"\xc0\xaf\"",
                          "]",
                          "[1}",
                          "\f1"}) {
    EXPECT_EQ(normal(bad), "bad_json") << bad;
  }
  EXPECT_EQ(normal(std::string_view("1\0", 2)), "bad_json");
}

TEST(ParseJson, TellsThePlaceOfAnError) {
  EXPECT_EQ(parse_json("{\n  \"a\": x}").error().where, "2:8");
  EXPECT_EQ(parse_json("1 2").error().where, "1:3");
  EXPECT_EQ(parse_json("[1,\n").error().where, "2:1");
}

TEST(ParseJson, KeepsIntegersOf64BitsExact) {
  EXPECT_EQ(parse_json("9223372036854775807")->as_integer(), INT64_MAX);
  EXPECT_EQ(parse_json("-9223372036854775808")->as_integer(), INT64_MIN);
  EXPECT_EQ(normal("[9007199254740993]"), "[9007199254740993]");
  EXPECT_TRUE(parse_json("9223372036854775808")->is_number());
  EXPECT_FALSE(parse_json("9223372036854775808")->is_integer());
  EXPECT_EQ(parse_json("9223372036854775808")->as_double(), 0x1p63);
  EXPECT_EQ(Json(std::uint64_t{1} << 63).as_double(), 0x1p63)
      << "an unsigned value beyond 63 bits must not become negative";
  EXPECT_EQ(parse_json("1.9e3")->as_integer(), 1900);
  EXPECT_EQ(parse_json("1e300")->as_integer(-1), -1);
}

TEST(ParseJson, RoundsDoublesCorrectlyAndKeepsThemFinite) {
  for (const char* text :
       {"0.1", "2.2250738585072014e-308", "1.7976931348623157e308", "123456789.123456789",
        "6.02214076e23", "4.9e-324", "9007199254740993.5", "0.30000000000000004"}) {
    EXPECT_EQ(parse_json(text)->as_double(), std::strtod(text, nullptr)) << text;
  }
  EXPECT_EQ(parse_json("1e999")->as_double(), std::numeric_limits<double>::max());
  EXPECT_EQ(parse_json("-1e999")->as_double(), -std::numeric_limits<double>::max());
  EXPECT_EQ(parse_json("1e-999")->as_double(), 0.0);
}

TEST(ParseJson, OfRepeatedNamesTheLastWinsWhereTheFirstStood) {
  EXPECT_EQ(normal(R"({"a":1,"b":2,"a":3,"c":4,"b":5})"), R"({"a":3,"b":5,"c":4})");
}

TEST(ParseJson, BoundsDepthAndBytes) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(64)));
  EXPECT_EQ(parse_json(nested(65)).error().code, ErrorCode("bad_json"));
  EXPECT_EQ(parse_json(std::string(5'000'000, '[')).error().code, ErrorCode("bad_json"));
  JsonLimits limits;
  limits.max_depth = 2;
  EXPECT_TRUE(parse_json(R"({"a":[]})", limits));
  EXPECT_FALSE(parse_json(R"({"a":[[]]})", limits));
  limits.max_bytes = 4;
  EXPECT_TRUE(parse_json("1234", limits));
  EXPECT_EQ(parse_json("12345", limits).error().disposition, Disposition::kQuarantine);
}

// As publishers write JSON-LD.
TEST(ParseJson, TolerantReadsJsonOfTheWeb) {
  EXPECT_EQ(tolerant("\xEF\xBB\xBF\n{\"a\":1}\n;\n"), R"({"a":1})");
  EXPECT_EQ(tolerant("//<![CDATA[\n{\"a\":1}\n//]]>"), R"({"a":1})");
  EXPECT_EQ(tolerant("/* <![CDATA[ */{\"a\":1}/* ]]> */"), R"({"a":1})");
  EXPECT_EQ(tolerant("<!--//--><![CDATA[//><!--\n{\"a\":1}\n//--><!]]>"), R"({"a":1})");
  EXPECT_EQ(tolerant("<!-- {\"a\":1} -->"), R"({"a":1})");
  EXPECT_EQ(tolerant("{\"a\":[1,2,],}"), R"({"a":[1,2]})");
  EXPECT_EQ(tolerant("{\"a\":\"one\ntwo\tthree\x01\"}"), R"({"a":"one\ntwo\tthree "})");
  EXPECT_EQ(tolerant("{\"a\":\"it\\'s \\x\"}"), R"({"a":"it's x"})");
  EXPECT_EQ(tolerant("{\"a\":\"caf\xe9\"}"), "{\"a\":\"caf\xEF\xBF\xBD\"}");
  EXPECT_EQ(tolerant("{\"a\":\"\\ud83d cut \\ude00 \\ud83d\\ude00 \\u12\"}"),
            "{\"a\":\"\xEF\xBF\xBD cut \xEF\xBF\xBD 😀 u12\"}");
  EXPECT_EQ(tolerant("{ // don't \"quote\n \"a\": /* one \" */ 1}"), R"({"a":1})");
  EXPECT_EQ(tolerant("{\"url\":\"https://example.org/*x*/\"}"),
            R"({"url":"https://example.org/*x*/"})");
}

TEST(ParseJson, TolerantStillRefusesWhatIsNoJson) {
  for (const char* bad : {"", "<html>", "{\"a\":", "{\"a\":1}{\"b\":2}", "{\"a\":\"b\\", "/*", "//",
                          "/", "{\"a\":\"b\"c\"}", "{a:1}"}) {
    JsonLimits limits;
    limits.tolerant = true;
    EXPECT_FALSE(parse_json(bad, limits)) << bad;
  }
}

TEST(Json, GivesFallbacksForOtherTypes) {
  const Json value = Json::object(
      {{"n", 5}, {"d", 2.75}, {"t", "x"}, {"b", true}, {"a", Json(Json::Array{1, "2"})}});
  EXPECT_EQ(value["n"].as_integer(), 5);
  EXPECT_EQ(value["d"].as_integer(), 2);
  EXPECT_EQ(value["n"].as_double(), 5.0);
  EXPECT_EQ(value["t"].as_integer(-1), -1);
  EXPECT_EQ(value["n"].as_string(), "");
  EXPECT_TRUE(value["absent"].is_null());
  EXPECT_TRUE(value["n"]["deeper"].is_null());
  EXPECT_EQ(value.find("absent"), nullptr);
  EXPECT_EQ(value["a"].as_array().size(), 2U);
  EXPECT_TRUE(value["t"].as_object().empty());
}

TEST(Json, SetReplacesInPlaceAndPushAppends) {
  Json value;
  value.set("a", 1).set("b", 2).set("a", Json().push("x").push(nullptr));
  EXPECT_EQ(value.dump(), R"({"a":["x",null],"b":2})");
  EXPECT_EQ(value.pretty(), "{\n  \"a\": [\n    \"x\",\n    null\n  ],\n  \"b\": 2\n}");
}

TEST(Json, DumpIsAlwaysJson) {
  EXPECT_EQ(Json("\xff\"\\\x01").dump(), "\"\xEF\xBF\xBD\\\"\\\\\\u0001\"");
  EXPECT_EQ(Json(std::nan("")).dump(), "null");
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).dump(), "null");
  EXPECT_EQ(Json(3.0).dump(), "3.0");
  EXPECT_EQ(Json(0.1).dump(), "0.1");
  EXPECT_EQ(Json::object().dump() + Json::array().dump(), "{}[]");
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}
  Json value(int depth) {
    switch (random_() % (depth > 0 ? 8 : 6)) {
      case 0: return {};
      case 1: return random_() % 2 == 0;
      case 2: return static_cast<std::int64_t>(random_()) >> random_() % 64;
      case 3: return number();
      case 4:
      case 5: return text();
      case 6: {
        Json out = Json::array();
        for (std::size_t i = random_() % 5; i > 0; --i) out.push(value(depth - 1));
        return out;
      }
      default: {
        Json out = Json::object();
        for (std::size_t i = random_() % 5; i > 0; --i) out.set(text(), value(depth - 1));
        return out;
      }
    }
  }

 private:
  Json number() {
    const std::uint64_t bits = random_();
    double out = 0;
    std::memcpy(&out, &bits, sizeof out);
    return std::isfinite(out) ? out : 0.5;
  }
  std::string text() {
    static constexpr std::string_view kPieces[] = {"a",  "\"", "\\", "\n",   "\x01",   "é",
                                                   "😀", "中", "/",  "\x7f", "\u2028", " "};
    std::string out;
    for (std::size_t i = random_() % 6; i > 0; --i) out += kPieces[random_() % std::size(kPieces)];
    return out;
  }
  std::mt19937_64 random_;
};

TEST(Json, WhatIsDumpedIsReadBackAsTheSame) {
  const char* given = std::getenv("VIGIE_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  SCOPED_TRACE("VIGIE_SEED=" + std::to_string(seed));
  Generator generator(seed);
  for (int i = 0; i < 5000; ++i) {
    const Json value = generator.value(4);
    for (const std::string& text : {value.dump(), value.pretty()}) {
      const auto strict = parse_json(text);
      ASSERT_TRUE(strict) << strict.error().to_string() << "\n" << text;
      ASSERT_EQ(*strict, value) << text;
      JsonLimits limits;
      limits.tolerant = true;
      const auto same = parse_json(text, limits);
      ASSERT_TRUE(same) << text;
      ASSERT_EQ(*same, value) << text;
    }
  }
}

// RFC 8259 §4: what a reader makes of such an object is its own affair.
}  // namespace
}  // namespace vigie
