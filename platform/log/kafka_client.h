#pragma once

#include <librdkafka/rdkafka.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "platform/log/kafka_log.h"

/// What every use of librdkafka here needs: handles that close themselves, configuration, errors in
/// words.
namespace vigie::log::kafka {

struct DestroyHandle {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
struct DestroyConfiguration {
  void operator()(rd_kafka_conf_t* configuration) const { rd_kafka_conf_destroy(configuration); }
};
struct DestroyTopic {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
struct DestroyQueue {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct DestroyMessage {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
struct DestroyList {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
struct DestroyMetadata {
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};
using Handle = std::unique_ptr<rd_kafka_t, DestroyHandle>;
using Configuration = std::unique_ptr<rd_kafka_conf_t, DestroyConfiguration>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, DestroyTopic>;
using Queue = std::unique_ptr<rd_kafka_queue_t, DestroyQueue>;
using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, DestroyMetadata>;

// of one batch a producer sends; what brokers limit is the batch, not the record
inline constexpr std::int64_t kBatchBytes = 1'000'000;
// headers of a batch with one record, amply
inline constexpr std::int64_t kBatchOverheadBytes = 4096;
// beyond the largest max_record_bytes with its headers
inline constexpr std::int64_t kLargestMessageBytes = 13LL << 20;
// of one poll: pages are up to 12 MiB each
inline constexpr std::size_t kPollBytes = 16ULL << 20;

/// What the handles of one log share. Outlives them.
struct Shared {
  explicit Shared(KafkaOptions options_) : options(std::move(options_)) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  const KafkaOptions options;
  std::array<std::int32_t, proto::kTopics.size()> partitions{};
  std::array<std::size_t, proto::kTopics.size()> largest_records{};  // key and value
  // machine time in ms: when a connection was last seen; one for all handles of the log
  std::shared_ptr<std::atomic<std::int64_t>> connected_at_ms =
      std::make_shared<std::atomic<std::int64_t>>(0);
  bool met = false;  // a broker has answered: TLS and its certificates are right

  /// The last thing a handle said about its connections; any thread.
  void note_problem(rd_kafka_resp_err_t code, const char* reason);
  std::optional<std::pair<rd_kafka_resp_err_t, std::string>> last_problem() const;
  void forget_problem();

  /// Counts an error; any thread.
  void count(rd_kafka_resp_err_t code) const;
  /// Whether a handle of this log has a connection now; any thread.
  void note_connection(bool connected) const;
  /// Whether one had a connection within options.away_after; any thread.
  bool connected() const;

  /// Of the producer: bytes sent and not yet acknowledged. Who reads to write stops reading while
  /// they are many.
  std::atomic<std::size_t> queued_bytes{0};

  std::string topic_name(proto::Topic topic) const {
    return proto::topic_name(options.prefix, topic);
  }
  std::optional<proto::Topic> topic_of(std::string_view name) const;
  std::int32_t partitions_of(proto::Topic topic) const {
    return partitions[static_cast<std::size_t>(topic)];
  }
  /// "broker HOST:PORT, topic vigie.pages.v1, partition 3": where of an error.
  std::string place(TopicPartition partition) const;
  std::string place(proto::Topic topic) const;
  std::string place() const { return "broker " + options.brokers; }
  int timeout_ms() const { return static_cast<int>(options.timeout.count()); }

 private:
  mutable std::mutex mutex_;
  std::optional<std::pair<rd_kafka_resp_err_t, std::string>> last_problem_;
};

using Properties = std::vector<std::pair<std::string, std::string>>;

/// A configuration for a handle: `softer` may be overridden by log.kafka.*, `firm` may not. Its
/// callbacks get `opaque` as theirs. Errors: kStop bad_setting, naming the setting.
Result<Configuration> configure(Shared& shared, const Properties& softer, const Properties& firm);
/// What librdkafka logs goes to the log at level debug; configure() sets it. Any thread.
void on_log(const rd_kafka_t* handle, int level, const char* facility, const char* text);
/// Errors: kStop bad_setting.
Result<Handle> make_handle(const Shared& shared, rd_kafka_type_t type, Configuration configuration);
Properties consumer_properties(const Shared& shared);

inline constexpr const char* kStatisticsIntervalMs = "2000";  // away_after is four of them
using Positions = std::map<TopicPartition, std::int64_t>;
/// The figures in a text of statistics (the page STATISTICS of librdkafka). Topics that are not of
/// this log are left out; nothing where the text is no JSON. The lag is what lies beyond
/// `positions`: not beyond what is committed, for who keeps its own place commits seldom.
std::optional<KafkaFigures> read_figures(const Shared& shared, std::string client,
                                         std::string_view statistics,
                                         const Positions& positions = {});

/// Refuses what the promises of the log rest on, and names nobody knows.
Result<void> check_passthrough(const KafkaOptions& options);

/// What librdkafka or a broker answered, as an error that says what to do.
Error explain(const Shared& shared, rd_kafka_resp_err_t code, std::string reason,
              std::string where);
/// What an error asks of a program that is to go on for years. Brokers die, move and restart, so
/// every code that is not known to need a person is waited for.
enum class Meaning {
  kNothing,      // no error: success, the end of a partition
  kWait,         // wait, count it, ask again
  kCredentials,  // a broker refuses who we say we are
  kRights,       // … or what we want to do
  kMissing,      // a topic or partition is not there
  kTooLarge,     // a record is larger than a broker takes or gives
  kFatal,        // the handle can do nothing more, by librdkafka's own words
};
Meaning meaning_of(rd_kafka_resp_err_t code);
/// True where waiting helps.
bool passes_by_itself(rd_kafka_resp_err_t code);
/// The same for what will not be tried again: always kStop.
Error refusal(const Shared& shared, rd_kafka_resp_err_t code, std::string reason,
              std::string where);
Error fatal_error(const Shared& shared, rd_kafka_t* handle, std::string where);

/// Whether a broker that knows others of our topics says that this one, or this partition of it, is
/// not there. One that has just started, or that its controller has shut out, knows none, or no
/// leader: that passes. All were there when the log was opened. Waits up to timeout_ms().
bool is_gone(const Shared& shared, rd_kafka_t* handle, TopicPartition partition);

/// Where a reader stands outside of what the log holds.
Error gap(const Shared& shared, TopicPartition partition, std::int64_t offset,
          const OffsetRange& held);

/// Asks the brokers; while none is connected nobody waits for a response, but one that goes away
/// during the question is waited for by librdkafka. Errors: kRetry broker_unreachable; kStop
/// topic_missing, not_authorized.
Result<OffsetRange> held_offsets(const Shared& shared, rd_kafka_t* handle,
                                 TopicPartition partition);
/// nullopt where the group (of the handle) has committed nothing.
Result<std::optional<std::int64_t>> committed_offset(const Shared& shared, rd_kafka_t* handle,
                                                     TopicPartition partition);

/// All topics of the brokers, at first contact: tries until the time is over, ends at once where
/// credentials are refused.
Result<Metadata> first_contact(Shared& shared, rd_kafka_t* handle);

/// Notes how large a record each topic takes: what is specified, or what its max.message.bytes
/// leaves room for. Who may not ask the brokers goes by the specification. Asked is a broker of
/// `metadata`.
void learn_largest_records(Shared& shared, rd_kafka_t* handle, const rd_kafka_metadata_t& metadata);

/// A list of one partition.
PartitionList one(const Shared& shared, TopicPartition partition,
                  std::int64_t offset = RD_KAFKA_OFFSET_INVALID);

}  // namespace vigie::log::kafka
