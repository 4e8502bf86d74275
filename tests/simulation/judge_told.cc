// What the clock and the receivers say: slots, and channels that are switched off.
#include <map>
#include <set>

#include "indexer/subscriptions/store.h"
#include "proto/delivery.pb.h"
#include "proto/delivery_keys.h"
#include "proto/identity.h"
#include "tests/simulation/judge.h"

namespace vigie::simulation {

using proto::Topic;

/// Ids of the articles that a webhook tells: of an alert, or of all entries of a digest.
std::vector<std::string> articles_of(const Json& data) {
  if (!data["article"]["id"].as_string().empty()) return {data["article"]["id"].as_string()};
  std::vector<std::string> out;
  for (const Json& entry : data["entries"].as_array()) {
    out.push_back(entry["article"]["id"].as_string());
    for (const Json& other : entry["others"].as_array()) out.push_back(other["id"].as_string());
  }
  return out;
}

namespace {

// Of retries for kGiveUp (plant.cc): at once, then after 4, 12, 36, 108 s; an owner that takes over
// from the log or lost what its disk did not keep tries again what was tried.
constexpr std::size_t kLeastTries = 3;
constexpr std::size_t kMostTries = 20;

/// The newest state of each alert of a subscription.
std::map<std::string, v1::AlertGroup> alerts_of(const Brokers& brokers, const std::string& id) {
  const std::string prefix = std::string(proto::kAlertPrefix) + id + "/";
  std::map<std::string, v1::AlertGroup> out;
  brokers.each_record(Topic::kDeliveries, [&](const log::Record& record) {
    v1::AlertGroup group;
    if (record.key.starts_with(prefix) && record.value && group.ParseFromString(*record.value))
      out[record.key] = std::move(group);
  });
  return out;
}

}  // namespace

/// What matched before midnight is told then, once, in one message; what matched later waits for
/// the next slot, and is not lost.
void Judge::judge_slots(std::vector<std::string>& missing, std::vector<std::string>& wrong) const {
  const Subscribed& subscription = subscribed_.slots;
  std::map<std::string, std::size_t> original_of;  // article id → number of the original
  for (const Article& article : web_.articles()) original_of[id_of(article)] = article.original;
  std::set<std::size_t> told;
  std::set<std::size_t> taken;
  std::map<std::string, std::set<std::string>> ids_of_slot;
  for (const FakeWeb::Delivery& delivery : web_.deliveries()) {
    if (delivery.subscription_path != subscription.path) continue;
    const auto event = parse_json(delivery.body);
    const std::string slot = event ? (*event)["data"]["slot"].as_string() : "";
    if (slot.empty()) {
      wrong.push_back("told out of any slot: " + delivery.id);
      continue;
    }
    ids_of_slot[slot].insert(delivery.id);
    for (const std::string& article : articles_of((*event)["data"])) {
      told.insert(original_of[article]);
      if (delivery.accepted) taken.insert(original_of[article]);
    }
  }
  if (ids_of_slot.size() > 1) wrong.push_back("a slot was told that has not come");
  for (const auto& [slot, ids] : ids_of_slot) {
    if (ids.size() > 1) wrong.push_back("one slot told under two ids: " + slot);
  }
  std::set<std::string> alerted;  // ids of matches
  for (const auto& [key, group] : alerts_of(brokers_, subscription.id)) {
    alerted.insert(group.match_ids().begin(), group.match_ids().end());
    const std::size_t original = original_of[group.article().article_id()];
    const std::string story = "story " + std::to_string(original) + " " + subscription.path;
    if (group.held_at_unix_ms() == 0) wrong.push_back("told at once: " + story);
    if (group.held_at_unix_ms() >= World::kMidnightUnixMs) {
      if (told.contains(original)) wrong.push_back("told before its slot: " + story);
    } else if (!taken.contains(original)) {
      missing.push_back("not told in its slot: " + story);
    }
  }
  brokers_.each_record(Topic::kMatches, [&](const log::Record& record) {
    v1::MatchRecord match;
    if (record.key != subscription.id || !record.value || !match.ParseFromString(*record.value))
      return;
    if (!alerted.contains(match.match_id()))
      missing.push_back("a match in no alert: " + match.match_id());
  });
}

/// Messages that came though everybody could read in the log that their receiver had taken them.
std::uint64_t Judge::needless() const {
  std::map<std::string, milliseconds> known;  // by id, since when
  for (const auto& [at, partition] : brokers_.topics()) {
    if (at.topic != Topic::kDeliveries) continue;
    for (const Brokers::Stored& stored : partition.records) {
      v1::DeliveryRecord delivery;
      if (!stored.record.value || !proto::is_delivery_key(stored.record.key) ||
          !delivery.ParseFromString(*stored.record.value) ||
          delivery.state() != v1::DELIVERY_STATE_DELIVERED)
        continue;
      known.emplace(delivery.delivery_id(), stored.visible_at);
    }
  }
  std::uint64_t out = 0;
  for (const FakeWeb::Delivery& delivery : web_.deliveries()) {
    const auto since = known.find(delivery.id);
    if (since != known.end() && since->second < delivery.at) ++out;
  }
  return out;
}

/// The channel is off at every indexer, by a fact of the log, and nothing waits for it.
void Judge::judge_gone(std::vector<std::string>& missing) const {
  if (!web_.said_gone()) return;
  const Subscribed& subscription = subscribed_.gone;
  for (const indexer::subscriptions::SubscriptionStore* store : plant_.subscriptions()) {
    const auto record = store->look_up(subscription.id);
    if (!record || record->channels_size() != 1 || !record->channels(0).disabled() ||
        record->channels(0).disabled_reason().empty())
      missing.push_back("a channel is on though its receiver is gone");
  }
  std::map<std::string, v1::DeliveryState> states;
  brokers_.each_record(Topic::kDeliveries, [&](const log::Record& record) {
    v1::DeliveryRecord delivery;
    if (!record.value || !proto::is_delivery_key(record.key) ||
        !delivery.ParseFromString(*record.value))
      return;
    if (delivery.subscription_id() == subscription.id) states[record.key] = delivery.state();
  });
  for (const auto& [key, state] : states) {
    if (state == v1::DELIVERY_STATE_PENDING)
      missing.push_back("a delivery waits for a channel that is off: " + key);
  }
}

/// Each alert is tried for as long as retries go, then given up under the eyes of everybody: it is
/// neither forgotten nor tried for ever, and the channel stays on.
void Judge::judge_down(std::vector<std::string>& missing, std::vector<std::string>& wrong) const {
  const Subscribed& subscription = subscribed_.down;
  std::map<std::string, v1::DeliveryRecord> newest;  // by key
  brokers_.each_record(Topic::kDeliveries, [&](const log::Record& record) {
    v1::DeliveryRecord delivery;
    if (record.value && proto::is_delivery_key(record.key) &&
        delivery.ParseFromString(*record.value) && delivery.subscription_id() == subscription.id)
      newest[record.key] = std::move(delivery);
  });
  std::map<std::string, std::size_t> tries;  // by id
  for (const FakeWeb::Delivery& delivery : web_.deliveries()) {
    if (delivery.subscription_path == FakeWeb::kDownPath) ++tries[delivery.id];
  }
  std::set<std::string> ended;  // ids
  for (const auto& [key, delivery] : newest) {
    if (delivery.state() == v1::DELIVERY_STATE_PENDING) {
      missing.push_back("not given up: " + key);
      continue;
    }
    ended.insert(delivery.delivery_id());
    if (delivery.state() != v1::DELIVERY_STATE_FAILED || delivery.last_error().empty())
      wrong.push_back("given up, and not said: " + key);
    if (tries[delivery.delivery_id()] < kLeastTries)
      wrong.push_back("given up after " + std::to_string(tries[delivery.delivery_id()]) +
                      " tries: " + key);
  }
  for (const auto& [key, group] : alerts_of(brokers_, subscription.id)) {
    if (!ended.contains(group.delivery_id())) missing.push_back("an alert of no delivery: " + key);
  }
  for (const auto& [id, count] : tries) {
    if (count > kMostTries) wrong.push_back("tried " + std::to_string(count) + " times: " + id);
  }
  for (const indexer::subscriptions::SubscriptionStore* store : plant_.subscriptions()) {
    const auto record = store->look_up(subscription.id);
    if (!record || record->channels_size() != 1 || record->channels(0).disabled())
      wrong.push_back("a channel is off whose receiver only failed");
  }
}

void Judge::judge_desks(std::vector<std::string>& missing) const {
  const std::vector<const Desk*> desks = plant_.desks();
  if (desks.size() < Plans::kIndexers) missing.push_back("an indexer has no pages");
  for (const Desk* desk : desks) judge_desk(*desk, plant_.ledger(), missing);
  judge_people(brokers_, plant_.ledger(), missing);
}

}  // namespace vigie::simulation
