#include "indexer/alerting/subscription_view.h"

#include <algorithm>

#include "platform/log/bad_record.h"

namespace vigie::indexer::alerting {
namespace {

constexpr std::size_t kMessagesOfPoll = 1000;
constexpr std::chrono::milliseconds kToEndPoll{1000};

}  // namespace

Result<void> SubscriptionView::start() {
  VIGIE_ASSIGN(next_, log::read_to_end(log_, proto::Topic::kSubscriptions,
                                       [&](const log::Record& record) -> Result<void> {
                                         take(record);
                                         return {};
                                       }));
  reader_ = log_.reader();
  for (std::size_t p = 0; p < next_.size(); ++p) {
    VIGIE_TRY(
        reader_->assign({proto::Topic::kSubscriptions, static_cast<std::int32_t>(p)}, next_[p]));
  }
  return {};
}

Result<void> SubscriptionView::poll(std::chrono::milliseconds timeout, bool& any) {
  VIGIE_ASSIGN(const std::vector<log::Reader::Batch> batches,
               reader_->poll(kMessagesOfPoll, timeout));
  any = !batches.empty();
  for (const log::Reader::Batch& batch : batches) {
    for (const log::Record& record : batch.records) take(record);
    next_[static_cast<std::size_t>(batch.from.partition)] = batch.next_offset;
  }
  return {};
}

Result<void> SubscriptionView::follow() {
  bool any = true;
  while (any) VIGIE_TRY(poll(std::chrono::milliseconds(0), any));
  return {};
}

Result<void> SubscriptionView::follow_to_end() {
  for (std::size_t p = 0; p < next_.size(); ++p) {
    VIGIE_ASSIGN(const log::OffsetRange range,
                 log_.offsets({proto::Topic::kSubscriptions, static_cast<std::int32_t>(p)}));
    bool any = true;
    while (next_[p] < range.end) VIGIE_TRY(poll(kToEndPoll, any));
  }
  return {};
}

void SubscriptionView::take(const log::Record& record) {
  const std::lock_guard lock(mutex_);
  if (!record.value) {
    records_.erase(record.key);
    return;
  }
  v1::SubscriptionRecord subscription;
  if (!subscription.ParseFromString(*record.value) || subscription.id() != record.key) {
    log::warn_bad_record(proto::Topic::kSubscriptions, record);
    return;
  }
  v1::SubscriptionRecord& known = records_[record.key];
  if (known.revision() <= subscription.revision()) known = std::move(subscription);
}

std::optional<v1::SubscriptionRecord> SubscriptionView::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  if (found == records_.end()) return std::nullopt;
  return found->second;
}

void SubscriptionView::replace(const v1::SubscriptionRecord& record) {
  const std::lock_guard lock(mutex_);
  records_[record.id()] = record;
}

}  // namespace vigie::indexer::alerting
