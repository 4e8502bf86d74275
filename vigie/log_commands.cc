#include "vigie/log_commands.h"

#include <algorithm>
#include <iostream>

#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/log/quarantine.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "proto/log_topics.h"

namespace vigie::cli {
namespace {

/// A group that reads a topic. The extractor's position is the group's; the roles of the indexer
/// keep their own, and look at the group of acknowledgements.
struct ReadingGroup {
  std::string name;
  bool moved = false;
};

std::vector<ReadingGroup> groups_of(const config::Settings& settings, proto::Topic topic) {
  const std::string prefix = settings.text("log.prefix");
  std::vector<ReadingGroup> out{{log::kSkipGroup, true}};
  if (topic == proto::Topic::kPages) out.push_back({"extractor", true});
  if (topic == proto::Topic::kArticles) out.push_back({"indexer", false});
  if (topic == proto::Topic::kFingerprints) out.push_back({prefix + "-clusterer", false});
  if (topic == proto::Topic::kMatches) out.push_back({prefix + "-alerter", false});
  return out;
}

int cannot(std::ostream& err, const Error& error) {
  err << "vigie log skip: " << error.to_string() << '\n';
  return process::kExitCannotStart;
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

int run_kafka_topics(const config::Settings& settings, bool make, std::ostream& out,
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

int run_log_skip(const config::Settings& settings, const LogSkipArguments& arguments,
                 std::ostream& out, std::ostream& err) {
  const proto::TopicSpec* found = nullptr;
  for (const proto::TopicSpec& spec : proto::kTopics) {
    if (arguments.topic == spec.short_name ||
        arguments.topic == proto::topic_name(settings.text("log.prefix"), spec.topic))
      found = &spec;
  }
  if (found == nullptr) {
    err << "vigie log skip: there is no topic '" << arguments.topic
        << "'; vigie log check lists them\n";
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
  const std::string topic(found->short_name);
  std::int64_t lost_from = 0;
  for (const ReadingGroup& group : groups_of(settings, found->topic)) {
    auto committed = (*log)->committed(group.name, partition);
    if (!committed) return cannot(err, committed.error());
    if (group.name != log::kSkipGroup) {
      if (!*committed) continue;
      lost_from = std::max(lost_from, **committed);
    }
    if (!group.moved) continue;
    if (auto moved = (*log)->set_committed(group.name, partition, arguments.offset); !moved)
      return cannot(err, moved.error());
  }
  // An index shard knows best from where it could not read: it writes the record when it goes on.
  if (found->topic != proto::Topic::kArticles) {
    if (auto recorded = log::append(
            **log,
            {log::acknowledged_gap(partition, lost_from, arguments.offset, clock.now_unix_ms())});
        !recorded)
      return cannot(err, recorded.error());
  }
  out << Json::object({{"topic", topic},
                       {"partition", arguments.partition},
                       {"lost_from", lost_from},
                       {"next_offset", arguments.offset}})
             .dump()
      << '\n';
  return process::kExitOk;
}

}  // namespace vigie::cli
