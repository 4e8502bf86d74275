#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/net/http_client.h"
#include "platform/url/url.h"

/// Redirects that a page makes itself: the header Refresh and `<meta http-equiv="refresh">`. Pure.
namespace vigie::crawler::fetch {

struct Refresh {
  int seconds = 0;
  std::string url;  // as written; "" reloads the page itself
};

/// Reads the value of a refresh by the HTML standard ("shared declarative refresh steps").
std::optional<Refresh> read_refresh(std::string_view value);

/// A page that leads elsewhere within so many seconds is no page of its own.
inline constexpr int kMaxRefreshSeconds = 10;

/// Where a response with a body leads within kMaxRefreshSeconds: by its header, else by the first
/// meta element that counts. Scripts, styles, comments, templates and what is shown to browsers
/// without scripts alone are passed over.
struct RefreshHop {
  int seconds = 0;
  url::Url target;
};
std::optional<RefreshHop> refresh_of(const net::HttpResponse& response, const url::Url& from);

}  // namespace vigie::crawler::fetch
