#include "platform/http/conditional.h"

#include "platform/text/utf8.h"

namespace vigie::http {
namespace {

constexpr std::string_view kWeak = "W/";

std::string_view strong(std::string_view tag) {
  return tag.starts_with(kWeak) ? tag.substr(kWeak.size()) : tag;
}

}  // namespace

bool matches_tag(std::string_view if_none_match, std::string_view tag) {
  std::string_view rest = text::trim(if_none_match);
  if (rest == "*") return true;
  while (!rest.empty()) {
    rest = strong(rest);
    if (rest.starts_with('"')) {
      const std::size_t end = rest.find('"', 1);
      if (end == std::string_view::npos) return false;
      if (rest.substr(0, end + 1) == strong(tag)) return true;
      rest.remove_prefix(end + 1);
    }
    const std::size_t comma = rest.find(',');
    if (comma == std::string_view::npos) return false;
    rest = text::trim(rest.substr(comma + 1));
  }
  return false;
}

}  // namespace vigie::http
