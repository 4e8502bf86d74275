#include "indexer/search/page.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "indexer/analysis/first.h"
#include "indexer/search/cursor.h"
#include "indexer/search/index.h"
#include "indexer/search/merge.h"
#include "proto/identity.h"

namespace vigie::indexer::search {
namespace {

/// Hits looked at for one page of stories before it is given as it is: a story of thousands of
/// copies must not cost a whole scan each time.
constexpr std::size_t kMaxGroupScan = 5'000;
/// Articles of the stories of a page of which the first ones are looked for.
constexpr std::uint32_t kMaxStoryMembers = 1'000;

std::uint64_t hash_of(const query::Query& query) {
  const auto digest = proto::digest128(query.canonical());
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | digest[i];
  return out;
}

/// The cursor of the page that is asked for: the one given, or that of a first page.
Result<Cursor> cursor_of(const SearchRequest& request, const query::Query& query,
                         std::int64_t now_unix_ms) {
  Cursor first;
  first.sort = request.sort;
  first.group = static_cast<std::uint8_t>(request.group);
  first.now_unix_ms = request.now_unix_ms != 0 ? request.now_unix_ms : now_unix_ms;
  first.query_hash = hash_of(query);
  if (request.cursor.empty()) return first;
  VIGIE_ASSIGN(Cursor given, decode_cursor(request.cursor));
  if (given.query_hash != first.query_hash || given.sort != first.sort ||
      given.group != first.group) {
    return failure(Disposition::kQuarantine, "bad_cursor",
                   "the cursor belongs to another query or order; start again without it");
  }
  return given;
}

/// Builds one page, step by step.
class Page {
 public:
  Page(const SearchRequest& request, const query::Query& query, Cursor cursor,
       ScatterGather& scatter)
      : request_(request), query_(query), cursor_(std::move(cursor)), scatter_(scatter) {
    if (!request.cursor.empty()) {
      after_.emplace();
      after_->set_score(cursor_.after.score);
      after_->set_time_unix_ms(cursor_.after.time_unix_ms);
      after_->set_article_id(cursor_.after.article_id);
    }
    end_ = after_;
  }

  Result<SearchPage> build() {
    VIGIE_TRY(prepare_find());
    if (grouped() && request_.limit > 0) {
      VIGIE_TRY(choose_stories());
    } else {
      VIGIE_TRY(choose_articles());
    }
    VIGIE_TRY(fill());
    if (more_ && end_) {
      cursor_.after = {end_->score(), end_->time_unix_ms(), end_->article_id()};
      page_.cursor = encode_cursor(cursor_);
    }
    page_.coverage = scatter_.coverage();
    return std::move(page_);
  }

 private:
  struct Story {
    std::uint64_t articles = 0;
    std::set<std::string> languages;
    std::set<std::string> sources;
    v1::ArticleSummary first;
  };

  /// The question for hits, with the sum of the statistics of all shards.
  Result<void> prepare_find() {
    find_.set_query(query_.canonical());
    find_.set_newest(cursor_.sort == Sort::kNewest);
    find_.set_now_unix_ms(cursor_.now_unix_ms);
    if (cursor_.sort == Sort::kRelevance && cursor_.statistics.document_frequency.empty()) {
      find_.set_kind(v1::LeafRequest::KIND_STATISTICS);
      Statistics all;
      VIGIE_ASSIGN(const auto responses, scatter_.ask(find_, &query_));
      for (const v1::LeafResponse& response : responses)
        all.add(from_record(response.statistics()));
      cursor_.statistics = std::move(all);
    }
    *find_.mutable_statistics() = to_record(cursor_.statistics);
    find_.set_kind(v1::LeafRequest::KIND_FIND);
    return {};
  }

  /// The best `limit` hits behind `behind`.
  Result<std::vector<v1::PeerHit>> gather(std::size_t limit,
                                          const std::optional<v1::PeerPlace>& behind) {
    find_.set_limit(static_cast<std::uint32_t>(limit));
    find_.clear_after();
    if (behind) *find_.mutable_after() = *behind;
    VIGIE_ASSIGN(auto responses, scatter_.ask(find_, &query_));
    HitSum sum(cursor_.sort, limit);
    for (v1::LeafResponse& response : responses) sum.add(response);
    page_.total = sum.total();
    page_.exact = sum.exact();
    return sum.take();
  }

  /// One more than asked for tells whether there is another page.
  Result<void> choose_articles() {
    VIGIE_ASSIGN(chosen_, gather(request_.limit == 0 ? 0 : request_.limit + 1, after_));
    more_ = chosen_.size() > request_.limit;
    if (more_) chosen_.resize(request_.limit);
    if (!chosen_.empty()) end_ = chosen_.back().place();
    return {};
  }

  /// A story is shown by the first of its articles in the order of the whole search: one that
  /// stands before this page was shown there.
  Result<void> choose_stories() {
    std::set<std::string> seen;
    std::size_t scanned = 0;
    const std::size_t step = std::max<std::size_t>(request_.limit * 2, 50);
    do {
      VIGIE_ASSIGN(auto candidates, gather(step, end_));
      more_ = candidates.size() == step;
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        VIGIE_ASSIGN(const bool shown, is_shown(candidates[i], seen));
        end_ = candidates[i].place();
        if (!shown) chosen_.push_back(std::move(candidates[i]));
        if (chosen_.size() == request_.limit) {
          more_ = more_ || i + 1 < candidates.size();
          break;
        }
      }
      scanned += candidates.size();
    } while (more_ && chosen_.size() < request_.limit && scanned < kMaxGroupScan);
    return {};
  }

  /// Whether the candidate's story is on this page (`seen`) or was on one before.
  Result<bool> is_shown(const v1::PeerHit& candidate, std::set<std::string>& seen) {
    if (group_of(candidate).empty()) return false;
    if (!seen.insert(group_of(candidate)).second) return true;
    if (!after_) return false;
    v1::LeafRequest first = find_;
    first.set_story(group_of(candidate));
    first.set_events(by_event());
    first.set_limit(1);
    first.clear_after();
    VIGIE_ASSIGN(const auto responses, scatter_.ask(first, &query_));
    for (const v1::LeafResponse& response : responses) {
      for (const v1::PeerHit& hit : response.hits()) {
        const bool is_candidate = hit.place().article_id() == candidate.place().article_id();
        if (!is_candidate && !better(cursor_.sort, *after_, hit.place())) return true;
      }
    }
    return false;
  }

  /// What is shown of the chosen hits.
  Result<void> fill() {
    if (chosen_.empty()) return {};
    VIGIE_ASSIGN(auto stories, groups_of_chosen(by_event()));
    if (grouped()) VIGIE_TRY(show_first(stories));
    std::map<std::string, Story> events;
    if (grouped()) {
      VIGIE_ASSIGN(events, groups_of_chosen(true));
    }
    VIGIE_ASSIGN(auto details, details_of_chosen());
    for (const v1::PeerHit& hit : chosen_) {
      const auto detail = details.find(hit.place().article_id());
      if (detail == details.end()) continue;  // taken down a moment ago
      page_.hits.push_back(shown_hit(hit, std::move(detail->second), stories, events));
    }
    return {};
  }

  Result<std::map<std::string, v1::PeerDetail>> details_of_chosen() {
    v1::LeafRequest question;
    question.set_kind(v1::LeafRequest::KIND_DETAILS);
    question.set_query(find_.query());
    std::vector<std::int32_t> partitions;
    for (const v1::PeerHit& hit : chosen_) {
      question.add_ids(hit.place().article_id());
      question.add_id_partitions(hit.partition());
      partitions.push_back(hit.partition());
    }
    std::map<std::string, v1::PeerDetail> out;
    VIGIE_ASSIGN(auto responses, scatter_.ask(question, &query_, &partitions));
    for (v1::LeafResponse& response : responses) {
      for (v1::PeerDetail& detail : *response.mutable_details()) {
        std::string id = detail.article().article_id();
        out.insert_or_assign(std::move(id), std::move(detail));
      }
    }
    return out;
  }

  bool grouped() const { return request_.group != Group::kNone; }
  bool by_event() const { return request_.group == Group::kEvent; }
  /// The story of a hit or an article; its event where hits are grouped by those.
  template <class Record>
  const std::string& group_of(const Record& record) const {
    return by_event() ? record.event_id() : record.story_id();
  }

  /// The stories of the hits, or their events.
  Result<std::map<std::string, Story>> groups_of_chosen(bool events) {
    std::set<std::string> ids;
    for (const v1::PeerHit& hit : chosen_) {
      const std::string& id = events ? hit.event_id() : hit.story_id();
      if (!id.empty()) ids.insert(id);
    }
    std::map<std::string, Story> out;
    if (ids.empty()) return out;
    v1::LeafRequest question;
    question.set_kind(v1::LeafRequest::KIND_STORIES);
    question.set_languages(grouped());
    question.set_events(events);
    for (const std::string& id : ids) question.add_ids(id);
    VIGIE_ASSIGN(const auto responses, scatter_.ask(question, nullptr));
    for (const v1::LeafResponse& response : responses) {
      for (const v1::PeerStory& story : response.stories()) {
        out[story.id()].articles += story.articles();
        out[story.id()].languages.insert(story.languages().begin(), story.languages().end());
        out[story.id()].sources.insert(story.sources().begin(), story.sources().end());
      }
    }
    return out;
  }

  /// Each story is shown by the first of its articles that answers the query; its place among the
  /// others stays.
  Result<void> show_first(std::map<std::string, Story>& stories) {
    v1::LeafRequest question;
    question.set_kind(v1::LeafRequest::KIND_COPIES);
    question.set_events(by_event());
    for (const auto& [id, story] : stories) {
      if (story.articles > 1) question.add_ids(id);
    }
    if (question.ids_size() == 0) return {};
    VIGIE_ASSIGN(const auto matching, matching_of(question));
    VIGIE_ASSIGN(const auto responses, scatter_.ask(question, nullptr));
    std::map<std::string, const v1::ArticleSummary*> shown;
    for (const v1::LeafResponse& response : responses) {
      for (const v1::PeerCopy& copy : response.copies()) {
        const v1::ArticleSummary& one = copy.article();
        v1::ArticleSummary& first = stories[group_of(one)].first;
        if (first.article_id().empty() || analysis::is_earlier(one, first)) first = one;
        if (!matching.contains(one.article_id())) continue;
        const v1::ArticleSummary*& best = shown[group_of(one)];
        if (best == nullptr || analysis::is_earlier(one, *best)) best = &one;
      }
    }
    for (v1::PeerHit& hit : chosen_) {
      const auto found = shown.find(group_of(hit));
      if (found == shown.end()) continue;
      hit.mutable_place()->set_article_id(found->second->article_id());
      hit.set_partition(matching.at(found->second->article_id()));
    }
    return {};
  }

  /// The articles of some stories that answer the query, with their partitions.
  Result<std::map<std::string, std::int32_t>> matching_of(const v1::LeafRequest& stories) {
    std::string text;
    const std::string field = by_event() ? "event:" : "story:";
    for (const std::string& id : stories.ids()) text += (text.empty() ? "" : " OR ") + field + id;
    if (query_.root().kind != query::Node::Kind::kAll)
      text = "(" + query_.canonical() + ") (" + text + ")";
    query::QueryLimits limits;  // those of the query, and the stories
    limits.bytes *= 8;
    limits.nodes *= 2;
    limits.depth += 2;
    auto parsed = query::parse(text, query::Use::kSearch, limits);
    std::map<std::string, std::int32_t> out;
    if (!parsed) return out;  // at the limit of what a query may hold: the stories stay as chosen
    parsed->budget = query_.budget;
    v1::LeafRequest question = find_;
    question.set_query(text);
    question.set_newest(true);
    question.set_limit(kMaxStoryMembers);
    question.clear_after();
    VIGIE_ASSIGN(const auto responses, scatter_.ask(question, &*parsed));
    for (const v1::LeafResponse& response : responses) {
      for (const v1::PeerHit& hit : response.hits())
        out[hit.place().article_id()] = hit.partition();
    }
    return out;
  }

  Hit shown_hit(const v1::PeerHit& found, v1::PeerDetail detail,
                const std::map<std::string, Story>& stories,
                const std::map<std::string, Story>& events) const {
    Hit hit;
    for (int i = 0; i + 1 < detail.highlights_size(); i += 2)
      hit.highlights.emplace_back(detail.highlights(i), detail.highlights(i + 1));
    hit.article = std::move(*detail.mutable_article());
    hit.score = found.place().score();
    hit.time_unix_ms = found.place().time_unix_ms();
    if (const auto event = events.find(hit.article.event_id()); event != events.end()) {
      hit.event.articles = event->second.articles;
      hit.event.languages.assign(event->second.languages.begin(), event->second.languages.end());
      hit.event.sources = event->second.sources.size();
    }
    if (!group_of(hit.article).empty()) {
      const auto story = stories.find(group_of(hit.article));
      if (story == stories.end()) return hit;
      hit.copies = story->second.articles == 0 ? 0 : story->second.articles - 1;
      hit.languages.assign(story->second.languages.begin(), story->second.languages.end());
      hit.first = story->second.first;
    } else if (grouped() && !hit.article.language().empty()) {
      hit.languages.push_back(hit.article.language());
    }
    return hit;
  }

  const SearchRequest& request_;
  const query::Query& query_;
  Cursor cursor_;
  ScatterGather& scatter_;
  v1::LeafRequest find_;
  std::optional<v1::PeerPlace> after_;  // where the page before ended
  std::optional<v1::PeerPlace> end_;    // where this one ends
  std::vector<v1::PeerHit> chosen_;
  bool more_ = false;  // there may be a next page
  SearchPage page_;
};

}  // namespace

Result<SearchPage> search_page(const SearchRequest& request, const query::Query& query,
                               std::int64_t now_unix_ms, ScatterGather scatter) {
  VIGIE_ASSIGN(Cursor cursor, cursor_of(request, query, now_unix_ms));
  return Page(request, query, std::move(cursor), scatter).build();
}

}  // namespace vigie::indexer::search
