#include "platform/text/xml.h"

#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

bool is_char(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c != 0xFFFE && c != 0xFFFF;
}

}  // namespace

std::string xml(std::string_view utf8) {
  const std::string valid = to_valid_utf8(utf8);
  std::string out;
  out.reserve(valid.size());
  for (std::size_t at = 0; at < valid.size();) {
    const char32_t c = next_code_point(valid, at);
    if (!is_char(c)) continue;
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\r': out += "&#13;"; break;  // else a reader makes it a line feed
      default: append_utf8(out, c);
    }
  }
  return out;
}

}  // namespace vigie::text
