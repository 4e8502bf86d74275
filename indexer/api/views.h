#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "platform/json/json.h"
#include "proto/article.pb.h"
#include "proto/delivery.pb.h"
#include "proto/match.pb.h"
#include "proto/quarantine.pb.h"
#include "proto/status.pb.h"
#include "proto/subscription.pb.h"

/// Records as the JSON that the API shows. The shapes are those of schema/*.json; tests hold them
/// to it.
namespace vigie::indexer::api {

/// RFC 3339 in UTC with milliseconds; null for 0.
Json time_json(std::int64_t unix_ms);
std::string rfc3339(std::int64_t unix_ms);
/// A name of a channel type, level … as the API writes it.
std::string_view level_name(v1::TagLevel level);

Json source_json(const v1::Source& source);
/// With evidence where asked for.
Json tags_json(const google::protobuf::RepeatedPtrField<v1::Tag>& tags, bool with_evidence);
Json evidence_json(const google::protobuf::RepeatedPtrField<v1::Evidence>& evidence);

/// A hit of a search. `story` is null while unknown.
Json hit_json(const v1::ArticleSummary& article);
/// The whole article but for what needs the index (versions, copies, story).
Json article_json(const v1::ArticleRecord& article);
/// Secrets masked unless `with_secrets`.
Json subscription_json(const v1::SubscriptionRecord& subscription, bool with_secrets);
Json match_json(const v1::MatchRecord& match);
Json delivery_json(const v1::DeliveryRecord& delivery);
Json service_json(const v1::ServiceStatus& service);
Json source_status_json(const v1::SourceStatus& source, std::int64_t now_unix_ms);
/// Without the record that failed.
Json quarantine_json(const v1::QuarantineRecord& record);
/// Failures by stage and reason.
Json by_reason_json(const std::map<std::pair<std::string, std::string>, std::uint64_t>& counts);

/// Bytes as lower-case hex.
std::string hex(std::string_view bytes);

}  // namespace vigie::indexer::api
