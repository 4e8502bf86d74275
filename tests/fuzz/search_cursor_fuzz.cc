// libs: indexer/search
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "indexer/search/cursor.h"

/// A cursor comes from a stranger's URL: an error, never a crash; one that is accepted means the
/// same when it is written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie::indexer::search;
  const auto cursor = decode_cursor(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!cursor) return 0;
  const auto again = decode_cursor(encode_cursor(*cursor));
  if (!again || again->query_hash != cursor->query_hash ||
      again->after.article_id != cursor->after.article_id)
    std::abort();
  return 0;
}
