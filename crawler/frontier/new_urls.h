#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/frontier.pb.h"

/// Records of new URLs: the first states of URLs that one listing named, in one record of the log.
/// Pure functions.
namespace vigie::crawler::frontier {

/// URLs of one record, and the bytes after which it is full: what is read for one of them is read
/// with all, and a broker takes a record of this size whatever its settings.
inline constexpr int kMostNewUrls = 100;
inline constexpr std::size_t kFullNewUrlsBytes = 64ULL << 10;
/// After this the URLs that are left in a record get their own: see the tombstones of ADR 0044.
inline constexpr std::int64_t kNewUrlsStandMs = 12 * 3'600'000LL;

inline constexpr std::string_view kNewUrlsPrefix = "n:";

/// The key of its record. Two records of one key hold the same URLs.
std::string key_of(const v1::NewUrls& urls);
/// Where each URL of a record stands among its bytes: offset and length.
using NewUrlPlaces = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
/// Cuts a record without reading its URLs: `said` becomes what it says of all of them. Nothing:
/// these bytes are no record.
std::optional<NewUrlPlaces> cut(std::string_view record, v1::NewUrls& said);
/// The first state of one of its URLs. `urls`: what the record says of all.
v1::UrlState state_of(const v1::NewUrls& urls, const v1::NewUrl& url);

}  // namespace vigie::crawler::frontier
