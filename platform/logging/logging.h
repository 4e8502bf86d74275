#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

/// Structured logging to stderr: one event a line, fields escaped (CR, LF, ESC, bidi controls),
/// each at most 256 bytes. Never a secret or a body.
namespace vigie::logging {

enum class Level { kDebug, kInfo, kWarning, kError };

/// A field: text, number or boolean, already as text.
struct Field {
  Field(std::string_view name_, std::string_view value_) : name(name_), value(value_) {}
  Field(std::string_view name_, const char* value_) : name(name_), value(value_) {}
  Field(std::string_view name_, const std::string& value_) : name(name_), value(value_) {}
  Field(std::string_view name_, long long value_)
      : name(name_), value(std::to_string(value_)), bare(true) {}
  Field(std::string_view name_, long value_)
      : name(name_), value(std::to_string(value_)), bare(true) {}
  Field(std::string_view name_, int value_)
      : name(name_), value(std::to_string(value_)), bare(true) {}
  Field(std::string_view name_, unsigned long value_)
      : name(name_), value(std::to_string(value_)), bare(true) {}
  Field(std::string_view name_, unsigned value_)
      : name(name_), value(std::to_string(value_)), bare(true) {}
  Field(std::string_view name_, double value_)
      : name(name_), value(std::to_string(value_)), bare(true) {}
  Field(std::string_view name_, bool value_)
      : name(name_), value(value_ ? "true" : "false"), bare(true) {}
  std::string name;
  std::string value;
  bool bare = false;  // a number or a boolean: without quotes in JSON
};

/// How lines look: key=value for people, or one JSON object a line.
enum class Format { kText, kJson };
void configure(Level least, Format format);
/// The format in use, for what is said outside of events.
Format format();

/// Lines written since the start, of one level. Any thread.
std::uint64_t lines_written(Level level);

/// `event` is lower case, without a final point: "feed fetched".
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kDebug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kInfo, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kWarning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kError, event, fields);
}

/// Control characters, line and bidi separators as \xNN or \u{NNNN}; safe to print on a terminal.
std::string escape_for_terminal(std::string_view text, std::size_t max_bytes = 256);

}  // namespace vigie::logging
