// What each error code of librdkafka and of brokers means to a service that runs for years.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "platform/log/kafka_client.h"

namespace vigie::log::kafka {
namespace {

/// Those that need a person, by the names that brokers' documentation and librdkafka use.
const std::map<std::string, Meaning> kNeedAPerson{
    {"_AUTHENTICATION", Meaning::kCredentials},
    {"SASL_AUTHENTICATION_FAILED", Meaning::kCredentials},
    {"UNSUPPORTED_SASL_MECHANISM", Meaning::kCredentials},
    {"ILLEGAL_SASL_STATE", Meaning::kCredentials},
    {"TOPIC_AUTHORIZATION_FAILED", Meaning::kRights},
    {"GROUP_AUTHORIZATION_FAILED", Meaning::kRights},
    {"CLUSTER_AUTHORIZATION_FAILED", Meaning::kRights},
    {"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", Meaning::kRights},
    {"DELEGATION_TOKEN_AUTHORIZATION_FAILED", Meaning::kRights},
    {"_UNKNOWN_TOPIC", Meaning::kMissing},
    {"_UNKNOWN_PARTITION", Meaning::kMissing},
    {"UNKNOWN_TOPIC_OR_PART", Meaning::kMissing},
    {"MSG_SIZE_TOO_LARGE", Meaning::kTooLarge},
    {"RECORD_LIST_TOO_LARGE", Meaning::kTooLarge},
    {"_FATAL", Meaning::kFatal},
    {"_FENCED", Meaning::kFatal},
    {"PRODUCER_FENCED", Meaning::kFatal},
    {"FENCED_INSTANCE_ID", Meaning::kFatal},
};
const std::set<std::string> kNoError{"NO_ERROR", "_PARTITION_EOF"};

std::vector<std::pair<rd_kafka_resp_err_t, std::string>> all_codes() {
  const rd_kafka_err_desc* descriptions = nullptr;
  std::size_t count = 0;
  rd_kafka_get_err_descs(&descriptions, &count);
  std::vector<std::pair<rd_kafka_resp_err_t, std::string>> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (descriptions[i].name != nullptr)
      out.emplace_back(descriptions[i].code, descriptions[i].name);
  }
  return out;
}

TEST(KafkaErrors, EveryCodeIsWaitedForButThoseThatNeedAPerson) {
  const auto codes = all_codes();
  ASSERT_GT(codes.size(), 150U);
  std::set<std::string> seen;
  for (const auto& [code, name] : codes) {
    seen.insert(name);
    const auto found = kNeedAPerson.find(name);
    const Meaning expected = found != kNeedAPerson.end() ? found->second
                             : kNoError.contains(name)   ? Meaning::kNothing
                                                         : Meaning::kWait;
    EXPECT_EQ(static_cast<int>(meaning_of(code)), static_cast<int>(expected)) << name;
    EXPECT_EQ(passes_by_itself(code), expected == Meaning::kWait) << name;
  }
  for (const auto& entry : kNeedAPerson)
    EXPECT_TRUE(seen.contains(entry.first)) << entry.first << ": librdkafka has no such code";
  EXPECT_EQ(meaning_of(static_cast<rd_kafka_resp_err_t>(9'999)), Meaning::kWait)
      << "a code of tomorrow's brokers";
}

TEST(KafkaErrors, WhatIsWaitedForIsToldAsRetryAndTheRestAsStop) {
  Shared shared{KafkaOptions{}};
  shared.met = true;
  for (const auto& [code, name] : all_codes()) {
    if (meaning_of(code) == Meaning::kNothing) continue;
    const Error error = explain(shared, code, {}, "here");
    EXPECT_EQ(error.disposition, passes_by_itself(code) ? Disposition::kRetry : Disposition::kStop)
        << name;
    EXPECT_EQ(refusal(shared, code, {}, "here").disposition, Disposition::kStop) << name;
  }
}

TEST(KafkaErrors, TlsThatFailsIsRefusalOnlyBeforeABrokerHasAnswered) {
  Shared shared{KafkaOptions{}};
  EXPECT_EQ(explain(shared, RD_KAFKA_RESP_ERR__SSL, {}, "").code, ErrorCode("wrong_credentials"));
  shared.note_problem(RD_KAFKA_RESP_ERR__SSL, "handshake failed");
  EXPECT_EQ(explain(shared, RD_KAFKA_RESP_ERR__TRANSPORT, {}, "").code,
            ErrorCode("wrong_credentials"));
  shared.met = true;  // a broker that dies in a handshake reads as a failed one
  EXPECT_EQ(explain(shared, RD_KAFKA_RESP_ERR__SSL, {}, "").code, ErrorCode("broker_unreachable"));
  EXPECT_EQ(explain(shared, RD_KAFKA_RESP_ERR__TRANSPORT, {}, "").code,
            ErrorCode("broker_unreachable"));
}

TEST(KafkaErrors, EachIsCountedByItsName) {
  std::map<std::string, int> counted;
  KafkaOptions options;
  options.on_error = [&](std::string_view code) { ++counted[std::string(code)]; };
  const Shared shared(options);
  shared.count(RD_KAFKA_RESP_ERR__TRANSPORT);
  shared.count(RD_KAFKA_RESP_ERR__TRANSPORT);
  shared.count(RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  shared.count(RD_KAFKA_RESP_ERR_NO_ERROR);
  shared.count(RD_KAFKA_RESP_ERR__PARTITION_EOF);
  EXPECT_EQ(counted, (std::map<std::string, int>{{"_TRANSPORT", 2}, {"NOT_COORDINATOR", 1}}));
}

}  // namespace
}  // namespace vigie::log::kafka
