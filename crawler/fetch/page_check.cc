#include "crawler/fetch/page_check.h"

#include <algorithm>

#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::fetch {
namespace {

/// How much of a body tells whether it is HTML, and whether it is empty.
constexpr std::size_t kHeadBytes = 1024;
constexpr std::size_t kBlankBytes = 4096;

bool begins_like_html(std::string_view body) {
  const std::string head = text::ascii_lower(body.substr(0, kHeadBytes));
  return head.find("<html") != std::string::npos ||
         head.find("<!doctype html") != std::string::npos ||
         head.find("<head") != std::string::npos || head.find("<body") != std::string::npos;
}

bool is_html(const net::HttpResponse& response) {
  const std::string type =
      text::ascii_lower(std::string_view(response.header("content-type")).substr(0, 128));
  if (type.find("html") != std::string::npos) return true;
  const bool vague = type.empty() || type.find("text/plain") == 0 ||
                     type.find("octet-stream") != std::string::npos || type.find("text/xml") == 0 ||
                     type.find("application/xml") == 0;
  return vague && begins_like_html(response.body);
}

}  // namespace

std::string page_problem(const net::HttpResponse& response, std::string_view url,
                         std::string_view final_url) {
  if (response.body.size() <= kBlankBytes && text::trim(response.body).empty()) return "empty_body";
  if (!is_html(response)) return "not_html";
  if (url != final_url) {
    const auto from = url::parse(url);
    const auto to = url::parse(final_url);
    if (from && to && from->path.size() > 1 && to->path.size() <= 1 && !to->query)
      return "redirect_home";
  }
  return {};
}

std::string charset_of(std::string_view content_type) {
  const std::string lower = text::ascii_lower(content_type.substr(0, 256));
  const std::size_t at = lower.find("charset=");
  if (at == std::string::npos) return {};
  std::string value = lower.substr(at + 8);
  value = value.substr(0, value.find(';'));
  value.erase(std::remove_if(value.begin(), value.end(),
                             [](char c) { return c == '"' || c == '\'' || c == ' '; }),
              value.end());
  return value;
}

}  // namespace vigie::crawler::fetch
