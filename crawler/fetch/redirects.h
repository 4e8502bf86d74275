#pragma once

#include <string>
#include <vector>

#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "platform/url/url.h"

/// Whether and where a redirect may be followed. Pure functions.
namespace vigie::crawler::fetch {

/// Redirects that are followed for one URL. RFC 9309 §2.3.1.2 asks for at least five.
inline constexpr std::size_t kMaxRedirects = 5;

/// Whether a status is a redirect that names another URL: 301, 302, 303, 307, 308.
bool is_redirect(int status);

/// Where a redirect leads. `visited`: the URLs of this chain so far, the redirecting one last.
/// Errors (kQuarantine): redirect_without_location, redirect_bad_url, redirect_not_http,
/// redirect_loop, too_many_redirects.
Result<url::Url> redirect_target(const url::Url& from, const net::HttpResponse& response,
                                 const std::vector<std::string>& visited);

}  // namespace vigie::crawler::fetch
