#include "platform/text/visible.h"

#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

bool is_invisible(char32_t c) {
  return c == 0xAD || c == 0x61C || c == 0x200B || c == 0x200E || c == 0x200F || c == 0x2060 ||
         c == 0xFEFF || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string visible_line(std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  std::string out;
  for (std::size_t offset = 0; offset < valid.size();) {
    const char32_t c = next_code_point(valid, offset);
    if (!is_invisible(c)) append_utf8(out, c);
  }
  return collapse_spaces(out);
}

}  // namespace vigie::text
