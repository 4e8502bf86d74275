#include "platform/log/kept_topic.h"

#include <algorithm>
#include <utility>

namespace vigie::log {

KeptTopic::KeptTopic(Log& log, proto::Topic topic, Take take)
    : log_(log), topic_(topic), take_(std::move(take)) {}

Result<void> KeptTopic::open() {
  const std::lock_guard reading(mutex_);
  VIGIE_ASSIGN(next_offsets_,
               read_to_end(log_, topic_, [this](const Record& record) -> Result<void> {
                 take_(record);
                 return {};
               }));
  return {};
}

/// What another thread took before is passed over: nothing is taken twice or out of order.
void KeptTopic::take(const Reader::Batch& batch) {
  const std::lock_guard reading(mutex_);
  std::int64_t& next = next_offsets_[static_cast<std::size_t>(batch.from.partition)];
  for (const Record& record : batch.records) {
    if (record.offset < next) continue;
    take_(record);
    next = record.offset + 1;
  }
  next = std::max(next, batch.next_offset);
}

/// Of the whole topic, from where it was read to by now.
Result<TopicFollower> KeptTopic::follower() {
  TopicFollower out(log_, topic_, [this](const Reader::Batch& batch) -> Result<void> {
    take(batch);
    return {};
  });
  const std::lock_guard reading(mutex_);
  for (std::size_t i = 0; i < next_offsets_.size(); ++i)
    VIGIE_TRY(out.start(static_cast<std::int32_t>(i), next_offsets_[i]));
  return out;
}

Result<bool> KeptTopic::catch_up(const std::stop_token& stop) {
  VIGIE_ASSIGN(TopicFollower topic, follower());
  return topic.follow_to_end(stop);
}

Result<void> KeptTopic::run(const std::stop_token& stop,
                            const std::function<Result<void>()>& between) {
  VIGIE_TRY(catch_up(stop));
  VIGIE_ASSIGN(TopicFollower topic, follower());
  while (!stop.stop_requested()) {
    VIGIE_TRY(topic.follow(kPoll));
    VIGIE_TRY(between());
  }
  return {};
}

bool Every::is_due() {
  const std::chrono::milliseconds now = clock_.since_boot();
  if (now < next_) return false;
  next_ = now + interval_;
  return true;
}

}  // namespace vigie::log
