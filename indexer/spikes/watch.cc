#include "indexer/spikes/watch.h"

#include <algorithm>

#include "indexer/subscriptions/kind.h"
#include "platform/logging/logging.h"
#include "proto/identity.h"

namespace vigie::indexer::spikes {
namespace {

using proto::Topic;

constexpr std::chrono::milliseconds kLookEvery{20'000};
constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace

SpikeWatch::SpikeWatch(const Seams& seams, Judge judge)
    : seams_(seams), judge_(std::move(judge)), metrics_(seams.metrics) {}

Result<void> SpikeWatch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto looked = look(stop);
    if (!looked && looked.error().disposition == Disposition::kStop) return failure(looked.error());
    if (!looked)
      logging::warn("spikes are looked for again", {{"error", looked.error().to_string()}});
    seams_.clock.sleep_for(kLookEvery, stop);
  }
  return {};
}

Result<std::size_t> SpikeWatch::look(const std::stop_token& stop) {
  std::size_t written = 0;
  const std::int64_t now = seams_.clock.now_unix_ms();
  const std::int64_t end = now / kHourMs * kHourMs;
  if (now - end < kSettle.count()) return written;
  VIGIE_ASSIGN(const std::int32_t partitions, seams_.log.partitions(Topic::kMatches));
  const auto owned = seams_.alerts.owned();
  std::map<std::string, Day> judged;  // of those that are there
  for (const v1::SubscriptionRecord& one : seams_.subscriptions.list()) {
    if (one.kind() != subscriptions::kSpike) continue;
    const std::int32_t partition = proto::partition_of(one.id(), partitions);
    if (!std::binary_search(owned.begin(), owned.end(), partition)) continue;
    const Day day(end, one.revision());
    const auto known = judged_.find(one.id());
    if (known != judged_.end() && known->second == day) {
      judged.insert(*known);
      continue;
    }
    if (stop.stop_requested()) break;
    VIGIE_ASSIGN(const bool spike, look_at(one, end));
    written += spike ? 1 : 0;
    if (const auto done = judged_.find(one.id()); done != judged_.end()) judged.insert(*done);
  }
  if (!stop.stop_requested()) judged_ = std::move(judged);
  return written;
}

/// What could not be judged is asked again at the next look.
Result<bool> SpikeWatch::look_at(const v1::SubscriptionRecord& subscription,
                                 std::int64_t end_unix_ms) {
  const Day day(end_unix_ms, subscription.revision());
  VIGIE_ASSIGN(const bool told, told_lately(subscription.id(), end_unix_ms));
  if (told) {
    judged_[subscription.id()] = day;
    metrics_.days.of("told").add();
    return false;
  }
  auto judged = judge_(subscription, end_unix_ms);
  if (!judged || !judged->complete) {
    metrics_.days.of("failed").add();
    if (!judged)
      logging::warn("a day of a subscription could not be judged",
                    {{"subscription", subscription.id()}, {"error", judged.error().to_string()}});
    return false;
  }
  if (!judged->spike) {
    judged_[subscription.id()] = day;
    metrics_.days.of("usual").add();
    return false;
  }
  VIGIE_TRY(write(subscription, end_unix_ms, std::move(*judged)));
  judged_[subscription.id()] = day;
  metrics_.days.of("spike").add();
  return true;
}

/// Spares the search, and the log a match that would be a repeat; the alerter decides.
Result<bool> SpikeWatch::told_lately(const std::string& subscription_id,
                                     std::int64_t end_unix_ms) const {
  VIGIE_ASSIGN(const auto newest, seams_.alerts.alerts(subscription_id, 1));
  return !newest.empty() && newest.front().first_matched_at_unix_ms() > end_unix_ms - proto::kDayMs;
}

Result<void> SpikeWatch::write(const v1::SubscriptionRecord& subscription, std::int64_t end_unix_ms,
                               Judged judged) {
  v1::MatchRecord match;
  match.set_match_id(proto::match_id(subscription.id(), "spike/" + std::to_string(end_unix_ms)));
  match.set_subscription_id(subscription.id());
  match.set_subscription_revision(subscription.revision());
  match.set_matched_at_unix_ms(end_unix_ms);
  *match.mutable_article() = std::move(judged.article);
  *match.mutable_spike() = std::move(*judged.spike);
  return log::append(seams_.log, {{Topic::kMatches, subscription.id(), match.SerializeAsString()}});
}

}  // namespace vigie::indexer::spikes
