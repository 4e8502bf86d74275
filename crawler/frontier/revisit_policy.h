#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "crawler/fetch/outcome.h"
#include "crawler/fetch/retry_schedule.h"
#include "proto/frontier.pb.h"

/// When a URL is due again, and what is remembered of its last fetch. Pure functions.
namespace vigie::crawler::frontier {

struct RevisitPolicy {
  std::chrono::milliseconds poll_floor{60'000};  // fetch.feed_floor_s
  // crawl.revisits_s, ascending: times after its discovery at which a page is looked at again for
  // silent edits
  std::vector<std::chrono::milliseconds> revisits{
      std::chrono::milliseconds(600'000), std::chrono::milliseconds(3'600'000),
      std::chrono::milliseconds(21'600'000), std::chrono::milliseconds(86'400'000)};
  fetch::RetrySchedule retry;
};

/// Most time between two polls of one feed, sitemap or section.
inline constexpr std::chrono::milliseconds kMaxPollInterval{3'600'000};
/// A page that could not be had for so long after its discovery is dropped.
inline constexpr std::chrono::milliseconds kGiveUpAfter{48 * 3'600'000};

/// The state of a URL after a fetch. It is due again as follows.
/// A page that was served: at the next of the policy's revisits. A page that claims to be more than
/// three days older than its discovery is not looked at again, nor is one that was left to another
/// crawler.
/// A poll that was served: after poll_interval().
/// A fetch that failed: after the back-off, not before the failure allows it. A page whose failure
/// is permanent, or that could not be had for kGiveUpAfter, is never due again.
/// In: `before`, the state as it was when the URL was taken; after a failure, the newest that is
///     known. `item_interval_s`, the usual time between two items of the source; 0: unknown.
/// Out: next_due_unix_ms is 0 where the URL is never due again.
v1::UrlState after_fetch(const RevisitPolicy& policy, v1::UrlState before,
                         const fetch::Outcome& outcome, double item_interval_s,
                         std::int64_t now_unix_ms);

/// Whether a validator stayed the same while the body changed. It is not sent again.
bool validators_lie(const v1::UrlState& before, const fetch::Served& served);

/// Time until the next poll. Without a new item in the last ten polls it is half as long again as
/// `last_interval`, at most half of `item_interval_s` and kMaxPollInterval. With one, or before ten
/// polls, it is the floor; for sections it is never less than five floors.
std::chrono::milliseconds poll_interval(const RevisitPolicy& policy, const v1::UrlState& state,
                                        double item_interval_s,
                                        std::chrono::milliseconds last_interval);

/// Unix time of the next look at a page that was served; 0: never.
std::int64_t next_revisit(const RevisitPolicy& policy, const v1::UrlState& state,
                          std::int64_t now_unix_ms);

}  // namespace vigie::crawler::frontier
