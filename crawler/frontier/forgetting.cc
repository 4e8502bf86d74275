#include "crawler/frontier/forgetting.h"

#include <algorithm>

namespace vigie::crawler::frontier {
namespace {

/// Rows looked at, each time.
constexpr std::size_t kRowsAtOnce = 5'000;
/// Finished pages older than this go first.
constexpr std::int64_t kFirstAgeMs = 400LL * 24 * 3'600'000;

}  // namespace

std::uint64_t Forgetting::begin(std::uint64_t urls) {
  round_over_ = true;
  if (urls <= max_urls_) {
    older_ms_ = 0;
    return 0;
  }
  if (older_ms_ == 0) older_ms_ = kFirstAgeMs;
  return urls - max_urls_;
}

Result<std::vector<std::string>> Forgetting::next(FrontierStore& store, std::int32_t partition,
                                                  std::int64_t now_unix_ms) {
  std::string& from = next_url_[partition];
  VIGIE_ASSIGN(std::vector<std::string> old,
               store.finished_before(partition, from, kRowsAtOnce, now_unix_ms - older_ms_));
  round_over_ = round_over_ && from.empty();
  return old;
}

void Forgetting::end(bool enough) {
  if (round_over_ && !enough) older_ms_ = std::max<std::int64_t>(1, older_ms_ / 2);
}

}  // namespace vigie::crawler::frontier
