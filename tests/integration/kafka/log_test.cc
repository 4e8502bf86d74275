#include "platform/log/kafka_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "proto/log_topics.h"
#include "tests/unit/platform/log/log_cases.h"

namespace vigie::log {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

KafkaOptions fresh_options() {
  static int count = 0;
  KafkaOptions options;
  options.brokers = from_environment("VIGIE_TEST_BROKERS");
  options.prefix = "case" + std::to_string(getpid()) + "-" + std::to_string(++count);
  options.partitions = kCasePartitions;
  options.instance = "tester";
  return options;
}

class OnKafka final : public EngineUnderTest {
 public:
  Result<std::unique_ptr<Log>> open(std::size_t queue_bytes) override {
    if (!made_) VIGIE_TRY(setup_kafka_topics(options_));
    made_ = true;
    KafkaOptions options = options_;
    if (queue_bytes > 0) options.queue_bytes = queue_bytes;
    return open_kafka(options, clock_);
  }

 private:
  KafkaOptions options_ = fresh_options();
  bool made_ = false;
  SystemClock clock_;
};

INSTANTIATE_TEST_SUITE_P(Kafka, LogCases, testing::Values([]() -> std::unique_ptr<EngineUnderTest> {
                           return from_environment("VIGIE_TEST_BROKERS").empty()
                                      ? nullptr
                                      : std::make_unique<OnKafka>();
                         }));

class KafkaLogTest : public testing::Test {
 protected:
  void SetUp() override {
    if (options_.brokers.empty()) GTEST_SKIP() << "no broker; run ops/test --kafka";
  }
  std::unique_ptr<Log> open(const KafkaOptions& options) {
    auto opened = open_kafka(options, clock_);
    EXPECT_TRUE(opened.has_value()) << opened.error().to_string();
    return opened ? std::move(*opened) : nullptr;
  }

  KafkaOptions options_ = fresh_options();
  SystemClock clock_;
};

TEST_F(KafkaLogTest, SetupCreatesWhatTheTopicsAreSpecifiedToBeAndCheckAgrees) {
  const auto made = setup_kafka_topics(options_);
  ASSERT_TRUE(made.has_value()) << made.error().to_string();
  ASSERT_EQ(made->size(), proto::kTopics.size());
  for (const KafkaTopic& topic : *made) {
    const proto::TopicSpec& spec = proto::spec(topic.topic);
    EXPECT_TRUE(topic.created);
    EXPECT_EQ(topic.partitions, spec.single_partition ? 1 : kCasePartitions);
    EXPECT_EQ(topic.replication, 1) << "the smaller of 3 and the number of brokers";
    EXPECT_EQ(topic.compacted, spec.compacted);
    EXPECT_EQ(topic.retention_ms, spec.retention_ms);
    EXPECT_GE(topic.max_message_bytes, spec.max_record_bytes);
    EXPECT_TRUE(topic.differs.empty()) << topic.name << ": " << topic.differs[0];
  }
  const auto again = setup_kafka_topics(options_);
  ASSERT_TRUE(again.has_value());
  for (const KafkaTopic& topic : *again) EXPECT_FALSE(topic.created);
}

TEST_F(KafkaLogTest, CheckSaysWhichPartitionsDifferAndOpeningRefuses) {
  ASSERT_TRUE(setup_kafka_topics(options_).has_value());
  KafkaOptions other = options_;
  other.partitions = 5;
  const auto checked = check_kafka_topics(other);
  ASSERT_TRUE(checked.has_value());
  std::size_t differing = 0;
  for (const KafkaTopic& topic : *checked) {
    for (const std::string& difference : topic.differs)
      EXPECT_NE(difference.find("has 4 partitions and should have 5"), std::string::npos)
          << difference;
    differing += topic.differs.size();
  }
  const auto several = std::count_if(proto::kTopics.begin(), proto::kTopics.end(),
                                     [](const auto& topic) { return !topic.single_partition; });
  EXPECT_EQ(differing, static_cast<std::size_t>(several))
      << "topics of one partition are as they should be";
  const auto opened = open_kafka(other, clock_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode("partitions_changed"));
  EXPECT_NE(opened.error().where.find(options_.brokers), std::string::npos);
  EXPECT_NE(opened.error().where.find(options_.prefix + ".frontier.v1"), std::string::npos);
}

TEST_F(KafkaLogTest, AMissingTopicIsNamedWithItsBroker) {
  const auto opened = open_kafka(options_, clock_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode("topic_missing"));
  EXPECT_EQ(opened.error().disposition, Disposition::kStop);
  EXPECT_NE(opened.error().to_string().find(options_.brokers), std::string::npos);
  EXPECT_NE(opened.error().to_string().find(options_.prefix + ".frontier.v1"), std::string::npos);
  EXPECT_NE(opened.error().detail.find("vigie log setup"), std::string::npos);
}

TEST_F(KafkaLogTest, AnUnreachableBrokerIsOneErrorThatNamesIt) {
  options_.brokers = "127.0.0.1:1";
  options_.timeout = std::chrono::milliseconds(1500);
  const auto opened = open_kafka(options_, clock_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode("broker_unreachable"));
  EXPECT_EQ(opened.error().disposition, Disposition::kStop);
  EXPECT_NE(opened.error().to_string().find("127.0.0.1:1"), std::string::npos);
}

class SecuredKafkaTest : public KafkaLogTest {
 protected:
  void SetUp() override {
    KafkaLogTest::SetUp();
    options_.brokers = from_environment("VIGIE_TEST_SECURED_BROKERS");
    options_.passthrough = {{"security.protocol", "SASL_SSL"},
                            {"ssl.ca.location", from_environment("VIGIE_TEST_CERTIFICATE")},
                            {"sasl.mechanism", "PLAIN"},
                            {"sasl.username", "vigie"},
                            {"sasl.password", "lookout"}};
  }
};

TEST_F(SecuredKafkaTest, TlsAndSaslComeFromTheSettings) {
  const auto made = setup_kafka_topics(options_);
  ASSERT_TRUE(made.has_value()) << made.error().to_string();
  const auto log = open(options_);
  ASSERT_TRUE(log);
  EXPECT_TRUE(append(*log, {{Topic::kFingerprints, "a", "1"}}).has_value());
}

TEST_F(SecuredKafkaTest, WrongCredentialsAreToldFromAnUnreachableBrokerAtOnce) {
  options_.passthrough["sasl.password"] = "wrong";
  const auto before = std::chrono::steady_clock::now();
  const auto refused = open_kafka(options_, clock_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode("wrong_credentials")) << refused.error().to_string();
  EXPECT_EQ(refused.error().to_string().find("wrong\""), std::string::npos)
      << "no secret in a message";
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(8));
}

TEST_F(SecuredKafkaTest, ACertificateThatNobodyVouchesForIsRefused) {
  options_.passthrough.erase("ssl.ca.location");
  const auto refused = open_kafka(options_, clock_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode("wrong_credentials")) << refused.error().to_string();
  EXPECT_NE(refused.error().detail.find("log.kafka.ssl"), std::string::npos)
      << refused.error().to_string();
}

TEST_F(SecuredKafkaTest, AUserWithoutRightsIsToldSo) {
  options_.passthrough["sasl.username"] = options_.passthrough["sasl.password"] = "guest";
  const auto made = setup_kafka_topics(options_);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode("not_authorized")) << made.error().to_string();
  EXPECT_NE(made.error().where.find(options_.prefix), std::string::npos) << "the topic is named";
  const auto opened = open_kafka(options_, clock_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().detail.find("this user may not see it"), std::string::npos)
      << "brokers do not say more: " << opened.error().to_string();
}

TEST_F(KafkaLogTest, SettingsThatThePromisesRestOnAreRefusedAndUnknownOnesNamed) {
  options_.passthrough = {{"acks", "1"}};
  EXPECT_EQ(open_kafka(options_, clock_).error().where, "log.kafka.acks");
  options_.passthrough = {{"no.such.thing", "1"}};
  const auto unknown = open_kafka(options_, clock_);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode("bad_setting"));
  EXPECT_EQ(unknown.error().where, "log.kafka.no.such.thing");
}

TEST_F(KafkaLogTest, TwoMembersShareThePartitionsAndAStaticOneComesBackToItsOwn) {
  ASSERT_TRUE(setup_kafka_topics(options_).has_value());
  const std::vector<Topic> topics{Topic::kPages};
  options_.session_timeout = std::chrono::seconds(6);
  KafkaOptions second_options = options_;
  second_options.instance = "other";
  const auto first_log = open(options_);
  const auto second_log = open(second_options);
  ASSERT_TRUE(first_log && second_log);
  std::map<int, std::vector<TopicPartition>> owned;
  const auto follow = [&](int member, Group& group) {
    const auto polled = group.poll(10, std::chrono::milliseconds(100));
    ASSERT_TRUE(polled.has_value()) << polled.error().to_string();
    if (!polled->revoked.empty()) owned[member].clear();
    if (!polled->assigned.empty()) owned[member] = polled->assigned;
    for (const TopicPartition partition : polled->assigned)
      ASSERT_TRUE(group.start(partition).has_value());
  };
  auto first = first_log->join("sharers", topics);
  ASSERT_TRUE(first.has_value());
  for (int i = 0; i < 200 && owned[1].size() != 4; ++i) follow(1, **first);
  EXPECT_EQ(owned[1].size(), 4U);
  auto second = second_log->join("sharers", topics);
  ASSERT_TRUE(second.has_value());
  for (int i = 0; i < 200 && (owned[1].size() != 2 || owned[2].size() != 2); ++i) {
    follow(1, **first);
    follow(2, **second);
  }
  ASSERT_EQ(owned[1].size(), 2U);
  ASSERT_EQ(owned[2].size(), 2U);
  const std::vector<TopicPartition> before = owned[2];
  second->reset();
  owned[2].clear();
  second = second_log->join("sharers", topics);
  ASSERT_TRUE(second.has_value());
  for (int i = 0; i < 100 && owned[2].empty(); ++i) {
    follow(1, **first);
    follow(2, **second);
  }
  EXPECT_EQ(owned[2], before);
  EXPECT_EQ(owned[1].size(), 2U) << "a restart moves no partitions";
  second->reset();
  for (int i = 0; i < 200 && owned[1].size() != 4; ++i) follow(1, **first);
  EXPECT_EQ(owned[1].size(), 4U) << "who stays away longer than its session loses its partitions";
}

}  // namespace
}  // namespace vigie::log
