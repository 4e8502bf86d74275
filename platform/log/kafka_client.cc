#include "platform/log/kafka_client.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <thread>

#include "platform/clock/machine_time.h"
#include "platform/logging/logging.h"

namespace vigie::log::kafka {
namespace {

constexpr std::chrono::milliseconds kContactStep{500};  // between looks at what a connection said
// between questions while a partition has no leader
constexpr std::chrono::milliseconds kLeaderStep{100};

/// Acknowledgement, order, offsets and membership rest on these.
const std::set<std::string, std::less<>>& reserved() {
  static const std::set<std::string, std::less<>> names{"bootstrap.servers",
                                                        "metadata.broker.list",
                                                        "group.id",
                                                        "group.instance.id",
                                                        "partition.assignment.strategy",
                                                        "enable.idempotence",
                                                        "acks",
                                                        "request.required.acks",
                                                        "enable.auto.commit",
                                                        "auto.commit.enable",
                                                        "enable.auto.offset.store",
                                                        "auto.offset.reset",
                                                        "enable.partition.eof",
                                                        "transactional.id",
                                                        "isolation.level",
                                                        "partitioner",
                                                        "allow.auto.create.topics",
                                                        "message.max.bytes",
                                                        "batch.size",
                                                        "queue.buffering.max.kbytes",
                                                        "queue.buffering.max.messages",
                                                        "enable.gapless.guarantee",
                                                        "delivery.report.only.error"};
  return names;
}

void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  static_cast<Shared*>(opaque)->count(static_cast<rd_kafka_resp_err_t>(code));
  static_cast<Shared*>(opaque)->note_problem(static_cast<rd_kafka_resp_err_t>(code), reason);
  logging::debug(
      "kafka connection",
      {{"code", rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code))}, {"reason", reason}});
}

std::int64_t in_ms(MachineTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

bool is_about_credentials(rd_kafka_resp_err_t code) {
  return meaning_of(code) == Meaning::kCredentials || code == RD_KAFKA_RESP_ERR__SSL;
}

Result<void> set(rd_kafka_conf_t* configuration, const std::string& name, const std::string& value,
                 const std::string& prefix) {
  char reason[512];
  if (rd_kafka_conf_set(configuration, name.c_str(), value.c_str(), reason, sizeof reason) ==
      RD_KAFKA_CONF_OK)
    return {};
  return failure(Disposition::kStop, "bad_setting",
                 std::string(reason) + "; correct it or take it out", prefix + name);
}

}  // namespace

// What matters comes as an error too, and is said once there.
void on_log(const rd_kafka_t*, int, const char* facility, const char* text) {
  logging::debug("librdkafka", {{"facility", facility}, {"text", text}});
}

void Shared::note_problem(rd_kafka_resp_err_t code, const char* reason) {
  const std::lock_guard lock(mutex_);
  // "All brokers are down" says less than the reason of the one before it.
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && last_problem_) return;
  if (last_problem_ && is_about_credentials(last_problem_->first) && !is_about_credentials(code))
    return;
  last_problem_ = {code, reason};
}

std::optional<std::pair<rd_kafka_resp_err_t, std::string>> Shared::last_problem() const {
  const std::lock_guard lock(mutex_);
  return last_problem_;
}

void Shared::forget_problem() {
  const std::lock_guard lock(mutex_);
  last_problem_.reset();
}

void Shared::count(rd_kafka_resp_err_t code) const {
  if (meaning_of(code) != Meaning::kNothing && options.on_error)
    options.on_error(rd_kafka_err2name(code));
}

void Shared::note_connection(bool connected) const {
  if (connected) *connected_at_ms = in_ms(machine_now());
}

bool Shared::connected() const {
  return in_ms(machine_now()) - *connected_at_ms <= options.away_after.count();
}

std::optional<proto::Topic> Shared::topic_of(std::string_view name) const {
  for (const proto::TopicSpec& spec : proto::kTopics) {
    if (topic_name(spec.topic) == name) return spec.topic;
  }
  return std::nullopt;
}

std::string Shared::place(proto::Topic topic) const {
  return place() + ", topic " + topic_name(topic);
}
std::string Shared::place(TopicPartition partition) const {
  return place(partition.topic) + ", partition " + std::to_string(partition.partition);
}

Result<void> check_passthrough(const KafkaOptions& options) {
  for (const auto& [name, value] : options.passthrough) {
    if (reserved().count(name) == 0) continue;
    return failure(Disposition::kStop, "bad_setting",
                   "vigie decides this itself, because what it promises rests on it; take it out",
                   "log.kafka." + name);
  }
  return {};
}

Result<Configuration> configure(Shared& shared, const Properties& softer, const Properties& firm) {
  Configuration configuration(rd_kafka_conf_new());
  for (const auto& [name, value] : softer) VIGIE_TRY(set(configuration.get(), name, value, ""));
  for (const auto& [name, value] : shared.options.passthrough)
    VIGIE_TRY(set(configuration.get(), name, value, "log.kafka."));
  VIGIE_TRY(
      set(configuration.get(), "bootstrap.servers", shared.options.brokers, "log.brokers → "));
  for (const auto& [name, value] : firm) VIGIE_TRY(set(configuration.get(), name, value, ""));
  rd_kafka_conf_set_opaque(configuration.get(), &shared);
  rd_kafka_conf_set_error_cb(configuration.get(), &on_error);
  rd_kafka_conf_set_log_cb(configuration.get(), &on_log);
  return configuration;
}

Result<Handle> make_handle(const Shared& shared, rd_kafka_type_t type,
                           Configuration configuration) {
  char reason[512];
  rd_kafka_t* made = rd_kafka_new(type, configuration.get(), reason, sizeof reason);
  if (made == nullptr) {
    return failure(Disposition::kStop, "bad_setting",
                   std::string("librdkafka refuses its settings: ") + reason +
                       "; look at log.brokers and log.kafka.*",
                   shared.place());
  }
  static_cast<void>(configuration.release());  // the handle owns it now
  return Handle(made);
}

Properties consumer_properties(const Shared& shared) {
  return {{"client.id", "vigie"},
          {"queued.max.messages.kbytes", std::to_string(shared.options.fetch_kilobytes)},
          {"fetch.max.bytes", std::to_string(kLargestMessageBytes)},
          {"fetch.wait.max.ms", "100"},
          {"fetch.error.backoff.ms", "100"},
          {"socket.nagle.disable", "true"},
          {"reconnect.backoff.max.ms", "2000"}};
}

// A table: the codes that need a person. What librdkafka does not know yet is waited for too.
Meaning meaning_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: return Meaning::kNothing;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE: return Meaning::kCredentials;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED: return Meaning::kRights;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return Meaning::kMissing;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: return Meaning::kTooLarge;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID: return Meaning::kFatal;
    default: return Meaning::kWait;
  }
}

bool passes_by_itself(rd_kafka_resp_err_t code) { return meaning_of(code) == Meaning::kWait; }

namespace {

/// Where nobody answered: a broker that is away, or a partition or group between two leaders.
bool is_no_answer(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR: return true;
    default: return false;
  }
}

}  // namespace

Error explain(const Shared& shared, rd_kafka_resp_err_t code, std::string reason,
              std::string where) {
  if (reason.empty()) reason = rd_kafka_err2str(code);
  if (meaning_of(code) == Meaning::kCredentials ||
      (code == RD_KAFKA_RESP_ERR__SSL && !shared.met)) {
    return {"wrong_credentials", Disposition::kStop,
            "the broker refuses who we say we are: " + reason +
                "; look at log.kafka.sasl.* and log.kafka.ssl.*",
            std::move(where)};
  }
  switch (meaning_of(code)) {
    case Meaning::kRights:
      return {"not_authorized", Disposition::kStop,
              reason + "; give this user the right on the broker (kafka-acls)", std::move(where)};
    case Meaning::kMissing:
      return {"topic_missing", Disposition::kStop,
              reason + "; create the topics with `vigie log setup`", std::move(where)};
    case Meaning::kTooLarge:
      return {"broker_limit", Disposition::kStop,
              reason + "; the topic takes smaller records than vigie writes: see `vigie log check`",
              std::move(where)};
    default: break;
  }
  if (code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
    return {"fenced", Disposition::kStop,
            "another process joined as instance '" + shared.options.instance +
                "'; each needs a log.instance and a data_dir of its own",
            std::move(where)};
  }
  if (is_no_answer(code)) {
    const auto problem = shared.last_problem();
    const bool refused = problem && is_about_credentials(problem->first) &&
                         (problem->first != RD_KAFKA_RESP_ERR__SSL || !shared.met);
    if (refused) return explain(shared, problem->first, problem->second, std::move(where));
    if (problem) reason += ": " + problem->second;
    return {"broker_unreachable", Disposition::kRetry,
            "no response from the broker (" + reason +
                "); look whether it runs and whether log.brokers names it",
            std::move(where)};
  }
  return {"kafka", passes_by_itself(code) ? Disposition::kRetry : Disposition::kStop,
          reason + " [" + rd_kafka_err2name(code) + "]", std::move(where)};
}

Error refusal(const Shared& shared, rd_kafka_resp_err_t code, std::string reason,
              std::string where) {
  Error error = explain(shared, code, std::move(reason), std::move(where));
  error.disposition = Disposition::kStop;
  return error;
}

Error fatal_error(const Shared& shared, rd_kafka_t* handle, std::string where) {
  char reason[512];
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(handle, reason, sizeof reason);
  return refusal(shared, code, reason, std::move(where));
}

Error gap(const Shared& shared, TopicPartition partition, std::int64_t offset,
          const OffsetRange& held) {
  return {"log_gap", Disposition::kStop,
          "offset " + std::to_string(offset) + " lies outside the log, which holds " +
              std::to_string(held.begin) + " to " + std::to_string(held.end) +
              "; records were lost to this reader. To go on, acknowledge it: vigie log skip " +
              std::string(proto::spec(partition.topic).short_name) + " " +
              std::to_string(partition.partition) + " " +
              std::to_string(offset < held.begin ? held.begin : held.end),
          shared.place(partition) + ", offset " + std::to_string(offset)};
}

bool is_gone(const Shared& shared, rd_kafka_t* handle, TopicPartition partition) {
  const rd_kafka_metadata_t* answered = nullptr;
  if (rd_kafka_metadata(handle, 1, nullptr, &answered, shared.timeout_ms()) !=
      RD_KAFKA_RESP_ERR_NO_ERROR)
    return false;
  const Metadata metadata(answered);
  bool others = false;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    const auto known = shared.topic_of(topic.topic);
    if (!known || topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;
    if (*known == partition.topic) return partition.partition >= topic.partition_cnt;
    others = true;
  }
  return others;
}

namespace {

/// What a question about a partition came to, once it has been asked for as long as it may be.
rd_kafka_resp_err_t outcome(const Shared& shared, rd_kafka_t* handle, TopicPartition partition,
                            rd_kafka_resp_err_t code) {
  const bool passes = meaning_of(code) == Meaning::kMissing && !is_gone(shared, handle, partition);
  return passes ? RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE : code;
}

/// The topic was there when the log was opened: a handle that does not know it, or its leader, will
/// in a moment.
bool comes_soon(rd_kafka_resp_err_t code) {
  return passes_by_itself(code) || meaning_of(code) == Meaning::kMissing;
}

}  // namespace

Result<OffsetRange> held_offsets(const Shared& shared, rd_kafka_t* handle,
                                 TopicPartition partition) {
  if (partition.partition < 0 || partition.partition >= shared.partitions_of(partition.topic)) {
    return failure(
        Disposition::kStop, "unknown_partition",
        "the topic has " + std::to_string(shared.partitions_of(partition.topic)) + " partitions",
        shared.place(partition));
  }
  OffsetRange range;
  const auto deadline = machine_now() + shared.options.timeout;
  const std::string name = shared.topic_name(partition.topic);
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (;;) {
    if (!shared.connected())
      return failure(explain(shared, RD_KAFKA_RESP_ERR__TRANSPORT, {}, shared.place(partition)));
    code = rd_kafka_query_watermark_offsets(handle, name.c_str(), partition.partition, &range.begin,
                                            &range.end, shared.timeout_ms());
    // librdkafka 2.0.2 looks for the partition in the response before it looks whether there is
    // one: a connection that ends while the question is on its way reads as a bad message.
    if (code == RD_KAFKA_RESP_ERR__BAD_MSG) code = RD_KAFKA_RESP_ERR__TRANSPORT;
    shared.count(code);
    if (!comes_soon(code) || machine_now() >= deadline) break;
    std::this_thread::sleep_for(kLeaderStep);
  }
  code = outcome(shared, handle, partition, code);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failure(explain(shared, code, {}, shared.place(partition)));
  return range;
}

Result<std::optional<std::int64_t>> committed_offset(const Shared& shared, rd_kafka_t* handle,
                                                     TopicPartition partition) {
  const auto deadline = machine_now() + shared.options.timeout;
  PartitionList list;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (;;) {
    if (!shared.connected())
      return failure(explain(shared, RD_KAFKA_RESP_ERR__TRANSPORT, {}, shared.place(partition)));
    list = one(shared, partition);
    code = rd_kafka_committed(handle, list.get(), shared.timeout_ms());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
    shared.count(code);
    if (!comes_soon(code) || machine_now() >= deadline) break;
    std::this_thread::sleep_for(kLeaderStep);
  }
  code = outcome(shared, handle, partition, code);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failure(explain(shared, code, {}, shared.place(partition)));
  if (list->elems[0].offset < 0) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(list->elems[0].offset);
}

Result<Metadata> first_contact(Shared& shared, rd_kafka_t* handle) {
  shared.forget_problem();
  const auto deadline = machine_now() + shared.options.timeout;
  for (;;) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto code =
        rd_kafka_metadata(handle, 1, nullptr, &found, static_cast<int>(kContactStep.count()));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      shared.met = true;
      shared.forget_problem();
      shared.note_connection(true);
      return Metadata(found);
    }
    rd_kafka_poll(handle, 0);
    const auto problem = shared.last_problem();
    const bool hopeless = problem && is_about_credentials(problem->first);
    if (hopeless || !passes_by_itself(code) || machine_now() >= deadline) {
      return failure(refusal(shared, code, {}, shared.place()));
    }
  }
}

PartitionList one(const Shared& shared, TopicPartition partition, std::int64_t offset) {
  PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), shared.topic_name(partition.topic).c_str(),
                                    partition.partition)
      ->offset = offset;
  return list;
}

}  // namespace vigie::log::kafka
