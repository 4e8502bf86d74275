#include <algorithm>
#include <cmath>
#include <set>

#include "indexer/api/handlers.h"
#include "indexer/api/views.h"
#include "platform/process/process.h"
#include "platform/text/base64.h"
#include "platform/text/utf8.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kMaxListed = 200;
// a service reports every few seconds; a minute of silence is worth a look
constexpr std::int64_t kSilentServiceMs = 60'000;
constexpr std::size_t kMaxReasonBytes = 500;

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json histogram_json(const metrics::Registry& registry, std::string_view name) {
  const metrics::Histogram* histogram = registry.find_histogram(name);
  if (histogram == nullptr)
    return Json::object({{"p50_s", Json()}, {"p95_s", Json()}, {"count", 0}});
  return Json::object({{"p50_s", finite(histogram->quantile(0.5))},
                       {"p95_s", finite(histogram->quantile(0.95))},
                       {"count", finite(histogram->count())}});
}

std::optional<proto::Topic> topic_of_full_name(std::string_view name) {
  for (const proto::TopicSpec& spec : proto::kTopics) {
    const std::string tail = "." + std::string(spec.short_name) + ".v1";
    if (name.ends_with(tail) || name == spec.short_name) return spec.topic;
  }
  return std::nullopt;
}

Json command_json(const v1::ControlRecord& command) {
  const char* action = command.action() == v1::CONTROL_ACTION_PAUSE    ? "pause"
                       : command.action() == v1::CONTROL_ACTION_RESUME ? "resume"
                                                                       : "takedown";
  return Json::object({{"id", command.command_id()},
                       {"action", action},
                       {"target", command.target().empty() ? "*" : command.target()},
                       {"reason", command.reason()},
                       {"issued", time_json(command.issued_at_unix_ms())}});
}

Json index_json(const search::Figures& figures) {
  Json shards = Json::object();
  set_coverage(shards, figures.coverage);
  return Json::object({{"documents", static_cast<std::int64_t>(figures.documents)},
                       {"shards", static_cast<std::int64_t>(figures.coverage.shards -
                                                            figures.coverage.missing.size())},
                       {"missing", shards["shards"]["missing"]},
                       {"restoring", shards["shards"]["restoring"]},
                       {"bytes", static_cast<std::int64_t>(figures.disk_bytes)}});
}

}  // namespace

http::Response Handlers::sources(const http::Request&) {
  const auto now = status_.now();
  if (!now) return problem_of(now.error());
  const auto commands = control_.now();
  if (!commands) return problem_of(commands.error());
  const auto paused = [&](const std::string& id) {
    const auto command = commands->find("source/" + id);
    return command != commands->end() && command->second.action() == v1::CONTROL_ACTION_PAUSE;
  };
  Json out = Json::array();
  for (const v1::SourceStatus& source : now->sources) {
    Json entry = source_status_json(source, dependencies_.clock.now_unix_ms());
    entry.set("paused", paused(source.source_id()) || paused(""));
    out.push(std::move(entry));
  }
  return http::Response::json(
      Json::object({{"sources", std::move(out)}, {"all_paused", paused("")}}));
}

/// How much each topic holds, and how far behind the services that read it are.
Json Handlers::topic_figures() {
  std::map<std::string, std::int64_t> ends;
  Json out = Json::array();
  for (const proto::TopicSpec& spec : proto::kTopics) {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    const auto partitions = dependencies_.log.partitions(spec.topic);
    if (!partitions) continue;
    for (std::int32_t partition = 0; partition < *partitions; ++partition) {
      const auto range = dependencies_.log.offsets({spec.topic, partition});
      if (!range) continue;
      begin += range->begin;
      end += range->end;
    }
    out.push(Json::object(
        {{"topic", spec.short_name}, {"partitions", *partitions}, {"begin", begin}, {"end", end}}));
  }
  return out;
}

http::Response Handlers::pipeline(const http::Request&) {
  const auto now = status_.now();
  if (!now) return problem_of(now.error());
  const auto failures = quarantine_.counts();
  if (!failures) return problem_of(failures.error());
  const std::int64_t now_ms = dependencies_.clock.now_unix_ms();
  Json services = Json::array();
  for (const v1::ServiceStatus& service : now->services) {
    Json entry = service_json(service);
    entry.set("silent", service.reported_at_unix_ms() + kSilentServiceMs < now_ms);
    services.push(std::move(entry));
  }
  std::map<std::string, std::int64_t> states;
  for (const v1::SourceStatus& source : now->sources) ++states[source.state()];
  Json by_state = Json::object();
  for (const auto& [state, count] : states) by_state.set(state.empty() ? "unknown" : state, count);
  Json quarantined = Json::array();
  std::int64_t open = 0;
  for (const auto& [what, count] : *failures) {
    quarantined.push(Json::object({{"stage", what.first},
                                   {"reason", what.second},
                                   {"count", static_cast<std::int64_t>(count)}}));
    open += static_cast<std::int64_t>(count);
  }
  const metrics::Registry& registry = dependencies_.metrics;
  Json out = Json::object(
      {{"now", rfc3339(now_ms)},
       {"services", std::move(services)},
       {"topics", topic_figures()},
       {"freshness",
        Json::object(
            {{"discovered_to_searchable",
              histogram_json(registry, "vigie_indexer_discovered_to_searchable_seconds")},
             {"published_to_searchable",
              histogram_json(registry, "vigie_indexer_published_to_searchable_seconds")}})},
       {"sources", Json::object({{"count", static_cast<std::int64_t>(now->sources.size())},
                                 {"by_state", std::move(by_state)}})},
       {"quarantine", Json::object({{"open", open}, {"by_reason", std::move(quarantined)}})},
       {"index", index_json(dependencies_.index.figures())},
       {"log_bytes", static_cast<std::int64_t>(dependencies_.log.disk_bytes())},
       {"resident_bytes", static_cast<std::int64_t>(process::resident_bytes())},
       {"disk_free_bytes",
        dependencies_.data_dir.empty()
            ? Json()
            : Json(static_cast<std::int64_t>(process::disk_free_bytes(dependencies_.data_dir)))}});
  if (dependencies_.pipeline_extra) {
    const Json extra = dependencies_.pipeline_extra();
    for (const auto& [name, value] : extra.as_object()) out.set(name, value);
  }
  return http::Response::json(out);
}

http::Response Handlers::control(const http::Request&) {
  const auto commands = control_.now();
  if (!commands) return problem_of(commands.error());
  Json out = Json::array();
  for (const auto& [key, command] : *commands) out.push(command_json(command));
  return http::Response::json(Json::object({{"commands", std::move(out)}}));
}

http::Response Handlers::command(const http::Request& request) {
  const auto body = object_body(request);
  if (!body) return problem_of(body.error());
  const std::string& action = (*body)["action"].as_string();
  std::string target = (*body)["target"].as_string();
  v1::ControlRecord record;
  std::string key;
  if (action == "pause" || action == "resume") {
    if (target.empty())
      return problem_of(
          bad_parameter("\"target\" must be the id of a source, or * for all crawling").value());
    if (target == "*") target.clear();
    record.set_action(action == "pause" ? v1::CONTROL_ACTION_PAUSE : v1::CONTROL_ACTION_RESUME);
    key = "source/" + target;
  } else if (action == "takedown") {
    if (target.empty())
      return problem_of(bad_parameter("\"target\" must be the id of an article").value());
    record.set_action(v1::CONTROL_ACTION_TAKEDOWN);
    key = "takedown/" + target;
  } else {
    return problem_of(bad_parameter("\"action\" must be pause, resume or takedown").value());
  }
  if (target.size() > 128)
    return problem_of(bad_parameter("\"target\" is too long for an id").value());
  std::string seed(8, '\0');
  std::uint64_t word = dependencies_.random.next();
  for (char& c : seed) {
    c = static_cast<char>(word & 0xFF);
    word >>= 8;
  }
  record.set_command_id(proto::base32(seed));
  record.set_target(target);
  record.set_reason(
      text::ellipsize(text::to_valid_utf8((*body)["reason"].as_string()), kMaxReasonBytes));
  record.set_issued_at_unix_ms(dependencies_.clock.now_unix_ms());
  if (auto sent = log::append(dependencies_.log,
                              {{proto::Topic::kControl, key, record.SerializeAsString()}});
      !sent)
    return problem_of(sent.error());
  return http::Response::json(command_json(record), 202);
}

http::Response Handlers::quarantine(const http::Request& request) {
  const auto limit = number_parameter(request, "limit", 50, 1, kMaxListed);
  if (!limit) return problem_of(limit.error());
  const auto before = number_parameter(request, "cursor", 0, 0, INT64_MAX);
  if (!before) return problem_of(before.error());
  QuarantineView::Filter filter;
  filter.stage = request.parameter("stage").value_or("");
  filter.reason = request.parameter("reason").value_or("");
  filter.resolved = request.parameter("resolved").value_or("") == "1";
  const auto entries = quarantine_.list(filter, static_cast<std::uint64_t>(*before),
                                        static_cast<std::size_t>(*limit));
  if (!entries) return problem_of(entries.error());
  const auto counts = quarantine_.counts();
  if (!counts) return problem_of(counts.error());
  Json records = Json::array();
  for (const auto& entry : *entries) records.push(quarantine_json(entry.record));
  Json by_reason = Json::array();
  for (const auto& [what, count] : *counts) {
    by_reason.push(Json::object({{"stage", what.first},
                                 {"reason", what.second},
                                 {"count", static_cast<std::int64_t>(count)}}));
  }
  const bool full = entries->size() == static_cast<std::size_t>(*limit);
  return http::Response::json(
      Json::object({{"records", std::move(records)},
                    {"cursor", full ? Json(std::to_string(entries->back().number)) : Json()},
                    {"by_reason", std::move(by_reason)}}));
}

http::Response Handlers::quarantine_record(const http::Request& request) {
  const auto record = quarantine_.find(request.captures[0]);
  if (!record) return problem_of(record.error());
  if (!*record)
    return http::Response::problem(404, "not_found",
                                   "There is no record " + request.captures[0] +
                                       " in quarantine; GET /v1/quarantine lists them.");
  Json out = quarantine_json(**record);
  out.set("value_base64", text::base64_encode((*record)->value()));
  out.set("value_bytes", static_cast<std::int64_t>((*record)->value().size()));
  out.set("value_cut", (*record)->value_cut());
  return http::Response::json(out);
}

http::Response Handlers::quarantine_replay(const http::Request& request) {
  const std::string& id = request.captures[0];
  auto record = quarantine_.find(id);
  if (!record) return problem_of(record.error());
  if (!*record)
    return http::Response::problem(
        404, "not_found",
        "There is no record " + id + " in quarantine; GET /v1/quarantine lists them.");
  v1::QuarantineRecord& failed = **record;
  const auto topic = topic_of_full_name(failed.topic());
  // The partition of a frontier record is that of its domain, which its crawler alone knows; and
  // its crawler fetches anew by itself.
  const bool replayable = topic && *topic != proto::Topic::kFrontier &&
                          *topic != proto::Topic::kQuarantine && !failed.value_cut() &&
                          !failed.value().empty();
  if (!replayable) {
    return http::Response::problem(409, "not_replayable",
                                   "This record cannot be replayed: it was cut, or it came from no "
                                   "topic. Ingest its page again instead.");
  }
  v1::QuarantineRecord resolved = failed;
  resolved.clear_value();
  resolved.set_value_cut(true);
  resolved.set_resolved(true);
  // The record first: a crash between the two leaves it in quarantine, and a second replay gives
  // the same record.
  if (auto sent = log::append(dependencies_.log, {{*topic, failed.key(), failed.value()}}); !sent)
    return problem_of(sent.error());
  if (auto sent = log::append(dependencies_.log, {{proto::Topic::kQuarantine, failed.key(),
                                                   resolved.SerializeAsString()}});
      !sent)
    return problem_of(sent.error());
  Json out = quarantine_json(failed);
  out.set("resolved", true);
  return http::Response::json(out, 202);
}

}  // namespace vigie::indexer::api
