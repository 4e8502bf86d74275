#include "vigie/log_commands.h"

#include <algorithm>
#include <iostream>

#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/log/groups.h"
#include "platform/log/quarantine.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "proto/log_topics.h"

namespace vigie::cli {
namespace {

int cannot(std::ostream& err, const Error& error) {
  err << "vigie log skip: " << error.to_string() << '\n';
  return process::kExitCannotStart;
}

const proto::TopicSpec* find_topic(const config::Settings& settings, const std::string& name) {
  for (const proto::TopicSpec& spec : proto::kTopics) {
    if (name == spec.short_name ||
        name == proto::topic_name(settings.text("log.prefix"), spec.topic))
      return &spec;
  }
  return nullptr;
}

struct Skipped {
  std::int64_t lost_from = 0;
  std::vector<std::string> moved_groups;
};

/// Moves the offset of the groups that read the partition, or acknowledges for readers that keep
/// their own. Errors: kQuarantine nothing_to_skip; those of the log.
Result<Skipped> skip_to(log::Log& log, const config::Settings& settings,
                        log::TopicPartition partition, std::int64_t offset) {
  Skipped out;
  std::string asked;
  std::vector<std::string> readers;
  for (const std::string& group : log::groups_reading(partition.topic, settings)) {
    asked += (asked.empty() ? "" : ", ") + group;
    VIGIE_ASSIGN(const std::optional<std::int64_t> committed, log.committed(group, partition));
    if (!committed) continue;
    out.lost_from = std::max(out.lost_from, *committed);
    readers.push_back(group);
  }
  if (log::at_gap(partition.topic) != log::AtGap::kGroupMoves) {
    VIGIE_TRY(log.set_committed(log::kSkipGroup, partition, offset));
    return out;
  }
  const std::string topic(proto::spec(partition.topic).short_name);
  if (readers.empty()) {
    return failure(Disposition::kQuarantine, "nothing_to_skip",
                   "nobody who reads " + topic + "/" + std::to_string(partition.partition) +
                       " has an offset that could be moved (asked for: " + asked +
                       "); if its reader has a group of its own, give it with --set "
                       "log.group=GROUP",
                   topic + "/" + std::to_string(partition.partition));
  }
  for (const std::string& group : readers) {
    VIGIE_TRY(log.set_committed(group, partition, offset));
    out.moved_groups.push_back(group);
  }
  return out;
}

/// An index shard knows best from where it could not read: it writes the record when it goes on.
Result<void> record_gap(log::Log& log, log::TopicPartition partition, std::int64_t lost_from,
                        std::int64_t offset, std::int64_t now_unix_ms) {
  if (partition.topic == proto::Topic::kArticles) return {};
  return log::append(log, {log::acknowledged_gap(partition, lost_from, offset, now_unix_ms)});
}

}  // namespace

int run_log_check(Api& api, std::ostream& out, std::ostream& err) {
  http::Request request;
  request.path = "/v1/log";
  auto response = json_response(api.call(std::move(request)), api.where());
  if (!response) {
    err << "vigie log: " << response.error().to_string() << '\n';
    return process::kExitCannotStart;
  }
  int code = process::kExitOk;
  for (const Json& topic : (*response)["topics"].as_array()) {
    out << topic.dump() << '\n';
    for (const Json& difference : topic["differs"].as_array()) {
      err << "vigie log: " << topic["topic"].as_string() << ": " << difference.as_string() << '\n';
      code = process::kExitSomeFailed;
    }
  }
  return code;
}

int run_kafka_topics(const config::Settings& settings, bool make, bool tolerate, std::ostream& out,
                     std::ostream& err) {
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
      if (!tolerate) code = process::kExitSomeFailed;
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

int run_log_skip(const config::Settings& settings, const LogSkipArguments& arguments,
                 std::ostream& out, std::ostream& err) {
  const proto::TopicSpec* found = find_topic(settings, arguments.topic);
  if (found == nullptr) {
    err << "vigie log skip: there is no topic '" << arguments.topic
        << "'; vigie log check lists them\n";
    return process::kExitUsage;
  }
  if (const auto refusal = log::skip_refusal(found->topic)) {
    err << "vigie log skip: " << *refusal << '\n';
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
    err << "vigie log skip: " << arguments.topic << "/" << arguments.partition << " holds offsets "
        << range->begin << " to " << range->end << "; give one of these\n";
    return process::kExitUsage;
  }
  auto skipped = skip_to(**log, settings, partition, arguments.offset);
  if (!skipped) return cannot(err, skipped.error());
  if (auto recorded =
          record_gap(**log, partition, skipped->lost_from, arguments.offset, clock.now_unix_ms());
      !recorded)
    return cannot(err, recorded.error());
  Json moved = Json::array();
  for (std::string& group : skipped->moved_groups)
    moved.mutable_array().push_back(Json(std::move(group)));
  out << Json::object({{"topic", std::string(found->short_name)},
                       {"partition", arguments.partition},
                       {"lost_from", skipped->lost_from},
                       {"next_offset", arguments.offset},
                       {"moved_groups", std::move(moved)}})
             .dump()
      << '\n';
  return process::kExitOk;
}

}  // namespace vigie::cli
