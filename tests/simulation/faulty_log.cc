#include "tests/simulation/faulty_log.h"

#include <algorithm>

namespace vigie::simulation {
namespace {

using log::LogPosition;
using log::NewRecord;
using log::OffsetRange;
using log::TopicPartition;
using proto::Topic;

constexpr milliseconds kGiveUp{5'000};  // from sending to the report that a record was given up

tl::unexpected<Error> dying() {
  return failure(Disposition::kStop, "stopped", "the process is dying");
}

/// What a producer has on its way. It outlives the producer: acknowledgements come later.
struct Sending {
  std::uint64_t sent = 0;
  std::uint64_t finished = 0;
  std::optional<Error> first_failure;
  milliseconds last{0};
  std::uint64_t life = 0;
  // of a dead producer: records on the wire that the brokers still take
  std::optional<std::uint64_t> survivors;
};

class SimProducer final : public log::Producer {
 public:
  SimProducer(World& world, Brokers& brokers, Process& process)
      : world_(world), brokers_(brokers), process_(process) {
    sending_->life = process.life;
  }

  Result<void> send(NewRecord record, Acknowledged acknowledged) override {
    if (world_.unwinding()) return dying();
    world_.touch();
    const std::size_t bytes = record.key.size() + (record.value ? record.value->size() : 0);
    if (bytes > static_cast<std::size_t>(proto::spec(record.topic).max_record_bytes))
      return failure(Disposition::kQuarantine, "too_large", "the record is too large");
    ++sending_->sent;
    milliseconds when = world_.now() + world_.between(milliseconds(0), milliseconds(4));
    if (world_.one_in(100)) when += world_.between(milliseconds(20), milliseconds(800));
    when = std::max({when, sending_->last, brokers_.away_until()});
    const bool refused = brokers_.fail_one_in != 0 && world_.one_in(brokers_.fail_one_in);
    // order is kept: what follows one that is given up goes out after that is told
    sending_->last = refused ? when + kGiveUp : when;
    const bool written = !refused || world_.one_in(2);
    world_.at(when, [&world = world_, &brokers = brokers_, &process = process_, sending = sending_,
                     record = std::move(record), acknowledged = std::move(acknowledged), refused,
                     written, when_given_up = when + kGiveUp]() mutable {
      const bool alive = process.alive && process.life == sending->life;
      if (!alive) {
        // What a dead producer had on the wire arrives, or does not, from some record on.
        if (!sending->survivors) sending->survivors = world.one_in(2) ? 0 : world.chance(4);
        if (*sending->survivors == 0) return;
        --*sending->survivors;
      }
      LogPosition place;
      if (written) place = brokers.append(record);
      if (!alive) return;
      milliseconds acknowledged_at = world.now() + world.between(milliseconds(0), milliseconds(5));
      // the acknowledgement was lost; the broker knows the retry
      if (world.one_in(60))
        acknowledged_at += world.between(milliseconds(100), milliseconds(3'000));
      if (refused) acknowledged_at = when_given_up;
      world.at(process, std::max(acknowledged_at, brokers.away_until()),
               [&world, sending, acknowledged = std::move(acknowledged), place, refused] {
                 Result<LogPosition> outcome = place;
                 if (refused) {
                   world.note("a record is given up by its producer");
                   outcome = failure(Disposition::kStop, "broker_unreachable",
                                     "simulated: message timed out");
                 }
                 if (acknowledged) acknowledged(outcome);
                 ++sending->finished;
                 if (refused && !sending->first_failure) sending->first_failure = outcome.error();
               });
    });
    world_.touch();
    return {};
  }

  Result<void> flush() override {
    if (world_.unwinding()) return dying();
    world_.touch();
    const std::uint64_t until = sending_->sent;
    world_.wait(World::kNever, [&] { return sending_->finished >= until; });
    world_.touch();
    if (!sending_->first_failure) return {};
    Error error = std::move(*sending_->first_failure);
    sending_->first_failure.reset();
    return failure(std::move(error));
  }

 private:
  World& world_;
  Brokers& brokers_;
  Process& process_;
  std::shared_ptr<Sending> sending_ = std::make_shared<Sending>();
};

Result<void> judge_offset(Brokers& brokers, TopicPartition partition, std::int64_t offset) {
  const Brokers::Partition& held = brokers.partition(partition);
  if (offset >= held.begin && offset <= held.end) return {};
  return failure(Disposition::kStop, "log_gap",
                 "offset " + std::to_string(offset) + " lies outside " +
                     std::to_string(held.begin) + " to " + std::to_string(held.end),
                 std::string(proto::spec(partition.topic).short_name) + "/" +
                     std::to_string(partition.partition));
}

/// Reading of some partitions; the part that readers and groups share.
class Fetching {
 public:
  Fetching(World& world, Brokers& brokers) : world_(world), brokers_(brokers) {}
  std::map<TopicPartition, std::int64_t> next;
  std::set<TopicPartition> paused;

  bool any() const {
    if (world_.now() < brokers_.away_until()) return false;
    for (const auto& [from, offset] : next) {
      if (paused.count(from) == 0 && available(from, offset)) return true;
    }
    return false;
  }

  std::vector<log::Reader::Batch> take(std::size_t most) {
    std::vector<log::Reader::Batch> batches;
    if (world_.now() < brokers_.away_until()) return batches;
    if (world_.one_in(8)) most = std::min<std::size_t>(most, 1 + world_.chance(3));
    std::vector<TopicPartition> order;
    for (const auto& [from, offset] : next) order.push_back(from);
    if (!order.empty())
      std::rotate(order.begin(),
                  order.begin() + static_cast<std::ptrdiff_t>(world_.chance(order.size())),
                  order.end());
    for (const TopicPartition from : order) {
      if (most == 0) break;
      if (paused.count(from) > 0) continue;
      log::Reader::Batch batch = read(from, next[from], most);
      if (batch.next_offset == next[from]) continue;
      next[from] = batch.next_offset;
      most -= std::min(most, batch.records.size());
      batches.push_back(std::move(batch));
    }
    return batches;
  }

  /// How long an empty poll takes: the thread may be late.
  milliseconds deadline(milliseconds timeout) const {
    if (timeout.count() <= 0) return world_.now();
    return world_.now() + timeout +
           milliseconds(world_.chance(static_cast<std::uint64_t>(timeout.count()) * 8 + 100));
  }

 private:
  static bool before(const Brokers::Stored& stored, std::int64_t offset) {
    return stored.record.offset < offset;
  }
  bool available(TopicPartition from, std::int64_t offset) const {
    const Brokers::Partition& held = brokers_.partition(from);
    if (offset >= held.end) return false;
    const auto at = std::lower_bound(held.records.begin(), held.records.end(), offset, before);
    return at == held.records.end() || at->visible_at <= world_.now();
  }
  log::Reader::Batch read(TopicPartition from, std::int64_t offset, std::size_t most) const {
    log::Reader::Batch batch;
    batch.from = from;
    batch.next_offset = offset;
    const Brokers::Partition& held = brokers_.partition(from);
    auto at = std::lower_bound(held.records.begin(), held.records.end(), offset, before);
    for (;
         at != held.records.end() && batch.records.size() < most && at->visible_at <= world_.now();
         ++at) {
      batch.records.push_back(at->record);
      batch.next_offset = at->record.offset + 1;
    }
    if (at == held.records.end()) batch.next_offset = held.end;  // past holes
    return batch;
  }
  World& world_;
  Brokers& brokers_;
};

class SimReader final : public log::Reader {
 public:
  SimReader(World& world, Brokers& brokers)
      : world_(world), brokers_(brokers), fetching_(world, brokers) {}
  Result<void> assign(TopicPartition partition, std::int64_t offset) override {
    if (world_.unwinding()) return dying();
    world_.touch();
    VIGIE_TRY(judge_offset(brokers_, partition, offset));
    fetching_.next[partition] = offset;
    return {};
  }
  void unassign(TopicPartition partition) override { fetching_.next.erase(partition); }
  void pause(TopicPartition partition) override { fetching_.paused.insert(partition); }
  void resume(TopicPartition partition) override { fetching_.paused.erase(partition); }
  Result<std::vector<Batch>> poll(std::size_t max_records, milliseconds timeout) override {
    if (world_.unwinding()) return dying();
    world_.touch();
    if (!fetching_.any() && timeout.count() > 0)
      world_.wait(fetching_.deadline(timeout), [this] { return fetching_.any(); });
    auto batches = fetching_.take(max_records);
    world_.touch();
    return batches;
  }

 private:
  World& world_;
  Brokers& brokers_;
  Fetching fetching_;
};

/// As platform/log's member of a Kafka group behaves: eager, static, a position of a former owner
/// is not taken.
class SimGroup final : public log::Group {
 public:
  SimGroup(World& world, Brokers& brokers, Process& process, const std::string& name,
           std::string instance)
      : world_(world),
        brokers_(brokers),
        group_(brokers.group(name)),
        instance_(std::move(instance)),
        fetching_(world, brokers) {
    Brokers::GroupState& group = state();
    const bool known = group.members.count(instance_) > 0;
    Brokers::Member& member = group.members[instance_];
    member.process = &process;
    session_ = ++member.session;
    if (!known) {
      brokers_.begin_rebalance(group);
    } else if (!group.rebalancing) {
      give_ = true;  // a static member that came back in time has its partitions at once
    }
  }

  Result<Polled> poll(std::size_t max_records, milliseconds timeout) override {
    if (world_.unwinding()) return dying();
    world_.touch();
    Polled polled;
    if (!news())
      world_.wait(fetching_.deadline(timeout), [this] { return news() || fetching_.any(); });
    Brokers::GroupState& group = state();
    brokers_.tend(group);
    const auto found = group.members.find(instance_);
    if (found == group.members.end() || found->second.session != session_) {
      // The session is over: what was owned is another's; join again.
      revoke(polled);
      lost_ = true;
      Brokers::Member& member = group.members[instance_];
      member.process = world_.running();
      session_ = ++member.session;
      brokers_.begin_rebalance(group);
      member.joined = true;
      return polled;
    }
    Brokers::Member& member = found->second;
    if (group.rebalancing) {
      revoke(polled);
      lost_ = false;
      member.joined = true;
      brokers_.tend(group);
      return polled;
    }
    if (give_ || member.generation != generation_) {
      if (!fetching_.next.empty()) {
        // Of a generation that went by while it slept: others owned what it owns.
        revoke(polled);
        lost_ = true;
        return polled;
      }
      give_ = false;
      generation_ = member.generation;
      polled.assigned = member.assigned;
      polled.settled = true;
      for (const TopicPartition partition : polled.assigned) starting_.insert(partition);
      return polled;
    }
    for (const TopicPartition partition : std::exchange(starting_, {}))
      VIGIE_TRY(start(partition, std::nullopt));
    polled.batches = fetching_.take(max_records);
    world_.touch();
    return polled;
  }

  Result<void> start(TopicPartition partition, std::optional<std::int64_t> offset) override {
    if (world_.unwinding()) return dying();
    world_.touch();
    if (!offset) {
      const auto committed = state().committed.find(partition);
      offset = committed == state().committed.end() ? brokers_.partition(partition).begin
                                                    : committed->second;
    }
    VIGIE_TRY(judge_offset(brokers_, partition, *offset));
    starting_.erase(partition);
    fetching_.next[partition] = *offset;
    return {};
  }

  bool lost() const override { return lost_; }
  Result<void> commit(TopicPartition partition, std::int64_t next_offset) override {
    VIGIE_TRY(confirm(partition, next_offset));
    return {};
  }
  Result<bool> confirm(TopicPartition partition, std::int64_t next_offset) override {
    if (world_.unwinding()) return dying();
    world_.touch();
    if (world_.now() < brokers_.away_until())
      world_.wait(brokers_.away_until(), [] { return false; });
    Brokers::GroupState& group = state();
    brokers_.tend(group);
    const auto found = group.members.find(instance_);
    const bool mine = found != group.members.end() && found->second.session == session_ &&
                      !group.rebalancing && found->second.generation == generation_;
    if (mine) group.committed[partition] = next_offset;
    world_.touch();
    return mine;
  }

  void pause(TopicPartition partition) override { fetching_.paused.insert(partition); }
  void resume(TopicPartition partition) override { fetching_.paused.erase(partition); }

 private:
  Brokers::GroupState& state() const { return group_; }
  bool news() const {
    Brokers::GroupState& group = state();
    brokers_.tend(group);
    const auto found = group.members.find(instance_);
    if (found == group.members.end() || found->second.session != session_) return true;
    if (group.rebalancing) return !found->second.joined || !fetching_.next.empty();
    return give_ || found->second.generation != generation_;
  }
  void revoke(Polled& polled) {
    for (const auto& entry : fetching_.next) polled.revoked.push_back(entry.first);
    fetching_.next.clear();
    fetching_.paused.clear();
    starting_.clear();
  }

  World& world_;
  Brokers& brokers_;
  Brokers::GroupState& group_;
  std::string instance_;
  Fetching fetching_;
  std::uint64_t session_ = 0;
  std::uint64_t generation_ = 0;
  bool give_ = false;
  bool lost_ = false;
  std::set<TopicPartition> starting_;
};

class SimLog final : public log::Log {
 public:
  SimLog(World& world, Brokers& brokers, Process& process, std::string instance)
      : world_(world), brokers_(brokers), process_(process), instance_(std::move(instance)) {}

  std::unique_ptr<log::Producer> producer() override {
    return std::make_unique<SimProducer>(world_, brokers_, process_);
  }
  std::unique_ptr<log::Reader> reader() override {
    return std::make_unique<SimReader>(world_, brokers_);
  }
  Result<std::unique_ptr<log::Group>> join(const std::string& group, std::span<const Topic> topics,
                                           const log::MemberOptions&) override {
    if (world_.unwinding()) return dying();
    world_.touch();
    brokers_.group(group).topics.assign(topics.begin(), topics.end());
    return std::unique_ptr<log::Group>(
        std::make_unique<SimGroup>(world_, brokers_, process_, group, instance_));
  }
  Result<std::int32_t> partitions(Topic topic) override { return brokers_.partitions_of(topic); }
  Result<OffsetRange> offsets(TopicPartition partition) override {
    if (world_.unwinding()) return dying();
    world_.touch();
    if (world_.running() != nullptr && world_.now() < brokers_.away_until())
      world_.wait(brokers_.away_until(), [] { return false; });
    const Brokers::Partition& held = brokers_.partition(partition);
    return OffsetRange{held.begin, held.end};
  }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                TopicPartition partition) override {
    if (world_.unwinding()) return dying();
    world_.touch();
    const auto& known = brokers_.group(group).committed;
    const auto found = known.find(partition);
    return found == known.end() ? std::optional<std::int64_t>()
                                : std::optional<std::int64_t>(found->second);
  }
  Result<void> set_committed(const std::string& group, TopicPartition partition,
                             std::int64_t offset) override {
    brokers_.group(group).committed[partition] = offset;
    return {};
  }
  std::uint64_t disk_bytes() override { return 0; }

 private:
  World& world_;
  Brokers& brokers_;
  Process& process_;
  std::string instance_;
};

}  // namespace

LogPosition Brokers::append(const NewRecord& record) {
  const TopicPartition to{
      record.topic,
      proto::partition_of(record.partition_key.empty() ? record.key : record.partition_key,
                          partitions_of(record.topic))};
  Partition& held = topics_[to];
  milliseconds visible = world_.now() + milliseconds(world_.chance(8));
  if (world_.one_in(60)) visible += world_.between(milliseconds(50), milliseconds(2'000));
  if (!held.records.empty()) visible = std::max(visible, held.records.back().visible_at);
  const std::int64_t offset = held.end++;
  held.records.push_back(
      {visible, log::Record{to.partition, offset, world_.wall(), record.key, record.value}});
  world_.at(visible, [] {});  // so that who waits looks again
  ++version;
  return {to.partition, offset};
}

void Brokers::each_record(Topic topic, const std::function<void(const log::Record&)>& visit) const {
  for (const auto& [at, partition] : topics_) {
    if (at.topic != topic) continue;
    for (const Stored& stored : partition.records) visit(stored.record);
  }
}

void Brokers::compact(Topic topic) {
  for (std::int32_t p = 0; p < partitions_of(topic); ++p) {
    Partition& held = topics_[{topic, p}];
    const std::size_t clean = world_.chance(held.records.size() + 1);
    std::set<std::string> seen;
    std::deque<Stored> kept;
    for (std::size_t i = held.records.size(); i-- > 0;) {
      const bool newest = seen.insert(held.records[i].record.key).second;
      if (newest || i >= clean) kept.push_front(std::move(held.records[i]));
    }
    held.records = std::move(kept);
  }
  ++version;
}

void Brokers::begin_rebalance(GroupState& group) {
  group.rebalancing = true;
  ++group.generation;
  for (auto& [name, member] : group.members) member.joined = false;
  ++version;
}

void Brokers::tend(GroupState& group) {
  for (auto at = group.members.begin(); at != group.members.end();) {
    const Process& process = *at->second.process;
    const bool silent = !process.alive || process.paused;
    if (silent && world_.now() - process.silent_since > kSession) {
      at = group.members.erase(at);
      begin_rebalance(group);
    } else {
      ++at;
    }
  }
  if (!group.rebalancing || group.members.empty()) return;
  if (!std::all_of(group.members.begin(), group.members.end(),
                   [](const auto& entry) { return entry.second.joined; }))
    return;
  for (auto& [name, member] : group.members) {
    member.assigned.clear();
    member.generation = group.generation;
    member.joined = false;
  }
  for (const Topic topic : group.topics) {
    const auto count = static_cast<std::size_t>(partitions_of(topic));
    const std::size_t members = group.members.size();
    std::size_t index = 0;
    for (auto& [name, member] : group.members) {
      for (std::size_t p = count * index / members; p < count * (index + 1) / members; ++p)
        member.assigned.push_back({topic, static_cast<std::int32_t>(p)});
      ++index;
    }
  }
  group.rebalancing = false;
  ++version;
}

std::unique_ptr<log::Log> make_client(World& world, Brokers& brokers, Process& process,
                                      std::string instance) {
  return std::make_unique<SimLog>(world, brokers, process, std::move(instance));
}

}  // namespace vigie::simulation
