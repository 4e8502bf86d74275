#include "indexer/alerting/waiting.h"

#include <algorithm>
#include <tuple>

namespace vigie::indexer::alerting {
namespace {

// Rows: subscription "/" match id → WaitingMatch

std::string key_of(const v1::MatchRecord& match) {
  return match.subscription_id() + "/" + match.match_id();
}

}  // namespace

std::string changelog_key(const v1::WaitingMatch& waiting) {
  return std::string(kWaitingPrefix) + key_of(waiting.match());
}

void Waiting::put(storage::Batch& batch, const v1::WaitingMatch& waiting) const {
  batch.put(family_, key_of(waiting.match()), waiting.SerializeAsString());
}

void Waiting::remove(storage::Batch& batch, const v1::MatchRecord& match) const {
  batch.remove(family_, key_of(match));
}

void Waiting::remove_logged(storage::Batch& batch, const std::string& key) const {
  batch.remove(family_, key.substr(std::min(key.size(), kWaitingPrefix.size())));
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
  std::sort(out.begin(), out.end(), [](const v1::WaitingMatch& a, const v1::WaitingMatch& b) {
    return std::tuple(a.partition(), a.offset()) < std::tuple(b.partition(), b.offset());
  });
  if (out.size() > limit) out.resize(limit);
  return out;
}

Result<void> Waiting::forget(storage::Batch& batch, const Held::Ours& ours) const {
  return each({}, [&](std::string_view key, const v1::WaitingMatch& waiting) {
    if (ours(waiting.match().subscription_id())) batch.remove(family_, std::string(key));
  });
}

}  // namespace vigie::indexer::alerting
