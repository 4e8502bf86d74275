#include "indexer/conditions/watcher.h"

#include <array>

#include "indexer/conditions/kinds.h"
#include "indexer/conditions/note.h"
#include "platform/log/bad_record.h"
#include "platform/logging/logging.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"

namespace vigie::indexer::conditions {
namespace {

using log::TopicPartition;
using proto::Topic;

constexpr std::size_t kPollRecords = 1'000;
constexpr TopicPartition kStatus{Topic::kStatus, 0};
constexpr TopicPartition kQuarantine{Topic::kQuarantine, 0};
constexpr std::size_t kNameBytes = 200;

bool asks_for(const v1::SubscriptionRecord& subscription, const std::string& kind) {
  if (subscription.deleted() || !asks_for_conditions(subscription.query())) return false;
  const auto kinds = kinds_asked(subscription.query());
  const auto wanted = kind_named(kind);
  return kinds && wanted && kinds->contains(*wanted);
}

}  // namespace

Watcher::Inputs::Inputs(log::Log& log, Watcher& watcher)
    : status(log, Topic::kStatus,
             [&watcher](const log::Reader::Batch& batch) { return watcher.take_status(batch); }),
      deliveries(log, Topic::kDeliveries,
                 [&watcher](const log::Reader::Batch& batch) -> Result<void> {
                   for (const log::Record& record : batch.records)
                     watcher.observer_->take_delivery(record);
                   return {};
                 }),
      quarantine(log, Topic::kQuarantine,
                 [&watcher](const log::Reader::Batch& batch) -> Result<void> {
                   for (const log::Record& record : batch.records)
                     watcher.observer_->take_quarantine(record);
                   return {};
                 }) {}

Watcher::Watcher(log::Log& log, Subscriptions subscriptions, Clock& clock,
                 metrics::Registry& registry, WatcherOptions options)
    : log_(log),
      subscriptions_(std::move(subscriptions)),
      clock_(clock),
      options_(std::move(options)),
      metrics_(registry) {}

Result<void> Watcher::run(std::stop_token stop) {
  producer_ = log_.producer();
  const std::array<Topic, 1> topics{Topic::kStatus};
  VIGIE_ASSIGN(const std::unique_ptr<log::Group> group,
               log_.join(options_.group, topics, {options_.session}));
  while (!stop.stop_requested()) {
    VIGIE_ASSIGN(const log::Group::Polled polled, group->poll(kPollRecords, options_.idle_poll));
    if (!polled.revoked.empty()) inputs_.reset();
    if (!polled.assigned.empty()) {
      VIGIE_ASSIGN(const bool taken, take_over(*group, stop));
      if (!taken) return {};
    }
    for (const log::Reader::Batch& batch : polled.batches) confirmed_ = batch.next_offset;
    if (!inputs_ || clock_.since_boot() < next_look_) continue;
    next_look_ = clock_.since_boot() + options_.look_every;
    // A look that was not confirmed writes nothing; a partition that is lost is revoked as well.
    VIGIE_TRY(look(*group));
  }
  return {};
}

/// False where a stop was asked for before everything was read. What is set aside is counted from
/// now on: the records themselves are large.
Result<bool> Watcher::take_over(log::Group& group, const std::stop_token& stop) {
  known_.clear();
  written_over_.clear();
  observer_ = std::make_unique<Observer>(options_.limits, clock_.now_unix_ms());
  inputs_ = std::make_unique<Inputs>(log_, *this);
  VIGIE_ASSIGN(const log::OffsetRange status, log_.offsets(kStatus));
  VIGIE_ASSIGN(const log::OffsetRange quarantine, log_.offsets(kQuarantine));
  VIGIE_TRY(inputs_->status.start_all());
  VIGIE_TRY(inputs_->deliveries.start_all());
  VIGIE_TRY(inputs_->quarantine.start(kQuarantine.partition, quarantine.end));
  for (log::TopicFollower* topic : {&inputs_->status, &inputs_->deliveries}) {
    VIGIE_ASSIGN(const bool read, topic->follow_to_end(stop));
    if (!read) return false;
  }
  VIGIE_ASSIGN(const bool subscribed, subscriptions_.catch_up(stop));
  if (!subscribed) return false;
  confirmed_ = status.end;
  VIGIE_TRY(group.start(kStatus, status.end));
  logging::info("conditions are watched", {{"conditions", known_.size()}});
  return true;
}

Result<void> Watcher::take_status(const log::Reader::Batch& batch) {
  for (const log::Record& record : batch.records) {
    if (record.key.starts_with(kKeyPrefix)) take_condition(record);
    else observer_->take_status(record);
  }
  return {};
}

void Watcher::take_condition(const log::Record& record) {
  const std::string key = record.key.substr(kKeyPrefix.size());
  v1::ConditionRecord condition;
  if (!record.value) {
    // of an owner that slept where something is known; else our own
    if (known_.contains(key)) written_over_.insert(key);
    return;
  }
  if (!condition.ParseFromString(*record.value) || key_of(condition) != key) {
    log::warn_bad_record(Topic::kStatus, record);
    return;
  }
  const auto known = known_.find(key);
  if (known == known_.end()) {
    known_[key] = std::move(condition);
  } else if (supersedes(condition, known->second)) {
    const std::uint64_t newest = known->second.revision();
    known->second = std::move(condition);
    written_over_.erase(key);
    if (known->second.revision() > newest) return;
    known->second.set_revision(newest + 1);  // who reads by revision alone follows too
    written_over_.insert(key);
  } else if (known->second.revision() == condition.revision()) {
    written_over_.erase(key);  // our own, or one that differs in times alone
  } else {
    written_over_.insert(key);
  }
}

Result<void> Watcher::read_on() {
  for (log::TopicFollower* topic : {&inputs_->status, &inputs_->deliveries, &inputs_->quarantine}) {
    for (;;) {
      VIGIE_ASSIGN(const bool any, topic->follow());
      if (!any) break;
    }
  }
  return {};
}

Result<bool> Watcher::look(log::Group& group) {
  VIGIE_TRY(read_on());
  VIGIE_ASSIGN(const bool ours, group.confirm(kStatus, confirmed_));
  if (!ours) return false;
  by_id_.clear();
  for (v1::SubscriptionRecord& one : subscriptions_.list()) by_id_[one.id()] = std::move(one);
  const std::int64_t now = clock_.now_unix_ms();
  std::vector<v1::ConditionRecord> untold;
  for (const auto& [key, condition] : known_) {
    if (is_untold(condition)) untold.push_back(condition);
  }
  for (v1::ConditionRecord& condition : untold) VIGIE_TRY(tell(std::move(condition)));
  std::map<std::string, std::pair<Finding, Seen>> seen;  // by key
  for (const auto& [key, condition] : known_) {
    const auto kind = kind_named(condition.kind());
    if (!kind || !observer_->knows_all_of(*kind, now)) continue;
    seen[key] = {{*kind, condition.subject(), condition.name(), condition.detail(), false},
                 Seen::kRight};
  }
  for (Finding& finding :
       observer_->look(now, [this](const std::string& id, const std::string& channel) {
         return channel_name(id, channel);
       })) {
    const Seen as = finding.wrong ? Seen::kWrong : Seen::kUnknown;
    std::string key = std::string(name_of(finding.kind)) + "/" + finding.subject;
    seen[std::move(key)] = {std::move(finding), as};
  }
  for (const auto& [key, one] : seen) VIGIE_TRY(step(key, one.first, one.second, now));
  VIGIE_TRY(forget_old(now));
  count();
  metrics_.looks.add();
  return true;
}

Result<void> Watcher::step(const std::string& key, const Finding& finding, Seen seen,
                           std::int64_t now) {
  const auto known = known_.find(key);
  const auto changed =
      next(known == known_.end() ? nullptr : &known->second, finding, seen, now, options_.holds);
  if (changed) {
    VIGIE_TRY(write(*changed));
    if (is_untold(*changed)) return tell(*changed);
  } else if (written_over_.contains(key) && known != known_.end()) {
    return write(known->second);
  }
  return {};
}

/// The matches are durable before the record says so.
Result<void> Watcher::tell(v1::ConditionRecord condition) {
  for (const auto& [id, subscription] : by_id_) {
    if (!asks_for(subscription, condition.kind())) continue;
    const v1::MatchRecord match = match_of(condition, subscription, options_.pages_url);
    VIGIE_TRY(producer_->send({Topic::kMatches, id, match.SerializeAsString()}));
  }
  VIGIE_TRY(producer_->flush());
  metrics_.told.of(is_on(condition) ? "begun" : "ended").add();
  logging::info(is_on(condition) ? "a condition began" : "a condition ended",
                {{"condition", key_of(condition)}, {"detail", condition.detail()}});
  condition.set_told(true);
  condition.set_revision(condition.revision() + 1);
  return write(condition);
}

Result<void> Watcher::write(const v1::ConditionRecord& condition) {
  const std::string key = key_of(condition);
  VIGIE_TRY(producer_->send(
      {Topic::kStatus, std::string(kKeyPrefix) + key, condition.SerializeAsString()}));
  VIGIE_TRY(producer_->flush());
  known_[key] = condition;
  written_over_.erase(key);
  return {};
}

/// What never began has no number that anything depends on.
Result<void> Watcher::forget_old(std::int64_t now) {
  std::vector<std::string> old;
  for (const auto& [key, condition] : known_) {
    if (condition.state() != v1::CONDITION_STATE_OVER || is_untold(condition)) continue;
    if (condition.episode() == 0 || condition.changed_unix_ms() < now - options_.keep_ms)
      old.push_back(key);
  }
  if (old.empty()) return {};
  for (const std::string& key : old) {
    VIGIE_TRY(producer_->send({Topic::kStatus, std::string(kKeyPrefix) + key, std::nullopt}));
    known_.erase(key);
  }
  return producer_->flush();
}

/// "“Export controls” by slack"; nothing where the channel is no more, or a person switched it off.
std::optional<std::string> Watcher::channel_name(const std::string& subscription_id,
                                                 const std::string& channel_id) const {
  const auto found = by_id_.find(subscription_id);
  if (found == by_id_.end() || found->second.deleted()) return std::nullopt;
  for (const v1::Channel& channel : found->second.channels()) {
    if (channel.id() != channel_id) continue;
    if (channel.disabled() && channel.disabled_reason().empty()) return std::nullopt;
    return "“" + text::ellipsize(text::visible_line(found->second.name()), kNameBytes / 2) +
           "” by " + channel.type();
  }
  return std::nullopt;
}

void Watcher::count() {
  for (const Kind kind : kKinds) {
    std::size_t on = 0;
    for (const auto& [key, condition] : known_)
      on += condition.kind() == name_of(kind) && is_on(condition) ? 1 : 0;
    metrics_.on.of(name_of(kind)).set(static_cast<double>(on));
  }
}

}  // namespace vigie::indexer::conditions
