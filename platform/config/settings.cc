#include "platform/config/settings.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "platform/process/process.h"
#include "platform/text/nearest.h"
#include "platform/yaml/yaml.h"

namespace vigie::config {
namespace {

constexpr std::string_view kPassthrough = "log.kafka.";  // given to librdkafka as they are
constexpr std::size_t kMaxConfigBytes = 1 << 20;

const char* fallback_of(std::string_view name, Program program) {
  if (name == "@data") {
    switch (program) {
      case Program::kUp: return "./vigie-data";
      case Program::kCrawler: return "./vigie-data/crawler";
      case Program::kExtractor: return "./vigie-data/extractor";
      case Program::kIndexer: return "./vigie-data/indexer";
    }
  }
  if (name == "@listen") {
    switch (program) {
      case Program::kUp:
      case Program::kIndexer: return "127.0.0.1:8080";
      case Program::kCrawler: return "127.0.0.1:8081";
      case Program::kExtractor: return "127.0.0.1:8082";
    }
  }
  switch (program) {
    case Program::kUp: return "vigie";
    case Program::kCrawler: return "crawler";
    case Program::kExtractor: return "extractor";
    case Program::kIndexer: return "indexer";
  }
  return "";
}

const Key* find_key(std::string_view name) {
  const auto place =
      std::lower_bound(keys().begin(), keys().end(), name,
                       [](const Key& key, std::string_view wanted) { return key.name < wanted; });
  return place != keys().end() && place->name == name ? &*place : nullptr;
}

std::string nearest(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Key& key : keys()) names.push_back(key.name);
  return std::string(text::nearest(name, names));
}

/// Longer than anything means: 300 years, far from the end of 64 bits of milliseconds.
constexpr double kMaxDurationMs = 1e13;

std::optional<std::chrono::milliseconds> read_duration(const Json& value) {
  if (value.is_number()) {
    const double seconds = value.as_double();
    if (!(seconds >= 0 && seconds * 1000 <= kMaxDurationMs)) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  }
  const std::string& text = value.as_string();
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || text.find_first_of("0123456789") != 0 || !(number >= 0)) return std::nullopt;
  const std::string_view unit(end);
  const std::array<std::pair<std::string_view, double>, 5> units{
      {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}}};
  for (const auto& [name, factor] : units) {
    if (unit == name && number * factor <= kMaxDurationMs)
      return std::chrono::milliseconds(static_cast<std::int64_t>(number * factor));
  }
  return std::nullopt;
}

bool is_listen_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size() ||
      text.size() - colon > 6)
    return false;
  const bool bracketed = text.front() == '[' && text[colon - 1] == ']';
  if (!bracketed && text.find(':') != colon) return false;  // an IPv6 address stands in brackets
  const std::string port = text.substr(colon + 1);
  return port.find_first_not_of("0123456789") == std::string::npos && std::stol(port) <= 65'535;
}

bool is_one_of(const std::string& text, const std::vector<std::string_view>& choices) {
  return std::find(choices.begin(), choices.end(), text) != choices.end();
}

bool is_text(const Json& value) {
  return value.is_string() || value.is_number() || value.is_bool();
}

std::string as_text(const Json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.as_string() : value.dump();
}

bool is_group(std::string_view name) {
  return std::any_of(keys().begin(), keys().end(), [&](const Key& key) {
    return key.name.size() > name.size() && key.name.starts_with(name) &&
           key.name[name.size()] == '.';
  });
}

/// Entries of a list of seconds: more would be a mistake.
constexpr std::size_t kMaxSeconds = 100;

bool is_ascending_seconds(const Json& value, std::int64_t least, std::int64_t most) {
  if (!value.is_array() || value.as_array().size() > kMaxSeconds) return false;
  std::int64_t before = least - 1;
  for (const Json& item : value.as_array()) {
    if (!item.is_integer() || item.as_integer() <= before || item.as_integer() > most) return false;
    before = item.as_integer();
  }
  return true;
}

/// "process or none", "debug, info, warning or error".
std::string listed(const std::vector<std::string_view>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

bool is_number_of(const Key& key, const Json& value) {
  const bool right = key.type == KeyType::kInteger ? value.is_integer() : value.is_number();
  return right && value.as_double() >= static_cast<double>(key.least) &&
         value.as_double() <= static_cast<double>(key.most);
}

bool is_list(const Json& value) {
  if (value.is_null() || is_text(value)) return true;
  return value.is_array() && std::all_of(value.as_array().begin(), value.as_array().end(), is_text);
}

bool is_right(const Key& key, const Json& value) {
  switch (key.type) {
    case KeyType::kBoolean: return value.is_bool();
    case KeyType::kInteger:
    case KeyType::kNumber: return is_number_of(key, value);
    case KeyType::kDuration: return read_duration(value).has_value();
    case KeyType::kList: return is_list(value);
    case KeyType::kListOfSeconds: return is_ascending_seconds(value, key.least, key.most);
    case KeyType::kListen:
      return is_listen_address(value.as_string()) || (value.is_null() && key.fallback == "null");
    case KeyType::kIsolation:
    case KeyType::kEngine:
    case KeyType::kLogLevel:
    case KeyType::kLogFormat: return is_one_of(value.as_string(), choices_of(key.type));
    case KeyType::kText: break;
  }
  if (value.is_null() || (is_text(value) && as_text(value).empty())) return key.fallback == "null";
  return is_text(value);
}

/// What the value must be: the end of a sentence that begins with the name.
std::string demand(const Key& key, const Json& value) {
  const std::string range = std::to_string(key.least) + " to " + std::to_string(key.most);
  switch (key.type) {
    case KeyType::kBoolean: return "be true or false";
    case KeyType::kInteger: return "be a whole number from " + range;
    case KeyType::kNumber: return "be a number from " + range;
    case KeyType::kDuration: return "be a length of time such as 72h, 30m, 5s or 250ms";
    case KeyType::kList: return "be a list, e.g. [a, b]";
    case KeyType::kListOfSeconds:
      return "be a list of at most " + std::to_string(kMaxSeconds) +
             " whole numbers of seconds, ascending, from " + range + ", e.g. [600, 3600]";
    case KeyType::kListen: return "be HOST:PORT, e.g. 127.0.0.1:8080";
    case KeyType::kIsolation:
    case KeyType::kEngine:
    case KeyType::kLogLevel:
    case KeyType::kLogFormat: return "be " + listed(choices_of(key.type));
    case KeyType::kText: break;
  }
  return value.is_null() || is_text(value) ? "not be empty" : "be one value, not a list or a group";
}

/// What is wrong with a value, or nothing.
std::optional<std::string> complaint(const Key& key, const Json& value) {
  if (is_right(key, value)) return std::nullopt;
  return std::string(key.name) + " must " + demand(key, value);
}

Result<void> put(Settings& settings, const std::string& name, Json value, std::string origin,
                 const std::string& where) {
  const bool passed_through = name.starts_with(kPassthrough) && name.size() > kPassthrough.size();
  const Key* key = find_key(name);
  if (key == nullptr && !passed_through) {
    return failure(Disposition::kStop, "unknown_key",
                   "there is no setting '" + name + "'; did you mean '" + nearest(name) +
                       "'? `vigie config` lists them all",
                   where);
  }
  if (key != nullptr) {
    if (auto wrong = complaint(*key, value))
      return failure(Disposition::kStop, "bad_value", *wrong, where);
  } else if (!is_text(value)) {
    return failure(Disposition::kStop, "bad_value", name + " must be one value", where);
  }
  settings.values.insert_or_assign(name, Settings::Value{std::move(value), std::move(origin)});
  return {};
}

Result<void> put_file(Settings& settings, const std::string& file) {
  VIGIE_ASSIGN(const std::string text, process::read_file(file, kMaxConfigBytes));
  auto parsed = parse_yaml(text, file);
  if (!parsed)
    return failure(Disposition::kStop, parsed.error().code, parsed.error().detail,
                   parsed.error().where);
  struct Frame {
    const Yaml* map;
    std::string prefix;
  };
  if (parsed->kind == Yaml::Kind::kNull) return {};
  if (!parsed->is_map())
    return failure(Disposition::kStop, "bad_value",
                   "a settings file is a map of settings, e.g. fetch: {min_gap_ms: 2000}",
                   file + ":1:1");
  // of the settings seen: a.b may be written as `a.b:` and as `a: {b: }`
  std::map<std::string, int> lines;
  std::vector<Frame> stack{{&*parsed, ""}};
  while (!stack.empty()) {
    const Frame frame = stack.back();
    stack.pop_back();
    for (const Yaml::Entry& entry : frame.map->entries) {
      const std::string name = frame.prefix + entry.key;
      const std::string line = file + ":" + std::to_string(entry.line);
      const std::string place = line + ":" + std::to_string(entry.column);
      if (entry.value.is_map()) {
        stack.push_back({&entry.value, name + "."});
        continue;
      }
      // a group whose settings are all commented out
      if (entry.value.kind == Yaml::Kind::kNull && is_group(name)) continue;
      const auto known = lines.try_emplace(name, entry.line);
      if (!known.second) {
        return failure(Disposition::kStop, "bad_value",
                       "the setting " + name + " stands here and in line " +
                           std::to_string(known.first->second) + "; keep one of them",
                       place);
      }
      VIGIE_TRY(put(settings, name, entry.value.to_json(), line, place));
    }
  }
  return {};
}

bool is_secret(std::string_view name) {
  return name.find("password") != std::string_view::npos ||
         name.find("secret") != std::string_view::npos || name.ends_with(".key") ||
         name.ends_with("key.pem") || name.ends_with("sasl.jaas.config");
}

}  // namespace

const Json& Settings::get(std::string_view key) const {
  const auto found = values.find(key);
  VIGIE_INVARIANT(found != values.end());
  return found->second.value;
}

std::string Settings::text(std::string_view key) const { return as_text(get(key)); }
std::int64_t Settings::integer(std::string_view key) const { return get(key).as_integer(); }
double Settings::number(std::string_view key) const { return get(key).as_double(); }
bool Settings::boolean(std::string_view key) const { return get(key).as_bool(); }

std::vector<std::string> Settings::list(std::string_view key) const {
  const Json& value = get(key);
  std::vector<std::string> out;
  if (value.is_array()) {
    for (const Json& item : value.as_array()) out.push_back(as_text(item));
  } else if (!value.is_null()) {
    out.push_back(as_text(value));
  }
  return out;
}

std::vector<std::chrono::seconds> Settings::list_of_seconds(std::string_view key) const {
  std::vector<std::chrono::seconds> out;
  for (const Json& item : get(key).as_array()) out.emplace_back(item.as_integer());
  return out;
}

std::chrono::milliseconds Settings::duration(std::string_view key) const {
  const auto read = read_duration(get(key));
  VIGIE_INVARIANT(read.has_value());
  return *read;
}

std::map<std::string, std::string> Settings::map_below(std::string_view prefix) const {
  std::map<std::string, std::string> out;
  for (auto entry = values.lower_bound(prefix);
       entry != values.end() && entry->first.starts_with(prefix); ++entry) {
    out.emplace(entry->first.substr(prefix.size()), as_text(entry->second.value));
  }
  return out;
}

std::vector<std::pair<std::string, Settings::Value>> Settings::effective() const {
  std::vector<std::pair<std::string, Value>> out(values.begin(), values.end());
  for (auto& [name, value] : out) {
    if (is_secret(name) && !value.value.is_null()) value.value = Json("••••••••");
  }
  return out;
}

std::string Settings::program_name() const {
  const std::string group = fallback_group;
  return group == "vigie" ? "vigie up" : "vigie-" + group;
}

Result<Settings> load(Program program, const Sources& sources) {
  Settings settings;
  settings.fallback_group = fallback_of("@group", program);
  for (const Key& key : keys()) {
    const std::string_view text = key.fallback.starts_with('@')
                                      ? std::string_view(fallback_of(key.fallback, program))
                                      : key.fallback;
    auto parsed = parse_yaml(text, "default");
    VIGIE_INVARIANT(parsed.has_value());
    VIGIE_TRY(put(settings, std::string(key.name), parsed->to_json(), "default", "default"));
  }
  if (!sources.config_file.empty()) VIGIE_TRY(put_file(settings, sources.config_file));
  if (const auto brokers = sources.environment.find("VIGIE_LOG_BROKERS");
      brokers != sources.environment.end()) {
    VIGIE_TRY(put(settings, "log.brokers", Json(brokers->second), "environment VIGIE_LOG_BROKERS",
                  "VIGIE_LOG_BROKERS"));
  }
  for (const std::string& set : sources.sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      return failure(Disposition::kStop, "bad_value",
                     "is no setting; write --set key=value, e.g. --set fetch.min_gap_ms=3000",
                     "--set " + set);
    }
    const std::string where = "--set " + set;
    auto parsed = parse_yaml(std::string_view(set).substr(equals + 1), where);
    if (!parsed)
      return failure(Disposition::kStop, parsed.error().code, parsed.error().detail, where);
    VIGIE_TRY(put(settings, set.substr(0, equals), parsed->to_json(), "--set", where));
  }
  // What ships with vigie is found wherever it is started.
  for (const char* name : {"sources.files", "topics.dirs"}) {
    Settings::Value& value = settings.values.find(std::string_view(name))->second;
    if (value.origin != "default") continue;
    for (Json& path : value.value.mutable_array()) path = Json(resource(path.as_string()).string());
  }
  return settings;
}

std::filesystem::path resource(const std::filesystem::path& path) {
  std::error_code ignored;
  if (path.is_absolute() || std::filesystem::exists(path, ignored)) return path;
  std::array<char, 4096> self{};
  const ssize_t length = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
  if (length <= 0) return path;
  const std::filesystem::path folder =
      std::filesystem::path(std::string(self.data(), static_cast<std::size_t>(length)))
          .parent_path();
  for (const std::filesystem::path& base : {folder / "../..", folder / "../share/vigie"}) {
    if (std::filesystem::exists(base / path, ignored)) return (base / path).lexically_normal();
  }
  return path;
}

}  // namespace vigie::config
