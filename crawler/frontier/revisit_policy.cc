#include "crawler/frontier/revisit_policy.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "platform/dates/loose_date.h"

namespace vigie::crawler::frontier {
namespace {

using std::chrono::milliseconds;

constexpr int kPollsRemembered = 10;
/// A poll is new for so long.
constexpr std::uint32_t kNewPolls = 10;
/// What one new item weighs against what was learned, and what many weigh at most.
constexpr double kWeight = 0.1;
constexpr double kMostWeight = 0.5;
/// So many items, so many times faster than usual, are a burst.
constexpr std::size_t kBurstItems = 3;
constexpr double kBurstFactor = 4;
/// With a given number of polls, the sum of all waits is least where a poll waits for the root of
/// the gap between its items. Of feeds of less than some ten items a day a tenth of the gap is
/// asked for, which costs less.
constexpr double kRootFactor = 7.6;
constexpr double kGapShare = 8;
/// Of a silence this part counts as the gap.
constexpr double kSilenceShare = 2;
/// A section is a page to look through, which costs more than a feed.
constexpr int kSectionFloors = 5;
/// Of a hub, doublings of the interval at most; and usual gaps between items after which its
/// silence is looked into.
constexpr std::uint32_t kMostProofs = 6;
constexpr double kSilentGaps = 3;
/// A page that claims to be so much older than its discovery is no news.
constexpr std::int64_t kOldPageMs = 3LL * 24 * 3600 * 1000;
/// Longest validators that are kept.
constexpr std::size_t kMaxValidatorBytes = 1024;
/// The longest new URL that is kept.
constexpr std::size_t kMaxMovedBytes = 2048;
/// Beyond this an interval between items is no rhythm.
constexpr double kMaxItemIntervalS = 1e6;

/// When its feed says that a page was published; 0: it does not say.
std::int64_t claimed_unix_ms(const v1::UrlState& state) {
  const auto date =
      state.has_feed_item() ? dates::read_loose(state.feed_item().published()) : std::nullopt;
  return date ? date->unix_ms : 0;
}

void note_poll(v1::UrlState& state, bool had_new) {
  auto* recent = state.mutable_recent_new();
  recent->Add(had_new);
  if (recent->size() > kPollsRemembered)
    recent->erase(recent->begin(), recent->end() - kPollsRemembered);
}

/// Takes over what the response gave. Validators belong to the URL that gave them.
void note_response(v1::UrlState& state, const fetch::Served& served) {
  if (served.validators) {
    const auto& [etag, modified, url] = *served.validators;
    const bool useless = validators_lie(state, served) || url.size() > kMaxValidatorBytes;
    state.set_etag(useless || etag.size() > kMaxValidatorBytes ? "" : etag);
    state.set_last_modified(useless || modified.size() > kMaxValidatorBytes ? "" : modified);
    const bool none = state.etag().empty() && state.last_modified().empty();
    state.set_validators_url(none ? "" : url);
  }
  // The same body as last time leaves both as they were.
  if (!served.text_digest.empty()) {
    state.set_text_digest(served.text_digest);
    state.set_alias_of(served.alias_of);
  }
  if (!served.body_sha256.empty()) state.set_body_sha256(served.body_sha256);
  if (served.fresh) note_poll(state, *served.fresh > 0);
  if (served.handed_over) {
    state.clear_handed_over();
    for (const std::uint64_t print : *served.handed_over) state.add_handed_over(print);
  }
}

/// Where permanent redirects lead a poll, and since when.
void note_move(v1::UrlState& state, const fetch::Served& served, std::int64_t now_unix_ms) {
  const std::string& to =
      served.moved_to.empty() && served.at_moved ? state.moved_to() : served.moved_to;
  if (to.empty() || to.size() > kMaxMovedBytes) {
    state.clear_moved_to();
    state.clear_moved_since_unix_ms();
    state.clear_moved_polls();
  } else if (to != state.moved_to()) {
    state.set_moved_to(std::string(to));
    state.set_moved_since_unix_ms(now_unix_ms);
    state.set_moved_polls(1);
  } else {
    state.set_moved_polls(state.moved_polls() + 1);
  }
}

/// Learns the gap between the items of a poll from what it named since it last named something.
/// What the first listing named tells nothing: it may have gathered for years.
void learn_gap(v1::UrlState& state, std::size_t fresh, double item_interval_s,
               std::int64_t now_unix_ms) {
  if (state.item_gap_s() <= 0 && item_interval_s > 0)
    state.set_item_gap_s(std::min(item_interval_s, kMaxItemIntervalS));
  const auto& recent = state.recent_new();
  // A record of before this was kept: its news was not long ago.
  if (fresh == 0 && state.last_new_unix_ms() == 0 &&
      std::find(recent.begin(), recent.end(), true) != recent.end())
    state.set_last_new_unix_ms(now_unix_ms);
  if (fresh == 0) return;
  if (state.last_new_unix_ms() != 0) {
    const double elapsed_s =
        static_cast<double>(std::max<std::int64_t>(1, now_unix_ms - state.last_new_unix_ms())) /
        1000;
    const double sample_s = std::min(elapsed_s / static_cast<double>(fresh), kMaxItemIntervalS);
    const double weight = std::min(kMostWeight, kWeight * static_cast<double>(fresh));
    state.set_item_gap_s(
        state.item_gap_s() <= 0 ? sample_s : (1 - weight) * state.item_gap_s() + weight * sample_s);
  }
  state.set_last_new_unix_ms(now_unix_ms);
}

/// Whether a poll named so much at once that more is likely to follow: before what it taught.
bool is_burst(const v1::UrlState& before, std::size_t fresh, std::int64_t now_unix_ms) {
  if (fresh < kBurstItems || before.last_new_unix_ms() == 0 || before.item_gap_s() <= 0)
    return false;
  const double elapsed_s = static_cast<double>(now_unix_ms - before.last_new_unix_ms()) / 1000;
  return elapsed_s / static_cast<double>(fresh) * kBurstFactor < before.item_gap_s();
}

/// What a poll tells of the hub.
void note_proof(v1::UrlState& state, const fetch::Served& served) {
  if (!state.has_push()) return;
  v1::HubSubscription& push = *state.mutable_push();
  const bool found = served.fresh.value_or(0) > 0;
  const bool proved = served.told_by_hub ? found : !found && push.told_since_poll();
  if (proved) push.set_proofs(push.proofs() + 1);
  else if (found) push.set_proofs(0);
  push.set_told_since_poll(false);
}

bool is_pushed(const v1::UrlState& state, std::int64_t now_unix_ms) {
  const v1::HubSubscription& push = state.push();
  return push.state() == "active" && push.proofs() > 0 && now_unix_ms < push.lease_until_unix_ms();
}

/// Three usual gaps, in which a hub that works has told something; kMaxPushedInterval where the gap
/// is not known.
milliseconds silence_of_hub(const v1::UrlState& state) {
  if (state.item_gap_s() <= 0) return kMaxPushedInterval;
  const double silent_ms = state.item_gap_s() * kSilentGaps * 1000;
  return silent_ms >= static_cast<double>(kMaxPushedInterval.count())
             ? kMaxPushedInterval
             : milliseconds(static_cast<std::int64_t>(silent_ms));
}

/// A gap that was not learned yet, by how many of the last polls had something new; 0: none had.
double guessed_gap_s(const v1::UrlState& state, milliseconds last_interval) {
  const auto& recent = state.recent_new();
  const auto news = std::count(recent.begin(), recent.end(), true);
  return news == 0 ? 0
                   : static_cast<double>(last_interval.count()) / 1000 *
                         static_cast<double>(recent.size()) / static_cast<double>(news);
}

void clear_failures(v1::UrlState& state) {
  state.set_failures(0);
  state.set_refusals(0);
  state.clear_last_error();
  state.clear_refused_since_unix_ms();
  state.clear_failing_since_unix_ms();
  state.clear_gave_up();
  state.clear_told_from_feed();
}

v1::UrlState after_served(const RevisitPolicy& policy, v1::UrlState state,
                          const fetch::Served& served, double item_interval_s,
                          std::int64_t now_unix_ms) {
  const milliseconds last_interval(
      state.last_fetch_unix_ms() == 0
          ? 0
          : std::max<std::int64_t>(0, state.next_due_unix_ms() - state.last_fetch_unix_ms()));
  note_response(state, served);
  state.set_last_fetch_unix_ms(now_unix_ms);
  clear_failures(state);
  state.set_fetches(state.fetches() + 1);
  if (state.kind() != v1::URL_KIND_ARTICLE) {
    note_move(state, served, now_unix_ms);
    const std::size_t fresh = served.fresh.value_or(0);
    const bool burst = is_burst(state, fresh, now_unix_ms);
    learn_gap(state, fresh, item_interval_s, now_unix_ms);
    const milliseconds interval = burst ? least_interval(policy, state)
                                        : poll_interval(policy, state, last_interval, now_unix_ms);
    note_proof(state, served);
    state.set_next_due_unix_ms(now_unix_ms + pushed_interval(state, interval, now_unix_ms).count());
    return state;
  }
  // An alias is looked at again as any page: it may become one of its own.
  state.set_next_due_unix_ms(served.left_to_another ? 0 : next_revisit(policy, state, now_unix_ms));
  // A finished page keeps of its feed item only what tells that the feed announced a change.
  if (state.next_due_unix_ms() == 0 && state.has_feed_item()) {
    state.mutable_feed_item()->clear_summary();
    state.mutable_feed_item()->clear_categories();
  }
  return state;
}

/// A wait with a fifth of it more or less, the same for the same failure of the same URL: what
/// failed together does not come back together.
milliseconds with_jitter(milliseconds wait, const v1::UrlState& state) {
  const std::size_t hash =
      std::hash<std::string>()(state.url() + "\n" + std::to_string(state.failures()));
  const double share = static_cast<double>(hash % 1'000) / 1'000;  // of the whole fifth
  return wait + milliseconds(static_cast<std::int64_t>(static_cast<double>(wait.count()) * 0.4 *
                                                       (share - 0.5)));
}

/// Whether a page is never due again.
bool is_over(v1::UrlState& state, const fetch::Failed& failed, std::int64_t now_unix_ms) {
  if (state.kind() != v1::URL_KIND_ARTICLE) return false;
  if (failed.permanent) return true;
  const std::int64_t refused_for = now_unix_ms - state.refused_since_unix_ms();
  if (failed.legal && state.refusals() >= kLegalRefusals && refused_for >= kLegalAfter.count())
    return true;
  if (now_unix_ms - state.discovered_at_unix_ms() <= kGiveUpAfter.count()) return false;
  state.set_gave_up(true);
  return true;
}

/// Whether there seems to be nothing left at the URL of a poll.
bool is_gone(const v1::UrlState& state, const fetch::Failed& failed, std::int64_t now_unix_ms) {
  if (state.kind() == v1::URL_KIND_ARTICLE) return false;
  if (failed.reason == "http_410") return state.refusals() >= 2;
  return failed.refused && state.refused_since_unix_ms() != 0 &&
         now_unix_ms - state.refused_since_unix_ms() >= kGoneAfter.count();
}

v1::UrlState after_failed(const RevisitPolicy& policy, v1::UrlState state,
                          const fetch::Failed& failed, std::int64_t now_unix_ms) {
  state.set_failures(state.failures() + 1);
  if (state.failing_since_unix_ms() == 0) state.set_failing_since_unix_ms(now_unix_ms);
  if (failed.refused) {
    state.set_refusals(state.refusals() + 1);
    if (state.refused_since_unix_ms() == 0) state.set_refused_since_unix_ms(now_unix_ms);
  }
  state.set_last_error(failed.reason);
  state.clear_gave_up();
  if (is_over(state, failed, now_unix_ms)) {
    state.set_last_fetch_unix_ms(now_unix_ms);
    state.set_next_due_unix_ms(0);
  } else {
    milliseconds wait = fetch::backoff(policy.retry, state.failures());
    if (is_gone(state, failed, now_unix_ms)) wait = std::max(wait, kGonePause);
    wait = with_jitter(wait, state);
    state.set_next_due_unix_ms(std::max(failed.not_before_ms, now_unix_ms + wait.count()));
  }
  return state;
}

}  // namespace

v1::UrlState after_fetch(const RevisitPolicy& policy, v1::UrlState before,
                         const fetch::Outcome& outcome, double item_interval_s,
                         std::int64_t now_unix_ms) {
  if (const auto* failed = std::get_if<fetch::Failed>(&outcome))
    return after_failed(policy, std::move(before), *failed, now_unix_ms);
  return after_served(policy, std::move(before), std::get<fetch::Served>(outcome), item_interval_s,
                      now_unix_ms);
}

v1::UrlState after_push(v1::UrlState state, std::size_t fresh, double item_interval_s,
                        std::int64_t now_unix_ms) {
  learn_gap(state, fresh, item_interval_s, now_unix_ms);
  v1::HubSubscription& push = *state.mutable_push();
  push.set_last_push_unix_ms(now_unix_ms);
  if (fresh > 0) push.set_told_since_poll(true);
  if (!is_pushed(state, now_unix_ms)) return state;
  const std::int64_t latest =
      std::min(state.last_fetch_unix_ms() + kMaxPushedInterval.count(), push.lease_until_unix_ms());
  const std::int64_t wanted = std::min(latest, now_unix_ms + silence_of_hub(state).count());
  state.set_next_due_unix_ms(std::max(state.next_due_unix_ms(), wanted));
  return state;
}

milliseconds most_interval(const v1::UrlState& state, std::int64_t now_unix_ms) {
  return is_pushed(state, now_unix_ms) ? kMaxPushedInterval : kMaxPollInterval;
}

milliseconds pushed_interval(const v1::UrlState& state, milliseconds interval,
                             std::int64_t now_unix_ms) {
  if (!is_pushed(state, now_unix_ms)) return interval;
  const milliseconds doubled = interval * (1U << std::min(state.push().proofs(), kMostProofs));
  const milliseconds left(state.push().lease_until_unix_ms() - now_unix_ms);
  return std::max(interval, std::min({doubled, kMaxPushedInterval, silence_of_hub(state), left}));
}

bool may_ask_again(const v1::UrlState& state, std::int64_t now_unix_ms) {
  return state.gave_up() && state.fetches() == 0 && state.next_due_unix_ms() == 0 &&
         now_unix_ms - state.last_fetch_unix_ms() >= kAskAgainAfter.count();
}

bool refused_for_good(const v1::UrlState& state) {
  return state.kind() == v1::URL_KIND_ARTICLE && state.next_due_unix_ms() == 0 &&
         state.fetches() == 0 && state.failures() > 0;
}

bool validators_lie(const v1::UrlState& before, const fetch::Served& served) {
  if (!served.validators || before.body_sha256().empty() || served.body_sha256.empty() ||
      before.body_sha256() == served.body_sha256)
    return false;
  const auto& [etag, modified, url] = *served.validators;
  return !etag.empty() ? etag == before.etag()
                       : !modified.empty() && modified == before.last_modified();
}

milliseconds least_interval(const RevisitPolicy& policy, const v1::UrlState& state) {
  return state.kind() == v1::URL_KIND_SECTION ? policy.poll_floor * kSectionFloors
                                              : policy.poll_floor;
}

milliseconds poll_interval(const RevisitPolicy& policy, const v1::UrlState& state,
                           milliseconds last_interval, std::int64_t now_unix_ms) {
  const milliseconds least = least_interval(policy, state);
  if (state.fetches() < kNewPolls) return least;
  double wanted_s = static_cast<double>(kMaxPollInterval.count()) / 1000;
  const double usual_gap_s =
      state.item_gap_s() > 0 ? state.item_gap_s() : guessed_gap_s(state, last_interval);
  if (usual_gap_s > 0) {
    // A poll that has been silent for long is expected to stay so: the night, the weekend, the end.
    const std::int64_t since =
        state.last_new_unix_ms() == 0 ? state.discovered_at_unix_ms() : state.last_new_unix_ms();
    const double silent_s =
        static_cast<double>(std::max<std::int64_t>(0, now_unix_ms - since)) / 1000;
    const double gap_s = std::max(usual_gap_s, silent_s / kSilenceShare);
    wanted_s = std::min(wanted_s, std::max(kRootFactor * std::sqrt(gap_s), gap_s / kGapShare));
  }
  const auto wanted = milliseconds(static_cast<std::int64_t>(wanted_s * 1000));
  return std::max(least, std::min({wanted, kMaxPollInterval, last_interval + last_interval / 2}));
}

std::int64_t next_revisit(const RevisitPolicy& policy, const v1::UrlState& state,
                          std::int64_t now_unix_ms) {
  const std::int64_t claimed = claimed_unix_ms(state);
  const std::int64_t discovered = state.discovered_at_unix_ms();
  if (claimed > 0 && claimed + policy.due_ahead_ms < discovered - kOldPageMs) return 0;
  for (const milliseconds after : policy.revisits) {
    if (discovered + after.count() > now_unix_ms) return discovered + after.count();
  }
  return 0;
}

}  // namespace vigie::crawler::frontier
