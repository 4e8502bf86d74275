#include "platform/json/json.h"

#include "platform/json/once.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

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
  std::string number;                   // parts of the number that is being read
  std::optional<std::string> repeated;  // a name that an object held twice

  void place(Json value) {
    if (open.empty()) {
      root = std::move(value);
    } else if (open.back().value.is_array()) {
      open.back().value.mutable_array().push_back(std::move(value));
    } else {
      open.back().value.mutable_object().emplace_back(std::move(open.back().name),
                                                      std::move(value));
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
    if (auto name = keep_last_of_each_name(open.back().value.mutable_object()))
      repeated = std::move(name);
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
  bool on_number_part(string_view part, error_code&) {
    number.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, string_view, error_code&) {
    number.clear();
    place(Json(static_cast<long long>(value)));
    return true;
  }
  bool on_uint64(std::uint64_t value, string_view, error_code&) {
    number.clear();
    place(Json(static_cast<double>(value)));
    return true;
  }
  /// The value that comes with it may be off by one bit (Boost before 1.84) or infinite: the text
  /// decides.
  bool on_double(double value, string_view part, error_code&) {
    number.append(part.data(), part.size());
    double exact = value;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), exact);
    number.clear();
    if (read.ec != std::errc()) exact = value;
    if (std::isinf(exact)) exact = std::copysign(std::numeric_limits<double>::max(), exact);
    place(Json(exact));
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

  /// Of members with one name the last stays, where the first stood. Out: such a name.
  static std::optional<std::string> keep_last_of_each_name(Json::Object& object) {
    if (object.size() < 2) return std::nullopt;
    std::vector<std::size_t> order(object.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return object[a].first < object[b].first;
    });
    std::vector<bool> drop(object.size(), false);
    std::optional<std::string> repeated_name;
    for (std::size_t begin = 0; begin < order.size();) {
      std::size_t end = begin + 1;
      while (end < order.size() && object[order[end]].first == object[order[begin]].first) ++end;
      if (end - begin > 1) {
        repeated_name = object[order[begin]].first;
        object[order[begin]].second = std::move(object[order[end - 1]].second);
        for (std::size_t i = begin + 1; i < end; ++i) drop[order[i]] = true;
      }
      begin = end;
    }
    if (!repeated_name) return std::nullopt;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < object.size(); ++i) {
      if (drop[i]) continue;
      if (kept != i) object[kept] = std::move(object[i]);
      ++kept;
    }
    object.resize(kept);
    return repeated_name;
  }
};

/// The code unit of an escape \uXXXX whose digits begin at `i`; nothing if they are no four
/// hexadecimal digits.
std::optional<unsigned> code_unit_at(std::string_view text, std::size_t i) {
  unsigned unit = 0;
  if (i + 4 > text.size()) return std::nullopt;
  const auto read = std::from_chars(text.data() + i, text.data() + i + 4, unit, 16);
  return read.ec == std::errc() && read.ptr == text.data() + i + 4 ? std::optional(unit)
                                                                   : std::nullopt;
}

/// Copies the escape at `i` (a backslash) in a form that JSON knows, and returns what is behind it.
std::size_t copy_escape(std::string_view text, std::size_t i, std::string& out) {
  if (i + 1 >= text.size()) return text.size();
  const char next = text[i + 1];
  if (next == 'u') {
    const auto unit = code_unit_at(text, i + 2);
    if (!unit) {
      out += 'u';
      return i + 2;
    }
    const bool high = *unit >= 0xD800 && *unit <= 0xDBFF;
    const auto second =
        high && text.substr(i + 6, 2) == "\\u" ? code_unit_at(text, i + 8) : std::nullopt;
    if (second && *second >= 0xDC00 && *second <= 0xDFFF) {
      out.append(text, i, 12);
      return i + 12;
    }
    if (*unit >= 0xD800 && *unit <= 0xDFFF) out += "\\ufffd";  // half a pair
    else out.append(text, i, 6);
    return i + 6;
  }
  if (std::string_view("\"\\/bfnrt").find(next) != std::string_view::npos) out += '\\';
  // An escape that JSON does not know stands for its character; that of a line break for nothing.
  if (static_cast<unsigned char>(next) >= 0x20) out += next;
  return i + 2;
}

/// The end of the comment that begins at `i`; `i` if none does.
std::size_t end_of_comment(std::string_view text, std::size_t i) {
  const std::string_view head = text.substr(i, 2);
  if (head == "//") return std::min(text.find('\n', i), text.size());
  if (head == "/*") return std::min(text.find("*/", i + 2), text.size() - 2) + 2;
  return i;
}

/// What stands around JSON in a script element: CDATA and comments of several fashions.
std::string_view without_wrapping(std::string_view text) {
  auto strip = [&](std::string_view head, std::string_view tail) {
    text = text::trim(text);
    if (text.starts_with(head)) text.remove_prefix(head.size());
    text = text::trim(text);
    if (text.ends_with(tail)) text.remove_suffix(tail.size());
  };
  strip("\xEF\xBB\xBF", "");
  strip("<!--//--><![CDATA[//><!--", "//--><!]]>");
  strip("<!--", "-->");
  strip("//<![CDATA[", "//]]>");
  strip("// <![CDATA[", "// ]]>");
  strip("/*<![CDATA[*/", "/*]]>*/");
  strip("/* <![CDATA[ */", "/* ]]> */");
  strip("<![CDATA[", "]]>");
  while (!text.empty() && std::string_view("; \n\r\t").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  return text;
}

/// JSON of the wild made readable: what wraps it goes, control characters inside strings become
/// escapes, wrong escapes become right ones.
std::string made_tolerable(std::string_view text) {
  text = without_wrapping(text);
  std::string out;
  out.reserve(text.size() + 64);
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (!in_string) {
      const std::size_t end = end_of_comment(text, i);
      if (end > i) {
        out += ' ';  // a comment is white space; what it holds is nobody's business
        out.append(static_cast<std::size_t>(
                       std::count(text.begin() + static_cast<std::ptrdiff_t>(i),
                                  text.begin() + static_cast<std::ptrdiff_t>(end), '\n')),
                   '\n');
        i = end;
        continue;
      }
      in_string = c == '"';
      out += c;
    } else if (c == '\\') {
      i = copy_escape(text, i, out);
      continue;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : " ";
    } else {
      in_string = c != '"';
      out += c;
    }
    ++i;
  }
  return text::to_valid_utf8(out);
}

std::string place_of(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin =
      before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
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
  if (out.find_first_of(".eEn", out.size() - std::string_view(text).size()) == std::string::npos)
    out += ".0";
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
    else if (value.is_array() ? value.as_array().empty() : value.as_object().empty())
      out += value.is_array() ? "[]" : "{}";
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

namespace {

Result<Handler> read_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return failure(
        Disposition::kQuarantine, "bad_json",
        "is longer than the " + std::to_string(limits.max_bytes) + " bytes that are read");
  }
  std::string tolerable;
  if (limits.tolerant) {
    tolerable = made_tolerable(text);
    text = tolerable;
  }
  boost::json::parse_options options;
  options.max_depth = limits.max_depth;
  options.allow_trailing_commas = limits.tolerant;
  boost::json::basic_parser<Handler> parser(options);
  boost::json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) {
    std::size_t rest = used;
    while (rest < text.size() &&
           std::string_view(" \t\r\n").find(text[rest]) != std::string_view::npos)
      ++rest;
    if (rest < text.size())
      return failure(Disposition::kQuarantine, "bad_json", "has text behind the end of the value",
                     place_of(text, rest));
  }
  if (error)
    return failure(Disposition::kQuarantine, "bad_json", "is no JSON: " + error.message(),
                   place_of(text, used));
  if (!parser.done())
    return failure(Disposition::kQuarantine, "bad_json", "is no JSON: it ends too early",
                   place_of(text, text.size()));
  return std::move(parser.handler());
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  VIGIE_ASSIGN(Handler read, read_json(text, limits));
  return std::move(read.root);
}

Result<Json> parse_json_once(std::string_view text, const JsonLimits& limits) {
  constexpr std::size_t kShownBytes = 64;
  VIGIE_ASSIGN(Handler read, read_json(text, limits));
  if (!read.repeated) return std::move(read.root);
  return failure(Disposition::kQuarantine, "bad_json",
                 "holds the name \"" + text::ellipsize(*read.repeated, kShownBytes) +
                     "\" twice in one object; give it once");
}

}  // namespace vigie
