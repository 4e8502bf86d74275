#include "platform/logging/logging.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <memory>

#include "platform/text/utf8.h"

namespace vigie::logging {
namespace {

std::atomic<Format> format_in_use{Format::kText};
std::array<std::atomic<std::uint64_t>, 4> lines{};  // by Level

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
  if (format == Format::kJson)
    logger().set_pattern("{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}",
                         spdlog::pattern_time_type::utc);
  else logger().set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
}

Format format() { return format_in_use; }

std::uint64_t lines_written(Level level) {
  return lines[static_cast<std::size_t>(level)].load(std::memory_order_relaxed);
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
      // JSON has no word for what is no number
      const bool bare = field.bare && field.value.find("nan") == std::string::npos &&
                        field.value.find("inf") == std::string::npos;
      if (bare) line += field.value;
      else append_json_text(line, escape_for_terminal(field.value));
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
  lines[static_cast<std::size_t>(level)].fetch_add(1, std::memory_order_relaxed);
  logger().log(level_of(level), "{}", line);
}

std::string escape_for_terminal(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view kEllipsis = "…";
  std::string out;
  std::size_t cut = 0;  // where the ellipsis goes if the rest does not fit
  for (std::size_t i = 0; i < text.size() && out.size() <= max_bytes;) {
    if (out.size() + kEllipsis.size() <= max_bytes) cut = out.size();
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const std::size_t length = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    const std::string_view character = text.substr(i, length);
    if (c < 0x20 || c == 0x7f || character.size() < length || !text::is_valid_utf8(character)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
      ++i;
      continue;
    }
    const char32_t code = text::next_code_point(text, i);
    const bool hidden = (code >= 0x80 && code <= 0x9f) || code == 0x2028 || code == 0x2029 ||
                        (code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
                        (code >= 0x2066 && code <= 0x2069) || code == 0x061c || code == 0xfeff;
    if (hidden) out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(code));
    else out += character;
  }
  if (out.size() > max_bytes) {
    out.resize(cut);
    if (cut + kEllipsis.size() <= max_bytes) out += kEllipsis;
  }
  return out;
}

}  // namespace vigie::logging
