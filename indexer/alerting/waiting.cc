#include "indexer/alerting/waiting.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "proto/delivery_keys.h"

namespace vigie::indexer::alerting {
namespace {

// Rows: subscription "/" match id → WaitingMatch

std::string key_of(const v1::MatchRecord& match) {
  return match.subscription_id() + "/" + match.match_id();
}

/// The order of each partition, and between partitions that of their times: a log time that was set
/// back counts as the one before it.
void sort_by_age(std::vector<v1::WaitingMatch>& all) {
  std::ranges::sort(all, [](const v1::WaitingMatch& a, const v1::WaitingMatch& b) {
    return std::tuple(a.partition(), a.offset()) < std::tuple(b.partition(), b.offset());
  });
  std::vector<std::pair<std::int64_t, std::size_t>> order;  // time, place in `all`
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool same = i > 0 && all[i - 1].partition() == all[i].partition();
    const std::int64_t time = all[i].log_time_unix_ms();
    order.emplace_back(same ? std::max(order.back().first, time) : time, i);
  }
  std::ranges::sort(order);
  std::vector<v1::WaitingMatch> sorted;
  sorted.reserve(all.size());
  for (const auto& [time, i] : order) sorted.push_back(std::move(all[i]));
  all = std::move(sorted);
}

}  // namespace

std::string changelog_key(const v1::WaitingMatch& waiting) {
  return std::string(proto::kWaitingPrefix) + key_of(waiting.match());
}

void Waiting::put(storage::Batch& batch, const v1::WaitingMatch& waiting) const {
  batch.put(family_, key_of(waiting.match()), waiting.SerializeAsString());
}

void Waiting::remove(storage::Batch& batch, const v1::MatchRecord& match) const {
  batch.remove(family_, key_of(match));
}

void Waiting::remove_logged(storage::Batch& batch, const std::string& key) const {
  batch.remove(family_, key.substr(std::min(key.size(), proto::kWaitingPrefix.size())));
}

Result<bool> Waiting::holds(const v1::MatchRecord& match) const {
  VIGIE_ASSIGN(const std::optional<std::string> row, database_.get(family_, key_of(match)));
  return row.has_value();
}

Result<void> Waiting::each(
    const storage::KeyRange& range,
    const std::function<void(std::string_view key, v1::WaitingMatch)>& take) const {
  const auto cursor = database_.cursor(family_, range);
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    v1::WaitingMatch waiting;
    if (!waiting.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size())))
      return failure(Disposition::kStop, "corrupt",
                     "a row of the alerter's state is damaged (waiting match); delete its folder, "
                     "it is built again from the log");
    take(cursor->key(), std::move(waiting));
  }
  return cursor->status();
}

Result<bool> Waiting::any_before(const std::string& subscription_id,
                                 std::int64_t time_unix_ms) const {
  bool any = false;
  const std::string prefix = subscription_id + "/";
  VIGIE_TRY(each({prefix, storage::after_prefix(prefix)},
                 [&](std::string_view, const v1::WaitingMatch& waiting) {
                   any = any || waiting.log_time_unix_ms() < time_unix_ms;
                 }));
  return any;
}

Result<std::vector<v1::WaitingMatch>> Waiting::first(const Held::Ours& ours,
                                                     std::size_t limit) const {
  std::vector<v1::WaitingMatch> out;
  VIGIE_TRY(each({}, [&](std::string_view, v1::WaitingMatch waiting) {
    if (ours(waiting.match().subscription_id())) out.push_back(std::move(waiting));
  }));
  sort_by_age(out);
  if (out.size() > limit) out.resize(limit);
  return out;
}

Result<void> Waiting::forget(storage::Batch& batch, const Held::Ours& ours) const {
  return each({}, [&](std::string_view key, const v1::WaitingMatch& waiting) {
    if (ours(waiting.match().subscription_id())) batch.remove(family_, std::string(key));
  });
}

}  // namespace vigie::indexer::alerting
