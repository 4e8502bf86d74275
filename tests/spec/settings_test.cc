// libs: platform/config platform/process platform/text
// ops/spec/settings.md is the table of platform/config.
#include <gtest/gtest.h>

#include <algorithm>

#include "platform/config/settings.h"
#include "tests/spec/spec_page.h"

namespace vigie::config {
namespace {

constexpr std::size_t kColumns = 6;  // key, type, range, default, read by, meaning

std::vector<std::vector<std::string>> rows() { return spec::table_of("settings.md", "Key"); }

/// A default as the page writes it.
std::string written(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const Json& item : value.as_array())
    out += (out.empty() ? "" : ", ") + (item.is_string() ? item.as_string() : item.dump());
  return "[" + out + "]";
}

Result<Settings> load_with(const std::string& key, const std::string& value) {
  Sources sources;
  sources.sets = {key + "=" + value};
  return load(Program::kUp, sources);
}

/// How the page names a type; empty: it lists the words of which a value is one.
std::string_view word_of(KeyType type) {
  switch (type) {
    case KeyType::kText: return "text";
    case KeyType::kInteger: return "integer";
    case KeyType::kNumber: return "number";
    case KeyType::kBoolean: return "boolean";
    case KeyType::kList: return "list";
    case KeyType::kListOfSeconds: return "list of seconds";
    case KeyType::kDuration: return "duration";
    case KeyType::kListen: return "listen";
    default: return {};
  }
}

/// "one of `a`, `b`, `c`": each is taken, and what is said of another word names these and no more.
void expect_choice(const std::string& key, const std::string& type) {
  const std::vector<std::string> words = spec::quoted_of(type);
  std::string sentence;
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_TRUE(load_with(key, words[i]).has_value()) << key << " does not take " << words[i];
    sentence += (i == 0 ? "" : i + 1 < words.size() ? ", " : " or ") + words[i];
  }
  const auto refused = load_with(key, "another");
  ASSERT_FALSE(refused.has_value()) << key;
  EXPECT_EQ(refused.error().detail, key + " must be " + sentence);
}

TEST(SettingsPage, HasTheKeysOfTheTableInItsOrder) {
  std::vector<std::string> expected;
  for (const Key& key : keys()) expected.push_back("`" + std::string(key.name) + "`");
  std::vector<std::string> found;
  for (const auto& row : rows()) {
    ASSERT_EQ(row.size(), kColumns) << row.front();
    found.push_back(row.front());
    EXPECT_FALSE(row[4].empty()) << row.front() << " does not say who reads it";
    EXPECT_FALSE(row[5].empty()) << row.front() << " has no meaning";
  }
  EXPECT_EQ(found, expected);
}

TEST(SettingsPage, HasTheTypesAndRangesOfTheTable) {
  const auto all = rows();
  ASSERT_EQ(all.size(), keys().size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Key& key = keys()[i];
    const std::string& type = all[i][1];
    const std::string_view word = word_of(key.type);
    if (word.empty()) {
      EXPECT_TRUE(type.starts_with("one of ")) << key.name << " is " << type;
      expect_choice(std::string(key.name), type);
    } else {
      EXPECT_TRUE(type.starts_with(word)) << key.name << " is " << word << ", not " << type;
    }
    const bool bounded = key.least != INT64_MIN;
    EXPECT_EQ(all[i][2], bounded ? std::to_string(key.least) + " to " + std::to_string(key.most)
                                 : std::string())
        << key.name;
  }
}

TEST(SettingsPage, HasTheDefaultsOfTheTable) {
  const auto all = rows();
  ASSERT_EQ(all.size(), keys().size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Key& key = keys()[i];
    std::vector<std::string> expected;
    if (key.fallback.starts_with('@')) {
      for (const Program program :
           {Program::kCrawler, Program::kExtractor, Program::kIndexer, Program::kUp})
        expected.push_back(load(program, {})->text(key.name));
    } else if (key.fallback.starts_with("[ops/")) {
      expected.emplace_back(key.fallback);  // load() makes the path of what ships with vigie
    } else {
      expected.push_back(written(load(Program::kUp, {})->get(key.name)));
    }
    EXPECT_EQ(spec::quoted_of(all[i][3]), expected) << key.name;
  }
}

}  // namespace
}  // namespace vigie::config
