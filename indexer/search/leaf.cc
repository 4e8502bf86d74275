#include "indexer/search/leaf.h"

#include <algorithm>
#include <set>

#include "indexer/matching/matcher.h"
#include "indexer/query/budget.h"
#include "indexer/search/facet.h"
#include "indexer/search/merge.h"

namespace vigie::indexer::search {
namespace {

struct Asked {
  std::int32_t partition = 0;
  const Shard& shard;
};

/// A canonical query may be longer and deeper than what a person typed.
query::QueryLimits wider_limits() {
  query::QueryLimits limits;
  limits.bytes *= 8;
  limits.nodes *= 2;
  limits.depth += 8;
  return limits;
}

/// The same query, of one story or event alone.
query::Query narrowed(const query::Query& query, query::Filter by, const std::string& id) {
  query::Query out = query;
  query::Node filter;
  filter.kind = query::Node::Kind::kFilter;
  filter.filter = by;
  filter.value = id;
  query::Node both;
  both.kind = query::Node::Kind::kAnd;
  const auto root = static_cast<std::uint32_t>(query.nodes.size() - 1);
  both.children = {root, root + 1};
  out.nodes.push_back(std::move(filter));
  out.nodes.push_back(std::move(both));
  return out;
}

class Leaf {
 public:
  Leaf(const v1::LeafRequest& question, const query::Query* query, std::vector<Asked> asked,
       v1::LeafResponse& out)
      : question_(question), query_(query), asked_(std::move(asked)), out_(out) {}

  Result<void> run() {
    switch (question_.kind()) {
      case v1::LeafRequest::KIND_STATISTICS: return statistics();
      case v1::LeafRequest::KIND_FIND: return find();
      case v1::LeafRequest::KIND_DETAILS: return details();
      case v1::LeafRequest::KIND_STORIES: return stories();
      case v1::LeafRequest::KIND_COPIES: return copies();
      case v1::LeafRequest::KIND_TIMELINE: return timeline();
      case v1::LeafRequest::KIND_FACETS: return facets();
      case v1::LeafRequest::KIND_ARTICLES: return articles();
      case v1::LeafRequest::KIND_VERSIONS: return versions();
      default:
        return failure(
            Disposition::kQuarantine, "bad_question",
            "this indexer does not know questions of kind " + std::to_string(question_.kind()));
    }
  }

 private:
  Result<void> statistics() {
    Statistics all;
    for (const Asked& one : asked_) {
      VIGIE_ASSIGN(const Statistics its, one.shard.statistics(*query_));
      all.add(its);
    }
    *out_.mutable_statistics() = search::to_record(all);
    return {};
  }

  Result<void> find() {
    const Statistics statistics = from_record(question_.statistics());
    query::Query story_query;
    Find find;
    find.query = query_;
    if (!question_.story().empty()) {
      story_query =
          narrowed(*query_, question_.events() ? query::Filter::kEvent : query::Filter::kStory,
                   question_.story());
      find.query = &story_query;
    }
    find.sort = question_.newest() ? Sort::kNewest : Sort::kRelevance;
    find.limit = question_.limit();
    find.now_unix_ms = question_.now_unix_ms();
    find.statistics = &statistics;
    if (question_.has_after())
      find.after = After{question_.after().score(), question_.after().time_unix_ms(),
                         question_.after().article_id()};
    HitSum sum(find.sort, find.limit);
    for (const Asked& one : asked_) {
      VIGIE_ASSIGN(const auto found, one.shard.find(find));
      sum.add_total(found.total, found.exact);
      for (const Found& hit : found.hits) sum.add(to_record(hit, one.partition));
    }
    out_.set_total(sum.total());
    if (!sum.exact()) out_.set_inexact(true);
    for (v1::PeerHit& hit : sum.take()) {
      for (const Asked& one : asked_) {
        if (one.partition == hit.partition() && !question_.places_only()) {
          hit.set_story_id(one.shard.story_of(hit.place().article_id()));
          hit.set_event_id(one.shard.event_of(hit.place().article_id()));
        }
      }
      *out_.add_hits() = std::move(hit);
    }
    return {};
  }

  static v1::PeerHit to_record(const Found& hit, std::int32_t partition) {
    v1::PeerHit out;
    out.set_partition(partition);
    out.mutable_place()->set_score(hit.score);
    out.mutable_place()->set_time_unix_ms(hit.time_unix_ms);
    out.mutable_place()->set_article_id(hit.article_id);
    return out;
  }

  /// Calls for each of `ids` with each shard that may hold it.
  template <class Call>
  Result<void> for_ids(const Call& call) {
    for (int i = 0; i < question_.ids_size(); ++i) {
      for (const Asked& one : asked_) {
        if (i < question_.id_partitions_size() && question_.id_partitions(i) != one.partition)
          continue;
        VIGIE_TRY(call(question_.ids(i), one.shard));
      }
    }
    return {};
  }

  Result<void> details() {
    return for_ids([&](const std::string& id, const Shard& shard) -> Result<void> {
      VIGIE_ASSIGN(const auto article, shard.article(id));
      if (!article) return {};
      if (query_->budget != nullptr) VIGIE_TRY(query_->budget->check());
      const matching::Document document(*article);
      const matching::Snippet snippet = matching::snippet(*query_, document);
      v1::PeerDetail& added = *out_.add_details();
      *added.mutable_article() =
          matching::summarize(*article, snippet.text, shard.story_of(id), shard.event_of(id));
      for (const auto& [offset, length] : snippet.highlights) {
        added.add_highlights(offset);
        added.add_highlights(length);
      }
      return {};
    });
  }

  /// The articles of a story, or of an event where the question is about those.
  Result<std::vector<std::string>> members_of(const Shard& shard, const std::string& id) const {
    return question_.events() ? shard.event_articles(id) : shard.story_articles(id);
  }

  Result<void> stories() {
    for (const std::string& id : question_.ids()) {
      v1::PeerStory story;
      std::set<std::string> languages;
      std::set<std::string> sources;
      for (const Asked& one : asked_) {
        VIGIE_ASSIGN(const auto members, members_of(one.shard, id));
        story.set_articles(story.articles() + members.size());
        if (!question_.languages()) continue;
        for (std::size_t i = 0; i < std::min(members.size(), kMaxCopies); ++i) {
          VIGIE_ASSIGN(const auto member, one.shard.article(members[i]));
          if (!member) continue;
          if (!member->language().empty()) languages.insert(member->language());
          if (!member->source().id().empty()) sources.insert(member->source().id());
        }
      }
      if (story.articles() == 0) continue;
      story.set_id(id);
      for (const std::string& language : languages) story.add_languages(language);
      for (const std::string& source : sources) story.add_sources(source);
      *out_.add_stories() = std::move(story);
    }
    return {};
  }

  Result<void> copies() {
    for (const std::string& story : question_.ids()) {
      for (const Asked& one : asked_) {
        VIGIE_ASSIGN(auto members, members_of(one.shard, story));
        if (members.size() > kMaxCopies) members.resize(kMaxCopies);
        for (const std::string& member : members) {
          VIGIE_ASSIGN(const auto article, one.shard.article(member));
          if (!article) continue;
          v1::PeerCopy& added = *out_.add_copies();
          *added.mutable_article() = matching::summarize(*article, {}, one.shard.story_of(member),
                                                         one.shard.event_of(member));
          added.set_fingerprint(article->fingerprint());
        }
      }
    }
    return {};
  }

  Result<void> timeline() {
    std::optional<Facet> split;
    if (question_.fields_size() > 0) {
      VIGIE_ASSIGN(split, facet_from_name(question_.fields(0)));
    }
    TimelineSum sum;
    for (const Asked& one : asked_) {
      VIGIE_ASSIGN(const auto found, one.shard.timeline(*query_, question_.interval_ms(),
                                                        question_.now_unix_ms(), split));
      sum.add(found);
    }
    sum.write(out_);
    return {};
  }

  Result<void> facets() {
    std::vector<Facet> fields;
    for (const std::string& name : question_.fields()) {
      VIGIE_ASSIGN(const Facet facet, facet_from_name(name));
      fields.push_back(facet);
    }
    FacetSum sum(fields);
    for (const Asked& one : asked_) {
      VIGIE_ASSIGN(const auto found, one.shard.facets(*query_, fields, question_.now_unix_ms()));
      sum.add(found);
    }
    sum.write(out_);
    return {};
  }

  Result<void> articles() {
    return for_ids([&](const std::string& id, const Shard& shard) -> Result<void> {
      VIGIE_ASSIGN(auto article, shard.article(id));
      if (!article) return {};
      v1::PeerArticle& added = *out_.add_articles();
      *added.mutable_article() = std::move(*article);
      added.set_story_id(shard.story_of(id));
      added.set_event_id(shard.event_of(id));
      return {};
    });
  }

  Result<void> versions() {
    return for_ids([&](const std::string& id, const Shard& shard) -> Result<void> {
      VIGIE_ASSIGN(auto versions, shard.versions(id));
      for (StoredVersion& version : versions) {
        v1::PeerArticle& added = *out_.add_articles();
        added.set_version_id(version.version_id);
        added.set_fetched_at_unix_ms(version.fetched_at_unix_ms);
        *added.mutable_article() = std::move(version.article);
      }
      return {};
    });
  }

  const v1::LeafRequest& question_;
  const query::Query* query_;
  std::vector<Asked> asked_;
  v1::LeafResponse& out_;
};

bool asks_query(v1::LeafRequest::Kind kind) {
  return kind == v1::LeafRequest::KIND_STATISTICS || kind == v1::LeafRequest::KIND_FIND ||
         kind == v1::LeafRequest::KIND_DETAILS || kind == v1::LeafRequest::KIND_TIMELINE ||
         kind == v1::LeafRequest::KIND_FACETS;
}

}  // namespace

v1::LeafResponse respond(const v1::LeafRequest& question, const query::Query* parsed,
                         const Holdings& holdings, const query::Budget* budget) {
  v1::LeafResponse out;
  const auto refuse = [&out](const Error& error) {
    out.Clear();
    out.mutable_error()->set_code(error.code);
    out.mutable_error()->set_detail(error.detail);
    out.mutable_error()->set_where(error.where);
    out.mutable_error()->set_caller(error.disposition == Disposition::kQuarantine);
    return out;
  };
  query::Query own;
  if (parsed == nullptr && asks_query(question.kind())) {
    auto read = query::parse(question.query(), query::Use::kSearch, wider_limits());
    if (!read) return refuse(read.error());
    own = std::move(*read);
    own.budget = budget;
    parsed = &own;
  }
  std::vector<Asked> asked;
  for (const std::int32_t partition : question.partitions()) {
    const auto place = holdings.find(partition);
    if (place == holdings.end()) continue;
    asked.push_back({partition, *place->second.shard});
    out.add_answered(partition);
    if (place->second.state == v1::PeerShard::STATE_RESTORING) out.add_restoring(partition);
  }
  if (auto answered = Leaf(question, parsed, std::move(asked), out).run(); !answered)
    return refuse(answered.error());
  return out;
}

}  // namespace vigie::indexer::search
