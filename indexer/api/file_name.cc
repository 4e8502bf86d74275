#include "indexer/api/file_name.h"

#include "platform/dates/dates.h"
#include "platform/http/http.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMaxNameBytes = 80;  // of what it is about

/// Letters and digits of any script, with hyphens between.
std::string slug_of(std::string_view about) {
  std::string out;
  for (std::size_t at = 0; at < about.size();) {
    const std::size_t begin = at;
    const char32_t c = text::next_code_point(about, at);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain || c >= 0x80) out += about.substr(begin, at - begin);
    else if (!out.empty() && out.back() != '-') out += '-';
  }
  out = text::prefix(out, kMaxNameBytes);
  while (out.ends_with('-')) out.pop_back();
  return out;
}

}  // namespace

std::string disposition(std::string_view about, std::int64_t now_unix_ms, std::string_view ending) {
  std::string time = dates::rfc3339_seconds(now_unix_ms);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  const std::string slug = slug_of(about);
  const std::string name = "vigie-" + (slug.empty() ? std::string("all") : slug) + "-" + time +
                           "." + std::string(ending);
  std::string ascii;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x80) ascii += c;
    else if (!ascii.ends_with('_')) ascii += '_';
  }
  return "attachment; filename=\"" + ascii + "\"; filename*=UTF-8''" + http::percent_encode(name);
}

}  // namespace vigie::indexer::api
