#include "indexer/api/saved_api.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "indexer/api/problems.h"
#include "indexer/api/query_names.h"
#include "indexer/api/query_parameter.h"
#include "indexer/api/views.h"
#include "indexer/saved/store.h"
#include "indexer/search/index.h"
#include "platform/clock/clock.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMostCounts = 10'000;  // that are remembered
constexpr std::string_view kLocal = "local";
constexpr std::string_view kEverything = "everything";  // as the setting says it

/// Whose searches a call is about.
std::string person_of(const Call& call) {
  return call.request.caller.empty() ? std::string(kLocal) : call.request.caller;
}

Json search_json(const saved::Search& saved) {
  const v1::SavedSearch& search = saved.record;
  return Json::object({{"id", search.id()},
                       {"name", search.name()},
                       {"query", search.query()},
                       {"home", search.home()},
                       {"created", time_json(search.created_at_unix_ms())},
                       {"updated", time_json(search.updated_at_unix_ms())},
                       {"seen_until", time_json(saved.seen_until_unix_ms)}});
}

saved::Draft draft_of(const Call& call) {
  return {call.member("name"), call.member("query"), call.body["home"].as_bool(false)};
}

/// The first page of a person: what any of the searches finds that are chosen for it.
std::string home_of(const std::vector<saved::Search>& searches, const std::string& otherwise) {
  std::vector<std::string> chosen;
  for (const auto& [record, seen_until] : searches) {
    if (!record.home()) continue;
    if (record.query().empty()) return "";
    chosen.push_back(record.query());
  }
  if (chosen.empty()) return otherwise;
  if (chosen.size() == 1) return chosen.front();
  std::string out;
  for (const std::string& query : chosen) out += (out.empty() ? "(" : " OR (") + query + ")";
  return out;
}

std::vector<std::string> ids_of(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (end > begin) out.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

http::Response too_many_ids() {
  return problem("bad_parameter",
                 "at most " + std::to_string(SavedApi::kMostIds) + " ids are taken in one call");
}

http::Response no_content() {
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace

Result<void> check_home_query(const std::string& query) {
  if (query == kEverything) return {};
  const auto parsed = query::parse(query);
  if (parsed) return {};
  return failure(Disposition::kStop, "bad_setting",
                 "is no query: " + parsed.error().detail + "; GET / asks it", "pages.home_query");
}

SavedApi::SavedApi(saved::SavedStore& store, search::Index& index, Clock& clock,
                   const QueryNames& names, std::string home_query)
    : store_(store),
      index_(index),
      clock_(clock),
      names_(names),
      home_query_(home_query == kEverything ? std::string() : std::move(home_query)) {}

Routes SavedApi::routes() {
  using Self = SavedApi;
  return {
      route("GET", "/v1/searches", "savedSearches", this, &Self::list),
      route("POST", "/v1/searches", "saveSearch", this, &Self::create),
      route("GET", "/v1/searches/unread", "unreadCounts", this, &Self::unread),
      route("PUT", "/v1/searches/{id}", "replaceSavedSearch", this, &Self::replace),
      route("DELETE", "/v1/searches/{id}", "deleteSavedSearch", this, &Self::remove),
      route("POST", "/v1/searches/{id}/seen", "seeSavedSearch", this, &Self::see_all),
      route("GET", "/v1/seen", "seen", this, &Self::seen),
      route("POST", "/v1/seen", "markSeen", this, &Self::mark),
  };
}

http::Response SavedApi::list(const Call& call) {
  const std::vector<saved::Search> searches = store_.list(person_of(call));
  Json out = Json::array();
  for (const saved::Search& search : searches) out.push(search_json(search));
  return http::Response::json(
      Json::object({{"searches", std::move(out)}, {"home_query", home_of(searches, home_query_)}}));
}

/// A query that cannot be read, or names what does not exist, is not saved.
std::optional<http::Response> SavedApi::refused_query(const std::string& query) const {
  std::size_t offset = 0;
  const auto parsed = names_.parse(query, query::Use::kSearch, &offset);
  if (parsed) return std::nullopt;
  return bad_query_problem(query, parsed.error(), offset);
}

http::Response SavedApi::create(const Call& call) {
  const saved::Draft draft = draft_of(call);
  if (auto refused = refused_query(draft.query)) return std::move(*refused);
  const auto made = store_.create(person_of(call), draft);
  if (!made) return problem_of(made.error());
  http::Response response = http::Response::json(search_json(*made), 201);
  response.headers.emplace_back("Location", "/v1/searches/" + made->record.id());
  return response;
}

http::Response SavedApi::replace(const Call& call) {
  const saved::Draft draft = draft_of(call);
  if (auto refused = refused_query(draft.query)) return std::move(*refused);
  const auto changed = store_.replace(person_of(call), call.capture(0), draft);
  if (!changed) return problem_of(changed.error());
  return http::Response::json(search_json(*changed));
}

http::Response SavedApi::remove(const Call& call) {
  const auto removed = store_.remove(person_of(call), call.capture(0));
  if (!removed) return problem_of(removed.error());
  return no_content();
}

http::Response SavedApi::see_all(const Call& call) {
  const auto changed = store_.see_all(person_of(call), call.capture(0), clock_.now_unix_ms());
  if (!changed) return problem_of(changed.error());
  return http::Response::json(search_json(*changed));
}

/// Counts among the newest stories. Errors: those of a search.
Result<SavedApi::Count> SavedApi::count(const Call& call, const saved::Search& search) {
  const std::string& person = search.record.person();
  std::size_t offset = 0;
  VIGIE_ASSIGN(query::Query parsed,
               names_.parse(search.record.query(), query::Use::kSearch, &offset));
  const auto budget = index_.budget(call.request.gone, call.request.may_take_long);
  parsed.budget = budget.get();
  search::SearchRequest wanted;
  wanted.parsed = &parsed;
  wanted.sort = Sort::kNewest;
  wanted.limit = kCounted;
  wanted.group = search::Group::kStory;
  VIGIE_ASSIGN(const search::SearchPage page, index_.search(wanted));
  Count out;
  for (const search::Hit& hit : page.hits) {
    const v1::ArticleSummary& article = hit.article;
    auto said = store_.seen(person, article.article_id());
    if (!said && !article.story_id().empty()) said = store_.seen(person, article.story_id());
    const bool unseen = said ? !*said : article.discovered_at_unix_ms() > search.seen_until_unix_ms;
    if (unseen) ++out.stories;
  }
  out.more = out.stories == kCounted && !page.cursor.empty();
  return out;
}

/// As count(), or what it said a moment ago.
Result<SavedApi::Count> SavedApi::counted(const Call& call, const saved::Search& search) {
  const std::string& id = search.record.id();
  const std::uint64_t turn = store_.turn(search.record.person());
  const std::chrono::milliseconds now = clock_.since_boot();
  {
    const std::lock_guard lock(mutex_);
    const auto known = counts_.find(id);
    if (known != counts_.end() && known->second.turn == turn && now < known->second.at + kCountAge)
      return known->second;
  }
  VIGIE_ASSIGN(Count out, count(call, search));
  out.turn = turn;
  out.at = now;
  const std::lock_guard lock(mutex_);
  if (counts_.size() >= kMostCounts) counts_.clear();
  counts_[id] = out;
  return out;
}

http::Response SavedApi::unread(const Call& call) {
  Json out = Json::array();
  for (const saved::Search& search : store_.list(person_of(call))) {
    const auto found = counted(call, search);
    if (!found && found.error().code == ErrorCode("takes_long")) return http::Response::later();
    out.push(
        Json::object({{"id", search.record.id()},
                      {"stories", found ? Json(static_cast<std::int64_t>(found->stories)) : Json()},
                      {"more", found && found->more},
                      {"problem", found ? Json() : Json(std::string(found.error().code.text()))}}));
  }
  return http::Response::json(Json::object({{"unread", std::move(out)}}));
}

http::Response SavedApi::seen(const Call& call) {
  const std::vector<std::string> ids = ids_of(call.text("ids"));
  if (ids.size() > kMostIds) return too_many_ids();
  Json seen = Json::array();
  Json unseen = Json::array();
  for (const std::string& id : ids) {
    const auto said = store_.seen(person_of(call), id);
    if (said) (*said ? seen : unseen).push(id);
  }
  return http::Response::json(
      Json::object({{"seen", std::move(seen)}, {"unseen", std::move(unseen)}}));
}

http::Response SavedApi::mark(const Call& call) {
  std::vector<std::string> ids;
  for (const Json& id : call.body["ids"].as_array()) ids.push_back(id.as_string());
  if (ids.size() > kMostIds) return too_many_ids();
  const auto kept = store_.see(person_of(call), ids, call.body["seen"].as_bool(true));
  if (!kept) return problem_of(kept.error());
  return no_content();
}

}  // namespace vigie::indexer::api
