#include "indexer/api/log_api.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "indexer/api/problems.h"
#include "indexer/api/topic_names.h"
#include "indexer/api/views.h"
#include "indexer/conditions/course.h"
#include "indexer/keys/store.h"
#include "indexer/saved/store.h"
#include "indexer/sessions/store.h"
#include "indexer/subscriptions/store.h"
#include "platform/config/settings.h"
#include "platform/log/log.h"
#include "platform/text/utf8.h"
#include "proto/article.pb.h"
#include "proto/audit.pb.h"
#include "proto/collection.pb.h"
#include "proto/control.pb.h"
#include "proto/delivery_keys.h"
#include "proto/digest.pb.h"
#include "proto/frontier.pb.h"
#include "proto/page.pb.h"
#include "proto/saved_search.pb.h"
#include "proto/source_edit.pb.h"
#include "proto/story.pb.h"

namespace vigie::indexer::api {
namespace {

// pages are large: a response ends after the record that passes this
constexpr std::size_t kMaxBodyBytes = 16ULL << 20;
constexpr std::chrono::milliseconds kPollWait{2'000};
constexpr std::int64_t kPollRecords = 50;

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

/// A value that is JSON as it stands.
Json text_json(const std::string& value) {
  auto parsed = parse_json(value);
  return parsed ? std::move(*parsed) : Json::object({{"unreadable", true}});
}

Json value_json(proto::Topic topic, const std::string& key, const std::string& value) {
  switch (topic) {
    case proto::Topic::kFrontier:
      if (key.starts_with("u:")) return message_json<v1::UrlState>(value);
      if (key.starts_with("n:")) return message_json<v1::NewUrls>(value);
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
      if (key.starts_with(proto::kMatchesPositionPrefix) || key.starts_with(proto::kMarkPrefix))
        return message_json<v1::MatchesPosition>(value);
      if (key.starts_with(proto::kAlertPrefix)) return message_json<v1::AlertGroup>(value);
      if (key.starts_with(proto::kWaitingPrefix)) return message_json<v1::WaitingMatch>(value);
      return message_json<v1::DeliveryRecord>(value);
    case proto::Topic::kDigests: return message_json<v1::DigestSlot>(value);
    case proto::Topic::kStatus:
      if (key.starts_with(conditions::kKeyPrefix)) return message_json<v1::ConditionRecord>(value);
      return message_json<v1::StatusRecord>(value);
    case proto::Topic::kControl: return message_json<v1::ControlRecord>(value);
    case proto::Topic::kQuarantine: return message_json<v1::QuarantineRecord>(value);
    case proto::Topic::kSessions:
      if (key.starts_with(sessions::kUsedPrefix)) return message_json<v1::SessionUse>(value);
      return message_json<v1::SessionRecord>(value);
    case proto::Topic::kKeys:
      if (key.starts_with(keys::kUsedPrefix)) return message_json<v1::KeyUse>(value);
      return message_json<v1::KeyRecord>(value);
    case proto::Topic::kAudit: return message_json<v1::AuditRecord>(value);
    case proto::Topic::kCollections: return message_json<v1::CollectionRecord>(value);
    case proto::Topic::kSourceEdits:
      if (key.starts_with("source/")) return message_json<v1::SourceEdit>(value);
      if (key.starts_with("poll/")) return message_json<v1::PollRequest>(value);
      if (key.starts_with("discover/")) return message_json<v1::DiscoveryRequest>(value);
      return message_json<v1::DiscoveryResponse>(value);
    case proto::Topic::kSearches:
      if (key.find("/until/") != std::string_view::npos) return message_json<v1::SeenUntil>(value);
      if (key.find(saved::kSeenPart) != std::string_view::npos)
        return message_json<v1::Seen>(value);
      return message_json<v1::SavedSearch>(value);
    case proto::Topic::kAlertEvents: return text_json(value);
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

/// One topic as it is kept, and what differs from what the settings say. Errors: those of the log.
Result<Json> topic_json(const proto::TopicSpec& spec, log::Log& log,
                        const config::Settings& settings) {
  VIGIE_ASSIGN(const std::int32_t partitions, log.partitions(spec.topic));
  std::int64_t records = 0;
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    VIGIE_ASSIGN(const log::OffsetRange range, log.offsets({spec.topic, partition}));
    records += range.end - range.begin;
  }
  const std::int64_t wanted = spec.single_partition ? 1 : settings.integer("log.partitions");
  Json differs = Json::array();
  if (partitions != wanted) {
    differs.push("has " + std::to_string(partitions) + " partitions where the settings say " +
                 std::to_string(wanted) +
                 "; counts never change after setup: set log.partitions to what is there");
  }
  return Json::object({{"topic", spec.short_name},
                       {"name", proto::topic_name(settings.text("log.prefix"), spec.topic)},
                       {"partitions", partitions},
                       {"compacted", spec.compacted},
                       {"retention_ms", spec.retention_ms < 0 ? Json() : Json(spec.retention_ms)},
                       {"max_record_bytes", spec.max_record_bytes},
                       {"offsets", records},
                       {"differs", std::move(differs)}});
}

/// At most `limit` records from an offset on, one JSON object a line. Errors: those of the log.
Result<std::string> lines_of(log::Log& log, log::TopicPartition place, std::int64_t from,
                             std::int64_t limit) {
  VIGIE_ASSIGN(const log::OffsetRange range, log.offsets(place));
  std::int64_t next = std::max(from, range.begin);
  std::string body;
  auto reader = log.reader();
  if (next < range.end) VIGIE_TRY(reader->assign(place, next));
  for (std::int64_t given = 0; next < range.end && given < limit && body.size() < kMaxBodyBytes;) {
    VIGIE_ASSIGN(
        const auto batches,
        reader->poll(static_cast<std::size_t>(std::min(limit - given, kPollRecords)), kPollWait));
    if (batches.empty()) break;
    for (const auto& batch : batches) {
      for (const log::Record& record : batch.records) {
        if (given >= limit || body.size() >= kMaxBodyBytes) break;
        body += record_json(place.topic, record).dump() + "\n";
        ++given;
      }
      next = batch.next_offset;
    }
  }
  return body;
}

}  // namespace

Routes LogApi::routes() {
  return {
      route("GET", "/v1/log", "logTopics", this, &LogApi::topics),
      route("GET", "/v1/log/{topic}", "log", this, &LogApi::records),
  };
}

http::Response LogApi::topics(const Call&) {
  Json topics = Json::array();
  for (const proto::TopicSpec& spec : proto::kTopics) {
    auto topic = topic_json(spec, log_, settings_);
    if (!topic) return problem_of(topic.error());
    topics.push(std::move(*topic));
  }
  return http::Response::json(
      Json::object({{"engine", settings_.text("log.engine")}, {"topics", std::move(topics)}}));
}

http::Response LogApi::records(const Call& call) {
  const proto::TopicSpec* spec = topic_named(call.capture(0));
  if (spec == nullptr)
    return problem("not_found", "There is no topic " + call.capture(0) +
                                    "; try pages, articles, matches or quarantine.");
  const auto partitions = log_.partitions(spec->topic);
  if (!partitions) return problem_of(partitions.error());
  const std::int64_t partition = call.integer("partition");
  if (partition >= *partitions) {
    return problem("not_found", "Topic " + std::string(spec->short_name) + " has " +
                                    std::to_string(*partitions) + " partitions, counted from 0.");
  }
  auto body = lines_of(log_, {spec->topic, static_cast<std::int32_t>(partition)},
                       call.integer("from"), call.integer("limit"));
  if (!body) return problem_of(body.error());
  return http::Response::text(std::move(*body), "application/x-ndjson");
}

}  // namespace vigie::indexer::api
