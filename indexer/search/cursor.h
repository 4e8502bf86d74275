#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "indexer/shard/shard.h"
#include "platform/result/result.h"

namespace vigie::indexer::search {

/// Where a page ended, as the URL-safe text that search() gives and takes back.
struct Cursor {
  Sort sort = Sort::kRelevance;
  std::uint8_t group = 0;        // of SearchRequest
  std::int64_t now_unix_ms = 0;  // the first page's, so that within: means the same on every page
  std::uint64_t query_hash = 0;  // a cursor of another query is refused
  After after;
  Statistics statistics;  // the first page's, so that scores do not move between pages
};
std::string encode_cursor(const Cursor& cursor);
/// Errors: bad_cursor (kQuarantine) for anything encode_cursor did not make.
Result<Cursor> decode_cursor(std::string_view text);

}  // namespace vigie::indexer::search
