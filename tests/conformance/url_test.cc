// libs: platform/url platform/json
// The WHATWG URL standard, by the cases of web-platform-tests (../shared/conformance/url). Every
// case must pass or be named below with its reason.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "platform/json/json.h"
#include "platform/url/percent.h"
#include "platform/url/url.h"

namespace vigie::url {
namespace {

const std::string kFolder = "../shared/conformance/url/";

/// Cases that fail on purpose: input → reason.
const std::map<std::string, std::string>& deliberate_differences() {
  const std::string kUnicode16 =
      "mapped since Unicode 16.0; ICU 72 has Unicode 15.0 and refuses the character";
  static const std::map<std::string, std::string> kDifferences = {
      {"\xD3\x80"
       ".com",
       kUnicode16},
      {"\xF0\xAF\xA1\xA8"
       ".com",
       kUnicode16},
      {"\xE2\x86\x83"
       ".com",
       kUnicode16},
  };
  return kDifferences;
}

/// A lone surrogate cannot be written in UTF-8: the standard turns it into U+FFFD before it parses
/// (USVString), and so is it done here.
std::string without_lone_surrogates(const std::string& json) {
  std::string out;
  const auto escape_at = [&](std::size_t i) -> std::optional<unsigned> {
    if (i + 6 > json.size() || json[i] != '\\' || json[i + 1] != 'u') return std::nullopt;
    return static_cast<unsigned>(std::stoul(json.substr(i + 2, 4), nullptr, 16));
  };
  for (std::size_t i = 0; i < json.size();) {
    if (json[i] == '\\' && i + 1 < json.size() && json[i + 1] != 'u') {
      out += json.substr(i, 2);
      i += 2;
      continue;
    }
    const std::optional<unsigned> unit = escape_at(i);
    if (!unit) {
      out += json[i++];
      continue;
    }
    const std::optional<unsigned> next = escape_at(i + 6);
    const bool is_high = *unit >= 0xD800 && *unit < 0xDC00;
    const bool is_pair = is_high && next && *next >= 0xDC00 && *next < 0xE000;
    if (is_pair) {
      out += json.substr(i, 12);
      i += 12;
    } else {
      out += *unit >= 0xD800 && *unit < 0xE000 ? "\\uFFFD" : json.substr(i, 6);
      i += 6;
    }
  }
  return out;
}

/// The cases of a file; nothing where the folder is absent.
std::optional<Json> read_cases(const std::string& name) {
  std::ifstream file(kFolder + name, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  auto json = parse_json(without_lone_surrogates(text.str()));
  if (!json) {
    ADD_FAILURE() << name << ": " << json.error().to_string();
    return Json::array();
  }
  return std::move(*json);
}

/// The origin as the standard serialises it, of the schemes that have one.
std::string origin_of(const Url& url) {
  std::string out = url.scheme + "://" + url.host.value_or("");
  if (url.port) out += ":" + std::to_string(*url.port);
  return out;
}

void expect_parts(const Json& expected, const Url& url) {
  const auto text = [&](std::string_view name) { return expected[name].as_string(); };
  EXPECT_EQ(url.href(), text("href"));
  EXPECT_EQ(url.scheme + ":", text("protocol"));
  EXPECT_EQ(url.username, text("username"));
  EXPECT_EQ(url.password, text("password"));
  EXPECT_EQ(url.host.value_or(""), text("hostname"));
  EXPECT_EQ(url.port ? std::to_string(*url.port) : "", text("port"));
  EXPECT_EQ(url.path, text("pathname"));
  EXPECT_EQ(url.query.value_or("").empty() ? "" : "?" + *url.query, text("search"));
  EXPECT_EQ(url.fragment.value_or("").empty() ? "" : "#" + *url.fragment, text("hash"));
  if (expected.find("origin") != nullptr && url.is_http()) {
    EXPECT_EQ(origin_of(url), text("origin"));
  }
}

// https://url.spec.whatwg.org/#concept-basic-url-parser
TEST(UrlConformance, ParsesEveryCaseAsTheStandardDoes) {
  const std::optional<Json> cases = read_cases("urltestdata.json");
  if (!cases) GTEST_SKIP() << kFolder << " is absent";
  int count = 0;
  for (const Json& entry : cases->as_array()) {
    if (!entry.is_object()) continue;  // the file's comments
    const std::string& input = entry["input"].as_string();
    SCOPED_TRACE("input <" + input + "> base <" + entry["base"].as_string() + ">");
    if (deliberate_differences().contains(input)) continue;
    ++count;
    std::optional<Url> base;
    if (entry["base"].is_string()) {
      auto parsed = parse(entry["base"].as_string());
      if (!parsed) {
        EXPECT_TRUE(entry["failure"].as_bool()) << "the base does not parse";
        continue;
      }
      base = std::move(*parsed);
    }
    const auto url = parse(input, base ? &*base : nullptr);
    if (entry["failure"].as_bool()) {
      EXPECT_FALSE(url.has_value()) << "parsed to " << (url ? url->href() : "");
      continue;
    }
    EXPECT_TRUE(url.has_value()) << (url ? "" : url.error().to_string());
    if (!url) continue;
    expect_parts(entry, *url);
    // What is serialised parses to itself.
    const auto again = parse(url->href());
    EXPECT_TRUE(again.has_value()) << url->href();
    if (again) {
      EXPECT_EQ(again->href(), url->href());
    }
  }
  EXPECT_GE(count, 800);
}

// https://url.spec.whatwg.org/#concept-domain-to-ascii and the host parser
TEST(UrlConformance, WritesDomainsInAsciiAsTheStandardDoes) {
  const std::optional<Json> cases = read_cases("toascii.json");
  if (!cases) GTEST_SKIP() << kFolder << " is absent";
  int count = 0;
  for (const Json& entry : cases->as_array()) {
    if (!entry.is_object()) continue;
    const std::string& input = entry["input"].as_string();
    SCOPED_TRACE("input <" + input + ">");
    if (deliberate_differences().contains(input)) continue;
    ++count;
    const auto url = parse("https://" + input + "/x");
    if (entry["output"].is_string()) {
      EXPECT_TRUE(url.has_value()) << (url ? "" : url.error().to_string());
      if (url) {
        EXPECT_EQ(url->host.value_or(""), entry["output"].as_string());
      }
    } else {
      EXPECT_FALSE(url.has_value()) << (url ? url->host.value_or("") : "");
    }
  }
  EXPECT_GE(count, 60);
}

// https://url.spec.whatwg.org/#percent-encode-sets; only UTF-8 applies: pages of other encodings
// are converted before their links are read.
TEST(UrlConformance, PercentEncodesQueriesAsTheStandardDoes) {
  const std::optional<Json> cases = read_cases("percent-encoding.json");
  if (!cases) GTEST_SKIP() << kFolder << " is absent";
  int count = 0;
  for (const Json& entry : cases->as_array()) {
    if (!entry.is_object() || !entry["output"]["utf-8"].is_string()) continue;
    ++count;
    EXPECT_EQ(encode(entry["input"].as_string(), EncodeSet::kSpecialQuery),
              entry["output"]["utf-8"].as_string());
  }
  EXPECT_GE(count, 3);
}

}  // namespace
}  // namespace vigie::url
