#include "crawler/fetch/redirects.h"

#include <algorithm>

namespace vigie::crawler::fetch {

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_permanent_redirect(int status) { return status == 301 || status == 308; }

std::string hop_key(const url::Url& url, const CookieJar& cookies) {
  const std::string header = cookies.header_for(url);
  return header.empty() ? url.href() : url.href() + "\n" + header;
}

Result<url::Url> redirect_target(const url::Url& from, const net::HttpResponse& response,
                                 const std::vector<std::string>& visited,
                                 const CookieJar& cookies) {
  const std::string& location = response.header("location");
  if (location.empty())
    return failure(Disposition::kQuarantine, "redirect_without_location",
                   "the response is a redirect that names no place", from.href());
  auto target = url::parse(location, &from);
  if (!target)
    return failure(Disposition::kQuarantine, "redirect_bad_url",
                   "the redirect names a URL that cannot be read", from.href());
  return next_hop(from, std::move(*target), visited, cookies);
}

Result<url::Url> next_hop(const url::Url& from, url::Url target,
                          const std::vector<std::string>& visited, const CookieJar& cookies) {
  if (!target.is_http() || !target.host || !target.username.empty()) {
    return failure(Disposition::kQuarantine, "redirect_not_http",
                   "the redirect leads to something that is not plain http or https", from.href());
  }
  target.fragment.reset();
  if (std::find(visited.begin(), visited.end(), hop_key(target, cookies)) != visited.end())
    return failure(Disposition::kQuarantine, "redirect_loop",
                   "the redirects lead round in a circle", from.href());
  if (visited.size() > kMaxRedirects)
    return failure(Disposition::kQuarantine, "too_many_redirects",
                   "there are more than " + std::to_string(kMaxRedirects) + " redirects in a row",
                   from.href());
  return target;
}

}  // namespace vigie::crawler::fetch
