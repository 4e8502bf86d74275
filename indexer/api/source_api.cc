#include "indexer/api/source_api.h"

#include <algorithm>
#include <utility>

#include "indexer/api/problems.h"
#include "indexer/api/query_parameter.h"
#include "indexer/api/search_views.h"
#include "indexer/api/source_views.h"
#include "indexer/api/views.h"
#include "indexer/query/query.h"
#include "indexer/search/index.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/secrets/sealer.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::chrono::milliseconds kDiscoveryTime{50'000};  // a crawler takes at most 40 s
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kLastItems = 20;
constexpr std::size_t kLookedThrough = 100;  // newest hits among which the source's are taken
constexpr std::int64_t kCrawlerSilentMs = 120'000;
constexpr std::size_t kMostProblems = 1'000;  // of an import that are told one by one

v1::SourceStatus status_of(const v1::SourceEdit& edit) {
  v1::SourceStatus out;
  out.set_source_id(edit.id());
  out.set_name(edit.source().name());
  out.set_homepage(edit.source().homepage());
  out.set_country(edit.source().country());
  out.set_language(edit.source().language());
  out.set_kind(edit.source().kind());
  out.set_affiliation(edit.source().affiliation());
  *out.mutable_feed_urls() = edit.feeds();
  *out.mutable_sitemap_urls() = edit.sitemaps();
  *out.mutable_section_urls() = edit.sections();
  out.set_feeds(
      static_cast<std::uint32_t>(edit.feeds_size() + edit.sitemaps_size() + edit.sections_size()));
  out.set_poll_every_s(edit.poll_every_s());
  out.set_state("waiting");
  out.set_robots("unknown");
  out.set_own(true);
  return out;
}

sources::Known known_of(const v1::SourceStatus& status) {
  sources::Known out{status.source_id(), status.name(), status.own(), {}};
  for (const auto* addresses :
       {&status.feed_urls(), &status.sitemap_urls(), &status.section_urls()})
    out.addresses.insert(out.addresses.end(), addresses->begin(), addresses->end());
  return out;
}

/// Of a body that fits its schema: null takes a field back.
sources::Draft draft_of(const Json& body, std::string caller) {
  sources::Draft out;
  out.made_by = std::move(caller);
  const auto text = [&](std::string_view name, std::optional<std::string>& field) {
    const Json* given = body.find(name);
    if (given != nullptr && given->is_string()) field = given->as_string();
  };
  const auto list = [&](std::string_view name, std::optional<std::vector<std::string>>& field) {
    const Json* given = body.find(name);
    if (given == nullptr || !given->is_array()) return;
    field.emplace();
    for (const Json& one : given->as_array()) field->push_back(one.as_string());
  };
  text("name", out.name);
  text("homepage", out.homepage);
  text("country", out.country);
  text("language", out.language);
  text("kind", out.kind);
  text("affiliation", out.affiliation);
  list("feeds", out.feeds);
  list("sitemaps", out.sitemaps);
  list("sections", out.sections);
  const Json* every = body.find("poll_every_s");
  if (every != nullptr && every->is_number())
    out.poll_every_s =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(every->as_integer(), 0, UINT32_MAX));
  for (const std::string& field : sources::field_names()) {
    const Json* given = body.find(field);
    if (given != nullptr && given->is_null()) out.taken_back.push_back(field);
  }
  return out;
}

bool says_something(const sources::Draft& draft) {
  return draft.name || draft.homepage || draft.feeds || draft.sitemaps || draft.sections ||
         draft.country || draft.language || draft.kind || draft.affiliation || draft.poll_every_s ||
         !draft.taken_back.empty();
}

}  // namespace

SourceApi::SourceApi(log::Log& log, StatusView& status, ControlView& control, search::Index& index,
                     Clock& clock, Random& random)
    : log_(log),
      status_(status),
      control_(control),
      index_(index),
      clock_(clock),
      random_(random),
      store_(log, clock, random) {}

Routes SourceApi::routes() {
  return {
      route("GET", "/v1/sources", "sources", this, &SourceApi::list),
      route("POST", "/v1/sources", "addSource", this, &SourceApi::add),
      route("GET", "/v1/sources.opml", "exportSources", this, &SourceApi::export_opml),
      route("POST", "/v1/sources/discover", "discoverSource", this, &SourceApi::discover),
      route("POST", "/v1/sources/opml", "importSources", this, &SourceApi::import_opml),
      route("GET", "/v1/sources/{id}", "source", this, &SourceApi::show),
      route("PATCH", "/v1/sources/{id}", "changeSource", this, &SourceApi::change),
      route("DELETE", "/v1/sources/{id}", "removeSource", this, &SourceApi::remove),
      route("POST", "/v1/sources/{id}/poll", "pollSource", this, &SourceApi::poll),
  };
}

bool SourceApi::Sources::paused(const std::string& id) const {
  const auto command = commands.find("source/" + id);
  return command != commands.end() && command->second.action() == v1::CONTROL_ACTION_PAUSE;
}

const v1::SourceStatus* SourceApi::Sources::find(const std::string& id) const {
  const auto found = std::ranges::find(statuses, id, &v1::SourceStatus::source_id);
  return found == statuses.end() ? nullptr : &*found;
}

Result<SourceApi::Sources> SourceApi::now() {
  Sources out;
  VIGIE_ASSIGN(out.edits, store_.edits());
  VIGIE_ASSIGN(out.commands, control_.now());
  VIGIE_ASSIGN(StatusView::Now told, status_.now());
  for (v1::SourceStatus& status : told.sources) {
    // What people removed is gone at once, whenever the crawler says so.
    if (status.own() && !out.edits.contains(status.source_id())) continue;
    out.statuses.push_back(std::move(status));
  }
  for (const auto& [id, edit] : out.edits) {
    if (edit.own() && out.find(id) == nullptr) out.statuses.push_back(status_of(edit));
  }
  std::ranges::stable_sort(out.statuses, {}, &v1::SourceStatus::name);
  for (const v1::SourceStatus& status : out.statuses) out.known.push_back(known_of(status));
  return out;
}

Json SourceApi::entry_json(const v1::SourceStatus& source, const Sources& all) const {
  Json out = source_status_json(source, clock_.now_unix_ms());
  const auto edit = all.edits.find(source.source_id());
  const std::uint64_t revision = edit == all.edits.end() ? 0 : edit->second.revision();
  out.set("paused", all.paused(source.source_id()) || all.paused(""));
  out.set("own", source.own());
  out.set("note", source.note().empty() ? Json() : Json(source.note()));
  out.set("pending", revision != source.edit_revision());
  return out;
}

http::Response SourceApi::list(const Call&) {
  const auto all = now();
  if (!all) return problem_of(all.error());
  Json out = Json::array();
  for (const v1::SourceStatus& source : all->statuses) out.push(entry_json(source, *all));
  return http::Response::json(
      Json::object({{"sources", std::move(out)}, {"all_paused", all->paused("")}}));
}

Result<void> SourceApi::add_articles(const std::string& id, const Call& call, Json& out) {
  const auto budget = index_.budget(call.request.gone, call.request.may_take_long);
  VIGIE_ASSIGN(query::Query recent, query::parse("source:\"" + id + "\" within:30d"));
  recent.budget = budget.get();
  search::Coverage coverage;
  VIGIE_ASSIGN(const std::vector<TimelineBin> bins,
               index_.timeline(recent, kDayMs, Facet::kSource, 0, &coverage));
  Json history = Json::array();
  for (const TimelineBin& bin : bins) {
    // The filter finds the words of an id in those of others, too.
    const auto own = std::ranges::find(bin.split, id, &Count::value);
    if (own != bin.split.end())
      history.push(Json::object({{"begin", rfc3339(bin.begin_unix_ms)},
                                 {"count", static_cast<std::int64_t>(own->count)}}));
  }
  VIGIE_ASSIGN(query::Query any, query::parse("source:\"" + id + "\""));
  any.budget = budget.get();
  search::SearchRequest wanted;
  wanted.parsed = &any;
  wanted.sort = Sort::kNewest;
  wanted.limit = kLookedThrough;
  VIGIE_ASSIGN(const search::SearchPage page, index_.search(wanted));
  Json items = Json::array();
  for (const search::Hit& hit : page.hits) {
    if (hit.article.source().id() != id || items.as_array().size() >= kLastItems) continue;
    items.push(hit_json(hit.article));
  }
  out.set("history", std::move(history));
  out.set("items", std::move(items));
  return {};
}

Result<Json> SourceApi::page_json(const v1::SourceStatus& source, const Sources& all,
                                  const Call& call) {
  Json out = entry_json(source, all);
  const auto edit = all.edits.find(source.source_id());
  add_source_details(source, out["paused"].as_bool(), clock_.now_unix_ms(), out);
  out.set("edit", edit == all.edits.end() ? Json() : source_edit_json(edit->second));
  VIGIE_TRY(add_articles(source.source_id(), call, out));
  return out;
}

http::Response SourceApi::shown(const std::string& id, const Call& call, int status) {
  const auto all = now();
  if (!all) return problem_of(all.error());
  const v1::SourceStatus* source = all->find(id);
  if (source == nullptr)
    return problem("not_found", "There is no source of this id; GET /v1/sources lists them.");
  const auto page = page_json(*source, *all, call);
  return page ? http::Response::json(*page, status) : problem_of(page.error());
}

http::Response SourceApi::show(const Call& call) { return shown(call.capture(0), call, 200); }

http::Response SourceApi::add(const Call& call) {
  const auto all = now();
  if (!all) return problem_of(all.error());
  const auto added = store_.add(draft_of(call.body, call.request.caller), all->known);
  if (!added) return problem_of(added.error());
  // Whoever paused a source of this id before did not mean this one.
  if (all->paused(added->id())) {
    if (auto resumed = pause(added->id(), false); !resumed) return problem_of(resumed.error());
  }
  http::Response response = http::Response::json(source_edit_json(*added), 201);
  response.headers.emplace_back("Location", "/v1/sources/" + added->id());
  return response;
}

Result<void> SourceApi::pause(const std::string& id, bool paused) {
  v1::ControlRecord command;
  command.set_command_id(proto::base32(secrets::random_bytes(random_, 8)));
  command.set_action(paused ? v1::CONTROL_ACTION_PAUSE : v1::CONTROL_ACTION_RESUME);
  command.set_target(id);
  command.set_issued_at_unix_ms(clock_.now_unix_ms());
  return log::append(log_, {{proto::Topic::kControl, "source/" + id, command.SerializeAsString()}});
}

http::Response SourceApi::change(const Call& call) {
  const std::string& id = call.capture(0);
  const auto all = now();
  if (!all) return problem_of(all.error());
  if (all->find(id) == nullptr)
    return problem("not_found", "There is no source of this id; GET /v1/sources lists them.");
  const sources::Draft draft = draft_of(call.body, call.request.caller);
  const Json& revision = call.body["revision"];
  if (says_something(draft)) {
    const auto expected = revision.is_number()
                              ? std::optional(static_cast<std::uint64_t>(revision.as_integer()))
                              : std::nullopt;
    const auto changed = store_.change(id, draft, expected, all->known);
    if (!changed) return problem_of(changed.error());
  }
  const Json& wanted = call.body["paused"];
  if (wanted.is_bool() && wanted.as_bool() != all->paused(id)) {
    if (auto told = pause(id, wanted.as_bool()); !told) return problem_of(told.error());
  }
  return shown(id, call, 200);
}

http::Response SourceApi::remove(const Call& call) {
  const auto all = now();
  if (!all) return problem_of(all.error());
  if (auto removed = store_.remove(call.capture(0), all->known); !removed)
    return problem_of(removed.error());
  http::Response response;
  response.status = 204;
  return response;
}

http::Response SourceApi::poll(const Call& call) {
  const auto all = now();
  if (!all) return problem_of(all.error());
  const auto asked = store_.poll(call.capture(0), all->known);
  if (!asked) return problem_of(asked.error());
  return http::Response::json(Json::object({{"source", asked->source_id()},
                                            {"asked", time_json(asked->asked_at_unix_ms())}}),
                              202);
}

http::Response SourceApi::discover(const Call& call) {
  // It waits for strangers: on a thread that leaves the others free.
  if (!call.request.may_take_long) return http::Response::later();
  const auto told = status_.now();
  if (!told) return problem_of(told.error());
  const bool crawled = std::ranges::any_of(told->services, [&](const v1::ServiceStatus& service) {
    return service.service() == "crawler" &&
           service.reported_at_unix_ms() + kCrawlerSilentMs > clock_.now_unix_ms();
  });
  if (!crawled)
    return problem("no_crawler", "No crawler is running, so nobody can look at the URL.");
  const CallerCounts::Place place(discoveries_, call.request.caller);
  if (!place)
    return problem("busy",
                   "Two URLs are being looked at for this caller, or three for all; "
                   "try again in a minute.");
  const auto response =
      store_.discover(call.body["url"].as_string(), kDiscoveryTime, call.request.gone);
  if (!response) return problem_of(response.error());
  const auto all = now();
  if (!all) return problem_of(all.error());
  return http::Response::json(discovery_json(*response, all->known));
}

http::Response SourceApi::import_opml(const Call& call) {
  auto listed = sources::read_opml(call.request.body);
  if (!listed) return problem_of(listed.error());
  const auto all = now();
  if (!all) return problem_of(all.error());
  std::vector<sources::Draft> drafts;
  for (const sources::OpmlSource& source : *listed)
    drafts.push_back(draft_of(source, call.request.caller));
  const auto results = store_.add_all(drafts, all->known);
  if (!results) return problem_of(results.error());
  Json added = Json::array();
  Json refused = Json::array();
  std::int64_t present = 0;
  for (std::size_t i = 0; i < results->size(); ++i) {
    const Result<v1::SourceEdit>& result = (*results)[i];
    const std::string& name = (*listed)[i].name;
    if (result) added.push(Json::object({{"id", result->id()}, {"name", name}}));
    else if (result.error().code == ErrorCode("conflict")) ++present;
    else if (refused.as_array().size() < kMostProblems)
      refused.push(Json::object({{"name", name}, {"detail", result.error().detail}}));
  }
  return http::Response::json(Json::object(
      {{"added", std::move(added)}, {"present", present}, {"refused", std::move(refused)}}));
}

http::Response SourceApi::export_opml(const Call&) {
  const auto all = now();
  if (!all) return problem_of(all.error());
  std::vector<sources::OpmlSource> out;
  for (const v1::SourceStatus& source : all->statuses) {
    if (source.state() != "refused") out.push_back(opml_source(source));
  }
  http::Response response = http::Response::text(sources::write_opml(out, "Sources of vigie"),
                                                 "text/x-opml; charset=utf-8");
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"vigie-sources.opml\"");
  return response;
}

}  // namespace vigie::indexer::api
