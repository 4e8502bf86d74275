#include <google/protobuf/util/json_util.h>

#include "indexer/api/handlers.h"
#include "indexer/api/views.h"
#include "platform/text/utf8.h"
#include "proto/article.pb.h"
#include "proto/frontier.pb.h"
#include "proto/story.pb.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kMaxRecords = 1'000;
// pages are large: an answer ends after the record that passes this
constexpr std::size_t kMaxAnswerBytes = 16ULL << 20;
constexpr std::chrono::milliseconds kPollWait{2'000};

const proto::TopicSpec* topic_named(std::string_view name) {
  for (const proto::TopicSpec& spec : proto::kTopics) {
    const std::string tail = "." + std::string(spec.short_name) + ".v1";
    if (name == spec.short_name || name.ends_with(tail)) return &spec;
  }
  return nullptr;
}

template <class Message>
Json message_json(const std::string& bytes, const std::function<void(Message&)>& change = {}) {
  Message message;
  if (!message.ParseFromString(bytes))
    return Json::object({{"unreadable", true}, {"bytes", static_cast<std::int64_t>(bytes.size())}});
  if (change) change(message);
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok())
    return Json::object({{"unreadable", true}});
  auto parsed = parse_json(text);
  return parsed ? std::move(*parsed) : Json();
}

Json value_json(proto::Topic topic, const std::string& key, const std::string& value) {
  switch (topic) {
    case proto::Topic::kFrontier:
      if (key.starts_with("u:")) return message_json<v1::UrlState>(value);
      if (key.starts_with("d:")) return message_json<v1::Discovery>(value);
      return message_json<v1::Reservation>(value);
    case proto::Topic::kPages: return message_json<v1::PageRecord>(value);
    case proto::Topic::kArticles: return message_json<v1::ArticleRecord>(value);
    case proto::Topic::kFingerprints: return message_json<v1::FingerprintRecord>(value);
    case proto::Topic::kStories: return message_json<v1::StoryRecord>(value);
    case proto::Topic::kSubscriptions:
      if (key.starts_with(subscriptions::kChannelOffPrefix))
        return message_json<v1::ChannelOff>(value);
      return message_json<v1::SubscriptionRecord>(value, [](v1::SubscriptionRecord& record) {
        record = subscriptions::masked(std::move(record));
      });
    case proto::Topic::kMatches: return message_json<v1::MatchRecord>(value);
    case proto::Topic::kDeliveries:
      if (key.starts_with("position/")) return message_json<v1::MatchesPosition>(value);
      if (key.starts_with("group/")) return message_json<v1::AlertGroup>(value);
      return message_json<v1::DeliveryRecord>(value);
    case proto::Topic::kStatus: return message_json<v1::StatusRecord>(value);
    case proto::Topic::kControl: return message_json<v1::ControlRecord>(value);
    case proto::Topic::kQuarantine: return message_json<v1::QuarantineRecord>(value);
  }
  return {};
}

Json record_json(proto::Topic topic, const log::Record& record) {
  return Json::object(
      {{"partition", record.partition},
       {"offset", record.offset},
       {"time", time_json(record.timestamp_unix_ms)},
       {"key", text::is_valid_utf8(record.key) ? record.key : hex(record.key)},
       {"value", record.value ? value_json(topic, record.key, *record.value) : Json()}});
}

}  // namespace

http::Response Handlers::log_topics(const http::Request&) {
  const config::Settings& settings = dependencies_.settings;
  Json topics = Json::array();
  for (const proto::TopicSpec& spec : proto::kTopics) {
    const auto partitions = dependencies_.log.partitions(spec.topic);
    if (!partitions) return problem_of(partitions.error());
    std::int64_t records = 0;
    for (std::int32_t partition = 0; partition < *partitions; ++partition) {
      const auto range = dependencies_.log.offsets({spec.topic, partition});
      if (!range) return problem_of(range.error());
      records += range->end - range->begin;
    }
    const std::int64_t wanted = spec.single_partition ? 1 : settings.integer("log.partitions");
    Json differs = Json::array();
    if (*partitions != wanted) {
      differs.push("has " + std::to_string(*partitions) + " partitions where the settings say " +
                   std::to_string(wanted) +
                   "; counts never change after setup: set log.partitions to what is there");
    }
    topics.push(
        Json::object({{"topic", spec.short_name},
                      {"name", proto::topic_name(settings.text("log.prefix"), spec.topic)},
                      {"partitions", *partitions},
                      {"compacted", spec.compacted},
                      {"retention_ms", spec.retention_ms < 0 ? Json() : Json(spec.retention_ms)},
                      {"max_record_bytes", spec.max_record_bytes},
                      {"offsets", records},
                      {"differs", std::move(differs)}}));
  }
  return http::Response::json(
      Json::object({{"engine", settings.text("log.engine")}, {"topics", std::move(topics)}}));
}

http::Response Handlers::log_records(const http::Request& request) {
  const proto::TopicSpec* spec = topic_named(request.captures[0]);
  if (spec == nullptr)
    return http::Response::problem(404, "not_found",
                                   "There is no topic " + request.captures[0] +
                                       "; try pages, articles, matches or quarantine.");
  const auto limit = number_parameter(request, "limit", 100, 1, kMaxRecords);
  if (!limit) return problem_of(limit.error());
  const auto partition = number_parameter(request, "partition", 0, 0, INT32_MAX);
  if (!partition) return problem_of(partition.error());
  const auto from = number_parameter(request, "from", 0, 0, INT64_MAX);
  if (!from) return problem_of(from.error());
  log::Log& log = dependencies_.log;
  const auto partitions = log.partitions(spec->topic);
  if (!partitions) return problem_of(partitions.error());
  if (*partition >= *partitions) {
    return http::Response::problem(404, "not_found",
                                   "Topic " + std::string(spec->short_name) + " has " +
                                       std::to_string(*partitions) +
                                       " partitions, counted from 0.");
  }
  const log::TopicPartition place{spec->topic, static_cast<std::int32_t>(*partition)};
  const auto range = log.offsets(place);
  if (!range) return problem_of(range.error());
  std::int64_t next = std::max(*from, range->begin);
  std::string body;
  auto reader = log.reader();
  if (next < range->end) {
    if (auto assigned = reader->assign(place, next); !assigned) return problem_of(assigned.error());
  }
  for (std::int64_t given = 0;
       next < range->end && given < *limit && body.size() < kMaxAnswerBytes;) {
    const auto batches = reader->poll(
        static_cast<std::size_t>(std::min<std::int64_t>(*limit - given, 50)), kPollWait);
    if (!batches) return problem_of(batches.error());
    if (batches->empty()) break;
    for (const auto& batch : *batches) {
      for (const log::Record& record : batch.records) {
        if (given >= *limit || body.size() >= kMaxAnswerBytes) break;
        body += record_json(spec->topic, record).dump() + "\n";
        ++given;
      }
      next = batch.next_offset;
    }
  }
  return http::Response::text(std::move(body), "application/x-ndjson");
}

}  // namespace vigie::indexer::api
