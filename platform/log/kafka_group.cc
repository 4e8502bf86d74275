#include "platform/log/kafka_group.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <string_view>
#include <thread>

#include "platform/clock/machine_time.h"
#include "platform/log/kafka_reader.h"
#include "platform/logging/logging.h"

namespace vigie::log::kafka {
namespace {

// between two tries to commit while no coordinator answers
constexpr std::chrono::milliseconds kCommitStep{100};
constexpr const char* kAssignor = "range,roundrobin";  // both eager
// a role may catch up for minutes before it polls again
constexpr const char* kMaxPollIntervalMs = "900000";

// the line that librdkafka logs when no coordinator has answered a member for a session
constexpr std::string_view kSessionTimedOut = "SESSTMOUT";

// Who reads a group writes to the log what comes of it. While more than three quarters of the
// producer's queue wait for their acknowledgement, nothing is read, until half of it is empty: the
// partitions are paused and the group is polled all the same, so that a slow broker costs no
// membership and no memory.
constexpr std::size_t pressure_begins(std::size_t queue_bytes) { return queue_bytes / 4 * 3; }
constexpr std::size_t pressure_ends(std::size_t queue_bytes) { return queue_bytes / 2; }

/// What the callbacks of the handle write to: they run inside poll(), on its thread, except where
/// the lag is told.
struct Member : Shared {
  explicit Member(const Shared& log_, std::string group_, std::vector<proto::Topic> topics_)
      : Shared(log_.options), log(log_), group(std::move(group_)), topics(std::move(topics_)) {
    partitions = log.partitions;
    met = log.met;
    connected_at_ms = log.connected_at_ms;
  }
  const Shared& log;
  const std::string group;
  const std::vector<proto::Topic> topics;

  enum class Owed { kNone, kAssign, kRevoke };
  Owed owed = Owed::kNone;  // librdkafka waits for assign() until the next poll
  bool news = false;        // since the last poll began
  bool lost = false;        // with a revocation: the session had ended
  bool closing = false;
  // since the last assignment this client itself gave its session up, for want of a response
  std::atomic<bool> expired{false};
  std::vector<TopicPartition> assigned;
  Positions next;  // owned: where reading goes on
  // of those, where reading went on when this poll began, if it has given records since: those are
  // not dealt with yet
  Positions begun;
  std::set<TopicPartition> paused;

  /// What came before this poll is dealt with: who reads comes back when it is.
  Positions dealt_with() const {
    Positions out = begun;
    out.insert(next.begin(), next.end());
    return out;
  }
};

void on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code,
                  rd_kafka_topic_partition_list_t* list, void* opaque) {
  // The opaque is the Shared base of a Member, see join().
  Member& member = *static_cast<Member*>(static_cast<Shared*>(opaque));
  if (member.closing) {
    rd_kafka_assign(handle, nullptr);
    return;
  }
  member.news = true;
  if (member.options.on_rebalance) member.options.on_rebalance(member.group);
  member.owed = Member::Owed::kRevoke;
  member.lost = rd_kafka_assignment_lost(handle) != 0;
  if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return;
  member.owed = Member::Owed::kAssign;
  member.expired = false;
  member.assigned.clear();
  for (int i = 0; i < list->cnt; ++i) {
    if (const auto topic = member.topic_of(list->elems[i].topic))
      member.assigned.push_back({*topic, list->elems[i].partition});
  }
  std::sort(member.assigned.begin(), member.assigned.end());
}

/// On threads of librdkafka: who does not poll, because it waits for the same broker, is not told
/// of the end of its session in any other way.
void on_member_log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  on_log(handle, level, facility, text);
  if (std::string_view(facility) != kSessionTimedOut) return;
  static_cast<Member*>(static_cast<Shared*>(rd_kafka_opaque(handle)))->expired = true;
}

int on_statistics(rd_kafka_t*, char* text, std::size_t length, void* opaque) {
  const Member& member = *static_cast<Member*>(static_cast<Shared*>(opaque));
  auto figures = read_figures(
      member, member.group + "/" + std::string(proto::spec(member.topics.front()).short_name),
      {text, length}, member.dealt_with());
  if (!figures) return 0;
  member.log.note_connection(figures->connected);
  if (!member.options.on_figures) return 0;
  figures->group = member.group;
  for (const proto::Topic topic : member.topics) figures->lag.try_emplace(topic, 0);
  member.options.on_figures(*figures);
  return 0;
}

/// A consumer that has asked to be a member; its callbacks write to `member`, which outlives it.
struct Joined {
  std::unique_ptr<Member> member;
  Handle handle;
};

Result<Joined> join(Shared& shared, const std::string& group,
                    const std::vector<proto::Topic>& topics, const MemberOptions& options);

/// A static member is known to its coordinator by group.instance.id and by a member id. librdkafka
/// 2.0.2 forgets the latter when its session times out, but goes on with heartbeats while who owns
/// the partitions has not let them go: the first one that a broker which comes back answers is
/// fenced, and librdkafka calls that fatal. Such a member comes back by a consumer of its own
/// (ADR 0025). One that is fenced though its session had not timed out has met another process of
/// the same name, and stops.
class KafkaGroup final : public Group {
 public:
  KafkaGroup(Shared& shared, const MemberOptions& options, Joined joined)
      : shared_(shared),
        options_(options),
        member_(std::move(joined.member)),
        handle_(std::move(joined.handle)) {}
  ~KafkaGroup() override { close(); }

  Result<Polled> poll(std::size_t max_records, std::chrono::milliseconds timeout) override {
    Result<Polled> polled = read(max_records, timeout);
    if (!fenced()) return polled;
    // Of what was read nothing is committed: who owns the partitions next reads it.
    if (!returning()) return failure(fatal_error(*member_, handle_.get(), place()));
    return come_back();
  }

  Result<void> start(TopicPartition partition, std::optional<std::int64_t> offset) override {
    if (!returning()) {
      auto started = begin(partition, offset);
      if (started || !returning()) return started;
    }
    return {};  // the next poll takes it back
  }

  Result<void> commit(TopicPartition partition, std::int64_t next_offset) override {
    VIGIE_TRY(confirm(partition, next_offset));
    return {};
  }

  Result<bool> confirm(TopicPartition partition, std::int64_t next_offset) override {
    const Member& member = *member_;
    const PartitionList list = one(member, partition, next_offset);
    const auto deadline = machine_now() + member.options.timeout;
    for (;;) {
      rd_kafka_resp_err_t code = rd_kafka_commit(handle_.get(), list.get(), 0);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
      member.count(code);
      // A member whose session ended while no broker answered comes back under its own name, and
      // what it commits before the next poll is fenced by itself. Another process under that name
      // is a fatal error, which the next poll tells.
      const bool by_itself =
          code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID &&
          rd_kafka_fatal_error(handle_.get(), nullptr, 0) == RD_KAFKA_RESP_ERR_NO_ERROR;
      const bool leaves = by_itself || returning();
      if (!leaves && !passes_by_itself(code))
        return failure(explain(member, code, {}, member.place(partition)));
      const bool changing_hands = leaves || code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
                                  code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
                                  code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
                                  code == RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
      if (changing_hands || machine_now() >= deadline) {
        logging::info("an offset was not taken by the group", {{"group", member.group},
                                                               {"at", member.place(partition)},
                                                               {"code", rd_kafka_err2name(code)}});
        return false;
      }
      std::this_thread::sleep_for(kCommitStep);
    }
  }

  bool lost() const override { return member_->lost; }

  void pause(TopicPartition partition) override {
    if (member_->paused.insert(partition).second && !pressed_) pause_now(partition, true);
  }
  void resume(TopicPartition partition) override {
    if (member_->paused.erase(partition) > 0 && !pressed_) pause_now(partition, false);
  }

 private:
  bool fenced() const {
    return rd_kafka_fatal_error(handle_.get(), nullptr, 0) == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
  }
  /// Fenced by its own return.
  bool returning() const { return fenced() && member_->expired; }

  void close() {
    if (!handle_) return;
    member_->closing = true;
    if (member_->owed != Member::Owed::kNone) rd_kafka_assign(handle_.get(), nullptr);
    // a static member stays in the group until it comes back or its session ends
    rd_kafka_consumer_close(handle_.get());
    handle_.reset();
  }

  Result<Polled> come_back() {
    Polled polled;
    std::set<TopicPartition> owned;
    for (const auto& entry : member_->next) owned.insert(entry.first);
    if (member_->owed == Member::Owed::kAssign)
      owned.insert(member_->assigned.begin(), member_->assigned.end());
    polled.revoked.assign(owned.begin(), owned.end());
    logging::info("a member that was fenced by its own return joins again",
                  {{"group", member_->group}, {"partitions", static_cast<long>(owned.size())}});
    close();
    VIGIE_ASSIGN(Joined fresh, join(shared_, member_->group, member_->topics, options_));
    member_ = std::move(fresh.member);
    handle_ = std::move(fresh.handle);
    member_->lost = true;
    pressed_ = false;
    return polled;
  }

  Result<Polled> read(std::size_t max_records, std::chrono::milliseconds timeout) {
    Member& member = *member_;
    VIGIE_TRY(answer_rebalance());
    yield_to_pressure();
    member.begun.clear();
    Polled polled;
    Gathering gathering(max_records);
    const auto deadline = machine_now() + timeout;
    while (!gathering.full()) {
      const int wait_ms = gathering.empty() ? left_ms(deadline) : 0;
      const Message message(rd_kafka_consumer_poll(handle_.get(), wait_ms));
      if (member.news) return rebalanced();
      if (!message) {
        if (!gathering.empty() || machine_now() >= deadline) break;
        continue;
      }
      VIGIE_TRY(take(*message, gathering));
    }
    polled.batches = gathering.take();
    return polled;
  }

  Result<void> begin(TopicPartition partition, std::optional<std::int64_t> offset) {
    Member& member = *member_;
    if (!offset) {
      VIGIE_ASSIGN(offset, committed_offset(member, handle_.get(), partition));
    }
    VIGIE_ASSIGN(const OffsetRange held, held_offsets(member, handle_.get(), partition));
    if (!offset) offset = held.begin;
    if (*offset < held.begin || *offset > held.end)
      return failure(gap(member, partition, *offset, held));
    const bool reading = member.owed != Member::Owed::kAssign && member.next.count(partition) > 0;
    member.next[partition] = *offset;
    if (!reading) return {};  // begins with the response to the assignment
    const PartitionList list = one(member, partition, *offset);
    if (rd_kafka_error_t* error =
            rd_kafka_seek_partitions(handle_.get(), list.get(), member.timeout_ms());
        error != nullptr) {
      Error out = explain(member, rd_kafka_error_code(error), rd_kafka_error_string(error),
                          member.place(partition));
      rd_kafka_error_destroy(error);
      return failure(std::move(out));
    }
    if (list->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return failure(explain(member, list->elems[0].err, {}, member.place(partition)));
    return {};
  }

  void yield_to_pressure() {
    const Member& member = *member_;
    const std::size_t queued = member.log.queued_bytes.load();
    const bool pressed = queued > (pressed_ ? pressure_ends(member.options.queue_bytes)
                                            : pressure_begins(member.options.queue_bytes));
    if (pressed == pressed_) return;
    pressed_ = pressed;
    logging::info(
        pressed ? "reading pauses until the log has taken what was written" : "reading goes on",
        {{"group", member.group}, {"queued_bytes", static_cast<long>(queued)}});
    for (const auto& [partition, next] : member.next) {
      if (member.paused.count(partition) == 0) pause_now(partition, pressed);
    }
  }

  // What came before the news in this poll is left to who owns the partition next: nothing of it is
  // committed.
  Polled rebalanced() {
    Member& member = *member_;
    member.news = false;
    Polled polled;
    if (member.owed == Member::Owed::kAssign) {
      member.next.clear();
      polled.assigned = member.assigned;
      polled.settled = true;
      return polled;
    }
    for (const auto& entry : member.next) polled.revoked.push_back(entry.first);
    return polled;
  }

  Result<void> answer_rebalance() {
    Member& member = *member_;
    if (member.owed == Member::Owed::kNone || returning()) return {};
    if (member.owed == Member::Owed::kRevoke) {
      member.next.clear();
      member.paused.clear();
      member.owed = Member::Owed::kNone;
      return assigned(rd_kafka_assign(handle_.get(), nullptr));
    }
    const PartitionList list(
        rd_kafka_topic_partition_list_new(static_cast<int>(member.assigned.size())));
    for (const TopicPartition partition : member.assigned) {
      if (member.next.count(partition) == 0) VIGIE_TRY(start(partition, std::nullopt));
      rd_kafka_topic_partition_list_add(list.get(), member.topic_name(partition.topic).c_str(),
                                        partition.partition)
          ->offset = member.next[partition];
    }
    member.owed = Member::Owed::kNone;
    VIGIE_TRY(assigned(rd_kafka_assign(handle_.get(), list.get())));
    for (const auto& [partition, next] : member.next) {
      if (pressed_ || member.paused.count(partition) > 0) pause_now(partition, true);
    }
    return {};
  }

  Result<void> assigned(rd_kafka_resp_err_t code) const {
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (code == RD_KAFKA_RESP_ERR__FATAL)
      return failure(fatal_error(*member_, handle_.get(), place()));
    return failure(refusal(*member_, code, {}, place()));
  }

  std::string place() const { return member_->place() + ", group " + member_->group; }

  Result<void> take(const rd_kafka_message_t& message, Gathering& gathering) {
    Member& member = *member_;
    std::optional<TopicPartition> from;
    if (message.rkt != nullptr) {
      if (const auto topic = member.topic_of(rd_kafka_topic_name(message.rkt)))
        from = TopicPartition{*topic, message.partition};
    }
    const auto found = from ? member.next.find(*from) : member.next.end();
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (found == member.next.end() || message.offset < found->second) return {};
      member.begun.try_emplace(*from, found->second);
      found->second = message.offset + 1;
      gathering.add(*from, message);
      return {};
    }
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (found == member.next.end() || message.offset <= found->second) return {};
      found->second = message.offset;
      gathering.pass(*from, message.offset);
      return {};
    }
    if (auto error = consumer_error(member, handle_.get(), message, from,
                                    found == member.next.end() ? -1 : found->second)) {
      if (!from) error->where = place();
      return failure(std::move(*error));
    }
    return {};
  }

  void pause_now(TopicPartition partition, bool paused) {
    if (member_->owed == Member::Owed::kAssign || member_->next.count(partition) == 0) return;
    const PartitionList list = one(*member_, partition);
    static_cast<void>(paused ? rd_kafka_pause_partitions(handle_.get(), list.get())
                             : rd_kafka_resume_partitions(handle_.get(), list.get()));
  }

  Shared& shared_;
  const MemberOptions options_;
  std::unique_ptr<Member> member_;  // outlives the handle, whose callbacks write to it
  bool pressed_ = false;            // all is paused, see yield_to_pressure()
  Handle handle_;
};

Result<Joined> join(Shared& shared, const std::string& group,
                    const std::vector<proto::Topic>& topics, const MemberOptions& options) {
  auto member = std::make_unique<Member>(shared, group, topics);
  Properties softer = consumer_properties(shared);
  softer.emplace_back("max.poll.interval.ms", kMaxPollIntervalMs);
  softer.emplace_back("statistics.interval.ms", kStatisticsIntervalMs);
  const std::chrono::milliseconds session =
      options.session.count() > 0 ? options.session : shared.options.session_timeout;
  softer.emplace_back("session.timeout.ms", std::to_string(session.count()));
  Properties firm{{"group.id", group},
                  {"partition.assignment.strategy", kAssignor},
                  {"enable.auto.commit", "false"},
                  {"enable.auto.offset.store", "false"},
                  {"auto.offset.reset", "error"},
                  {"enable.partition.eof", "true"},
                  {"isolation.level", "read_committed"}};
  if (!shared.options.instance.empty()) {
    // One process may join a group once for each role.
    std::string instance = shared.options.instance;
    for (const proto::Topic topic : topics)
      instance += "-" + std::string(proto::spec(topic).short_name);
    firm.emplace_back("group.instance.id", instance);
  }
  VIGIE_ASSIGN(Configuration configuration, configure(*member, softer, firm));
  rd_kafka_conf_set_rebalance_cb(configuration.get(), &on_rebalance);
  rd_kafka_conf_set_stats_cb(configuration.get(), &on_statistics);
  rd_kafka_conf_set_log_cb(configuration.get(), &on_member_log);
  VIGIE_ASSIGN(Handle handle, make_handle(shared, RD_KAFKA_CONSUMER, std::move(configuration)));
  rd_kafka_poll_set_consumer(handle.get());
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const proto::Topic topic : topics)
    rd_kafka_topic_partition_list_add(list.get(), shared.topic_name(topic).c_str(),
                                      RD_KAFKA_PARTITION_UA);
  if (const auto code = rd_kafka_subscribe(handle.get(), list.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(refusal(shared, code, {}, shared.place() + ", group " + group));
  }
  return Joined{std::move(member), std::move(handle)};
}

}  // namespace

Result<std::unique_ptr<Group>> join_group(Shared& shared, const std::string& group,
                                          std::span<const proto::Topic> topics,
                                          const MemberOptions& options) {
  VIGIE_ASSIGN(
      Joined joined,
      join(shared, group, std::vector<proto::Topic>(topics.begin(), topics.end()), options));
  return std::unique_ptr<Group>(std::make_unique<KafkaGroup>(shared, options, std::move(joined)));
}

Result<Handle> make_group_observer(Shared& shared, const std::string& group) {
  VIGIE_ASSIGN(Configuration configuration,
               configure(shared, consumer_properties(shared),
                         {{"group.id", group}, {"enable.auto.commit", "false"}}));
  return make_handle(shared, RD_KAFKA_CONSUMER, std::move(configuration));
}

}  // namespace vigie::log::kafka
