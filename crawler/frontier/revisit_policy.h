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
  // how far the times of states are in front of those that pages claim
  std::int64_t due_ahead_ms = 0;
};

/// Most time between two polls of one feed, sitemap or section.
inline constexpr std::chrono::milliseconds kMaxPollInterval{3'600'000};
/// The same while a hub has proved that it pushes all that is new.
inline constexpr std::chrono::milliseconds kMaxPushedInterval{6 * 3'600'000};
/// A page that could not be had for so long after its discovery is given up, until a listing names
/// it once more.
inline constexpr std::chrono::milliseconds kGiveUpAfter{48 * 3'600'000};
/// That may bring it back so long after its last try.
inline constexpr std::chrono::milliseconds kAskAgainAfter{6 * 3'600'000};
/// Refusals that only the law or a till can lift (401, 402, 451) are final after so many over so
/// long.
inline constexpr std::uint32_t kLegalRefusals = 3;
inline constexpr std::chrono::milliseconds kLegalAfter{24 * 3'600'000};
/// A poll whose URL is gone, or not there for kGoneAfter, is asked once in so long.
inline constexpr std::chrono::milliseconds kGonePause{24 * 3'600'000};
inline constexpr std::chrono::milliseconds kGoneAfter{48 * 3'600'000};

/// The state of a URL after a fetch. It is due again as follows.
/// A page that was served: at the next of the policy's revisits. A page that claims to be more than
/// three days older than its discovery is not looked at again, nor is one that was left to another
/// crawler.
/// A poll that was served: after poll_interval().
/// A fetch that failed: after the back-off, with a fifth of it more or less, not before the failure
/// allows it. One response is never proof: a page is never due again where its failure is
/// permanent, where the law stood before it for kLegalAfter, or where it could not be had for
/// kGiveUpAfter. A poll that is gone (410 twice, 404 for kGoneAfter) is due once in kGonePause. In:
/// `before`, the state as it was when the URL was taken; after a failure, the newest that is
///     known. `item_interval_s`, the usual time between two items of the source; 0: unknown.
/// Out: next_due_unix_ms is 0 where the URL is never due again.
v1::UrlState after_fetch(const RevisitPolicy& policy, v1::UrlState before,
                         const fetch::Outcome& outcome, double item_interval_s,
                         std::int64_t now_unix_ms);

/// The state of a feed of which a hub pushed content that named `fresh` new URLs. Its next poll
/// moves back where the hub has proved itself.
v1::UrlState after_push(v1::UrlState before, std::size_t fresh, double item_interval_s,
                        std::int64_t now_unix_ms);

/// Most time between two polls in this state.
std::chrono::milliseconds most_interval(const v1::UrlState& state, std::int64_t now_unix_ms);

/// Whether a page that was given up may be tried again, since a listing names it.
bool may_ask_again(const v1::UrlState& state, std::int64_t now_unix_ms);

/// Whether the page of a state is never due again for a reason that lies with the page: what its
/// feed says of it is all there will be.
bool refused_for_good(const v1::UrlState& state);

/// Whether a validator stayed the same while the body changed. It is not sent again.
bool validators_lie(const v1::UrlState& before, const fetch::Served& served);

/// The least time between two polls: the floor; of sections, five floors.
std::chrono::milliseconds least_interval(const RevisitPolicy& policy, const v1::UrlState& state);

/// Time until the next poll. It is the least while the poll is new (ten polls) and in a burst;
/// otherwise it follows the learned gap between items and the present silence, at most half as long
/// again as `last_interval`, at most kMaxPollInterval.
std::chrono::milliseconds poll_interval(const RevisitPolicy& policy, const v1::UrlState& state,
                                        std::chrono::milliseconds last_interval,
                                        std::int64_t now_unix_ms);

/// The interval where a hub pushes: it doubles with each poll in a row that found nothing new
/// beside what the hub had told, up to kMaxPushedInterval, three usual gaps between items and the
/// end of the lease. One poll that finds more ends that.
std::chrono::milliseconds pushed_interval(const v1::UrlState& state,
                                          std::chrono::milliseconds interval,
                                          std::int64_t now_unix_ms);

/// Unix time of the next look at a page that was served; 0: never.
std::int64_t next_revisit(const RevisitPolicy& policy, const v1::UrlState& state,
                          std::int64_t now_unix_ms);

}  // namespace vigie::crawler::frontier
