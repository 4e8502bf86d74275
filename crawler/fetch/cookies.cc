#include "crawler/fetch/cookies.h"

#include <algorithm>
#include <charconv>

#include "platform/dates/loose_date.h"
#include "platform/text/ascii.h"

namespace vigie::crawler::fetch {
namespace {

/// RFC 6265 §5.1.4.
std::string default_path(const url::Url& url) {
  const std::size_t slash = url.path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : url.path.substr(0, slash);
}

bool path_matches(std::string_view asked, std::string_view path) {
  return asked.starts_with(path) &&
         (asked.size() == path.size() || path.ends_with('/') || asked[path.size()] == '/');
}

bool domain_matches(std::string_view host, std::string_view domain) {
  return host == domain ||
         (host.size() > domain.size() && host.ends_with(domain) &&
          host[host.size() - domain.size() - 1] == '.' && url::registrable_domain(host) != host);
}

/// A whole public suffix, or the domain of somebody else, is nobody's to set cookies for.
bool may_set_for(std::string_view host, std::string_view domain) {
  return host == domain ||
         (domain_matches(host, domain) && domain.size() >= url::registrable_domain(host).size());
}

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// Whether Max-Age, else Expires, says that the cookie is over.
bool is_over(std::string_view max_age, std::string_view expires, std::int64_t now_unix_ms) {
  if (!max_age.empty()) {
    std::int64_t seconds = 0;
    const auto read = std::from_chars(max_age.data(), max_age.data() + max_age.size(), seconds);
    if (read.ec == std::errc()) return seconds <= 0;
  }
  const auto date = expires.empty() ? std::nullopt : dates::read_loose(expires);
  return date && date->unix_ms <= now_unix_ms;
}

}  // namespace

void CookieJar::take(const url::Url& from, const net::HttpResponse& response,
                     std::int64_t now_unix_ms) {
  for (const auto& [name, value] : response.headers) {
    if (name == "set-cookie") take_one(from, value, now_unix_ms);
  }
}

void CookieJar::take_one(const url::Url& from, std::string_view written, std::int64_t now_unix_ms) {
  const std::size_t semicolon = std::min(written.find(';'), written.size());
  const std::string_view pair = written.substr(0, semicolon);
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos || pair.size() > kMaxCookieBytes || !is_clean(pair)) return;
  Cookie cookie;
  cookie.name = text::ascii::trim(pair.substr(0, equals));
  cookie.value = text::ascii::trim(pair.substr(equals + 1));
  cookie.domain = *from.host;
  cookie.path = default_path(from);
  std::string max_age;
  std::string expires;
  for (std::string_view rest = written.substr(semicolon); !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view attribute = rest.substr(0, rest.find(';'));
    rest.remove_prefix(attribute.size());
    const std::size_t at = std::min(attribute.find('='), attribute.size());
    const std::string name = text::ascii::lower(text::ascii::trim(attribute.substr(0, at)));
    std::string_view value =
        at < attribute.size() ? text::ascii::trim(attribute.substr(at + 1)) : std::string_view();
    if (name == "max-age") max_age = value;
    if (name == "expires") expires = value;
    if (name == "secure") cookie.secure = true;
    if (name == "path" && value.starts_with('/')) cookie.path = value;
    if (name == "domain" && !value.empty()) {
      if (value.front() == '.') value.remove_prefix(1);
      cookie.domain = text::ascii::lower(value);
      cookie.host_only = false;
    }
  }
  if (cookie.name.empty() || !may_set_for(*from.host, cookie.domain)) return;
  std::erase_if(cookies_, [&](const Cookie& other) {
    return other.name == cookie.name && other.domain == cookie.domain && other.path == cookie.path;
  });
  if (is_over(max_age, expires, now_unix_ms) || cookies_.size() >= kMaxCookies) return;
  cookies_.push_back(std::move(cookie));
}

std::string CookieJar::header_for(const url::Url& url) const {
  std::string out;
  for (const Cookie& cookie : cookies_) {
    if (cookie.secure && url.scheme != "https") continue;
    if (cookie.host_only ? *url.host != cookie.domain : !domain_matches(*url.host, cookie.domain))
      continue;
    if (!path_matches(url.path, cookie.path)) continue;
    const std::string pair = cookie.name + "=" + cookie.value;
    if (out.size() + pair.size() + 2 > kMaxHeaderBytes) break;
    out += (out.empty() ? "" : "; ") + pair;
  }
  return out;
}

}  // namespace vigie::crawler::fetch
