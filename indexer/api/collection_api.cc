#include "indexer/api/collection_api.h"

#include <algorithm>
#include <optional>

#include "indexer/api/file_name.h"
#include "indexer/api/problems.h"
#include "indexer/api/views.h"
#include "indexer/briefs/brief.h"
#include "indexer/collections/store.h"
#include "indexer/collections/texts.h"
#include "indexer/search/index.h"
#include "platform/clock/clock.h"
#include "platform/dates/time_zone.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMaxTitleBytes = 1'000;  // of a headline that is kept
constexpr std::string_view kBriefPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";
constexpr std::string_view kNoBrief =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>No brief</title>"
    "<body style=\"font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 34rem; "
    "padding: 0 1rem\"><h1>There is no brief here</h1><p>The link was taken back, or a part of it "
    "is missing. Ask whoever sent it.</p>\n";

http::Response no_collection(const std::string& id) {
  return problem("not_found", "There is no collection " + id + "; GET /v1/collections lists them.");
}

Json name_json(const std::string& name) { return name.empty() ? Json() : Json(name); }

Json item_json(const v1::CollectionItem& item) {
  Json quotation;
  if (item.has_quotation())
    quotation = Json::object({{"text", item.quotation().text()},
                              {"offset", item.quotation().offset()},
                              {"length", item.quotation().length()}});
  return Json::object({{"article", item.article_id()},
                       {"version", hex(item.version_id())},
                       {"title", item.title()},
                       {"url", item.url()},
                       {"language", item.language()},
                       {"source", source_json(item.source())},
                       {"published", name_json(item.published().text())},
                       {"first_seen", time_json(item.discovered_at_unix_ms())},
                       {"note", item.note()},
                       {"quotation", std::move(quotation)},
                       {"added", time_json(item.added_at_unix_ms())},
                       {"added_by", name_json(item.added_by())}});
}

Json head_json(const v1::CollectionRecord& record) {
  return Json::object({{"id", record.id()},
                       {"revision", static_cast<std::int64_t>(record.revision())},
                       {"name", record.name()},
                       {"title", record.title()},
                       {"stories", record.items_size()},
                       {"shared", record.has_share()},
                       {"created", time_json(record.created_at_unix_ms())},
                       {"created_by", name_json(record.created_by())},
                       {"updated", time_json(record.updated_at_unix_ms())},
                       {"updated_by", name_json(record.updated_by())}});
}

Json collection_json(const v1::CollectionRecord& record) {
  Json out = head_json(record);
  Json items = Json::array();
  for (const v1::CollectionItem& item : record.items()) items.push(item_json(item));
  Json share;
  if (record.has_share())
    share = Json::object({{"created", time_json(record.share().created_at_unix_ms())},
                          {"created_by", name_json(record.share().created_by())}});
  out.set("summary", record.summary());
  out.set("items", std::move(items));
  out.set("share", std::move(share));
  return out;
}

std::optional<std::uint32_t> offset_of(const Json& quotation) {
  const std::int64_t offset = quotation["offset"].as_integer(-1);
  if (offset < 0 || offset > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(offset);
}

/// The present version of an article that is to be kept. Errors: not_found, shard_missing; those of
/// the index.
Result<v1::ArticleRecord> article_of(const search::Index& index, const std::string& id) {
  search::Coverage coverage;
  VIGIE_ASSIGN(auto view, index.article(id, &coverage));
  if (view) return std::move(view->article);
  if (coverage.partial())
    return failure(Disposition::kRetry, "shard_missing",
                   "the part of the index that would hold this article is not there at the "
                   "moment; try again in a while");
  return failure(Disposition::kQuarantine, "not_found",
                 "there is no article " + id + "; it may have been taken down");
}

v1::CollectionItem item_of(const v1::ArticleRecord& article) {
  v1::CollectionItem out;
  out.set_article_id(article.article_id());
  out.set_version_id(article.version_id());
  out.set_title(text::ellipsize(article.title(), kMaxTitleBytes));
  out.set_url(article.canonical_url().empty() ? article.url() : article.canonical_url());
  out.set_language(article.language());
  *out.mutable_source() = article.source();
  if (article.has_published()) *out.mutable_published() = article.published();
  out.set_discovered_at_unix_ms(article.discovered_at_unix_ms());
  return out;
}

/// The text in which a quotation of an item stands: of the version that was kept, else the present.
Result<std::string> text_of(const search::Index& index, const v1::CollectionItem& item) {
  VIGIE_ASSIGN(const auto versions, index.versions(item.article_id()));
  for (const StoredVersion& version : versions) {
    if (version.version_id == item.version_id()) return version.article.text();
  }
  VIGIE_ASSIGN(const v1::ArticleRecord article, article_of(index, item.article_id()));
  return article.text();
}

/// The quotation that is to be kept: the one that is there where nothing is changed of it, else
/// the place of its words. Errors: bad_argument; those of text_of.
Result<v1::Quotation> quotation_of(const search::Index& index, const Json& given,
                                   const v1::CollectionItem& kept) {
  const std::string& words = given["text"].as_string();
  const auto offset = offset_of(given);
  if (kept.has_quotation() && kept.quotation().text() == words &&
      (!offset || *offset == kept.quotation().offset()))
    return kept.quotation();
  VIGIE_ASSIGN(const std::string text, text_of(index, kept));
  return collections::quotation_in(text, words, offset);
}

/// Of a PUT that fits its schema, to a collection that is as `before`.
Result<collections::Draft> draft_of(const search::Index& index, const Json& body,
                                    const v1::CollectionRecord& before) {
  collections::Draft out;
  out.name = body["name"].as_string();
  out.title = body["title"].as_string();
  out.summary = body["summary"].as_string();
  for (const Json& given : body["items"].as_array()) {
    collections::Draft::Item& item = out.items.emplace_back();
    item.article_id = given["article"].as_string();
    item.note = given["note"].as_string();
    if (!given["quotation"].is_object()) continue;
    const auto kept = std::find_if(
        before.items().begin(), before.items().end(),
        [&](const v1::CollectionItem& one) { return one.article_id() == item.article_id; });
    if (kept == before.items().end()) continue;  // the store refuses the item
    VIGIE_ASSIGN(item.quotation, quotation_of(index, given["quotation"], *kept));
  }
  return out;
}

http::Response brief_response(std::string body, briefs::Format format) {
  http::Response response = http::Response::text(std::move(body), briefs::media_type(format));
  response.headers.emplace_back("Content-Security-Policy", std::string(kBriefPolicy));
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("X-Robots-Tag", "noindex, nofollow, noarchive");
  return response;
}

}  // namespace

Routes CollectionApi::routes() {
  using Self = CollectionApi;
  return {
      route("GET", "/v1/collections", "collections", this, &Self::list),
      route("POST", "/v1/collections", "createCollection", this, &Self::create),
      route("GET", "/v1/collections/{id}", "collection", this, &Self::show),
      route("PUT", "/v1/collections/{id}", "replaceCollection", this, &Self::replace),
      route("DELETE", "/v1/collections/{id}", "deleteCollection", this, &Self::remove),
      route("POST", "/v1/collections/{id}/items", "addToCollection", this, &Self::add),
      route("GET", "/v1/collections/{id}/brief", "brief", this, &Self::brief),
      route("POST", "/v1/collections/{id}/share", "shareCollection", this, &Self::share),
      route("DELETE", "/v1/collections/{id}/share", "unshareCollection", this, &Self::unshare),
      route("GET", "/b/{token}", "sharedBrief", this, &Self::shared),
  };
}

http::Response CollectionApi::list(const Call& call) {
  const std::string article = call.text("article");
  Json out = Json::array();
  for (const collections::Record& record : store_.list()) {
    const bool holds =
        std::any_of(record->items().begin(), record->items().end(),
                    [&](const v1::CollectionItem& item) { return item.article_id() == article; });
    if (!article.empty() && !holds) continue;
    out.push(head_json(*record));
  }
  return http::Response::json(Json::object({{"collections", std::move(out)}}));
}

http::Response CollectionApi::create(const Call& call) {
  collections::Draft draft;
  draft.name = call.member("name");
  draft.title = call.member("title");
  draft.summary = call.member("summary");
  const auto created = store_.create(draft, call.request.caller);
  if (!created) return problem_of(created.error());
  http::Response response = http::Response::json(collection_json(**created), 201);
  response.headers.emplace_back("Location", "/v1/collections/" + (*created)->id());
  return response;
}

http::Response CollectionApi::show(const Call& call) {
  const collections::Record found = store_.find(call.capture(0));
  if (!found) return no_collection(call.capture(0));
  return http::Response::json(collection_json(*found));
}

http::Response CollectionApi::replace(const Call& call) {
  const std::string& id = call.capture(0);
  // What another indexer wrote counts: quotations are kept by what is there.
  if (const auto read = store_.catch_up(call.request.gone); !read) return problem_of(read.error());
  const collections::Record before = store_.find(id);
  if (!before) return no_collection(id);
  const auto draft = draft_of(index_, call.body, *before);
  if (!draft) return problem_of(draft.error());
  const auto revision = static_cast<std::uint64_t>(call.body["revision"].as_integer());
  const auto changed = store_.replace(id, revision, *draft, call.request.caller);
  if (!changed) return problem_of(changed.error());
  return http::Response::json(collection_json(**changed));
}

http::Response CollectionApi::remove(const Call& call) {
  const auto removed = store_.remove(call.capture(0), call.request.caller);
  if (!removed) return problem_of(removed.error());
  http::Response response;
  response.status = 204;
  return response;
}

http::Response CollectionApi::add(const Call& call) {
  const auto article = article_of(index_, call.member("article"));
  if (!article) return problem_of(article.error());
  v1::CollectionItem item = item_of(*article);
  item.set_note(call.member("note"));
  if (const Json& given = call.body["quotation"]; given.is_object()) {
    auto quotation =
        collections::quotation_in(article->text(), given["text"].as_string(), offset_of(given));
    if (!quotation) return problem_of(quotation.error());
    *item.mutable_quotation() = std::move(*quotation);
  }
  const auto added = store_.add(call.capture(0), std::move(item), call.request.caller);
  if (!added) return problem_of(added.error());
  return http::Response::json(collection_json(*added->record), added->is_new ? 201 : 200);
}

http::Response CollectionApi::brief(const Call& call) {
  const collections::Record found = store_.find(call.capture(0));
  if (!found) return no_collection(call.capture(0));
  const auto zone = dates::TimeZone::named(call.text("tz"));
  if (!zone) return problem_of(zone.error());
  const auto format = briefs::format_named(call.text("format"));
  VIGIE_INVARIANT(format.has_value());  // the document names the same
  const briefs::Look look{*zone, clock_.now_unix_ms()};
  auto written = briefs::write(*format, *found, look);
  if (!written) return problem_of(written.error());
  http::Response response = brief_response(std::move(*written), *format);
  if (*format != briefs::Format::kHtml || call.flag("download"))
    response.headers.emplace_back(
        "Content-Disposition",
        disposition(found->name(), look.now_unix_ms, briefs::file_ending(*format)));
  return response;
}

http::Response CollectionApi::share(const Call& call) {
  const auto shared = store_.share(call.capture(0), call.request.caller);
  if (!shared) return problem_of(shared.error());
  Json out = Json::object({{"path", "/b/" + shared->token},
                           {"revision", static_cast<std::int64_t>(shared->record->revision())}});
  return http::Response::json(out, 201);
}

http::Response CollectionApi::unshare(const Call& call) {
  const auto ended = store_.unshare(call.capture(0), call.request.caller);
  if (!ended) return problem_of(ended.error());
  http::Response response;
  response.status = 204;
  return response;
}

http::Response CollectionApi::shared(const Call& call) {
  const collections::Record found = store_.shared_by(call.capture(0));
  if (!found) {
    if (call.request.header("accept").find("text/html") == std::string::npos)
      return problem("not_found", "There is no brief here, or no more.");
    http::Response response = brief_response(std::string(kNoBrief), briefs::Format::kHtml);
    response.status = 404;
    return response;
  }
  const auto zone = dates::TimeZone::named(call.text("tz"));
  if (!zone) return problem_of(zone.error());
  auto written = briefs::write(briefs::Format::kHtml, *found, {*zone, clock_.now_unix_ms()});
  if (!written) return problem_of(written.error());
  return brief_response(std::move(*written), briefs::Format::kHtml);
}

}  // namespace vigie::indexer::api
