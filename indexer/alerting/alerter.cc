#include "indexer/alerting/alerter.h"

#include <algorithm>
#include <array>
#include <condition_variable>

#include "indexer/alerting/changelog.h"
#include "indexer/alerting/retry_schedule.h"
#include "indexer/delivery/digest_event.h"
#include "indexer/rhythm/slots.h"
#include "platform/log/resume.h"
#include "platform/logging/logging.h"
#include "proto/identity.h"

namespace vigie::indexer::alerting {
namespace {

using proto::Topic;
using std::chrono::milliseconds;

constexpr std::size_t kMatchesOfWrite = 500;  // read at a time, for one synced write
// while attempts are under way, whose ends are looked at between polls
constexpr milliseconds kBusyPoll{5};
constexpr milliseconds kHousekeeping = std::chrono::minutes(1);
constexpr std::size_t kExpiredRows = 1000;  // forgotten at a time
constexpr milliseconds kRestWait{20'000};   // an attempt ends within 15 s
constexpr milliseconds kTestWait{30'000};   // more than an attempt may take
constexpr std::size_t kMaxDays = 366;
// where the log's own is asked for, which is not known here: the group is asked rather too often
constexpr milliseconds kShortSession{6'000};

std::string channel_key(const v1::DeliveryRecord& delivery) {
  return delivery.subscription_id() + "/" + delivery.channel_id();
}

std::int64_t decided_at(const v1::DeliveryRecord& delivery) {
  if (delivery.has_digest()) return delivery.digest().closed_unix_ms();
  return delivery.decided_at_unix_ms() != 0 ? delivery.decided_at_unix_ms()
                                            : delivery.created_at_unix_ms();
}

const v1::Channel* enabled_channel(const v1::SubscriptionRecord& subscription,
                                   const std::string& channel_id) {
  for (const v1::Channel& channel : subscription.channels()) {
    if (channel.id() == channel_id) return channel.disabled() ? nullptr : &channel;
  }
  return nullptr;
}

std::string channel_missing(const std::optional<v1::SubscriptionRecord>& subscription) {
  return !subscription || subscription->deleted() ? "the subscription was deleted"
                                                  : "the channel was removed or switched off";
}

delivery::Message sample_of(const v1::SubscriptionRecord& subscription, const v1::Channel& channel,
                            std::string id, std::int64_t now_unix_ms) {
  delivery::Message message;
  message.delivery_id = std::move(id);
  message.channel = channel;
  message.subscription_id = subscription.id();
  message.subscription_name = subscription.name();
  message.subscription_query = subscription.query();
  message.sample = true;
  message.match.set_match_id(message.delivery_id);
  message.match.set_subscription_id(subscription.id());
  message.match.set_subscription_revision(subscription.revision());
  message.match.set_matched_at_unix_ms(now_unix_ms);
  v1::ArticleSummary& article = *message.match.mutable_article();
  article.set_article_id("sample");
  article.set_url("https://example.org/sample-article");
  article.set_title("A sample alert from vigie");
  article.set_snippet(
      "This is what an alert looks like. Nothing was published; somebody asked for a test.");
  article.set_language("en");
  article.set_discovered_at_unix_ms(now_unix_ms);
  article.mutable_source()->set_id("sample");
  article.mutable_source()->set_name("Sample source");
  v1::Evidence& evidence = *message.match.add_evidence();
  evidence.set_text("sample alert");
  evidence.set_sentence(article.title());
  evidence.set_clause(subscription.query());
  evidence.mutable_span()->set_field("title");
  evidence.mutable_span()->set_offset(2);
  evidence.mutable_span()->set_length(12);
  return message;
}

}  // namespace

Alerter::Alerter(log::Log& log, subscriptions::SubscriptionStore& subscriptions,
                 delivery::Sender& sender, Clock& clock, Random& random,
                 metrics::Registry& registry, AlerterOptions options, std::unique_ptr<Store> store)
    : log_(log),
      subscriptions_(subscriptions),
      sender_(sender),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      store_(std::move(store)),
      dispatcher_(sender, options_.max_in_flight, options_.max_in_flight_per_channel),
      metrics_(registry),
      intake_(*store_, subscriptions_, clock_, metrics_, options_),
      digests_(*store_, subscriptions_, log_, clock_, metrics_, options_) {}

Alerter::~Alerter() = default;

Result<std::unique_ptr<Alerter>> Alerter::open(log::Log& log,
                                               subscriptions::SubscriptionStore& subscriptions,
                                               delivery::Sender& sender, Clock& clock,
                                               Random& random, metrics::Registry& registry,
                                               AlerterOptions options) {
  VIGIE_ASSIGN(std::unique_ptr<Store> store, Store::open(options.dir, options.open_database));
  return std::unique_ptr<Alerter>(new Alerter(log, subscriptions, sender, clock, random, registry,
                                              std::move(options), std::move(store)));
}

Result<void> Alerter::run(std::stop_token stop) {
  producer_ = log_.producer();
  VIGIE_ASSIGN(partitions_, log_.partitions(Topic::kMatches));
  const std::array<Topic, 1> topics{Topic::kMatches};
  VIGIE_ASSIGN(const std::unique_ptr<log::Group> group,
               log_.join(options_.group, topics, {options_.session}));
  group_ = group.get();
  awake_at_ = clock_.since_boot();
  while (!stop.stop_requested()) VIGIE_TRY(turn(*group, stop));
  return finish(options_.stop_wait);
}

Result<void> Alerter::turn(log::Group& group, const std::stop_token& stop) {
  if (gate_.wanted()) {
    VIGIE_TRY(finish(kRestWait));
    gate_.pass();
  }
  VIGIE_ASSIGN(const log::Group::Polled polled, group.poll(kMatchesOfWrite, poll_time()));
  if (!polled.revoked.empty()) VIGIE_TRY(release(group, polled.revoked));
  if (!polled.assigned.empty()) VIGIE_TRY(take_over(group, polled.assigned, stop));
  VIGIE_ASSIGN(const bool taken, take_matches(polled.batches, stop));
  if (!taken) return {};
  VIGIE_TRY(look_at_waiting());
  VIGIE_TRY(settle());
  VIGIE_TRY(close_slots());
  VIGIE_TRY(start_due());
  VIGIE_TRY(relay());
  if (!may_have_slept_) VIGIE_TRY(commit(group, polled.batches));
  return keep_house();
}

std::vector<std::int32_t> Alerter::owned() const {
  const std::lock_guard lock(owned_mutex_);
  return {owned_.begin(), owned_.end()};
}

Result<std::vector<v1::AlertGroup>> Alerter::alerts(const std::string& subscription_id,
                                                    std::size_t limit,
                                                    const std::string& before) const {
  return store_->groups(subscription_id, limit, before);
}
Result<std::vector<v1::DeliveryRecord>> Alerter::deliveries(const std::string& subscription_id,
                                                            std::size_t limit) const {
  return store_->deliveries(subscription_id, limit);
}

Result<std::vector<DayCount>> Alerter::counts_per_day(const std::string& subscription_id,
                                                      std::size_t days,
                                                      const dates::TimeZone& zone) const {
  days = std::clamp<std::size_t>(days, 1, kMaxDays);
  std::vector<DayCount> counts(days);
  std::int64_t begin = zone.day_begin(clock_.now_unix_ms());
  for (auto day = counts.rbegin(); day != counts.rend(); ++day) {
    day->begin_unix_ms = begin;
    begin = zone.day_begin(begin - 1);
  }
  VIGIE_ASSIGN(const std::vector<std::int64_t> times,
               store_->group_times(subscription_id,
                                   std::max<std::int64_t>(0, counts.front().begin_unix_ms)));
  auto day = counts.begin();
  for (const std::int64_t time : times) {
    while (std::next(day) != counts.end() && std::next(day)->begin_unix_ms <= time) ++day;
    if (time >= day->begin_unix_ms) ++day->alerts;
  }
  return counts;
}

Result<Alerts::LeftOut> Alerter::left_out(const std::string& subscription_id) const {
  VIGIE_ASSIGN(const Store::LeftOut found, store_->left_out(subscription_id));
  return LeftOut{found.hour_unix_ms, found.matches};
}

milliseconds Alerter::poll_time() const {
  if (dispatcher_.in_flight() > 0) return kBusyPoll;
  const std::optional<milliseconds> due = dispatcher_.next_due();
  if (!due) return options_.idle_poll;
  return std::clamp(*due - clock_.since_boot(), milliseconds(0), options_.idle_poll);
}

/// Nothing is read from a partition before all that is known of it is here.
Result<void> Alerter::take_over(log::Group& group, const std::vector<log::TopicPartition>& assigned,
                                const std::stop_token& stop) {
  VIGIE_ASSIGN(const bool known, subscriptions_.catch_up(stop));
  if (!known) return {};
  for (const log::TopicPartition& partition : assigned) {
    VIGIE_ASSIGN(const bool taken, take_over(group, partition, stop));
    if (!taken) return {};
  }
  VIGIE_TRY(relay());  // nothing leaves before the log has our mark, and no digest before itself
  return schedule_pending();
}

Result<bool> Alerter::take_over(log::Group& group, log::TopicPartition partition,
                                const std::stop_token& stop) {
  VIGIE_ASSIGN(const std::optional<std::int64_t> committed,
               log_.committed(options_.group, partition));
  VIGIE_ASSIGN(const bool caught_up,
               catch_up(*store_, log_, partition.partition, committed, options_.keep_ms, stop));
  if (!caught_up) return false;
  storage::Batch mark;
  VIGIE_TRY(put_mark(*store_, mark, partition.partition, partitions_, new_mark()));
  VIGIE_TRY(store_->write(mark, storage::Durability::kSynced));
  own(partition.partition, true);
  VIGIE_ASSIGN(std::optional<std::int64_t> position, store_->position(partition.partition));
  // Ours is never behind what we committed: a commit beyond it was made by `vigie log skip`.
  if (committed && (!position || *committed > *position)) position = committed;
  VIGIE_ASSIGN(const log::Resume resumed, log::resume(log_, partition, position, "the alerter"));
  VIGIE_TRY(group.start(partition, position ? std::optional(resumed.offset) : std::nullopt));
  if (committed) committed_[partition.partition] = *committed;
  return true;
}

// The next owner knows what is in `deliveries`: what has ended goes there first, or it would be
// sent once more. What is still under way may be. Where the session had ended there may be a next
// owner already, over whose records nothing is written.
Result<void> Alerter::release(const log::Group& group,
                              const std::vector<log::TopicPartition>& revoked) {
  VIGIE_TRY(settle());
  if (!group.lost()) VIGIE_TRY(relay());
  for (const log::TopicPartition& partition : revoked) own(partition.partition, false);
  return schedule_pending();
}

/// Whether what is owned is still ours, where this process may have slept for longer than its
/// session: then nothing is written or sent before the group has said so.
Result<bool> Alerter::is_awake() {
  const milliseconds now = clock_.since_boot();
  const milliseconds session = options_.session.count() > 0 ? options_.session : kShortSession;
  if (now - std::exchange(awake_at_, now) > session / 2) may_have_slept_ = true;
  if (!may_have_slept_ || owned_.empty() || group_ == nullptr) return true;
  const log::TopicPartition partition{Topic::kMatches, *owned_.begin()};
  VIGIE_ASSIGN(const log::OffsetRange held, log_.offsets(partition));
  const auto committed = committed_.find(partition.partition);
  VIGIE_ASSIGN(
      const bool ours,
      group_->confirm(partition, committed == committed_.end() ? held.begin : committed->second));
  awake_at_ = clock_.since_boot();
  may_have_slept_ = !ours;
  return ours;
}

Result<void> Alerter::commit(log::Group& group, const std::vector<log::Reader::Batch>& batches) {
  for (const log::Reader::Batch& batch : batches) {
    VIGIE_TRY(group.commit(batch.from, batch.next_offset));
    committed_[batch.from.partition] = batch.next_offset;
  }
  return {};
}

void Alerter::own(std::int32_t partition, bool ours) {
  const std::lock_guard lock(owned_mutex_);
  if (ours) owned_.insert(partition);
  else owned_.erase(partition);
  committed_.erase(partition);
}

bool Alerter::owns(const std::string& subscription_id) const {
  return owned_.contains(proto::partition_of(subscription_id, partitions_));
}

Result<void> Alerter::relay() {
  VIGIE_ASSIGN(const bool awake, is_awake());
  if (!awake) return {};
  return relay_changelog(*store_, *producer_, [&](const std::string& partition_key) {
    return owned_.contains(proto::partition_of(partition_key, partitions_));
  });
}

/// What the log knows of a slot before its digest leaves, the next owner knows too.
Result<void> Alerter::close_slots() {
  VIGIE_ASSIGN(const std::vector<v1::DeliveryRecord> digests, digests_.close_due());
  if (digests.empty()) return {};
  VIGIE_TRY(relay());
  for (const v1::DeliveryRecord& delivery : digests) schedule(delivery);
  return {};
}

Result<void> Alerter::schedule_pending() {
  intake_.look_again();
  dispatcher_.clear();
  VIGIE_TRY(digests_.begin(partitions_, [this](const std::string& id) { return owns(id); }));
  return store_->pending_deliveries([&](const v1::DeliveryRecord& delivery) {
    const std::string row = Store::delivery_row(delivery);
    if (owns(delivery.subscription_id()) && !under_way_.contains(row)) schedule(delivery);
  });
}

// The wall clock, which may jump, decides only how long to wait from now, and never for longer
// than a retry can wait.
void Alerter::schedule(const v1::DeliveryRecord& delivery) {
  const milliseconds wait =
      std::clamp(milliseconds(delivery.next_due_unix_ms() - clock_.now_unix_ms()), milliseconds(0),
                 kLongestRetryDelay);
  dispatcher_.add(channel_key(delivery), Store::delivery_row(delivery), clock_.since_boot() + wait);
}

/// False if a stop was asked for while a subscription was waited for: then the batches may be
/// taken in part. What was taken is durable, and the rest is read again.
Result<bool> Alerter::take_matches(const std::vector<log::Reader::Batch>& batches,
                                   const std::stop_token& stop) {
  if (batches.empty()) return true;
  std::vector<Intake::Raised> raised;
  storage::Batch positions;
  bool all = true;
  for (auto batch = batches.begin(); all && batch != batches.end(); ++batch) {
    for (auto record = batch->records.begin(); all && record != batch->records.end(); ++record) {
      VIGIE_ASSIGN(all, intake_.take(*record, *producer_, raised, stop));
    }
    if (!all) break;
    store_->put_position(positions, batch->from.partition, batch->next_offset);
    store_->put_changelog(positions,
                          position_record(batch->from.partition, partitions_, batch->next_offset));
  }
  if (intake_.quarantined_any()) VIGIE_TRY(producer_->flush());
  // One sync for all the batches before it too: from here on the alerts cannot be lost.
  VIGIE_TRY(store_->write(positions, storage::Durability::kSynced));
  VIGIE_TRY(tell(raised));
  return all;
}

/// The log has what is known of events before it is decided by, and what was decided before more
/// is learned: which article of an event is told is a function of the log.
Result<void> Alerter::look_at_waiting() {
  const auto ours = [this](const std::string& id) { return owns(id); };
  for (bool more = true; more;) {
    std::vector<Intake::Raised> raised;
    VIGIE_ASSIGN(const bool decided, intake_.decide_waiting(ours, raised));
    if (decided) VIGIE_TRY(relay());
    VIGIE_TRY(tell(raised));
    VIGIE_ASSIGN(more, intake_.learn_events(ours, new_mark(), partitions_));
    if (more) VIGIE_TRY(relay());
    if (may_have_slept_) return {};
  }
  return {};
}

/// What is durable.
Result<void> Alerter::tell(const std::vector<Intake::Raised>& raised) {
  for (const Intake::Raised& alert : raised) {
    for (const v1::DeliveryRecord& delivery : alert.deliveries) schedule(delivery);
    if (alert.group.held_at_unix_ms() != 0) VIGIE_TRY(digests_.add(alert.subscription.id()));
    if (on_alert_) on_alert_(alert.group, alert.subscription);
  }
  return {};
}

Result<void> Alerter::start_due() {
  VIGIE_ASSIGN(const bool awake, is_awake());
  if (!awake) return {};
  return dispatcher_.start_due(clock_.since_boot(),
                               [&](const std::string& row) { return message_of(row); });
}

// What a pending row sends now, to the channel as it is now; nothing where the row has ended, or
// ends here.
Result<std::optional<delivery::Message>> Alerter::message_of(const std::string& row) {
  const std::optional<delivery::Message> nothing;
  VIGIE_ASSIGN(std::optional<v1::DeliveryRecord> delivery, store_->delivery(row));
  if (!delivery || delivery->state() != v1::DELIVERY_STATE_PENDING) return nothing;
  const std::optional<v1::SubscriptionRecord> subscription =
      subscriptions_.look_up(delivery->subscription_id());
  const v1::Channel* channel = subscription && !subscription->deleted()
                                   ? enabled_channel(*subscription, delivery->channel_id())
                                   : nullptr;
  if (channel == nullptr) {
    delivery->set_last_error(channel_missing(subscription));
    VIGIE_TRY(end(std::move(*delivery), v1::DELIVERY_STATE_DISABLED));
    return nothing;
  }
  VIGIE_ASSIGN(const bool later, put_off(*subscription, *delivery));
  if (later) return nothing;
  delivery::Message message;
  message.delivery_id = delivery->delivery_id();
  message.channel = *channel;
  message.subscription_id = subscription->id();
  message.subscription_name = subscription->name();
  message.subscription_query = subscription->query();
  message.match = std::move(*delivery->mutable_match());
  message.subscription_query = subscription->query();
  if (delivery->has_digest()) {
    message.digest = std::move(*delivery->mutable_digest());
    message.notice = delivery::notice_of_digest(*message.digest, subscription->id(),
                                                subscription->name(), subscription->query());
  }
  under_way_[row] = subscription->revision();
  return std::optional<delivery::Message>(std::move(message));
}

/// Nothing is sent in quiet hours, while the subscription is snoozed or paused: neither what was
/// decided before nor what is tried again.
Result<bool> Alerter::put_off(const v1::SubscriptionRecord& subscription,
                              const v1::DeliveryRecord& delivery) {
  const auto until = rhythm::waiting_until(rules_.of(subscription), clock_.now_unix_ms());
  if (!until) return false;
  v1::DeliveryRecord later = delivery;
  later.set_next_due_unix_ms(until->due_unix_ms);
  later.set_put_off(true);
  VIGIE_TRY(put(later));
  schedule(later);
  return true;
}

Result<void> Alerter::settle() {
  std::vector<Dispatcher::Finished> finished = dispatcher_.take_finished();
  for (Dispatcher::Finished& each : finished) {
    const auto attempt = under_way_.extract(each.row);
    VIGIE_INVARIANT(!attempt.empty());
    VIGIE_ASSIGN(std::optional<v1::DeliveryRecord> delivery, store_->delivery(each.row));
    if (!delivery || delivery->state() != v1::DELIVERY_STATE_PENDING) continue;
    delivery->set_attempts(delivery->attempts() + 1);
    delivery->set_put_off(false);
    delivery->set_last_status(each.attempt.status);
    delivery->set_last_error(each.attempt.error);
    VIGIE_TRY(settle(std::move(*delivery), attempt.mapped(), each.attempt));
  }
  return {};
}

Result<void> Alerter::settle(v1::DeliveryRecord delivery, std::uint64_t revision,
                             const delivery::Attempt& attempt) {
  const std::int64_t now = clock_.now_unix_ms();
  switch (attempt.outcome) {
    case delivery::Outcome::kDelivered:
      metrics_.attempts.of("delivered").add();
      if (delivery.has_match())
        metrics_.match_to_delivered.observe(static_cast<double>(std::max<std::int64_t>(
                                                0, now - delivery.match().matched_at_unix_ms())) /
                                            1000.0);
      return end(std::move(delivery), v1::DELIVERY_STATE_DELIVERED);
    case delivery::Outcome::kGone:
      metrics_.attempts.of("gone").add();
      // Another owner asks again, and hears the same.
      if (owns(delivery.subscription_id()))
        VIGIE_TRY(subscriptions_.switch_off(delivery.subscription_id(), delivery.channel_id(),
                                            revision, attempt.error));
      return end(std::move(delivery), v1::DELIVERY_STATE_DISABLED);
    case delivery::Outcome::kRefused:
      metrics_.attempts.of("refused").add();
      return end(std::move(delivery), v1::DELIVERY_STATE_FAILED);
    case delivery::Outcome::kFailed: break;
  }
  metrics_.attempts.of("failed").add();
  if (now - decided_at(delivery) >= options_.give_up_ms)
    return end(std::move(delivery), v1::DELIVERY_STATE_FAILED);
  milliseconds delay = retry_delay(delivery.attempts(), random_.unit());
  if (attempt.retry_after) delay = std::max(delay, *attempt.retry_after);
  delivery.set_next_due_unix_ms(now + delay.count());
  VIGIE_TRY(put(delivery));
  if (owns(delivery.subscription_id())) schedule(delivery);
  return {};
}

Result<void> Alerter::put(const v1::DeliveryRecord& delivery) {
  storage::Batch batch;
  store_->put_delivery(batch, delivery, delivery.ended_at_unix_ms() + options_.keep_ms);
  store_->put_changelog(batch, {Topic::kDeliveries, changelog_key(delivery),
                                delivery.SerializeAsString(), delivery.subscription_id()});
  // lost by a power failure, it is delivered once more under the same id, unless the log has it
  return store_->write(batch, storage::Durability::kBuffered);
}

Result<void> Alerter::end(v1::DeliveryRecord delivery, v1::DeliveryState state) {
  delivery.set_state(state);
  delivery.set_ended_at_unix_ms(clock_.now_unix_ms());
  delivery.set_next_due_unix_ms(0);
  delivery.clear_match();
  if (delivery.has_digest()) delivery.mutable_digest()->clear_entries();
  if (state == v1::DELIVERY_STATE_DELIVERED) {
    metrics_.ended.of("delivered").add();
  } else {
    metrics_.ended.of(state == v1::DELIVERY_STATE_FAILED ? "failed" : "disabled").add();
    logging::warn("delivery ended without success", {{"delivery", delivery.delivery_id()},
                                                     {"subscription", delivery.subscription_id()},
                                                     {"attempts", delivery.attempts()},
                                                     {"error", delivery.last_error()}});
  }
  return put(delivery);
}

Result<void> Alerter::keep_house() {
  metrics_.pending.set(static_cast<double>(dispatcher_.waiting() + dispatcher_.in_flight()));
  const std::optional<milliseconds> due = dispatcher_.next_due();
  metrics_.digests_overdue.set(static_cast<double>(digests_.overdue_ms()) / 1000.0);
  const milliseconds now = clock_.since_boot();
  metrics_.overdue.set(due && *due < now ? std::chrono::duration<double>(now - *due).count() : 0.0);
  if (now < next_housekeeping_) return {};
  VIGIE_ASSIGN(const std::size_t forgotten,
               store_->forget_expired(clock_.now_unix_ms(), options_.keep_ms, kExpiredRows));
  VIGIE_TRY(digests_.forget_gone());
  if (forgotten < kExpiredRows) next_housekeeping_ = now + kHousekeeping;
  return subscriptions_.forget_switched_off([this](const std::string& id) { return owns(id); });
}

Result<void> Alerter::finish(milliseconds wait) {
  const milliseconds deadline = clock_.since_boot() + wait;
  while (dispatcher_.in_flight() > 0 && clock_.since_boot() < deadline) {
    dispatcher_.wait_finished(milliseconds(100));
    VIGIE_TRY(settle());
  }
  return relay();
}

std::vector<TestResult> Alerter::send_test(const v1::SubscriptionRecord& subscription) {
  std::vector<delivery::Message> messages;
  for (const v1::Channel& channel : subscription.channels()) {
    if (channel.disabled()) continue;
    std::string id;
    storage::append_u64(id, random_.next());
    storage::append_u64(id, random_.next());
    messages.push_back(sample_of(subscription, channel, proto::base32(id), clock_.now_unix_ms()));
  }
  return send_and_wait(messages);
}

Result<std::vector<TestResult>> Alerter::send_again(const v1::SubscriptionRecord& subscription,
                                                    const std::string& delivery_id) {
  VIGIE_ASSIGN(const std::optional<v1::AlertGroup> group, store_->group_of(delivery_id));
  if (!group || group->subscription_id() != subscription.id() ||
      group->delivery_id() != delivery_id) {
    return failure(Disposition::kQuarantine, "not_found",
                   "the subscription has no alert " + delivery_id + "; its matches list them",
                   subscription.id());
  }
  std::vector<delivery::Message> messages;
  for (const v1::Channel& channel : subscription.channels()) {
    if (channel.disabled()) continue;
    delivery::Message message;
    message.delivery_id = delivery_id;
    message.channel = channel;
    message.subscription_id = subscription.id();
    message.subscription_name = subscription.name();
    message.subscription_query = subscription.query();
    message.match.set_match_id(delivery_id);
    message.match.set_subscription_id(subscription.id());
    message.match.set_subscription_revision(subscription.revision());
    message.match.set_matched_at_unix_ms(group->first_matched_at_unix_ms());
    *message.match.mutable_article() = group->article();
    *message.match.mutable_evidence() = group->evidence();
    if (group->has_spike()) *message.match.mutable_spike() = group->spike();
    if (group->has_reach()) *message.match.mutable_reach() = group->reach();
    messages.push_back(std::move(message));
  }
  return send_and_wait(messages);
}

std::vector<TestResult> Alerter::send_and_wait(const std::vector<delivery::Message>& messages) {
  struct Responses {
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<TestResult> results;
    std::size_t open = 0;
  };
  // Shared with callbacks, which may come after the wait is over.
  const auto responses = std::make_shared<Responses>();
  for (const delivery::Message& message : messages) {
    TestResult result;
    result.channel_id = message.channel.id();
    result.attempt.error = "no response came";
    responses->results.push_back(std::move(result));
  }
  responses->open = messages.size();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    sender_.send(messages[i], [responses, i](delivery::Attempt attempt) {
      {
        const std::lock_guard lock(responses->mutex);
        responses->results[i].attempt = std::move(attempt);
        --responses->open;
      }
      responses->arrived.notify_one();
    });
  }
  std::unique_lock lock(responses->mutex);
  responses->arrived.wait_for(lock, kTestWait, [&] { return responses->open == 0; });
  return responses->results;
}

}  // namespace vigie::indexer::alerting
