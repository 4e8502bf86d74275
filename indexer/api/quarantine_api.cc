#include "indexer/api/quarantine_api.h"

#include <charconv>

#include "indexer/api/problems.h"
#include "indexer/api/topic_names.h"
#include "indexer/api/topic_views.h"
#include "indexer/api/views.h"
#include "platform/log/log.h"
#include "platform/text/base64.h"

namespace vigie::indexer::api {
namespace {

/// The number of the last record of the page before; 0: there is none. Errors: bad_parameter.
Result<std::uint64_t> number_of(const std::string& cursor) {
  std::int64_t number = 0;
  if (cursor.empty()) return 0;
  const char* end = cursor.data() + cursor.size();
  const auto [stop, trouble] = std::from_chars(cursor.data(), end, number);
  if (trouble != std::errc() || stop != end || number < 0)
    return bad_parameter("cursor must be a number from 0 to " + std::to_string(INT64_MAX));
  return static_cast<std::uint64_t>(number);
}

http::Response no_record(const std::string& id) {
  return problem("not_found",
                 "There is no record " + id + " in quarantine; GET /v1/quarantine lists them.");
}

/// Where a record goes back to; nothing where it cannot. The partition of a frontier record is
/// that of its domain, which its crawler alone knows; and its crawler fetches anew by itself.
std::optional<proto::Topic> way_back(const v1::QuarantineRecord& failed) {
  const proto::TopicSpec* spec = topic_named(failed.topic());
  if (spec == nullptr || failed.value_cut() || failed.value().empty()) return std::nullopt;
  if (spec->topic == proto::Topic::kFrontier || spec->topic == proto::Topic::kQuarantine)
    return std::nullopt;
  return spec->topic;
}

}  // namespace

Routes QuarantineApi::routes() {
  return {
      route("GET", "/v1/quarantine", "quarantine", this, &QuarantineApi::list),
      route("GET", "/v1/quarantine/{id}", "quarantineRecord", this, &QuarantineApi::show),
      route("POST", "/v1/quarantine/{id}/replay", "quarantineReplay", this, &QuarantineApi::replay),
  };
}

http::Response QuarantineApi::list(const Call& call) {
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  const auto before = number_of(call.text("cursor"));
  if (!before) return problem_of(before.error());
  QuarantineView::Filter filter;
  filter.stage = call.text("stage");
  filter.reason = call.text("reason");
  filter.resolved = call.flag("resolved");
  const auto entries = quarantine_.list(filter, *before, limit);
  if (!entries) return problem_of(entries.error());
  const auto counts = quarantine_.counts();
  if (!counts) return problem_of(counts.error());
  Json records = Json::array();
  for (const auto& entry : *entries) records.push(quarantine_json(entry.record));
  const bool full = entries->size() == limit;
  return http::Response::json(
      Json::object({{"records", std::move(records)},
                    {"cursor", full ? Json(std::to_string(entries->back().number)) : Json()},
                    {"by_reason", by_reason_json(*counts)}}));
}

http::Response QuarantineApi::show(const Call& call) {
  const auto record = quarantine_.find(call.capture(0));
  if (!record) return problem_of(record.error());
  if (!*record) return no_record(call.capture(0));
  Json out = quarantine_json(**record);
  out.set("value_base64", text::base64_encode((*record)->value()));
  out.set("value_bytes", static_cast<std::int64_t>((*record)->value().size()));
  out.set("value_cut", (*record)->value_cut());
  return http::Response::json(out);
}

http::Response QuarantineApi::replay(const Call& call) {
  auto record = quarantine_.find(call.capture(0));
  if (!record) return problem_of(record.error());
  if (!*record) return no_record(call.capture(0));
  v1::QuarantineRecord& failed = **record;
  const auto topic = way_back(failed);
  if (!topic) {
    return problem("not_replayable",
                   "This record cannot be replayed: it was cut, or it came from no topic. Ingest "
                   "its page again instead.");
  }
  v1::QuarantineRecord resolved = failed;
  resolved.clear_value();
  resolved.set_value_cut(true);
  resolved.set_resolved(true);
  // The record first: a crash between the two leaves it in quarantine, and a second replay gives
  // the same record.
  if (auto sent = log::append(log_, {{*topic, failed.key(), failed.value()}}); !sent)
    return problem_of(sent.error());
  if (auto sent = log::append(
          log_, {{proto::Topic::kQuarantine, failed.key(), resolved.SerializeAsString()}});
      !sent)
    return problem_of(sent.error());
  Json out = quarantine_json(failed);
  out.set("resolved", true);
  return http::Response::json(out, 202);
}

}  // namespace vigie::indexer::api
