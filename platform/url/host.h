#pragma once

#include <string>
#include <string_view>

#include "platform/result/result.h"

namespace vigie::url {

/// The host parser and serialiser of the URL standard, in one.
/// In:  valid UTF-8, as it stands in the URL, tabs and line breaks removed. `special`: the scheme
/// is one of http, https, ws, wss, ftp, file. Out: ASCII domain in lower case, dotted IPv4, [IPv6]
/// compressed, or (not special) an opaque host. Errors: kQuarantine bad_host.
Result<std::string> parse_host(std::string_view input, bool special);

/// Whether a serialised host is an IPv4 or [IPv6] address.
bool is_address_host(std::string_view host);

}  // namespace vigie::url
