// libs: platform/log platform/clock proto records rdkafka
// Our engine of the log on Kafka against bare librdkafka (a produce loop, a poll loop) on the same
// broker, with the same settings, in turns in the same run:
//   python3 tests/integration/kafka/with_broker.py build/bench/kafka_log_bench
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "platform/log/kafka_log.h"
#include "tests/bench/news_generator.h"

namespace {

using namespace vigie;
using proto::Topic;

constexpr std::size_t kRecords = 20'000;
constexpr std::size_t kDistinct = 2'000;
constexpr std::int32_t kPartitions = 4;
constexpr int kTurns = 15;
constexpr std::size_t kPollRecords = 500;

/// What one turn took, by the wall and of this process's processor time, in which the broker and
/// whoever else is on the machine are not.
struct Took {
  double wall = 0;
  double processor = 0;
};

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

class Watch {
 public:
  Took took() const {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin_;
    return {wall.count(), processor_seconds() - processor_};
  }

 private:
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  const double processor_ = processor_seconds();
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "kafka_log_bench: %s\n", why.c_str());
  std::exit(1);
}

struct Record {
  std::string key;
  std::string value;
};

std::vector<Record> make_records() {
  bench::NewsGenerator news(1);
  std::vector<Record> out;
  for (std::size_t i = 0; i < kDistinct; ++i) {
    const v1::ArticleRecord article = news.next();
    out.push_back({article.article_id(), article.SerializeAsString()});
  }
  return out;
}

log::KafkaOptions options_of(const std::string& brokers, const std::string& prefix) {
  log::KafkaOptions options;
  options.brokers = brokers;
  options.prefix = prefix;
  options.partitions = kPartitions;
  return options;
}

std::unique_ptr<log::Log> open(const log::KafkaOptions& options, Clock& clock) {
  if (auto made = log::setup_kafka_topics(options); !made) give_up(made.error().to_string());
  auto opened = log::open_kafka(options, clock);
  if (!opened) give_up(opened.error().to_string());
  return std::move(*opened);
}

Took our_produce(log::Log& log, const std::vector<Record>& records) {
  const auto producer = log.producer();
  const Watch watch;
  for (std::size_t i = 0; i < kRecords; ++i) {
    const Record& record = records[i % kDistinct];
    if (auto sent = producer->send({Topic::kArticles, record.key, record.value}); !sent)
      give_up(sent.error().to_string());
  }
  if (auto flushed = producer->flush(); !flushed) give_up(flushed.error().to_string());
  return watch.took();
}

/// From the beginnings given: what one turn of producing wrote.
Took our_consume(log::Log& log, const std::vector<std::int64_t>& from) {
  const auto reader = log.reader();
  const Watch watch;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    if (auto assigned = reader->assign({Topic::kArticles, p}, from[static_cast<std::size_t>(p)]);
        !assigned)
      give_up(assigned.error().to_string());
  }
  std::size_t bytes = 0;
  for (std::size_t read = 0; read < kRecords;) {
    auto batches = reader->poll(kPollRecords, std::chrono::milliseconds(1000));
    if (!batches) give_up(batches.error().to_string());
    for (const auto& batch : *batches) {
      read += batch.records.size();
      for (const auto& record : batch.records) bytes += record.value->size();
    }
  }
  if (bytes == 0) give_up("nothing was read");
  return watch.took();
}

struct Bare {
  std::size_t acknowledged = 0;
};
void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) give_up(rd_kafka_err2str(message->err));
  ++static_cast<Bare*>(opaque)->acknowledged;
}

rd_kafka_t* bare_handle(rd_kafka_type_t type, const std::string& brokers, Bare& bare) {
  rd_kafka_conf_t* configuration = rd_kafka_conf_new();
  const std::vector<std::pair<const char*, const char*>> produce{
      {"enable.idempotence", "true"},         {"acks", "all"},
      {"compression.type", "zstd"},           {"linger.ms", "5"},
      {"socket.nagle.disable", "true"},       {"batch.size", "1000000"},
      {"message.max.bytes", "13631488"},      {"queue.buffering.max.messages", "10000000"},
      {"queue.buffering.max.kbytes", "65536"}};
  const std::vector<std::pair<const char*, const char*>> consume{
      {"group.id", "bare"},
      {"enable.auto.commit", "false"},
      {"enable.partition.eof", "true"},
      {"fetch.wait.max.ms", "100"},
      {"socket.nagle.disable", "true"},
      {"queued.max.messages.kbytes", "16384"},
      {"fetch.max.bytes", "13631488"},
      {"isolation.level", "read_committed"}};
  char why[256];
  rd_kafka_conf_set(configuration, "bootstrap.servers", brokers.c_str(), why, sizeof why);
  for (const auto& [name, value] : type == RD_KAFKA_PRODUCER ? produce : consume) {
    if (rd_kafka_conf_set(configuration, name, value, why, sizeof why) != RD_KAFKA_CONF_OK)
      give_up(why);
  }
  rd_kafka_conf_set_opaque(configuration, &bare);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(configuration, &on_report);
  rd_kafka_t* handle = rd_kafka_new(type, configuration, why, sizeof why);
  if (handle == nullptr) give_up(why);
  return handle;
}

/// A produce loop that polls for reports as it goes, as librdkafka's own examples do; the
/// connection stays open between turns, as ours does.
Took bare_produce(rd_kafka_t* handle, rd_kafka_topic_t* topic, Bare& bare,
                  const std::vector<Record>& records) {
  bare.acknowledged = 0;
  const Watch watch;
  for (std::size_t i = 0; i < kRecords; ++i) {
    const Record& record = records[i % kDistinct];
    while (rd_kafka_produce(topic, proto::partition_of(record.key, kPartitions),
                            RD_KAFKA_MSG_F_COPY, const_cast<char*>(record.value.data()),
                            record.value.size(), record.key.data(), record.key.size(),
                            nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        give_up(rd_kafka_err2str(rd_kafka_last_error()));
      rd_kafka_poll(handle, 10);
    }
    rd_kafka_poll(handle, 0);
  }
  while (bare.acknowledged < kRecords) rd_kafka_poll(handle, 100);
  return watch.took();
}

Took bare_consume(const std::string& brokers, const char* topic,
                  const std::vector<std::int64_t>& from) {
  Bare bare;
  rd_kafka_t* handle = bare_handle(RD_KAFKA_CONSUMER, brokers, bare);
  rd_kafka_poll_set_consumer(handle);
  const Watch watch;
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(kPartitions);
  for (std::int32_t p = 0; p < kPartitions; ++p)
    rd_kafka_topic_partition_list_add(list, topic, p)->offset = from[static_cast<std::size_t>(p)];
  rd_kafka_assign(handle, list);
  std::size_t bytes = 0;
  for (std::size_t read = 0; read < kRecords;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(handle, 1000);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++read;
      bytes += message->len;
    }
    rd_kafka_message_destroy(message);
  }
  const Took took = watch.took();
  if (bytes == 0) give_up("nothing was read");
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_consumer_close(handle);
  rd_kafka_destroy(handle);
  return took;
}

std::vector<std::int64_t> ends(log::Log& log) {
  std::vector<std::int64_t> out;
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    auto range = log.offsets({Topic::kArticles, p});
    if (!range) give_up(range.error().to_string());
    out.push_back(range->end);
  }
  return out;
}

void print(const char* what, const std::vector<Took>& ours, const std::vector<Took>& bare,
           double megabytes) {
  std::vector<double> our_wall, bare_wall, ratios, processor_ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    our_wall.push_back(ours[i].wall);
    bare_wall.push_back(bare[i].wall);
    ratios.push_back(bare[i].wall / ours[i].wall);
    processor_ratios.push_back(bare[i].processor / ours[i].processor);
  }
  std::printf("kafka_log.%s_records_per_s %.0f\n", what, kRecords / median(our_wall));
  std::printf("kafka_log.%s_mb_per_s %.1f\n", what, megabytes / median(our_wall));
  std::printf("kafka_log.%s_bare_records_per_s %.0f\n", what, kRecords / median(bare_wall));
  std::printf("kafka_log.%s_of_bare %.2f\n", what, median(ratios));
  std::printf("kafka_log.%s_of_bare_by_processor_time %.2f\n", what, median(processor_ratios));
}

}  // namespace

int main() {
  const char* brokers = std::getenv("VIGIE_TEST_BROKERS");
  if (brokers == nullptr)
    give_up("VIGIE_TEST_BROKERS names no broker; run it by tests/integration/kafka/with_broker.py");
  const std::vector<Record> records = make_records();
  double megabytes = 0;
  for (std::size_t i = 0; i < kRecords; ++i)
    megabytes += static_cast<double>(records[i % kDistinct].value.size()) / 1e6;
  SystemClock clock;
  const auto ours = open(options_of(brokers, "ours"), clock);
  const auto theirs = open(options_of(brokers, "bare"), clock);  // the same topics; only looked at
  Bare bare;
  rd_kafka_t* producer = bare_handle(RD_KAFKA_PRODUCER, brokers, bare);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, "bare.articles.v1", nullptr);
  std::vector<Took> our_out, our_in, bare_out, bare_in;
  our_produce(*ours, records);  // warm brokers, caches and connections
  bare_produce(producer, topic, bare, records);
  for (int turn = 0; turn < kTurns; ++turn) {
    const std::vector<std::int64_t> our_from = ends(*ours);
    const std::vector<std::int64_t> bare_from = ends(*theirs);
    const auto produce_ours = [&] { our_out.push_back(our_produce(*ours, records)); };
    const auto produce_bare = [&] {
      bare_out.push_back(bare_produce(producer, topic, bare, records));
    };
    const auto consume_ours = [&] { our_in.push_back(our_consume(*ours, our_from)); };
    const auto consume_bare = [&] {
      bare_in.push_back(bare_consume(brokers, "bare.articles.v1", bare_from));
    };
    // Who comes first changes, so that nobody always finds the broker resting.
    if (turn % 2 == 0) {
      produce_ours();
      produce_bare();
      consume_ours();
      consume_bare();
    } else {
      produce_bare();
      produce_ours();
      consume_bare();
      consume_ours();
    }
  }
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
  print("produce", our_out, bare_out, megabytes);
  print("consume", our_in, bare_in, megabytes);
  return 0;
}
