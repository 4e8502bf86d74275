#include "indexer/api/search_api.h"

#include <algorithm>
#include <map>

#include "indexer/api/problems.h"
#include "indexer/api/query_parameter.h"
#include "indexer/api/search_views.h"
#include "indexer/api/topic_views.h"
#include "indexer/api/views.h"
#include "indexer/matching/matcher.h"
#include "indexer/query/query.h"
#include "indexer/search/index.h"
#include "platform/fingerprint/fingerprint.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMaxCopies = 200;  // shown with an article
constexpr std::size_t kMaxArticleEvidence = 64;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 86'400'000;

bool asks_for_words(const query::Query& query) {
  return std::any_of(query.nodes.begin(), query.nodes.end(), [](const query::Node& node) {
    return node.kind == query::Node::Kind::kWord || node.kind == query::Node::Kind::kPhrase ||
           node.kind == query::Node::Kind::kPrefix;
  });
}

Sort sort_of(const Call& call, const query::Query& query) {
  const std::string given = call.text("sort");
  if (given.empty()) return asks_for_words(query) ? Sort::kRelevance : Sort::kNewest;
  return given == "relevance" ? Sort::kRelevance : Sort::kNewest;
}

/// The problem of an article that is not found while a shard is missing.
std::optional<http::Response> missing_shard(const search::Coverage& coverage) {
  if (!coverage.partial()) return std::nullopt;
  const bool gone = !coverage.missing.empty();
  http::Response response =
      problem(gone ? ProblemCode("shard_missing") : ProblemCode("shard_restoring"),
              "The part of the index that would hold this article " +
                  std::string(gone ? "is not there" : "is being restored") +
                  " at the moment; try again in a while.");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

/// The copies of an article, itself among them.
Json copies_json(const std::vector<search::Copy>& members, const v1::ArticleRecord& record) {
  Json out = Json::array();
  const auto seen = std::min_element(
      members.begin(), members.end(), [](const search::Copy& a, const search::Copy& b) {
        return a.article.discovered_at_unix_ms() < b.article.discovered_at_unix_ms();
      });
  for (const search::Copy& member : members) {
    if (out.as_array().size() >= kMaxCopies) break;
    const auto alike = fingerprint::compare(record.fingerprint(), member.fingerprint);
    const bool self = member.article.article_id() == record.article_id();
    Json copy = hit_json(member.article);
    copy.set("self", self);
    copy.set("first", &member == &members.front());
    copy.set("first_seen",
             member.article.discovered_at_unix_ms() == seen->article.discovered_at_unix_ms());
    copy.set("share", self ? 1.0 : alike.containment);
    out.push(std::move(copy));
  }
  return out;
}

/// The words of an article by which a query matches; none for a query that asks for everything.
Json evidence_of(const query::Query& query, const v1::ArticleRecord& record) {
  google::protobuf::RepeatedPtrField<v1::Evidence> evidence;
  if (query.root().kind != query::Node::Kind::kAll) {
    const matching::Document document(record);
    for (v1::Evidence& entry : matching::evidence(query, document, kMaxArticleEvidence))
      *evidence.Add() = std::move(entry);
  }
  return evidence_json(evidence);
}

/// The fields that a call asks for, comma separated or repeated; by default all.
Result<std::vector<Facet>> fields_of(const http::Request& request) {
  std::vector<Facet> fields;
  for (const auto& [name, value] : request.query) {
    if (name != "field") continue;
    for (std::size_t begin = 0; begin <= value.size();) {
      const std::size_t end = std::min(value.find(',', begin), value.size());
      VIGIE_ASSIGN(const Facet facet,
                   search::facet_from_name(std::string_view(value).substr(begin, end - begin)));
      if (std::find(fields.begin(), fields.end(), facet) == fields.end()) fields.push_back(facet);
      begin = end + 1;
    }
  }
  if (fields.empty())
    fields = {Facet::kTopic,  Facet::kActor, Facet::kLanguage,    Facet::kCountry,
              Facet::kSource, Facet::kKind,  Facet::kAffiliation, Facet::kType};
  return fields;
}

/// Names for people of the values of facets.
class FacetNames {
 public:
  FacetNames(StatusView& status, std::shared_ptr<const Catalogue> catalogue)
      : catalogue_(std::move(catalogue)) {
    const auto now = status.now();
    if (!now) return;  // ids do as well
    for (const v1::SourceStatus& source : now->sources)
      sources_[source.source_id()] = source.name();
  }

  std::string of(Facet facet, const std::string& value) const {
    if (facet == Facet::kSource) {
      const auto source = sources_.find(value);
      return source == sources_.end() ? value : source->second;
    }
    if (facet != Facet::kTopic && facet != Facet::kActor) return value;
    const auto& entries = facet == Facet::kTopic ? catalogue_->topics : catalogue_->actors;
    const auto entry = std::find_if(entries.begin(), entries.end(),
                                    [&](const CatalogueEntry& one) { return one.id == value; });
    return entry == entries.end() ? value : entry->name;
  }

 private:
  std::shared_ptr<const Catalogue> catalogue_;
  std::map<std::string, std::string> sources_;
};

/// Fields of which an article has one value at most: the rest of all is not known.
bool is_single(Facet facet) { return facet != Facet::kTopic && facet != Facet::kActor; }

std::uint64_t sum_of(const std::vector<Count>& counts) {
  std::uint64_t sum = 0;
  for (const Count& count : counts) sum += count.value.empty() ? 0 : count.count;
  return sum;
}

Json facet_json(Facet facet, const std::vector<Count>& all, std::uint64_t total, std::size_t limit,
                const FacetNames& names) {
  std::vector<Count> counts = all;
  std::erase_if(counts, [](const Count& count) { return count.value.empty(); });
  Json values = Json::array();
  for (const Count& count : counts) {
    if (values.as_array().size() >= limit) break;
    values.push(Json::object({{"value", count.value},
                              {"name", names.of(facet, count.value)},
                              {"count", static_cast<std::int64_t>(count.count)}}));
  }
  Json out = Json::object({{"field", search::facet_name(facet)},
                           {"values", std::move(values)},
                           {"distinct", static_cast<std::int64_t>(counts.size())}});
  const std::uint64_t known = sum_of(counts);
  if (is_single(facet))
    out.set("unknown", static_cast<std::int64_t>(total > known ? total - known : 0));
  return out;
}

}  // namespace

Routes SearchApi::routes() {
  return {
      route("GET", "/v1/search", "search", this, &SearchApi::search),
      route("GET", "/v1/articles/{id}", "article", this, &SearchApi::article),
      route("GET", "/v1/articles/{id}/versions/{version}", "articleVersion", this,
            &SearchApi::article_version),
      route("GET", "/v1/timeline", "timeline", this, &SearchApi::timeline),
      route("GET", "/v1/facets", "facets", this, &SearchApi::facets),
  };
}

http::Response SearchApi::search(const Call& call) {
  std::optional<http::Response> refused;
  auto parsed = query_parameter(call, names_, refused);
  if (!parsed) return std::move(*refused);
  const auto budget = index_.budget(call.request.gone);
  parsed->budget = budget.get();
  search::SearchRequest wanted;
  wanted.parsed = &*parsed;
  wanted.sort = sort_of(call, *parsed);
  wanted.limit = static_cast<std::size_t>(call.integer("limit"));
  wanted.cursor = call.text("cursor");
  wanted.group_by_story = call.text("group") == "story";
  const auto page = index_.search(wanted);
  if (!page) return problem_of(page.error());
  Json hits = Json::array();
  for (const search::Hit& hit : page->hits) hits.push(search_hit_json(hit));
  Json out = Json::object({{"total", total_json(*page)},
                           {"hits", std::move(hits)},
                           {"cursor", page->cursor.empty() ? Json() : Json(page->cursor)},
                           {"query", parsed->canonical()},
                           {"sort", wanted.sort == Sort::kNewest ? "newest" : "relevance"},
                           {"took_ms", page->took_ms}});
  if (wanted.cursor.empty())
    out.set("hints", names_.hints(*parsed, page->total > 0 || page->coverage.partial()));
  set_coverage(out, page->coverage);
  return http::Response::json(out);
}

http::Response SearchApi::article(const Call& call) {
  const std::string& id = call.capture(0);
  search::Coverage coverage;
  const auto view = index_.article(id, &coverage);
  if (!view) return problem_of(view.error());
  if (!*view && coverage.partial()) return std::move(*missing_shard(coverage));
  if (!*view)
    return problem("not_found", "There is no article " + id + "; it may have been taken down.");
  const v1::ArticleRecord& record = (*view)->article;
  const std::string& story = (*view)->story_id;
  std::optional<http::Response> refused;
  const auto parsed = query_parameter(call, names_, refused);
  if (!parsed) return std::move(*refused);

  Json out = article_json(record);
  out.set("story", story.empty() ? Json() : Json(story));
  const auto versions = index_.versions(id);
  if (!versions) return problem_of(versions.error());
  out.set("versions", versions_json(*versions));
  std::vector<search::Copy> members;
  if (!story.empty()) {
    auto found = index_.copies(story, &coverage);
    if (!found) return problem_of(found.error());
    members = std::move(*found);
  }
  out.set("copies", copies_json(members, record));
  out.set("evidence", evidence_of(*parsed, record));
  set_coverage(out, coverage);
  return http::Response::json(out);
}

http::Response SearchApi::article_version(const Call& call) {
  const auto versions = index_.versions(call.capture(0));
  if (!versions) return problem_of(versions.error());
  search::Coverage coverage;
  const auto shown = index_.article(call.capture(0), &coverage);
  if (!shown) return problem_of(shown.error());
  for (const StoredVersion& version : *versions) {
    if (*shown && hex(version.version_id) == call.capture(1))
      return http::Response::json(article_json(version.article));
  }
  if (!*shown && coverage.partial()) return std::move(*missing_shard(coverage));
  return problem("not_found",
                 "There is no such version of this article; GET /v1/articles/{id} lists them.");
}

http::Response SearchApi::timeline(const Call& call) {
  std::optional<http::Response> refused;
  auto parsed = query_parameter(call, names_, refused);
  if (!parsed) return std::move(*refused);
  const auto budget = index_.budget(call.request.gone);
  parsed->budget = budget.get();
  const std::string interval = call.text("interval");
  std::optional<Facet> split;
  if (const std::string field = call.text("split"); !field.empty()) {
    const auto facet = search::facet_from_name(field);
    if (!facet) return problem_of(facet.error());
    split = *facet;
  }
  search::Coverage coverage;
  const auto bins =
      index_.timeline(*parsed, interval == "hour" ? kHourMs : kDayMs, split, 0, &coverage);
  if (!bins) return problem_of(bins.error());
  Json out =
      Json::object({{"interval", interval},
                    {"bins", bins_json(*bins, split.has_value(), split && is_single(*split))}});
  set_coverage(out, coverage);
  return http::Response::json(out);
}

http::Response SearchApi::facets(const Call& call) {
  std::optional<http::Response> refused;
  auto parsed = query_parameter(call, names_, refused);
  if (!parsed) return std::move(*refused);
  const auto budget = index_.budget(call.request.gone);
  parsed->budget = budget.get();
  const auto fields = fields_of(call.request);
  if (!fields) return problem_of(fields.error());
  search::Coverage coverage;
  const auto counted = index_.facets(*parsed, *fields, 0, &coverage);
  if (!counted) return problem_of(counted.error());
  const FacetNames names(status_, now(catalogue_));
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  search::SearchRequest everything;
  everything.parsed = &*parsed;
  everything.sort = Sort::kNewest;
  everything.limit = 0;
  const auto page = index_.search(everything);
  if (!page) return problem_of(page.error());
  Json all = Json::array();
  for (const auto& [facet, counts] : *counted)
    all.push(facet_json(facet, counts, page->total, limit, names));
  Json out = Json::object({{"fields", all}});
  set_coverage(out, coverage);
  if (all.as_array().size() == 1) {
    out.set("field", all.as_array()[0]["field"]);
    out.set("values", all.as_array()[0]["values"]);
  }
  return http::Response::json(out);
}

}  // namespace vigie::indexer::api
