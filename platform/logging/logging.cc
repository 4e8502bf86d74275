#include "platform/logging/logging.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

namespace vigie::logging {
namespace {

std::atomic<Format> format_in_use{Format::kText};

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarning: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// The one logger: lines are whole because the sink locks.
spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> made = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto out = std::make_shared<spdlog::logger>("vigie", std::move(sink));
    out->set_level(spdlog::level::info);
    out->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
    out->flush_on(spdlog::level::debug);
    return out;
  }();
  return *made;
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      out += c;  // control characters are gone already
    }
  }
  out += '"';
}

}  // namespace

void configure(Level least, Format format) {
  logger().set_level(level_of(least));
  format_in_use = format;
  if (format == Format::kJson) logger().set_pattern("{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}", spdlog::pattern_time_type::utc);
  else logger().set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!logger().should_log(level_of(level))) return;
  std::string line;
  if (format_in_use.load() == Format::kJson) {
    line += "\"event\":";
    append_json_text(line, escape_for_terminal(event));
    for (const Field& field : fields) {
      line += ',';
      append_json_text(line, field.name);
      line += ':';
      append_json_text(line, escape_for_terminal(field.value));
    }
  } else {
    line += escape_for_terminal(event);
    for (const Field& field : fields) {
      const std::string value = escape_for_terminal(field.value);
      const bool quote = value.empty() || value.find_first_of(" \"=") != std::string::npos;
      line += ' ' + field.name + '=';
      if (quote) append_json_text(line, value);
      else line += value;
    }
  }
  logger().log(level_of(level), "{}", line);
}

std::string escape_for_terminal(std::string_view text, std::size_t max_bytes) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() >= max_bytes) {
      out += "…";
      break;
    }
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
      ++i;
      continue;
    }
    if (c < 0x80) {
      out += static_cast<char>(c);
      ++i;
      continue;
    }
    const std::size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 1;
    bool whole = length > 1 && i + length <= text.size();
    char32_t code = length == 4 ? c & 0x07U : length == 3 ? c & 0x0FU : c & 0x1FU;
    for (std::size_t k = 1; whole && k < length; ++k) {
      const unsigned char next = static_cast<unsigned char>(text[i + k]);
      whole = (next & 0xC0U) == 0x80;
      code = code << 6 | (next & 0x3FU);
    }
    if (!whole) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
      ++i;
      continue;
    }
    const bool hidden = (code >= 0x80 && code <= 0x9f) || code == 0x2028 || code == 0x2029 || (code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
                        (code >= 0x2066 && code <= 0x2069) || code == 0x061c || code == 0xfeff;
    if (hidden) out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(code));
    else out.append(text, i, length);
    i += length;
  }
  return out;
}

}  // namespace vigie::logging
