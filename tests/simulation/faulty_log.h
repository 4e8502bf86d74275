#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/log/log.h"
#include "tests/simulation/world.h"

namespace vigie::simulation {

/// What a cluster of brokers keeps, whatever dies around it: topics, groups, committed positions.
/// Its members' sessions run on the world's time.
class Brokers {
 public:
  Brokers(World& world, std::int32_t partitions) : world_(world), partitions_(partitions) {}

  struct Stored {
    milliseconds visible_at;  // a fetch before this does not bring it
    log::Record record;
  };
  struct Partition {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::deque<Stored> records;  // ascending offsets; compaction leaves holes
  };
  /// A member of a group, by its static name.
  struct Member {
    Process* process = nullptr;
    std::uint64_t session = 0;  // counts its joins: an older one is fenced
    std::vector<log::TopicPartition> assigned;
    std::uint64_t generation = 0;  // of `assigned`
    bool joined = false;           // waits for the assignment of the group's generation
  };
  struct GroupState {
    std::vector<proto::Topic> topics;
    std::uint64_t generation = 0;
    bool rebalancing = false;
    std::map<std::string, Member> members;
    std::map<log::TopicPartition, std::int64_t> committed;
  };

  std::int32_t partitions_of(proto::Topic topic) const {
    return proto::spec(topic).single_partition ? 1 : partitions_;
  }
  Partition& partition(log::TopicPartition at) { return topics_[at]; }
  const std::map<log::TopicPartition, Partition>& topics() const { return topics_; }
  /// Every record that a topic still holds, in the order of each partition.
  void each_record(proto::Topic topic, const std::function<void(const log::Record&)>& visit) const;
  log::LogPosition append(const log::NewRecord& record);
  /// Records of a compacted topic that a newer one of their key follows go, but for the newest part
  /// of the log.
  void compact(proto::Topic topic);
  /// Nobody is answered until then.
  void go_away(milliseconds until) { away_until_ = std::max(away_until_, until); }
  milliseconds away_until() const { return away_until_; }

  GroupState& group(const std::string& name) { return groups_[name]; }
  /// Ends sessions that are over and completes a rebalance for which all have joined.
  void tend(GroupState& group);
  void begin_rebalance(GroupState& group);

  static constexpr milliseconds kSession{20'000};
  std::uint64_t fail_one_in = 0;  // one record in so many is given up by its producer; 0: none
  std::uint64_t version = 0;      // counts whatever a waiting reader may care for

 private:
  World& world_;
  std::int32_t partitions_;
  milliseconds away_until_{0};
  std::map<log::TopicPartition, Partition> topics_;
  std::map<std::string, GroupState> groups_;
};

/// The log as one process sees it. `instance` is its static membership.
std::unique_ptr<log::Log> make_client(World& world, Brokers& brokers, Process& process,
                                      std::string instance);

}  // namespace vigie::simulation
