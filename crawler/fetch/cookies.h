#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/net/http_client.h"
#include "platform/url/url.h"

namespace vigie::crawler::fetch {

/// The cookies of one fetch: sites that want a cookie at their own redirect cannot be read without.
/// It lives as long as the fetch, and nothing of it is kept. RFC 6265, bounded.
class CookieJar {
 public:
  static constexpr std::size_t kMaxCookies = 50;
  static constexpr std::size_t kMaxCookieBytes = 4096;  // name and value
  static constexpr std::size_t kMaxHeaderBytes = 8192;

  /// Takes the cookies that a response sets. One for another site, or for a whole public suffix, is
  /// passed over.
  void take(const url::Url& from, const net::HttpResponse& response, std::int64_t now_unix_ms);
  /// The value of the header Cookie of a request, "" for none.
  std::string header_for(const url::Url& url) const;

 private:
  struct Cookie {
    std::string name;
    std::string value;
    std::string domain;
    std::string path;
    bool host_only = true;
    bool secure = false;
  };
  void take_one(const url::Url& from, std::string_view written, std::int64_t now_unix_ms);

  std::vector<Cookie> cookies_;
};

}  // namespace vigie::crawler::fetch
