#include "indexer/api/operation_api.h"

#include <cmath>
#include <map>

#include "indexer/api/problems.h"
#include "indexer/api/search_views.h"
#include "indexer/api/topic_views.h"
#include "indexer/api/views.h"
#include "indexer/conditions/course.h"
#include "indexer/conditions/note.h"
#include "indexer/search/index.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/process/process.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"
#include "platform/url/takedown.h"
#include "platform/url/url.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

// a service reports every few seconds; a minute of silence is worth a look
constexpr std::int64_t kSilentServiceMs = 60'000;
constexpr std::size_t kMaxReasonBytes = 500;
constexpr std::size_t kMaxTargetBytes = 128;       // of an id
constexpr std::size_t kMaxUrlTargetBytes = 8'192;  // "url:" and a URL, percent-encoded

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json histogram_json(const metrics::Registry& registry, std::string_view name) {
  const metrics::Histogram* histogram = registry.find_histogram(name);
  if (histogram == nullptr)
    return Json::object({{"p50_s", Json()}, {"p95_s", Json()}, {"count", 0}});
  return Json::object({{"p50_s", finite(histogram->quantile(0.5))},
                       {"p95_s", finite(histogram->quantile(0.95))},
                       {"count", finite(histogram->count())}});
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

Json services_json(const std::vector<v1::ServiceStatus>& services, std::int64_t now_unix_ms) {
  Json out = Json::array();
  for (const v1::ServiceStatus& service : services) {
    Json entry = service_json(service);
    entry.set("silent", service.reported_at_unix_ms() + kSilentServiceMs < now_unix_ms);
    out.push(std::move(entry));
  }
  return out;
}

Json source_figures_json(const std::vector<v1::SourceStatus>& sources) {
  std::map<std::string, std::int64_t> states;
  for (const v1::SourceStatus& source : sources) ++states[source.state()];
  Json by_state = Json::object();
  for (const auto& [state, count] : states) by_state.set(state.empty() ? "unknown" : state, count);
  return Json::object(
      {{"count", static_cast<std::int64_t>(sources.size())}, {"by_state", std::move(by_state)}});
}

using QuarantineCounts = std::map<std::pair<std::string, std::string>, std::uint64_t>;

Json quarantine_figures_json(const QuarantineCounts& counts) {
  std::int64_t open = 0;
  for (const auto& [what, count] : counts) open += static_cast<std::int64_t>(count);
  return Json::object({{"open", open}, {"by_reason", by_reason_json(counts)}});
}

Json freshness_json(const metrics::Registry& registry) {
  return Json::object(
      {{"discovered_to_searchable",
        histogram_json(registry, "vigie_indexer_discovered_to_searchable_seconds")},
       {"published_to_searchable",
        histogram_json(registry, "vigie_indexer_published_to_searchable_seconds")}});
}

/// How much each topic holds.
Json topics_json(log::Log& log) {
  Json out = Json::array();
  for (const proto::TopicSpec& spec : proto::kTopics) {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    const auto partitions = log.partitions(spec.topic);
    if (!partitions) continue;
    for (std::int32_t partition = 0; partition < *partitions; ++partition) {
      const auto range = log.offsets({spec.topic, partition});
      if (!range) continue;
      begin += range->begin;
      end += range->end;
    }
    out.push(Json::object(
        {{"topic", spec.short_name}, {"partitions", *partitions}, {"begin", begin}, {"end", end}}));
  }
  return out;
}

/// A command without id and time, and its key in the topic.
struct NewCommand {
  v1::ControlRecord record;
  std::string key;
};

/// Of a body that fits its schema. Errors: bad_parameter.
Result<NewCommand> command_of(const Json& body) {
  const std::string& action = body["action"].as_string();
  std::string target = body["target"].as_string();
  std::size_t most = kMaxTargetBytes;
  NewCommand out;
  if (action == "takedown") {
    if (target.empty())
      return bad_parameter(
          "\"target\" must be the id of an article, or url:URL, host:HOST or source:ID");
    const url::Takedown takedown = url::read_takedown(target);
    using Kind = url::Takedown::Kind;
    const bool names_url = takedown.kind == Kind::kUrl || takedown.kind == Kind::kHost;
    const auto read = url::normalise(takedown.kind == Kind::kHost ? "http://" + takedown.value + "/"
                                                                  : takedown.value);
    if (takedown.value.empty() || (names_url && !read))
      return bad_parameter("\"target\" names a URL or host that cannot be read");
    if (names_url) most = kMaxUrlTargetBytes;
    if (names_url) target = (takedown.kind == Kind::kUrl ? "url:" : "host:") + takedown.value;
    out.record.set_action(v1::CONTROL_ACTION_TAKEDOWN);
    out.key = "takedown/" + target;
  } else {
    if (target.empty())
      return bad_parameter("\"target\" must be the id of a source, or * for all crawling");
    if (target == "*") target.clear();
    out.record.set_action(action == "pause" ? v1::CONTROL_ACTION_PAUSE : v1::CONTROL_ACTION_RESUME);
    out.key = "source/" + target;
  }
  if (target.size() > most)
    return bad_parameter("\"target\" is longer than " + std::to_string(most) + " bytes");
  if (text::visible_line(target) != target)
    return bad_parameter("\"target\" holds signs that are not seen");
  out.record.set_target(target);
  out.record.set_reason(
      text::ellipsize(text::visible_line(body["reason"].as_string()), kMaxReasonBytes));
  return out;
}

std::string random_id(Random& random) {
  std::string seed(8, '\0');
  std::uint64_t word = random.next();
  for (char& c : seed) {
    c = static_cast<char>(word & 0xFF);
    word >>= 8;
  }
  return proto::base32(seed);
}

}  // namespace

Routes OperationApi::routes() {
  return {
      route("GET", "/v1/pipeline", "pipeline", this, &OperationApi::pipeline),
      route("GET", "/v1/conditions", "conditions", this, &OperationApi::conditions),
      route("GET", "/v1/control", "control", this, &OperationApi::control),
      route("POST", "/v1/control", "command", this, &OperationApi::command),
  };
}

http::Response OperationApi::pipeline(const Call&) {
  const auto now = views_.status.now();
  if (!now) return problem_of(now.error());
  const auto failures = views_.quarantine.counts();
  if (!failures) return problem_of(failures.error());
  const std::int64_t now_ms = clock_.now_unix_ms();
  Json disk_free;
  if (!process_.data_dir.empty())
    disk_free = static_cast<std::int64_t>(process::disk_free_bytes(process_.data_dir));
  Json out = Json::object({{"now", rfc3339(now_ms)},
                           {"services", services_json(now->services, now_ms)},
                           {"topics", topics_json(log_)},
                           {"freshness", freshness_json(process_.metrics)},
                           {"sources", source_figures_json(now->sources)},
                           {"quarantine", quarantine_figures_json(*failures)},
                           {"index", index_json(index_.figures())},
                           {"log_bytes", static_cast<std::int64_t>(log_.disk_bytes())},
                           {"resident_bytes", static_cast<std::int64_t>(process::resident_bytes())},
                           {"disk_free_bytes", std::move(disk_free)}});
  if (process_.more) {
    const Json more = process_.more();
    for (const auto& [name, value] : more.as_object()) out.set(name, value);
  }
  return http::Response::json(out);
}

http::Response OperationApi::conditions(const Call&) {
  const auto now = views_.status.now();
  if (!now) return problem_of(now.error());
  Json out = Json::array();
  for (const v1::ConditionRecord& condition : now->conditions) {
    if (!conditions::is_on(condition)) continue;
    out.push(Json::object({{"kind", condition.kind()},
                           {"subject", condition.subject()},
                           {"name", condition.name()},
                           {"title", conditions::title_of(condition)},
                           {"detail", condition.detail()},
                           {"since", rfc3339(condition.since_unix_ms())},
                           {"begun", rfc3339(condition.begun_unix_ms())},
                           {"page", conditions::page_of(condition)}}));
  }
  return http::Response::json(Json::object({{"conditions", std::move(out)}}));
}

http::Response OperationApi::control(const Call&) {
  const auto commands = views_.control.now();
  if (!commands) return problem_of(commands.error());
  Json out = Json::array();
  for (const auto& [key, command] : *commands) out.push(command_json(command));
  return http::Response::json(Json::object({{"commands", std::move(out)}}));
}

http::Response OperationApi::command(const Call& call) {
  auto command = command_of(call.body);
  if (!command) return problem_of(command.error());
  v1::ControlRecord& record = command->record;
  record.set_command_id(random_id(random_));
  record.set_issued_at_unix_ms(clock_.now_unix_ms());
  std::vector<log::NewRecord> records = call.trail.with({.object = command->key});
  records.push_back({proto::Topic::kControl, command->key, record.SerializeAsString()});
  if (auto sent = log::append(log_, std::move(records)); !sent) return problem_of(sent.error());
  return http::Response::json(command_json(record), 202);
}

}  // namespace vigie::indexer::api
