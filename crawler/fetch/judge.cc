#include "crawler/fetch/judge.h"

#include <algorithm>

#include "platform/text/utf8.h"

namespace vigie::crawler {
namespace {

bool begins_like_html(std::string_view body) {
  const std::string head = text::ascii_lower(body.substr(0, 1024));
  return head.find("<html") != std::string::npos ||
         head.find("<!doctype html") != std::string::npos ||
         head.find("<head") != std::string::npos || head.find("<body") != std::string::npos;
}

}  // namespace

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<url::Url> judge_redirect(const url::Url& from, const net::HttpResponse& answer,
                                const std::vector<std::string>& visited) {
  const std::string& location = answer.header("location");
  if (location.empty())
    return failure(Disposition::kQuarantine, "redirect_without_location",
                   "the answer is a redirect that names no place", from.href());
  auto target = url::parse(location, &from);
  if (!target)
    return failure(Disposition::kQuarantine, "redirect_bad_url",
                   "the redirect names an address that cannot be read", from.href());
  if (!target->is_http() || !target->host || !target->username.empty()) {
    return failure(Disposition::kQuarantine, "redirect_not_http",
                   "the redirect leads to something that is not plain http or https", from.href());
  }
  target->fragment.reset();
  if (std::find(visited.begin(), visited.end(), target->href()) != visited.end())
    return failure(Disposition::kQuarantine, "redirect_loop",
                   "the redirects lead round in a circle", from.href());
  if (visited.size() > kMaxRedirects)
    return failure(Disposition::kQuarantine, "too_many_redirects",
                   "there are more than " + std::to_string(kMaxRedirects) + " redirects in a row",
                   from.href());
  return target;
}

bool is_conditional(const v1::UrlState& state) {
  if (state.etag().empty() && state.last_modified().empty()) return false;
  return state.kind() == v1::URL_KIND_ARTICLE ? state.fetches() % 2 == 0
                                              : state.fetches() % 10 != 9;
}

net::HttpRequest make_request(const v1::UrlState& state, const std::string& url, bool conditional,
                              std::size_t max_bytes) {
  net::HttpRequest request;
  request.url = url;
  request.limits.decoded_bytes = max_bytes;
  const bool page = state.kind() == v1::URL_KIND_ARTICLE || state.kind() == v1::URL_KIND_SECTION;
  request.headers.emplace_back("Accept",
                               page ? "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
                                    : "application/atom+xml,application/rss+xml,application/"
                                      "feed+json,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.5");
  if (conditional && !state.etag().empty())
    request.headers.emplace_back("If-None-Match", state.etag());
  if (conditional && !state.last_modified().empty())
    request.headers.emplace_back("If-Modified-Since", state.last_modified());
  return request;
}

std::string judge_page(const net::HttpResponse& answer, std::string_view url,
                       std::string_view final_url) {
  if (text::trim(std::string_view(answer.body).substr(0, 4096)).empty() &&
      answer.body.size() <= 4096)
    return "empty_body";
  const std::string type =
      text::ascii_lower(std::string_view(answer.header("content-type")).substr(0, 128));
  const bool html = type.find("html") != std::string::npos;
  const bool vague = type.empty() || type.find("text/plain") == 0 ||
                     type.find("octet-stream") != std::string::npos || type.find("text/xml") == 0 ||
                     type.find("application/xml") == 0;
  if (!html && !(vague && begins_like_html(answer.body))) return "not_html";
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

}  // namespace vigie::crawler
