#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Names of files that are sent. Private to indexer/api.
namespace vigie::indexer::api {

/// The value of Content-Disposition for a file to be kept: "vigie", what it is about as a slug of
/// any script ("all" where that is empty), the time in UTC, and the ending.
/// Source: RFC 6266, RFC 8187.
std::string disposition(std::string_view about, std::int64_t now_unix_ms, std::string_view ending);

}  // namespace vigie::indexer::api
