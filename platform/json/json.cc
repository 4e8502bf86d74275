#include "platform/json/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <cstdio>
#include <limits>

#include "platform/text/utf8.h"

namespace vigie {
namespace {

const std::string kEmptyText;
const Json::Array kEmptyArray;
const Json::Object kEmptyObject;
const Json kNull;

/// Receives the events of Boost.JSON's parser and builds our values, without recursion.
struct Handler {
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;

  struct Open {
    Json value;
    std::string name;  // of the member that is being read, in an object
  };
  std::vector<Open> open;
  Json root;
  std::string text;

  void place(Json value) {
    if (open.empty()) {
      root = std::move(value);
    } else if (open.back().value.is_array()) {
      open.back().value.mutable_array().push_back(std::move(value));
    } else {
      open.back().value.mutable_object().emplace_back(std::move(open.back().name), std::move(value));
      open.back().name.clear();
    }
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code&) {
    open.push_back({Json::array(), {}});
    return true;
  }
  bool on_array_end(std::size_t, error_code&) { return close(); }
  bool on_object_begin(error_code&) {
    open.push_back({Json::object(), {}});
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    keep_last_of_each_name(open.back().value.mutable_object());
    return close();
  }
  bool close() {
    Json value = std::move(open.back().value);
    open.pop_back();
    place(std::move(value));
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_string(string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    place(Json(std::move(text)));
    text.clear();
    return true;
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_key(string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    open.back().name = std::move(text);
    text.clear();
    return true;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, string_view, error_code&) {
    place(Json(static_cast<long long>(value)));
    return true;
  }
  bool on_uint64(std::uint64_t value, string_view, error_code&) {
    place(Json(static_cast<double>(value)));
    return true;
  }
  bool on_double(double value, string_view, error_code&) {
    place(Json(value));
    return true;
  }
  bool on_bool(bool value, error_code&) {
    place(Json(value));
    return true;
  }
  bool on_null(error_code&) {
    place(Json());
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

  /// Of members with one name the last stays, where the first stood.
  static void keep_last_of_each_name(Json::Object& object) {
    if (object.size() < 2) return;
    std::vector<std::size_t> order(object.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return object[a].first < object[b].first; });
    std::vector<bool> drop(object.size(), false);
    bool any = false;
    for (std::size_t begin = 0; begin < order.size();) {
      std::size_t end = begin + 1;
      while (end < order.size() && object[order[end]].first == object[order[begin]].first) ++end;
      if (end - begin > 1) {
        any = true;
        object[order[begin]].second = std::move(object[order[end - 1]].second);
        for (std::size_t i = begin + 1; i < end; ++i) drop[order[i]] = true;
      }
      begin = end;
    }
    if (!any) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < object.size(); ++i) {
      if (drop[i]) continue;
      if (kept != i) object[kept] = std::move(object[i]);
      ++kept;
    }
    object.resize(kept);
  }
};

/// JSON of the wild made readable: a surrounding CDATA or HTML comment goes, control characters inside strings become escapes.
std::string made_tolerable(std::string_view text) {
  auto strip = [&](std::string_view head, std::string_view tail) {
    text = text::trim(text);
    if (text.starts_with(head)) text.remove_prefix(head.size());
    text = text::trim(text);
    if (text.ends_with(tail)) text.remove_suffix(tail.size());
  };
  strip("\xEF\xBB\xBF", "");
  strip("<!--", "-->");
  strip("//<![CDATA[", "//]]>");
  strip("/*<![CDATA[*/", "/*]]>*/");
  strip("<![CDATA[", "]]>");
  while (!text.empty() && (text.back() == ';' || text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t')) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size() + 64);
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!in_string) {
      if (c == '"') in_string = true;
      out += c;
      continue;
    }
    if (c == '\\') {
      const char next = i + 1 < text.size() ? text[i + 1] : '\0';
      if (std::string_view("\"\\/bfnrtu").find(next) != std::string_view::npos && next != '\0') {
        out += c;
        out += next;
      } else if (next != '\0') {
        if (static_cast<unsigned char>(next) >= 0x20) out += next;  // an escape that JSON does not know stands for its character
      }
      ++i;
      continue;
    }
    if (c == '"') in_string = false;
    if (static_cast<unsigned char>(c) < 0x20) {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : " ";
      continue;
    }
    out += c;
  }
  return text::to_valid_utf8(out);
}

std::string place_of(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return std::to_string(lines + 1) + ":" + std::to_string(offset - line_begin + 1);
}

void append_text(std::string& out, std::string_view raw) {
  std::string repaired;
  if (!text::is_valid_utf8(raw)) {
    repaired = text::to_valid_utf8(raw);
    raw = repaired;
  }
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(raw[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    out.append(raw, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", c);
        out += escape;
      }
    }
  }
  out.append(raw, plain, raw.size() - plain);
  out += '"';
}

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char text[32];
  for (const int digits : {15, 17}) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  out += text;
  if (out.find_first_of(".eEn", out.size() - std::string_view(text).size()) == std::string::npos) out += ".0";
}

/// Writes a value without recursion; indent 0 is one line.
void write(const Json& root, std::string& out, int indent) {
  struct Frame {
    const Json* value;
    std::size_t next = 0;
  };
  std::vector<Frame> stack;
  auto line = [&](std::size_t depth) {
    if (indent == 0) return;
    out += '\n';
    out.append(depth * static_cast<std::size_t>(indent), ' ');
  };
  auto open = [&](const Json& value) {
    if (value.is_null()) out += "null";
    else if (value.is_bool()) out += value.as_bool() ? "true" : "false";
    else if (value.is_integer()) out += std::to_string(value.as_integer());
    else if (value.is_number()) append_double(out, value.as_double());
    else if (value.is_string()) append_text(out, value.as_string());
    else if (value.is_array() ? value.as_array().empty() : value.as_object().empty()) out += value.is_array() ? "[]" : "{}";
    else {
      out += value.is_array() ? '[' : '{';
      stack.push_back({&value});
    }
  };
  open(root);
  while (!stack.empty()) {
    Frame& frame = stack.back();
    const Json& value = *frame.value;
    const std::size_t size = value.is_array() ? value.as_array().size() : value.as_object().size();
    if (frame.next == size) {
      stack.pop_back();
      line(stack.size());
      out += value.is_array() ? ']' : '}';
      continue;
    }
    if (frame.next > 0) out += ',';
    line(stack.size());
    const std::size_t index = frame.next++;
    if (value.is_array()) {
      open(value.as_array()[index]);
    } else {
      append_text(out, value.as_object()[index].first);
      out += indent == 0 ? ":" : ": ";
      open(value.as_object()[index].second);
    }
  }
}

}  // namespace

bool Json::as_bool(bool fallback) const {
  const bool* value = std::get_if<bool>(&value_);
  return value != nullptr ? *value : fallback;
}

std::int64_t Json::as_integer(std::int64_t fallback) const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  if (const auto* value = std::get_if<double>(&value_)) {
    if (*value >= -0x1p63 && *value < 0x1p63) return static_cast<std::int64_t>(*value);
  }
  return fallback;
}

double Json::as_double(double fallback) const {
  if (const auto* value = std::get_if<double>(&value_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  return fallback;
}

const std::string& Json::as_string() const {
  const auto* value = std::get_if<std::string>(&value_);
  return value != nullptr ? *value : kEmptyText;
}

const Json::Array& Json::as_array() const {
  const auto* value = std::get_if<Array>(&value_);
  return value != nullptr ? *value : kEmptyArray;
}

const Json::Object& Json::as_object() const {
  const auto* value = std::get_if<Object>(&value_);
  return value != nullptr ? *value : kEmptyObject;
}

const Json* Json::find(std::string_view name) const {
  const auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return nullptr;
  for (const Member& member : *object) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

const Json& Json::operator[](std::string_view name) const {
  const Json* found = find(name);
  return found != nullptr ? *found : kNull;
}

Json& Json::set(std::string_view name, Json value) {
  for (Member& member : mutable_object()) {
    if (member.first == name) {
      member.second = std::move(value);
      return *this;
    }
  }
  mutable_object().emplace_back(std::string(name), std::move(value));
  return *this;
}

Json& Json::push(Json value) {
  mutable_array().push_back(std::move(value));
  return *this;
}

Json::Array& Json::mutable_array() {
  if (!is_array()) {
    VIGIE_INVARIANT(is_null());
    value_ = Array{};
  }
  return std::get<Array>(value_);
}

Json::Object& Json::mutable_object() {
  if (!is_object()) {
    VIGIE_INVARIANT(is_null());
    value_ = Object{};
  }
  return std::get<Object>(value_);
}

std::string Json::dump() const {
  std::string out;
  write(*this, out, 0);
  return out;
}

std::string Json::pretty() const {
  std::string out;
  write(*this, out, 2);
  return out;
}

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return failure(Disposition::kQuarantine, "bad_json", "is longer than the " + std::to_string(limits.max_bytes) + " bytes that are read");
  }
  std::string tolerable;
  if (limits.tolerant) {
    tolerable = made_tolerable(text);
    text = tolerable;
  }
  boost::json::parse_options options;
  options.max_depth = limits.max_depth;
  options.allow_comments = limits.tolerant;
  options.allow_trailing_commas = limits.tolerant;
  boost::json::basic_parser<Handler> parser(options);
  boost::json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) {
    std::size_t rest = used;
    while (rest < text.size() && std::string_view(" \t\r\n").find(text[rest]) != std::string_view::npos) ++rest;
    if (rest < text.size()) return failure(Disposition::kQuarantine, "bad_json", "has text behind the end of the value", place_of(text, rest));
  }
  if (error) return failure(Disposition::kQuarantine, "bad_json", "is no JSON: " + error.message(), place_of(text, used));
  if (!parser.done()) return failure(Disposition::kQuarantine, "bad_json", "is no JSON: it ends too early", place_of(text, text.size()));
  return std::move(parser.handler().root);
}

}  // namespace vigie
