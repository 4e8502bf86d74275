#include "vigie/log_commands.h"

#include <algorithm>
#include <array>
#include <iostream>

#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "proto/identity.h"
#include "proto/quarantine.pb.h"
#include "proto/topics.h"

namespace vigie::cli {
namespace {

/// The groups that read each topic with a position of their own, and the one that stands for acknowledged gaps of index shards.
constexpr std::array<const char*, 3> kGroups{"extractor", "indexer", "skip"};

int cannot(std::ostream& err, const Error& error) {
  err << "vigie log skip: " << error.to_string() << '\n';
  return process::kExitCannotStart;
}

Result<void> record_gap(log::Log& log, log::TopicPartition partition, const std::string& topic, std::int64_t from, std::int64_t to, std::int64_t now_unix_ms) {
  v1::QuarantineRecord record;
  record.set_id(proto::quarantine_id(topic, partition.partition, from, "log"));
  record.set_stage("log");
  record.set_reason("log_gap");
  record.set_detail("records " + std::to_string(from) + " to " + std::to_string(to) + " of " + topic + "/" + std::to_string(partition.partition) +
                    " were gone before they were read; the gap was acknowledged by a person");
  record.set_topic(topic);
  record.set_partition(partition.partition);
  record.set_offset(from);
  record.set_value_cut(true);
  record.set_failed_at_unix_ms(now_unix_ms);
  return log::append(log, {{proto::Topic::kQuarantine, record.id(), record.SerializeAsString()}});
}

}  // namespace

int run_log_check(Api& api, std::ostream& out, std::ostream& err) {
  http::Request request;
  request.path = "/v1/log";
  auto answer = json_answer(api.call(std::move(request)), api.where());
  if (!answer) {
    err << "vigie log: " << answer.error().to_string() << '\n';
    return process::kExitCannotStart;
  }
  int code = process::kExitOk;
  for (const Json& topic : (*answer)["topics"].as_array()) {
    out << topic.dump() << '\n';
    for (const Json& difference : topic["differs"].as_array()) {
      err << "vigie log: " << topic["topic"].as_string() << ": " << difference.as_string() << '\n';
      code = process::kExitSomeFailed;
    }
  }
  return code;
}

int run_kafka_topics(const config::Settings& settings, bool make, std::ostream& out, std::ostream& err) {
  const log::KafkaOptions options = service::kafka_options(settings);
  const auto topics = make ? log::setup_kafka_topics(options) : log::check_kafka_topics(options);
  if (!topics) {
    err << "vigie log: " << topics.error().to_string() << '\n';
    return process::kExitCannotStart;
  }
  int code = process::kExitOk;
  for (const log::KafkaTopic& topic : *topics) {
    Json differs = Json::array();
    for (const std::string& difference : topic.differs) {
      differs.mutable_array().push_back(Json(difference));
      err << "vigie log: " << topic.name << ": " << difference << '\n';
      code = process::kExitSomeFailed;
    }
    out << Json::object({{"topic", std::string(proto::spec(topic.topic).short_name)},
                         {"name", topic.name},
                         {"exists", topic.exists},
                         {"created", topic.created},
                         {"partitions", topic.partitions},
                         {"replication", topic.replication},
                         {"compacted", topic.compacted},
                         {"retention_ms", topic.retention_ms},
                         {"max_message_bytes", topic.max_message_bytes},
                         {"differs", std::move(differs)}})
               .dump()
        << '\n';
  }
  return code;
}

int run_log_skip(const config::Settings& settings, const LogSkipArguments& arguments, std::ostream& out, std::ostream& err) {
  const proto::TopicSpec* found = nullptr;
  for (const proto::TopicSpec& spec : proto::kTopics) {
    if (arguments.topic == spec.short_name || arguments.topic == proto::topic_name(settings.text("log.prefix"), spec.topic)) found = &spec;
  }
  if (found == nullptr) {
    err << "vigie log skip: there is no topic '" << arguments.topic << "'; vigie log check lists them\n";
    return process::kExitUsage;
  }
  const std::filesystem::path dir = settings.text("data_dir");
  auto locked = process::DataDir::lock(dir);
  if (!locked) return cannot(err, locked.error());
  SystemClock clock;
  auto log = service::open_log(settings, dir, clock);
  if (!log) return cannot(err, log.error());
  const log::TopicPartition partition{found->topic, arguments.partition};
  auto range = (*log)->offsets(partition);
  if (!range) return cannot(err, range.error());
  if (arguments.offset < range->begin || arguments.offset > range->end) {
    err << "vigie log skip: " << arguments.topic << "/" << arguments.partition << " holds offsets " << range->begin << " to " << range->end << "; give one of these\n";
    return process::kExitUsage;
  }
  const std::string topic(found->short_name);
  std::int64_t lost_from = 0;
  for (const char* group : kGroups) {
    auto committed = (*log)->committed(group, partition);
    if (!committed) return cannot(err, committed.error());
    if (std::string_view(group) != "skip") {
      if (!*committed) continue;
      lost_from = std::max(lost_from, **committed);
    }
    if (auto moved = (*log)->set_committed(group, partition, arguments.offset); !moved) return cannot(err, moved.error());
  }
  if (auto recorded = record_gap(**log, partition, topic, lost_from, arguments.offset, clock.now_unix_ms()); !recorded) return cannot(err, recorded.error());
  out << Json::object({{"topic", topic}, {"partition", arguments.partition}, {"lost_from", lost_from}, {"next_offset", arguments.offset}}).dump() << '\n';
  return process::kExitOk;
}

}  // namespace vigie::cli
