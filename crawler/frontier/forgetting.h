#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "crawler/frontier/store.h"
#include "platform/result/result.h"

namespace vigie::crawler::frontier {

/// Which finished pages are forgotten while there are too many URLs: the oldest first, a slice of
/// the store at a time. A round goes once through all partitions. Where it was not enough, the next
/// round takes pages half as old. One thread.
class Forgetting {
 public:
  explicit Forgetting(std::uint64_t max_urls) : max_urls_(max_urls) {}

  /// Begins a look at the partitions. Out: how many URLs are too many; 0: nothing is forgotten.
  std::uint64_t begin(std::uint64_t urls);
  /// The next finished pages of a partition that are old enough.
  Result<std::vector<std::string>> next(FrontierStore& store, std::int32_t partition,
                                        std::int64_t now_unix_ms);
  /// All partitions were looked at. `enough`: as many were forgotten as are too many.
  void end(bool enough);
  /// Partitions have gone.
  void let_go() { next_url_.clear(); }

 private:
  std::uint64_t max_urls_;
  // pages discovered longer ago than this are forgotten; 0: no round has begun
  std::int64_t older_ms_ = 0;
  bool round_over_ = true;
  std::map<std::int32_t, std::string> next_url_;  // where each partition goes on
};

}  // namespace vigie::crawler::frontier
