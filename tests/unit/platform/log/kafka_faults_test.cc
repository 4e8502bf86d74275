// What brokers do to a client on a bad day, by librdkafka's mock cluster. What a log has to do on
// good days is tested on a real broker: tests/integration/kafka.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/log/kafka_log.h"

namespace vigie::log {
namespace {

using proto::Topic;
using std::chrono::milliseconds;

constexpr std::int32_t kPartitions = 2;
constexpr int kQuickBroker = 1;
constexpr int kSlowBroker = 3;
constexpr std::int16_t kProduce = 0;  // ApiKeys of the Kafka protocol
constexpr std::int16_t kFetch = 1;
constexpr std::int16_t kListOffsets = 2;
constexpr std::int16_t kOffsetCommit = 8;
constexpr std::int16_t kHeartbeat = 12;

/// The mock cluster looks at what it was told to do when a connection stirs, or once a second: this
/// one stirs, by connecting to its first broker and going away again.
class Stirrer {
 public:
  explicit Stirrer(const std::string& bootstraps)
      : port_(static_cast<std::uint16_t>(std::stoi(bootstraps.substr(bootstraps.find(':') + 1)))),
        thread_([this](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            stir();
            std::this_thread::sleep_for(milliseconds(5));
          }
        }) {}

 private:
  void stir() const {
    const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port_);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const linger at_once{1, 0};  // no port waits afterwards
    ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    static_cast<void>(::connect(connection, reinterpret_cast<const sockaddr*>(&to), sizeof to));
    ::close(connection);
  }
  const std::uint16_t port_;
  std::jthread thread_;
};

class KafkaFaults : public testing::Test {
 protected:
  void SetUp() override {
    char reason[256];
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason, sizeof reason);
    ASSERT_NE(handle_, nullptr) << reason;
    cluster_ = rd_kafka_mock_cluster_new(handle_, 3);
    ASSERT_NE(cluster_, nullptr);
    stirrer_.emplace(rd_kafka_mock_cluster_bootstraps(cluster_));
    for (const proto::TopicSpec& spec : proto::kTopics) {
      rd_kafka_mock_topic_create(cluster_, proto::topic_name("vigie", spec.topic).c_str(),
                                 spec.single_partition ? 1 : kPartitions, 3);
    }
    options_.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
    options_.partitions = kPartitions;
    options_.timeout = milliseconds(5000);
  }
  void TearDown() override {
    log_.reset();
    if (cluster_ != nullptr) rd_kafka_mock_cluster_destroy(cluster_);
    stirrer_.reset();
    if (handle_ != nullptr) rd_kafka_destroy(handle_);
  }
  void open() {
    auto opened = open_kafka(options_, clock_);
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  /// The leader of that topic answers each request so late; the leader of all others is quick.
  void make_slow(Topic slow, int milliseconds_late) {
    for (const proto::TopicSpec& spec : proto::kTopics) {
      for (int partition = 0; partition < (spec.single_partition ? 1 : kPartitions); ++partition) {
        rd_kafka_mock_partition_set_leader(cluster_, name(spec.topic).c_str(), partition,
                                           spec.topic == slow ? kSlowBroker : kQuickBroker);
      }
    }
    rd_kafka_mock_broker_set_rtt(cluster_, kSlowBroker, milliseconds_late);
  }
  static std::string name(Topic topic) { return proto::topic_name("vigie", topic); }
  std::vector<std::string> values(Topic topic) {
    std::vector<std::string> out;
    const auto ends = read_to_end(*log_, topic, [&](const Record& record) -> Result<void> {
      out.push_back(record.value.value_or(""));
      return {};
    });
    EXPECT_TRUE(ends.has_value()) << ends.error().to_string();
    return out;
  }
  /// Polls until `wanted` records came, or the time is over; starts what is assigned.
  std::size_t take(Group& group, std::size_t wanted, milliseconds most) {
    std::size_t taken = 0;
    const auto deadline = std::chrono::steady_clock::now() + most;
    while (taken < wanted && std::chrono::steady_clock::now() < deadline) {
      const auto polled = group.poll(100, milliseconds(50));
      EXPECT_TRUE(polled.has_value()) << polled.error().to_string();
      if (!polled) return taken;
      for (const TopicPartition partition : polled->assigned)
        EXPECT_TRUE(group.start(partition, 0).has_value());
      for (const Reader::Batch& batch : polled->batches) taken += batch.records.size();
    }
    return taken;
  }

  KafkaOptions options_;
  SystemClock clock_;
  rd_kafka_t* handle_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::optional<Stirrer> stirrer_;
  std::unique_ptr<Log> log_;
};

TEST_F(KafkaFaults, AProducerSendsAgainWhatABrokerRefusedForTheMoment) {
  open();
  rd_kafka_mock_push_request_errors(
      cluster_, kProduce, 5, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
      RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND);
  const auto producer = log_->producer();
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(
        producer->send({Topic::kFingerprints, std::to_string(i), std::to_string(i)}).has_value());
  const auto flushed = producer->flush();
  ASSERT_TRUE(flushed.has_value()) << flushed.error().to_string();
  const auto read = values(Topic::kFingerprints);
  const std::set<std::string> different(read.begin(), read.end());
  EXPECT_EQ(different.size(), 50U) << "none is lost";
  EXPECT_TRUE(std::is_sorted(
      read.begin(), read.end(),
      [](const std::string& a, const std::string& b) { return std::stoi(a) < std::stoi(b); }))
      << "and the order is kept";
}

TEST_F(KafkaFaults, AnAnswerThatNeverComesStopsTheProducerWithTheTopicInItsMessage) {
  options_.passthrough = {{"message.timeout.ms", "1500"}};
  open();
  make_slow(Topic::kStories, 60'000);
  const auto sent = append(*log_, {{Topic::kStories, "a", "b"}});
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().disposition, Disposition::kStop);
  EXPECT_NE(sent.error().where.find(name(Topic::kStories)), std::string::npos)
      << sent.error().to_string();
}

TEST_F(KafkaFaults, AReaderPassesWhatABrokerRefusedForTheMoment) {
  open();
  ASSERT_TRUE(append(*log_, {{Topic::kFingerprints, "a", "1"}, {Topic::kFingerprints, "b", "2"}})
                  .has_value());
  rd_kafka_mock_push_request_errors(cluster_, kFetch, 3, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                    RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
                                    RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR);
  EXPECT_EQ(values(Topic::kFingerprints), (std::vector<std::string>{"1", "2"}));
}

TEST_F(KafkaFaults, ALeaderThatMovesAndABrokerThatGoesLoseNothing) {
  open();
  const auto producer = log_->producer();
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(
        producer->send({Topic::kFingerprints, std::to_string(i), std::to_string(i)}).has_value());
    if (i == 10)
      rd_kafka_mock_partition_set_leader(cluster_, name(Topic::kFingerprints).c_str(), 0, 2);
    if (i == 20) rd_kafka_mock_broker_set_down(cluster_, 2);
    if (i == 20)
      rd_kafka_mock_partition_set_leader(cluster_, name(Topic::kFingerprints).c_str(), 0, 3);
  }
  const auto flushed = producer->flush();
  ASSERT_TRUE(flushed.has_value()) << flushed.error().to_string();
  rd_kafka_mock_broker_set_up(cluster_, 2);
  EXPECT_EQ(values(Topic::kFingerprints).size(), 30U);
}

TEST_F(KafkaFaults, ACommitIsTriedAgain) {
  open();
  ASSERT_TRUE(append(*log_, {{Topic::kPages, "a", "1"}}).has_value());
  auto group = log_->join("committers", std::vector<Topic>{Topic::kPages});
  ASSERT_TRUE(group.has_value());
  ASSERT_EQ(take(**group, 1, milliseconds(10'000)), 1U);
  rd_kafka_mock_push_request_errors(cluster_, kOffsetCommit, 2,
                                    RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                    RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  const TopicPartition partition{Topic::kPages, proto::partition_of("a", kPartitions)};
  const auto committed = (*group)->commit(partition, 1);
  ASSERT_TRUE(committed.has_value()) << committed.error().to_string();
  EXPECT_EQ(log_->committed("committers", partition)->value_or(-1), 1);
}

/// Sessions that end within four seconds; the mock cluster takes three for a rebalance.
void make_impatient(KafkaOptions& options) {
  options.instance = "one";
  options.session_timeout = milliseconds(4'000);
  options.passthrough = {{"heartbeat.interval.ms", "200"}};
}

// Two lines of story: a broker that is away for longer than a session, and a member that waits for
// it and does not poll. librdkafka 2.0.2 empties its member id and goes on with heartbeats; the
// first that is answered is fenced.
TEST_F(KafkaFaults, AMemberThatItsOwnReturnFencesComesBackAndLosesNothing) {
  make_impatient(options_);
  open();
  ASSERT_TRUE(append(*log_, {{Topic::kPages, "a", "1"}}).has_value());
  auto group = log_->join("returners", std::vector<Topic>{Topic::kPages});
  ASSERT_TRUE(group.has_value());
  ASSERT_EQ(take(**group, 1, milliseconds(10'000)), 1U);
  const TopicPartition partition{Topic::kPages, proto::partition_of("a", kPartitions)};
  for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_down(cluster_, broker);
  std::this_thread::sleep_for(milliseconds(4'500));
  rd_kafka_mock_push_request_errors(cluster_, kHeartbeat, 1, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID);
  for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_up(cluster_, broker);
  std::this_thread::sleep_for(milliseconds(3'000));
  EXPECT_FALSE((*group)->confirm(partition, 1).value_or(true)) << "it is no member now";
  const auto polled = (*group)->poll(100, milliseconds(50));
  ASSERT_TRUE(polled.has_value()) << polled.error().to_string();
  EXPECT_EQ(polled->revoked.size(), 2U);
  EXPECT_TRUE((*group)->lost());
  ASSERT_TRUE(append(*log_, {{Topic::kPages, "a", "2"}}).has_value());
  EXPECT_EQ(take(**group, 2, milliseconds(15'000)), 2U) << "it goes on as a member";
  EXPECT_TRUE((*group)->confirm(partition, 2).value_or(false));
}

TEST_F(KafkaFaults, AMemberThatAnotherProcessOfItsNameFencesStopsAndSaysWhy) {
  make_impatient(options_);
  open();
  auto group = log_->join("twins", std::vector<Topic>{Topic::kPages});
  ASSERT_TRUE(group.has_value());
  ASSERT_TRUE(append(*log_, {{Topic::kPages, "a", "1"}}).has_value());
  ASSERT_EQ(take(**group, 1, milliseconds(10'000)), 1U);
  rd_kafka_mock_push_request_errors(cluster_, kHeartbeat, 1, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID);
  Result<Group::Polled> polled;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (polled && std::chrono::steady_clock::now() < deadline)
    polled = (*group)->poll(100, milliseconds(50));
  ASSERT_FALSE(polled.has_value());
  EXPECT_EQ(polled.error().code, ErrorCode("fenced")) << polled.error().to_string();
  EXPECT_EQ(polled.error().disposition, Disposition::kStop);
  EXPECT_NE(polled.error().detail.find("'one'"), std::string::npos) << "names the instance";
}

TEST_F(KafkaFaults, AGroupStopsReadingWhileTheBrokersDoNotTakeWhatItWrites) {
  options_.queue_bytes = 10'000;
  options_.passthrough = {{"retry.backoff.ms", "20"}};
  open();
  make_slow(Topic::kArticles, 2'000);
  rd_kafka_mock_coordinator_set(cluster_, "group", "writers", kQuickBroker);
  std::vector<NewRecord> pages;
  for (int i = 0; i < 20; ++i) pages.push_back({Topic::kPages, std::to_string(i), "page"});
  ASSERT_TRUE(append(*log_, pages).has_value());
  auto group = log_->join("writers", std::vector<Topic>{Topic::kPages});
  ASSERT_TRUE(group.has_value());
  ASSERT_EQ(take(**group, 20, milliseconds(10'000)), 20U);

  const auto producer = log_->producer();
  ASSERT_TRUE(producer->send({Topic::kArticles, "big", std::string(9'000, 'x')}).has_value());
  ASSERT_TRUE(append(*log_, {{Topic::kPages, "next", "page"}}).has_value())
      << "another topic is taken";
  EXPECT_EQ(take(**group, 1, milliseconds(1'000)), 0U)
      << "the producer's queue is full: nothing is read";

  ASSERT_TRUE(producer->flush().has_value());
  EXPECT_EQ(take(**group, 1, milliseconds(10'000)), 1U)
      << "and what came meanwhile is read once there is room";
}

// librdkafka 2.0.2 reads a connection that ends while ListOffsets is on its way as a bad message.
TEST_F(KafkaFaults, AQuestionWhoseConnectionEndsIsAnsweredByABrokerThatComesBack) {
  options_.timeout = milliseconds(5'000);
  std::mutex mutex;
  std::map<std::string, int> errors;
  options_.on_error = [&](std::string_view code) {
    const std::lock_guard lock(mutex);
    ++errors[std::string(code)];
  };
  open();
  const auto sent = append(*log_, {{Topic::kFingerprints, "a", "b"}});
  ASSERT_TRUE(sent) << sent.error().to_string();
  const TopicPartition partition{Topic::kFingerprints, proto::partition_of("a", kPartitions)};
  ASSERT_TRUE(log_->offsets(partition).has_value());
  make_slow(Topic::kFingerprints, 2'000);
  std::jthread killer([&] {
    std::this_thread::sleep_for(milliseconds(300));
    for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_down(cluster_, broker);
    std::this_thread::sleep_for(milliseconds(2'000));
    rd_kafka_mock_broker_set_rtt(cluster_, kSlowBroker, 0);
    for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_up(cluster_, broker);
  });
  const auto range = log_->offsets(partition);
  ASSERT_TRUE(range.has_value()) << range.error().to_string();
  EXPECT_EQ(range->end, 1);
  killer.join();
  const std::lock_guard lock(mutex);
  EXPECT_FALSE(errors.contains("_BAD_MSG"));
  EXPECT_FALSE(errors.empty());
}

TEST_F(KafkaFaults, ALogSaysWithinSecondsThatNoBrokerIsThereAndThatOneIsBack) {
  options_.away_after = milliseconds(2'000);
  options_.passthrough = {{"statistics.interval.ms", "500"}};
  open();
  EXPECT_TRUE(log_->connected());
  const auto within = [&](milliseconds most, bool wanted) {
    const auto begin = std::chrono::steady_clock::now();
    while (log_->connected() != wanted && std::chrono::steady_clock::now() - begin < most)
      std::this_thread::sleep_for(milliseconds(50));
    return log_->connected() == wanted;
  };
  std::this_thread::sleep_for(options_.away_after + milliseconds(500));
  EXPECT_TRUE(log_->connected()) << "as long as nothing happens";
  for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_down(cluster_, broker);
  EXPECT_TRUE(within(options_.away_after + milliseconds(4'000), false)) << "no broker";
  const auto refused = append(*log_, {{Topic::kStories, "a", "b"}});
  ASSERT_FALSE(refused.has_value()) << "nobody waits for a broker that is away";
  EXPECT_EQ(refused.error().disposition, Disposition::kRetry);
  for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_up(cluster_, broker);
  EXPECT_TRUE(within(milliseconds(12'000), true)) << "brokers are back";
}

TEST_F(KafkaFaults, FiguresTellLagQueueAndBrokers) {
  options_.passthrough = {{"statistics.interval.ms", "100"}};
  std::mutex mutex;
  std::map<std::string, KafkaFigures> seen;
  options_.on_figures = [&](const KafkaFigures& figures) {
    const std::lock_guard lock(mutex);
    seen[figures.client] = figures;
  };
  open();
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(append(*log_, {{Topic::kPages, std::to_string(i), "page"}}).has_value());
  auto group = log_->join("counted", std::vector<Topic>{Topic::kPages});
  ASSERT_TRUE(group.has_value());
  EXPECT_EQ(take(**group, 10, milliseconds(10'000)), 10U);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const auto told = [&] {
    const std::lock_guard lock(mutex);
    return seen["producer"].sent_records >= 10 && seen["counted/pages"].received_records >= 10;
  };
  while (!told() && std::chrono::steady_clock::now() < deadline)
    take(**group, 1, milliseconds(100));
  group->reset();
  log_.reset();  // nobody calls on_figures from here on
  ASSERT_TRUE(told());
  EXPECT_EQ(seen["producer"].brokers, 3);
  EXPECT_GE(seen["producer"].brokers_up, 1);
  EXPECT_GT(seen["producer"].sent_bytes, 0);
  EXPECT_EQ(seen["producer"].group, "");
  EXPECT_EQ(seen["counted/pages"].group, "counted");
  EXPECT_EQ(seen["counted/pages"].lag.count(Topic::kPages), 1U);
}

// A broker that its controller has shut out, or that has just started, does not know the partition
// for as long as that takes; the topic was there when the log was opened.
TEST_F(KafkaFaults, APartitionThatABrokerDoesNotKnowForLongerThanAQuestionMayTakeIsWaitedFor) {
  options_.timeout = milliseconds(1'000);
  open();
  ASSERT_TRUE(log_->offsets({Topic::kPages, 0}).has_value());
  const std::vector<rd_kafka_resp_err_t> unknown(1'000, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  rd_kafka_mock_push_request_errors_array(cluster_, kListOffsets, unknown.size(), unknown.data());
  const auto asked = log_->offsets({Topic::kPages, 0});
  ASSERT_FALSE(asked.has_value());
  EXPECT_EQ(asked.error().code, ErrorCode("broker_unreachable")) << asked.error().to_string();
  EXPECT_EQ(asked.error().disposition, Disposition::kRetry);
  rd_kafka_mock_clear_request_errors(cluster_, kListOffsets);
  EXPECT_TRUE(log_->offsets({Topic::kPages, 0}).has_value());
}

TEST_F(KafkaFaults, ATopicThatIsTakenAwayStopsWhoAsksForIt) {
  options_.timeout = milliseconds(1'000);
  open();
  ASSERT_TRUE(log_->offsets({Topic::kPages, 0}).has_value());
  rd_kafka_mock_topic_set_error(cluster_, name(Topic::kPages).c_str(),
                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const std::vector<rd_kafka_resp_err_t> unknown(1'000, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  rd_kafka_mock_push_request_errors_array(cluster_, kListOffsets, unknown.size(), unknown.data());
  const auto asked = log_->offsets({Topic::kPages, 0});
  ASSERT_FALSE(asked.has_value());
  EXPECT_EQ(asked.error().code, ErrorCode("topic_missing")) << asked.error().to_string();
  EXPECT_EQ(asked.error().disposition, Disposition::kStop);
}

// Who keeps its own place, as the frontier does, commits seldom: to be up to date is no matter of
// commits.
TEST_F(KafkaFaults, TheLagIsWhatIsNotDealtWithNotWhatIsNotCommitted) {
  options_.passthrough = {{"statistics.interval.ms", "100"}};
  std::mutex mutex;
  std::vector<std::int64_t> lags;
  options_.on_figures = [&](const KafkaFigures& figures) {
    const std::lock_guard lock(mutex);
    if (figures.client == "counted/pages") lags.push_back(figures.lag.at(Topic::kPages));
  };
  open();
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(append(*log_, {{Topic::kPages, std::to_string(i), "page"}}).has_value());
  auto group = log_->join("counted", std::vector<Topic>{Topic::kPages});
  ASSERT_TRUE(group.has_value());
  EXPECT_EQ(take(**group, 0, milliseconds(0)), 0U);
  std::size_t taken = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto told = [&] {
    const std::lock_guard lock(mutex);
    return taken == 20 && lags.size() > 1 && lags.back() == 0;
  };
  while (!told() && std::chrono::steady_clock::now() < deadline) {
    const auto polled = (*group)->poll(1, milliseconds(50));
    ASSERT_TRUE(polled.has_value()) << polled.error().to_string();
    for (const TopicPartition partition : polled->assigned) {
      ASSERT_TRUE((*group)->start(partition, 0).has_value());
    }
    for (const Reader::Batch& batch : polled->batches) {
      if (taken == 0) ASSERT_TRUE((*group)->commit(batch.from, batch.next_offset).has_value());
      taken += batch.records.size();
    }
    if (taken < 20) std::this_thread::sleep_for(milliseconds(60));  // work
  }
  group->reset();
  log_.reset();  // nobody calls on_figures from here on
  EXPECT_TRUE(told()) << taken << " records, lag " << (lags.empty() ? -1 : lags.back());
  EXPECT_GT(*std::max_element(lags.begin(), lags.end()), 10) << "while there was work";
}

// A broker that has just started may know a topic only after a moment. librdkafka gives up what
// waits for one that it is told is not there.
TEST_F(KafkaFaults, WhatWaitsIsSentInItsOrderOnceTheTopicIsKnownAgain) {
  options_.passthrough = {{"topic.metadata.propagation.max.ms", "1"},
                          {"topic.metadata.refresh.interval.ms", "100"}};
  open();
  const auto producer = log_->producer();
  const auto send = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      const auto sent = producer->send({Topic::kFingerprints, "key", std::to_string(i)});
      ASSERT_TRUE(sent.has_value()) << i << ": " << sent.error().to_string();
    }
  };
  send(0, 1);
  ASSERT_TRUE(producer->flush().has_value());
  for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_down(cluster_, broker);
  send(1, 40);
  rd_kafka_mock_topic_set_error(cluster_, name(Topic::kFingerprints).c_str(),
                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_up(cluster_, broker);
  std::this_thread::sleep_for(milliseconds(2500));
  send(40, 80);
  std::this_thread::sleep_for(milliseconds(500));
  rd_kafka_mock_topic_set_error(cluster_, name(Topic::kFingerprints).c_str(),
                                RD_KAFKA_RESP_ERR_NO_ERROR);
  send(80, 100);
  const auto flushed = producer->flush();
  ASSERT_TRUE(flushed.has_value()) << flushed.error().to_string();
  const std::vector<std::string> read = values(Topic::kFingerprints);
  ASSERT_EQ(read.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(read[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(KafkaFaults, WhatIsSentToATopicThatIsTakenAwayFailsAndNamesIt) {
  options_.passthrough = {{"topic.metadata.propagation.max.ms", "1"},
                          {"topic.metadata.refresh.interval.ms", "100"}};
  options_.timeout = milliseconds(1500);
  open();
  rd_kafka_mock_topic_set_error(cluster_, name(Topic::kFingerprints).c_str(),
                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const auto producer = log_->producer();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Result<void> flushed;
  // one that is sent before the handle hears of it is waited for
  while (flushed && std::chrono::steady_clock::now() < deadline) {
    ASSERT_TRUE(producer->send({Topic::kFingerprints, "key", "value"}).has_value());
    flushed = producer->flush();
  }
  ASSERT_FALSE(flushed.has_value());
  EXPECT_EQ(flushed.error().code, ErrorCode("topic_missing")) << flushed.error().to_string();
  EXPECT_EQ(flushed.error().disposition, Disposition::kStop);
  EXPECT_NE(flushed.error().to_string().find("vigie.fingerprints.v1"), std::string::npos);
}

}  // namespace
}  // namespace vigie::log
