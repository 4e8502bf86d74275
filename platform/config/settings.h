#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/json/json.h"
#include "platform/result/result.h"

namespace vigie::config {

enum class Program { kUp, kCrawler, kExtractor, kIndexer };

/// The settings of every program: one set of keys, from defaults, the --config file, the
/// environment (VIGIE_LOG_BROKERS) and --set, in that order. The key `a.b_c` of
/// ops/spec/settings.md is get("a.b_c") here. Copyable, read-only after load().
class Settings {
 public:
  struct Value {
    Json value;
    std::string origin;  // "default", "FILE:LINE", "environment VIGIE_…", "--set"
  };

  const Json& get(std::string_view key) const;  // the key must be known
  std::string text(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;
  double number(std::string_view key) const;
  bool boolean(std::string_view key) const;
  // a scalar counts as a list of one; null as an empty list
  std::vector<std::string> list(std::string_view key) const;
  // whole seconds, ascending
  std::vector<std::chrono::seconds> list_of_seconds(std::string_view key) const;
  // "72h", "5s", "250ms", or a number of seconds
  std::chrono::milliseconds duration(std::string_view key) const;
  // log.kafka.* → name without prefix, value as text
  std::map<std::string, std::string> map_below(std::string_view prefix) const;

  /// All effective settings with their origin, in order of name; secrets (password, secret, key)
  /// masked.
  std::vector<std::pair<std::string, Value>> effective() const;
  std::string program_name() const;

  std::map<std::string, Value, std::less<>> values;
  // default consumer group of the program: vigie, crawler, extractor, indexer
  std::string fallback_group;
};

/// What a value must look like.
enum class KeyType {
  kText,
  kInteger,
  kNumber,
  kBoolean,
  kList,
  kListOfSeconds,  // whole numbers, ascending
  kDuration,
  kListen,  // HOST:PORT
  kIsolation,
  kEngine,
  kLogLevel,
  kLogFormat,
};

/// The words of which a value is one; empty: a value may be another.
std::vector<std::string_view> choices_of(KeyType type);

/// One key: name, default (per program where it differs), meaning, and what a value must look like.
struct Key {
  std::string_view name;
  std::string_view fallback;  // YAML; "@" + word means a default that depends on the program
  KeyType type;
  std::string_view meaning;
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
};
const std::vector<Key>& keys();

struct Sources {
  std::string config_file;        // empty: none
  std::vector<std::string> sets;  // "key=value", value read as YAML
  std::map<std::string, std::string> environment;
};

/// Errors: kStop unknown_key (naming the nearest known one), bad_value (FILE:LINE:COL and what is
/// expected), bad_yaml, not_found.
Result<Settings> load(Program program, const Sources& sources);

/// A file or folder that ships with vigie, such as ops/topics: relative to the working directory if
/// it is there, else to the checkout or the installation that this program belongs to
/// (…/share/vigie). A path that is nowhere comes back as it is.
std::filesystem::path resource(const std::filesystem::path& path);

}  // namespace vigie::config
