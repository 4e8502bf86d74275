#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vigie::indexer::search {

/// Which shards a response speaks of.
struct Coverage {
  std::size_t shards = 0;               // that there should be
  std::vector<std::int32_t> missing;    // partitions of which the response knows nothing
  std::vector<std::int32_t> restoring;  // partitions that have not caught up with the log
  bool partial() const { return !missing.empty() || !restoring.empty(); }
};

}  // namespace vigie::indexer::search
