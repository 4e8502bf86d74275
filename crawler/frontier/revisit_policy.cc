#include "crawler/frontier/revisit_policy.h"

#include <algorithm>

#include "platform/dates/loose_date.h"

namespace vigie::crawler::frontier {
namespace {

using std::chrono::milliseconds;

constexpr int kPollsRemembered = 10;
/// A section is a page to look through, which costs more than a feed.
constexpr int kSectionFloors = 5;
/// A page that claims to be so much older than its discovery is no news.
constexpr std::int64_t kOldPageMs = 3LL * 24 * 3600 * 1000;
/// Longest validators that are kept.
constexpr std::size_t kMaxValidatorBytes = 1024;
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

/// Takes over what the response gave. Validators of a redirected response are those of another URL.
void note_response(v1::UrlState& state, const fetch::Served& served) {
  if (served.validators) {
    const auto& [etag, modified, redirected] = *served.validators;
    const bool useless = redirected || validators_lie(state, served);
    state.set_etag(useless || etag.size() > kMaxValidatorBytes ? "" : etag);
    state.set_last_modified(useless || modified.size() > kMaxValidatorBytes ? "" : modified);
  }
  if (!served.body_sha256.empty()) state.set_body_sha256(served.body_sha256);
  if (served.had_new) note_poll(state, *served.had_new);
  if (served.handed_over) {
    state.clear_handed_over();
    for (const std::uint64_t print : *served.handed_over) state.add_handed_over(print);
  }
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
  state.set_failures(0);
  state.set_refusals(0);
  state.clear_last_error();
  state.set_fetches(state.fetches() + 1);
  if (state.kind() != v1::URL_KIND_ARTICLE) {
    const milliseconds interval = poll_interval(policy, state, item_interval_s, last_interval);
    state.set_next_due_unix_ms(now_unix_ms + interval.count());
    return state;
  }
  state.set_next_due_unix_ms(served.left_to_another ? 0 : next_revisit(policy, state, now_unix_ms));
  // A finished page keeps of its feed item only what tells that the feed announced a change.
  if (state.next_due_unix_ms() == 0 && state.has_feed_item()) {
    state.mutable_feed_item()->clear_summary();
    state.mutable_feed_item()->clear_categories();
  }
  return state;
}

v1::UrlState after_failed(const RevisitPolicy& policy, v1::UrlState state,
                          const fetch::Failed& failed, std::int64_t now_unix_ms) {
  state.set_failures(state.failures() + 1);
  if (failed.refused) state.set_refusals(state.refusals() + 1);
  state.set_last_error(failed.reason);
  const bool given_up =
      failed.permanent || now_unix_ms - state.discovered_at_unix_ms() > kGiveUpAfter.count();
  if (given_up && state.kind() == v1::URL_KIND_ARTICLE) {
    state.set_next_due_unix_ms(0);
  } else {
    const milliseconds wait = fetch::backoff(policy.retry, state.failures());
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

bool validators_lie(const v1::UrlState& before, const fetch::Served& served) {
  if (!served.validators || before.body_sha256().empty() || served.body_sha256.empty() ||
      before.body_sha256() == served.body_sha256)
    return false;
  const auto& [etag, modified, redirected] = *served.validators;
  return !etag.empty() ? etag == before.etag()
                       : !modified.empty() && modified == before.last_modified();
}

milliseconds poll_interval(const RevisitPolicy& policy, const v1::UrlState& state,
                           double item_interval_s, milliseconds last_interval) {
  const milliseconds least =
      state.kind() == v1::URL_KIND_SECTION ? policy.poll_floor * kSectionFloors : policy.poll_floor;
  const auto& recent = state.recent_new();
  if (recent.size() < kPollsRemembered ||
      std::find(recent.begin(), recent.end(), true) != recent.end())
    return least;
  milliseconds most = kMaxPollInterval;
  if (item_interval_s > 0)
    most = std::min(most, milliseconds(static_cast<std::int64_t>(
                              std::min(item_interval_s, kMaxItemIntervalS) * 500)));
  return std::max(least, std::min(most, last_interval + last_interval / 2));
}

std::int64_t next_revisit(const RevisitPolicy& policy, const v1::UrlState& state,
                          std::int64_t now_unix_ms) {
  const std::int64_t claimed = claimed_unix_ms(state);
  const std::int64_t discovered = state.discovered_at_unix_ms();
  if (claimed > 0 && claimed < discovered - kOldPageMs) return 0;
  for (const milliseconds after : policy.revisits) {
    if (discovered + after.count() > now_unix_ms) return discovered + after.count();
  }
  return 0;
}

}  // namespace vigie::crawler::frontier
