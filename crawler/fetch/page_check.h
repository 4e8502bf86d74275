#pragma once

#include <string>
#include <string_view>

#include "platform/net/http_client.h"

/// Whether a response is a page. Pure functions.
namespace vigie::crawler::fetch {

/// Why a response with status 200 is no page that can be read: not_html, empty_body, redirect_home
/// (the URL of an article led to the home page). "" if it is a page.
std::string page_problem(const net::HttpResponse& response, std::string_view url,
                         std::string_view final_url);

/// The charset parameter of a Content-Type, "" if it has none.
std::string charset_of(std::string_view content_type);

}  // namespace vigie::crawler::fetch
