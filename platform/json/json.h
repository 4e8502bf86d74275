#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "platform/result/result.h"

namespace vigie {

/// A JSON value (RFC 8259). Objects keep the order of insertion; of repeated names in a text the
/// last wins. Copyable; not shared between threads while it changes.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;  // null
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(int value) : value_(static_cast<std::int64_t>(value)) {}
  Json(unsigned value) : value_(static_cast<std::int64_t>(value)) {}
  Json(long value) : value_(static_cast<std::int64_t>(value)) {}
  Json(long long value) : value_(static_cast<std::int64_t>(value)) {}
  Json(unsigned long value) : Json(static_cast<unsigned long long>(value)) {}
  // a double where 64 bits with a sign do not hold it, as in parsing
  Json(unsigned long long value) {
    if (value <= static_cast<unsigned long long>(INT64_MAX))
      value_ = static_cast<std::int64_t>(value);
    else value_ = static_cast<double>(value);
  }
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}
  static Json array() { return Json(Array{}); }
  static Json object() { return Json(Object{}); }
  static Json object(std::initializer_list<Member> members) { return Json(Object(members)); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(value_); }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  /// The value, or the fallback where the type is another.
  bool as_bool(bool fallback = false) const;
  std::int64_t as_integer(std::int64_t fallback = 0) const;  // a double is truncated if it fits
  double as_double(double fallback = 0) const;
  const std::string& as_string() const;  // "" for other types
  const Array& as_array() const;         // [] for other types
  const Object& as_object() const;       // {} for other types

  /// Member of an object; null if absent or if this is no object.
  const Json& operator[](std::string_view name) const;
  const Json* find(std::string_view name) const;
  /// Sets a member; null becomes an object first.
  Json& set(std::string_view name, Json value);
  /// Appends to an array; null becomes an array first.
  Json& push(Json value);
  Array& mutable_array();    // null becomes an array
  Object& mutable_object();  // null becomes an object

  /// Compact text in one line; invalid UTF-8 becomes U+FFFD; NaN and infinities become null.
  std::string dump() const;
  /// Indented by two spaces.
  std::string pretty() const;

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

struct JsonLimits {
  std::size_t max_depth = 64;
  std::size_t max_bytes = 64ULL << 20;
  /// For JSON-LD of the wild: comments, trailing commas, line breaks and other control characters
  /// inside strings, unknown escapes, half surrogate pairs, invalid UTF-8, a surrounding CDATA. The
  /// place of an error is then one in the repaired text.
  bool tolerant = false;
};

/// Parses one value with nothing but white space after it. Integers of 64 bits are exact, doubles
/// correctly rounded; numbers beyond the doubles become the greatest double. Errors: kQuarantine
/// bad_json with "line:column".
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace vigie
