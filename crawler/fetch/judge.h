#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "platform/url/url.h"
#include "proto/frontier.pb.h"

/// Judgements on requests and answers; pure functions.
namespace vigie::crawler {

/// Redirects that are followed for one URL; RFC 9309 §2.3.1.2 asks for at least five.
inline constexpr std::size_t kMaxRedirects = 5;

/// Whether a status is a redirect that names another place: 301, 302, 303, 307, 308.
bool is_redirect(int status);

/// Where a redirect leads. `visited` are the addresses of this chain so far, the redirecting one
/// last. Errors (kQuarantine): redirect_without_location, redirect_bad_url, redirect_not_http,
/// redirect_loop, too_many_redirects.
Result<url::Url> judge_redirect(const url::Url& from, const net::HttpResponse& answer,
                                const std::vector<std::string>& visited);

/// Whether validators are sent: never on a first fetch, and not with every tenth poll or every
/// other revisit, because validators lie.
bool is_conditional(const v1::UrlState& state);

/// The request for one hop. `conditional`: with the validators of the state.
net::HttpRequest make_request(const v1::UrlState& state, const std::string& url, bool conditional,
                              std::size_t max_bytes);

/// Why an answer with status 200 is no page that can be read: not_html, empty_body, redirect_home
/// (an article's address that led to the home page); "" if it is one.
std::string judge_page(const net::HttpResponse& answer, std::string_view url,
                       std::string_view final_url);

/// The charset parameter of a Content-Type, "" if it has none.
std::string charset_of(std::string_view content_type);

}  // namespace vigie::crawler
