#include <algorithm>
#include <map>

#include "indexer/api/handlers.h"
#include "indexer/api/views.h"
#include "indexer/matching/matcher.h"
#include "platform/fingerprint/fingerprint.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kDefaultHits = 20;
constexpr std::int64_t kMaxHits = 200;        // of one page; a cursor leads on
constexpr std::size_t kMaxCopies = 200;       // shown with an article
constexpr std::size_t kMaxFacetValues = 200;  // of one field
constexpr std::size_t kMaxArticleEvidence = 64;

bool asks_for_words(const query::Query& query) {
  return std::any_of(query.nodes.begin(), query.nodes.end(), [](const query::Node& node) {
    return node.kind == query::Node::Kind::kWord || node.kind == query::Node::Kind::kPhrase ||
           node.kind == query::Node::Kind::kPrefix;
  });
}

Result<Sort> sort_parameter(const http::Request& request, const query::Query& query) {
  const auto given = request.parameter("sort");
  if (!given || given->empty()) return asks_for_words(query) ? Sort::kRelevance : Sort::kNewest;
  if (*given == "relevance") return Sort::kRelevance;
  if (*given == "newest") return Sort::kNewest;
  return bad_parameter("sort must be relevance or newest");
}

Json counts_json(const std::vector<Count>& counts) {
  Json out = Json::array();
  for (const Count& count : counts)
    out.push(
        Json::object({{"value", count.value}, {"count", static_cast<std::int64_t>(count.count)}}));
  return out;
}

Json full_hit_json(const search::Hit& hit) {
  Json out = hit_json(hit.article);
  Json highlights = Json::array();
  for (const auto& [offset, length] : hit.highlights)
    highlights.push(Json::object({{"offset", offset}, {"length", length}}));
  Json languages = Json::array();
  for (const std::string& language : hit.languages) languages.push(language);
  out.set("highlights", std::move(highlights));
  out.set("copies", static_cast<std::int64_t>(hit.copies));
  out.set("languages", std::move(languages));
  out.set("time", rfc3339(hit.time_unix_ms));
  out.set("score", hit.score);
  return out;
}

Json versions_json(const std::vector<StoredVersion>& versions) {
  Json out = Json::array();
  for (const StoredVersion& version : versions) {
    out.push(
        Json::object({{"id", hex(version.version_id)},
                      {"fetched", time_json(version.fetched_at_unix_ms)},
                      {"title", version.article.title()},
                      {"text_bytes", static_cast<std::int64_t>(version.article.text().size())}}));
  }
  return out;
}

}  // namespace

http::Response Handlers::search(const http::Request& request) {
  std::optional<http::Response> refused;
  const auto parsed = query_parameter(request, query::Use::kSearch, refused);
  if (!parsed) return std::move(*refused);
  const auto sort = sort_parameter(request, *parsed);
  if (!sort) return problem_of(sort.error());
  const auto limit = number_parameter(request, "limit", kDefaultHits, 0, kMaxHits);
  if (!limit) return problem_of(limit.error());
  const std::string group = request.parameter("group").value_or("");
  if (!group.empty() && group != "story")
    return problem_of(bad_parameter("group must be story").value());

  search::SearchRequest wanted;
  wanted.parsed = &*parsed;
  wanted.sort = *sort;
  wanted.limit = static_cast<std::size_t>(*limit);
  wanted.cursor = request.parameter("cursor").value_or("");
  wanted.group_by_story = group == "story";
  const auto page = dependencies_.index.search(wanted);
  if (!page) return problem_of(page.error());
  Json hits = Json::array();
  for (const search::Hit& hit : page->hits) hits.push(full_hit_json(hit));
  Json out = Json::object(
      {{"total",
        Json::object({{"value", static_cast<std::int64_t>(page->total)}, {"exact", page->exact}})},
       {"hits", std::move(hits)},
       {"cursor", page->cursor.empty() ? Json() : Json(page->cursor)},
       {"query", parsed->canonical()},
       {"sort", *sort == Sort::kNewest ? "newest" : "relevance"},
       {"took_ms", page->took_ms}});
  set_coverage(out, page->coverage);
  return http::Response::json(out);
}

http::Response Handlers::article(const http::Request& request) {
  const std::string& id = request.captures[0];
  search::Coverage coverage;
  const auto view = dependencies_.index.article(id, &coverage);
  if (!view) return problem_of(view.error());
  if (!*view && coverage.partial()) return std::move(*missing_shard(coverage));
  if (!*view)
    return http::Response::problem(404, "not_found",
                                   "There is no article " + id + "; it may have been taken down.");
  const v1::ArticleRecord& record = (*view)->article;
  std::optional<http::Response> refused;
  const auto parsed = query_parameter(request, query::Use::kSearch, refused);
  if (!parsed) return std::move(*refused);

  Json out = article_json(record);
  out.set("story", (*view)->story_id.empty() ? Json() : Json((*view)->story_id));
  const auto versions = dependencies_.index.versions(id);
  if (!versions) return problem_of(versions.error());
  out.set("versions", versions_json(*versions));

  Json copies = Json::array();
  if (!(*view)->story_id.empty()) {
    const auto members = dependencies_.index.copies((*view)->story_id, &coverage);
    if (!members) return problem_of(members.error());
    for (const search::Copy& member : *members) {
      if (copies.as_array().size() >= kMaxCopies) break;
      const auto alike = fingerprint::compare(record.fingerprint(), member.fingerprint);
      const bool self = member.article.article_id() == id;
      Json copy = hit_json(member.article);
      copy.set("self", self);
      copy.set("share", self ? 1.0 : alike.containment);
      copies.push(std::move(copy));
    }
  }
  out.set("copies", std::move(copies));

  google::protobuf::RepeatedPtrField<v1::Evidence> evidence;
  if (parsed->root().kind != query::Node::Kind::kAll) {
    const matching::Document document(record);
    for (v1::Evidence& entry : matching::evidence(*parsed, document, kMaxArticleEvidence))
      *evidence.Add() = std::move(entry);
  }
  out.set("evidence", evidence_json(evidence));
  set_coverage(out, coverage);
  return http::Response::json(out);
}

http::Response Handlers::article_version(const http::Request& request) {
  const auto versions = dependencies_.index.versions(request.captures[0]);
  if (!versions) return problem_of(versions.error());
  search::Coverage coverage;
  const auto shown = dependencies_.index.article(request.captures[0], &coverage);
  if (!shown) return problem_of(shown.error());
  for (const StoredVersion& version : *versions) {
    if (*shown && hex(version.version_id) == request.captures[1])
      return http::Response::json(article_json(version.article));
  }
  if (!*shown && coverage.partial()) return std::move(*missing_shard(coverage));
  return http::Response::problem(
      404, "not_found",
      "There is no such version of this article; GET /v1/articles/{id} lists them.");
}

http::Response Handlers::timeline(const http::Request& request) {
  std::optional<http::Response> refused;
  const auto parsed = query_parameter(request, query::Use::kSearch, refused);
  if (!parsed) return std::move(*refused);
  const std::string interval = request.parameter("interval").value_or("day");
  if (interval != "hour" && interval != "day")
    return problem_of(bad_parameter("interval must be hour or day").value());
  std::optional<Facet> split;
  if (const auto field = request.parameter("split"); field && !field->empty()) {
    const auto facet = search::facet_from_name(*field);
    if (!facet) return problem_of(facet.error());
    split = *facet;
  }
  search::Coverage coverage;
  const auto bins = dependencies_.index.timeline(
      *parsed, interval == "hour" ? 3'600'000 : 86'400'000, split, 0, &coverage);
  if (!bins) return problem_of(bins.error());
  Json out = Json::array();
  for (const TimelineBin& bin : *bins) {
    Json entry = Json::object(
        {{"begin", rfc3339(bin.begin_unix_ms)}, {"count", static_cast<std::int64_t>(bin.count)}});
    if (split) entry.set("split", counts_json(bin.split));
    out.push(std::move(entry));
  }
  Json answer = Json::object({{"interval", interval}, {"bins", std::move(out)}});
  set_coverage(answer, coverage);
  return http::Response::json(answer);
}

http::Response Handlers::facets(const http::Request& request) {
  std::optional<http::Response> refused;
  const auto parsed = query_parameter(request, query::Use::kSearch, refused);
  if (!parsed) return std::move(*refused);
  std::vector<Facet> fields;
  for (const auto& [name, value] : request.query) {
    if (name != "field") continue;
    for (std::size_t begin = 0; begin <= value.size();) {
      const std::size_t end = std::min(value.find(',', begin), value.size());
      const auto facet =
          search::facet_from_name(std::string_view(value).substr(begin, end - begin));
      if (!facet) return problem_of(facet.error());
      if (std::find(fields.begin(), fields.end(), *facet) == fields.end()) fields.push_back(*facet);
      begin = end + 1;
    }
  }
  if (fields.empty())
    fields = {Facet::kTopic,  Facet::kActor, Facet::kLanguage,   Facet::kCountry,
              Facet::kSource, Facet::kKind,  Facet::kAffiliation};
  const auto limit = number_parameter(request, "limit", 50, 1, kMaxFacetValues);
  if (!limit) return problem_of(limit.error());
  search::Coverage coverage;
  const auto counted = dependencies_.index.facets(*parsed, fields, 0, &coverage);
  if (!counted) return problem_of(counted.error());
  std::map<std::string, std::string> source_names;
  if (const auto now = status_.now()) {
    for (const v1::SourceStatus& source : now->sources)
      source_names[source.source_id()] = source.name();
  }
  Json all = Json::array();
  for (const auto& [facet, counts] : *counted) {
    Json values = Json::array();
    for (const Count& count : counts) {
      if (values.as_array().size() >= static_cast<std::size_t>(*limit)) break;
      const auto source =
          facet == Facet::kSource ? source_names.find(count.value) : source_names.end();
      const std::string name =
          source != source_names.end() ? source->second : facet_value_name(facet, count.value);
      values.push(Json::object({{"value", count.value},
                                {"name", name},
                                {"count", static_cast<std::int64_t>(count.count)}}));
    }
    all.push(Json::object({{"field", search::facet_name(facet)},
                           {"values", std::move(values)},
                           {"distinct", static_cast<std::int64_t>(counts.size())}}));
  }
  Json out = Json::object({{"fields", all}});
  set_coverage(out, coverage);
  if (all.as_array().size() == 1) {
    out.set("field", all.as_array()[0]["field"]);
    out.set("values", all.as_array()[0]["values"]);
  }
  return http::Response::json(out);
}

}  // namespace vigie::indexer::api
