#pragma once

#include <string>
#include <vector>

#include "crawler/fetch/cookies.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "platform/url/url.h"

/// Whether and where a redirect may be followed. Pure functions.
namespace vigie::crawler::fetch {

/// Redirects that are followed for one URL. RFC 9309 §2.3.1.2 asks for at least five.
inline constexpr std::size_t kMaxRedirects = 5;

/// Whether a status is a redirect that names another URL: 301, 302, 303, 307, 308.
bool is_redirect(int status);

/// Whether a redirect tells that the old URL is not to be used any more: 301, 308.
bool is_permanent_redirect(int status);

/// What tells one hop of a chain from another: its URL, and the cookies that go with it, since a
/// site may answer the same URL differently once it sees its cookie.
std::string hop_key(const url::Url& url, const CookieJar& cookies);

/// Where a redirect leads. `visited`: the hops of this chain so far, by hop_key(), the redirecting
/// one last. Errors (kQuarantine): redirect_without_location, redirect_bad_url, redirect_not_http,
/// redirect_loop, too_many_redirects.
Result<url::Url> redirect_target(const url::Url& from, const net::HttpResponse& response,
                                 const std::vector<std::string>& visited,
                                 const CookieJar& cookies = {});
/// The same of a hop that a page makes itself.
Result<url::Url> next_hop(const url::Url& from, url::Url target,
                          const std::vector<std::string>& visited, const CookieJar& cookies);

}  // namespace vigie::crawler::fetch
