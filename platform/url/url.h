#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/result/result.h"

namespace vigie::url {

/// A parsed URL: what is judged is what is fetched. Source: WHATWG URL standard.
struct Url {
  std::string scheme;                 // lower case, without ':'
  std::string username;               // percent-encoded
  std::string password;               // percent-encoded
  std::optional<std::string> host;    // serialised: ASCII domain, dotted IPv4, [IPv6], or opaque
  std::optional<std::uint16_t> port;  // never the scheme's default
  std::string path;                   // with leading '/' for special schemes
  bool opaque_path = false;
  std::optional<std::string> query;     // without '?'
  std::optional<std::string> fragment;  // without '#'

  std::string href() const;
  bool is_http() const { return scheme == "http" || scheme == "https"; }
  std::uint16_t effective_port() const;  // the scheme's default where none is given; 0 if unknown
  /// scheme://host:port with the port always written, for robots caches and the like.
  std::string origin_key() const;
};

/// Parses by the WHATWG algorithm, against `base` where given. At most 16 KiB. Errors: kQuarantine
/// bad_url saying why.
Result<Url> parse(std::string_view input, const Url* base = nullptr);

/// The normalised form that identities are made of; what is fetched is the URL as it was published.
/// Fragment, userinfo, default port and the dot behind a host away, parameters that tell how a
/// reader came away (utm_*, fbclid, smid, ref=rss, …; the rest keep their order), session ids of
/// query and path away, default index names (index.html, index.php, …) away, percent-encoding of
/// unreserved characters undone, upper-case hex, dot segments and repeated slashes resolved, empty
/// query away. Idempotent: normalise(parse(normalise(u))) == normalise(u). Errors: kQuarantine
/// not_http.
Result<std::string> normalise(const Url& url);
/// parse, then normalise.
Result<std::string> normalise(std::string_view input);

/// Registrable domain (public suffix plus one label) of a serialised host; the host itself for IP
/// addresses and for hosts that are a suffix. Source: publicsuffix.org by libpsl.
std::string registrable_domain(std::string_view host);

/// Host to ASCII by UTS #46 as the URL standard asks. Errors: kQuarantine bad_host.
Result<std::string> domain_to_ascii(std::string_view domain, bool be_strict);

}  // namespace vigie::url
