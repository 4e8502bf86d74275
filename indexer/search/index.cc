#include "indexer/search/index.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include "indexer/search/leaf.h"
#include "proto/identity.h"
#include "proto/log_topics.h"

namespace vigie::indexer::search {
namespace {

constexpr std::pair<Facet, std::string_view> kFacetNames[] = {{Facet::kTopic, "topic"},
                                                              {Facet::kActor, "actor"},
                                                              {Facet::kLanguage, "language"},
                                                              {Facet::kCountry, "country"},
                                                              {Facet::kSource, "source"},
                                                              {Facet::kKind, "kind"},
                                                              {Facet::kAffiliation, "affiliation"}};

/// Hits looked at for one page of stories before it is given as it is: a story of thousands of
/// copies must not cost a whole scan each time.
constexpr std::size_t kMaxGroupScan = 5'000;

std::uint64_t hash_of(const query::Query& query) {
  const auto digest = proto::digest128(query.canonical());
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | digest[i];
  return out;
}

Result<query::Query> parsed(std::string_view text) {
  return query::parse(text, query::Use::kSearch);
}

/// Serving before held before restoring: the most complete first.
int rank_of(v1::PeerShard::State state) {
  return state == v1::PeerShard::STATE_SERVING ? 0 : state == v1::PeerShard::STATE_HELD ? 1 : 2;
}

std::vector<Count> sorted(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<Count> out;
  for (const auto& [value, count] : counts) out.push_back({value, count});
  std::stable_sort(out.begin(), out.end(),
                   [](const Count& a, const Count& b) { return a.count > b.count; });
  return out;
}

}  // namespace

struct Index::Shards {
  Holdings here;
};

/// One request, scattered over the leaves and gathered again: which process is asked for which
/// shard stays the same through all its questions, unless that process fails.
class Index::ScatterGather {
 public:
  explicit ScatterGather(const Index& index) : peers_(index.peers_) {
    struct Candidate {
      std::string peer;
      int rank = 0;
      std::int64_t next_offset = 0;
    };
    std::map<std::int32_t, std::vector<Candidate>> candidates;
    {
      const std::shared_lock lock(index.mutex_);
      here_ = index.shards_->here;
      expected_ = index.expected_;
    }
    // at home it costs least
    for (const auto& [partition, holding] : here_)
      candidates[partition].push_back({std::string(), rank_of(holding.state), INT64_MAX});
    if (peers_ != nullptr) {
      for (const Peers::Claim& claim : peers_->claims())
        candidates[claim.shard.partition()].push_back(
            {claim.peer, rank_of(claim.shard.state()), claim.shard.next_offset()});
    }
    for (std::size_t partition = 0; partition < expected_; ++partition)
      candidates[static_cast<std::int32_t>(partition)];
    for (auto& [partition, list] : candidates) {
      std::stable_sort(list.begin(), list.end(), [](const Candidate& a, const Candidate& b) {
        return a.rank != b.rank ? a.rank < b.rank : a.next_offset > b.next_offset;
      });
      std::vector<std::string>& places = places_[partition];
      for (Candidate& candidate : list) places.push_back(std::move(candidate.peer));
    }
    if (expected_ == 0) expected_ = places_.size();
  }

  /// Asks every shard, or those of `only`. `parsed`: the query of the question.
  Result<std::vector<v1::LeafResponse>> ask(v1::LeafRequest question, const query::Query* parsed,
                                            const std::vector<std::int32_t>* only = nullptr) {
    std::set<std::int32_t> open;
    for (const auto& [partition, places] : places_) {
      if (only == nullptr || std::find(only->begin(), only->end(), partition) != only->end())
        open.insert(partition);
    }
    std::vector<v1::LeafResponse> out;
    while (!open.empty()) {
      std::map<std::string, std::vector<std::int32_t>> by_place;
      for (auto partition = open.begin(); partition != open.end();) {
        const auto& places = places_[*partition];
        if (places.empty()) {
          missing_.insert(*partition);
          partition = open.erase(partition);
          continue;
        }
        by_place[places.front()].push_back(*partition);
        ++partition;
      }
      VIGIE_TRY(ask_round(question, parsed, by_place, open, out));
    }
    return out;
  }

  Coverage coverage() const {
    Coverage out;
    out.shards = expected_;
    out.missing.assign(missing_.begin(), missing_.end());
    out.restoring.assign(restoring_.begin(), restoring_.end());
    return out;
  }

 private:
  // What comes back from the peers, shared with callbacks.
  struct Returned {
    std::mutex mutex;
    std::condition_variable arrived;
    std::map<std::string, Result<v1::LeafResponse>> answers;
  };

  Result<void> ask_round(v1::LeafRequest& question, const query::Query* parsed,
                         const std::map<std::string, std::vector<std::int32_t>>& by_place,
                         std::set<std::int32_t>& open, std::vector<v1::LeafResponse>& out) {
    const auto returned = std::make_shared<Returned>();
    std::size_t away = 0;
    for (const auto& [place, partitions] : by_place) {
      if (place.empty()) continue;
      question.mutable_partitions()->Assign(partitions.begin(), partitions.end());
      ++away;
      peers_->ask(place, question, [returned, peer = place](Result<v1::LeafResponse> answer) {
        {
          const std::lock_guard lock(returned->mutex);
          returned->answers.insert_or_assign(peer, std::move(answer));
        }
        returned->arrived.notify_one();
      });
    }
    // While the others work.
    if (const auto home = by_place.find(std::string()); home != by_place.end()) {
      question.mutable_partitions()->Assign(home->second.begin(), home->second.end());
      v1::LeafResponse answered = search::answer(question, parsed, here_);
      if (answered.has_error()) return failure(error_of(answered.error()));
      take(std::move(answered), home->second, open, out);
    }
    std::unique_lock lock(returned->mutex);
    returned->arrived.wait(lock, [&] { return returned->answers.size() == away; });
    for (auto& [place, answer] : returned->answers) {
      // What is wrong with the question every shard says; what is wrong with a peer concerns its
      // shards alone.
      if (answer && answer->has_error() && answer->error().caller())
        return failure(error_of(answer->error()));
      const bool useful = answer && !answer->has_error();
      take(useful ? std::move(*answer) : v1::LeafResponse(), by_place.at(place), open, out);
    }
    return {};
  }

  void take(v1::LeafResponse answer, const std::vector<std::int32_t>& asked,
            std::set<std::int32_t>& open, std::vector<v1::LeafResponse>& out) {
    for (const std::int32_t partition : asked) {
      if (std::find(answer.answered().begin(), answer.answered().end(), partition) !=
          answer.answered().end()) {
        open.erase(partition);
      } else {
        auto& places = places_[partition];
        places.erase(places.begin());  // the next one, if another claims it too
      }
    }
    restoring_.insert(answer.restoring().begin(), answer.restoring().end());
    if (answer.answered_size() > 0) out.push_back(std::move(answer));
  }

  static Error error_of(const v1::PeerError& error) {
    return Error{error.code(), error.caller() ? Disposition::kQuarantine : Disposition::kStop,
                 error.detail(), error.where()};
  }

  Peers* peers_;
  Holdings here_;
  std::size_t expected_ = 0;
  std::map<std::int32_t, std::vector<std::string>> places_;  // best first; "": this process
  std::set<std::int32_t> missing_;
  std::set<std::int32_t> restoring_;
};

Index::Index(Clock& clock) : clock_(clock), shards_(std::make_unique<Shards>()) {}
Index::~Index() = default;

void Index::add_shard(std::int32_t partition, std::shared_ptr<Shard> shard,
                      v1::PeerShard::State state) {
  const std::unique_lock lock(mutex_);
  shards_->here[partition] = {std::move(shard), state};
}

void Index::remove_shard(std::int32_t partition) {
  const std::unique_lock lock(mutex_);
  shards_->here.erase(partition);
}

void Index::expect_shards(std::size_t count) {
  const std::unique_lock lock(mutex_);
  expected_ = count;
}

Result<SearchPage> Index::search(const SearchRequest& request) const {
  const auto started = std::chrono::steady_clock::now();
  if (request.limit > kMaxLimit)
    return failure(Disposition::kQuarantine, "bad_argument",
                   "a page holds at most " + std::to_string(kMaxLimit) +
                       " hits; ask for fewer and use the cursor");
  query::Query own;
  const query::Query* query = request.parsed;
  if (query == nullptr) {
    VIGIE_ASSIGN(own, parsed(request.query));
    query = &own;
  }
  Cursor cursor;
  cursor.sort = request.sort;
  cursor.grouped = request.group_by_story;
  cursor.now_unix_ms = request.now_unix_ms != 0 ? request.now_unix_ms : clock_.now_unix_ms();
  cursor.query_hash = hash_of(*query);
  std::optional<v1::PeerPlace> after;
  if (!request.cursor.empty()) {
    VIGIE_ASSIGN(Cursor given, decode_cursor(request.cursor));
    if (given.query_hash != cursor.query_hash || given.sort != cursor.sort ||
        given.grouped != cursor.grouped) {
      return failure(Disposition::kQuarantine, "bad_cursor",
                     "the cursor belongs to another query or order; start again without it");
    }
    cursor = std::move(given);
    after.emplace();
    after->set_score(cursor.after.score);
    after->set_time_unix_ms(cursor.after.time_unix_ms);
    after->set_article_id(cursor.after.article_id);
  }

  SearchPage page;
  ScatterGather scatter(*this);
  v1::LeafRequest find;
  find.set_query(query->canonical());
  find.set_newest(cursor.sort == Sort::kNewest);
  find.set_now_unix_ms(cursor.now_unix_ms);
  if (cursor.sort == Sort::kRelevance && cursor.statistics.document_frequency.empty()) {
    find.set_kind(v1::LeafRequest::KIND_STATISTICS);
    Statistics all;
    VIGIE_ASSIGN(const auto answers, scatter.ask(find, query));
    for (const v1::LeafResponse& answer : answers) all.add(from_record(answer.statistics()));
    cursor.statistics = std::move(all);
  }
  *find.mutable_statistics() = to_record(cursor.statistics);
  find.set_kind(v1::LeafRequest::KIND_FIND);

  const auto gather =
      [&](std::size_t limit,
          const std::optional<v1::PeerPlace>& behind) -> Result<std::vector<v1::PeerHit>> {
    find.set_limit(static_cast<std::uint32_t>(limit));
    find.clear_after();
    if (behind) *find.mutable_after() = *behind;
    VIGIE_ASSIGN(auto answers, scatter.ask(find, query));
    std::vector<v1::PeerHit> out;
    page.total = 0;
    page.exact = true;
    for (v1::LeafResponse& answer : answers) {
      page.total += answer.total();
      page.exact = page.exact && !answer.inexact();
      for (v1::PeerHit& hit : *answer.mutable_hits()) out.push_back(std::move(hit));
    }
    std::sort(out.begin(), out.end(), [&](const v1::PeerHit& a, const v1::PeerHit& b) {
      return better(cursor.sort, a.place(), b.place());
    });
    if (out.size() > limit) out.resize(limit);
    return out;
  };

  // One more than asked for tells whether there is another page.
  std::vector<v1::PeerHit> chosen;
  bool more = false;
  std::optional<v1::PeerPlace> end = after;
  if (!request.group_by_story) {
    VIGIE_ASSIGN(chosen, gather(request.limit == 0 ? 0 : request.limit + 1, after));
    more = chosen.size() > request.limit;
    if (more) chosen.resize(request.limit);
    if (!chosen.empty()) end = chosen.back().place();
  } else if (request.limit == 0) {
    VIGIE_TRY(gather(0, after));
  } else {
    // A story is shown by the first of its articles in the order of the whole search: one that
    // stands before this page was shown there.
    std::set<std::string> seen;
    std::size_t scanned = 0;
    const std::size_t step = std::max<std::size_t>(request.limit * 2, 50);
    std::vector<v1::PeerHit> candidates;
    do {
      VIGIE_ASSIGN(candidates, gather(step, end));
      more = candidates.size() == step;
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        v1::PeerHit& candidate = candidates[i];
        bool shown = !candidate.story_id().empty() && !seen.insert(candidate.story_id()).second;
        if (!shown && !candidate.story_id().empty() && after) {
          VIGIE_ASSIGN(shown, shown_before(scatter, find, candidate, *after));
        }
        end = candidate.place();
        if (!shown) chosen.push_back(std::move(candidate));
        if (chosen.size() == request.limit) {
          more = more || i + 1 < candidates.size();
          break;
        }
      }
      scanned += candidates.size();
    } while (more && chosen.size() < request.limit && scanned < kMaxGroupScan);
  }
  VIGIE_TRY(fill_page(scatter, find, *query, request.group_by_story, chosen, page));
  if (more && end) {
    cursor.after = {end->score(), end->time_unix_ms(), end->article_id()};
    page.cursor = encode_cursor(cursor);
  }
  page.coverage = scatter.coverage();
  page.took_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
  return page;
}

/// What is shown of the chosen hits.
Result<void> Index::fill_page(ScatterGather& scatter, const v1::LeafRequest& find,
                              const query::Query& query, bool grouped,
                              const std::vector<v1::PeerHit>& chosen, SearchPage& page) {
  if (chosen.empty()) return {};
  v1::LeafRequest details;
  details.set_kind(v1::LeafRequest::KIND_DETAILS);
  details.set_query(find.query());
  std::vector<std::int32_t> partitions;
  std::set<std::string> stories;
  for (const v1::PeerHit& hit : chosen) {
    details.add_ids(hit.place().article_id());
    details.add_id_partitions(hit.partition());
    partitions.push_back(hit.partition());
    if (!hit.story_id().empty()) stories.insert(hit.story_id());
  }
  std::map<std::string, v1::PeerDetail> shown;
  VIGIE_ASSIGN(auto answers, scatter.ask(details, &query, &partitions));
  for (v1::LeafResponse& answer : answers) {
    for (v1::PeerDetail& detail : *answer.mutable_details()) {
      std::string id = detail.article().article_id();
      shown.insert_or_assign(std::move(id), std::move(detail));
    }
  }
  struct Story {
    std::uint64_t articles = 0;
    std::set<std::string> languages;
  };
  std::map<std::string, Story> known;
  if (!stories.empty()) {
    v1::LeafRequest question;
    question.set_kind(v1::LeafRequest::KIND_STORIES);
    question.set_languages(grouped);
    for (const std::string& story : stories) question.add_ids(story);
    VIGIE_ASSIGN(const auto told, scatter.ask(question, nullptr));
    for (const v1::LeafResponse& answer : told) {
      for (const v1::PeerStory& story : answer.stories()) {
        known[story.id()].articles += story.articles();
        known[story.id()].languages.insert(story.languages().begin(), story.languages().end());
      }
    }
  }
  for (const v1::PeerHit& chose : chosen) {
    const auto detail = shown.find(chose.place().article_id());
    if (detail == shown.end()) continue;  // taken down a moment ago
    Hit hit;
    hit.article = detail->second.article();
    for (int i = 0; i + 1 < detail->second.highlights_size(); i += 2)
      hit.highlights.emplace_back(detail->second.highlights(i), detail->second.highlights(i + 1));
    hit.score = chose.place().score();
    hit.time_unix_ms = chose.place().time_unix_ms();
    if (!hit.article.story_id().empty()) {
      const Story& story = known[hit.article.story_id()];
      hit.copies = story.articles == 0 ? 0 : story.articles - 1;
      hit.languages.assign(story.languages.begin(), story.languages.end());
    } else if (grouped && !hit.article.language().empty()) {
      hit.languages.push_back(hit.article.language());
    }
    page.hits.push_back(std::move(hit));
  }
  return {};
}

/// Whether an article of the story that answers the query stands at or before `after`, where a page
/// before this one ended.
Result<bool> Index::shown_before(ScatterGather& scatter, const v1::LeafRequest& find,
                                 const v1::PeerHit& candidate, const v1::PeerPlace& after) {
  v1::LeafRequest first = find;
  first.set_story(candidate.story_id());
  first.set_limit(1);
  first.clear_after();
  VIGIE_ASSIGN(const auto answers, scatter.ask(first, nullptr));
  for (const v1::LeafResponse& answer : answers) {
    for (const v1::PeerHit& hit : answer.hits()) {
      const bool is_candidate = hit.place().article_id() == candidate.place().article_id();
      if (!is_candidate &&
          !better(find.newest() ? Sort::kNewest : Sort::kRelevance, after, hit.place()))
        return true;
    }
  }
  return false;
}

Result<std::vector<TimelineBin>> Index::timeline(const query::Query& query,
                                                 std::int64_t interval_ms,
                                                 std::optional<Facet> split_by,
                                                 std::int64_t now_unix_ms,
                                                 Coverage* coverage) const {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_TIMELINE);
  question.set_query(query.canonical());
  question.set_interval_ms(interval_ms);
  question.set_now_unix_ms(now_unix_ms != 0 ? now_unix_ms : clock_.now_unix_ms());
  if (split_by) question.add_fields(std::string(facet_name(*split_by)));
  struct Bin {
    std::uint64_t count = 0;
    std::map<std::string, std::uint64_t> split;
  };
  std::map<std::int64_t, Bin> bins;
  ScatterGather scatter(*this);
  VIGIE_ASSIGN(const auto answers, scatter.ask(question, &query));
  for (const v1::LeafResponse& answer : answers) {
    for (const v1::PeerBin& bin : answer.bins()) {
      Bin& sum = bins[bin.begin_unix_ms()];
      sum.count += bin.count();
      for (const v1::PeerCount& part : bin.split()) sum.split[part.value()] += part.count();
    }
  }
  std::vector<TimelineBin> out;
  for (const auto& [begin, bin] : bins) out.push_back({begin, bin.count, sorted(bin.split)});
  if (coverage != nullptr) *coverage = scatter.coverage();
  return out;
}

Result<std::vector<TimelineBin>> Index::timeline(std::string_view query, std::int64_t interval_ms,
                                                 std::optional<Facet> split_by,
                                                 std::int64_t now_unix_ms) const {
  VIGIE_ASSIGN(const query::Query tree, parsed(query));
  return timeline(tree, interval_ms, split_by, now_unix_ms);
}

Result<Index::Facets> Index::facets(const query::Query& query, const std::vector<Facet>& fields,
                                    std::int64_t now_unix_ms, Coverage* coverage) const {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_FACETS);
  question.set_query(query.canonical());
  question.set_now_unix_ms(now_unix_ms != 0 ? now_unix_ms : clock_.now_unix_ms());
  for (const Facet field : fields) question.add_fields(std::string(facet_name(field)));
  std::vector<std::map<std::string, std::uint64_t>> counts(fields.size());
  ScatterGather scatter(*this);
  VIGIE_ASSIGN(const auto answers, scatter.ask(question, &query));
  for (const v1::LeafResponse& answer : answers) {
    for (const v1::PeerFacet& facet : answer.facets()) {
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (facet.field() != facet_name(fields[i])) continue;
        for (const v1::PeerCount& count : facet.values()) counts[i][count.value()] += count.count();
      }
    }
  }
  Facets out;
  for (std::size_t i = 0; i < fields.size(); ++i) out.emplace_back(fields[i], sorted(counts[i]));
  if (coverage != nullptr) *coverage = scatter.coverage();
  return out;
}

Result<Index::Facets> Index::facets(std::string_view query, const std::vector<Facet>& fields,
                                    std::int64_t now_unix_ms) const {
  VIGIE_ASSIGN(const query::Query tree, parsed(query));
  return facets(tree, fields, now_unix_ms);
}

std::vector<std::int32_t> Index::partitions_of(const std::string& article_id) const {
  const std::shared_lock lock(mutex_);
  if (expected_ == 0) return {};
  return {proto::partition_of(article_id, static_cast<std::int32_t>(expected_))};
}

Result<std::optional<ArticleView>> Index::article(const std::string& article_id,
                                                  Coverage* coverage) const {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_ARTICLES);
  question.add_ids(article_id);
  const std::vector<std::int32_t> only = partitions_of(article_id);
  ScatterGather scatter(*this);
  VIGIE_ASSIGN(auto answers, scatter.ask(question, nullptr, only.empty() ? nullptr : &only));
  if (coverage != nullptr) *coverage = scatter.coverage();
  for (v1::LeafResponse& answer : answers) {
    if (answer.articles_size() == 0) continue;
    v1::PeerArticle& found = *answer.mutable_articles(0);
    return std::optional<ArticleView>(
        ArticleView{std::move(*found.mutable_article()), found.story_id()});
  }
  return std::optional<ArticleView>();
}

Result<std::vector<StoredVersion>> Index::versions(const std::string& article_id,
                                                   Coverage* coverage) const {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_VERSIONS);
  question.add_ids(article_id);
  const std::vector<std::int32_t> only = partitions_of(article_id);
  ScatterGather scatter(*this);
  VIGIE_ASSIGN(auto answers, scatter.ask(question, nullptr, only.empty() ? nullptr : &only));
  if (coverage != nullptr) *coverage = scatter.coverage();
  std::vector<StoredVersion> out;
  for (v1::LeafResponse& answer : answers) {
    if (answer.articles_size() == 0) continue;
    for (v1::PeerArticle& version : *answer.mutable_articles())
      out.push_back({version.version_id(), version.fetched_at_unix_ms(),
                     std::move(*version.mutable_article())});
    break;
  }
  return out;
}

Result<std::vector<Copy>> Index::copies(const std::string& story_id, Coverage* coverage) const {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_COPIES);
  question.add_ids(story_id);
  ScatterGather scatter(*this);
  VIGIE_ASSIGN(auto answers, scatter.ask(question, nullptr));
  if (coverage != nullptr) *coverage = scatter.coverage();
  std::vector<Copy> out;
  for (v1::LeafResponse& answer : answers) {
    for (v1::PeerCopy& copy : *answer.mutable_copies())
      out.push_back({std::move(*copy.mutable_article()), std::move(*copy.mutable_fingerprint())});
  }
  std::sort(out.begin(), out.end(), [](const Copy& left, const Copy& right) {
    const v1::ArticleSummary& a = left.article;
    const v1::ArticleSummary& b = right.article;
    return a.discovered_at_unix_ms() != b.discovered_at_unix_ms()
               ? a.discovered_at_unix_ms() < b.discovered_at_unix_ms()
               : a.article_id() < b.article_id();
  });
  if (out.size() > kMaxCopies) out.resize(kMaxCopies);
  return out;
}

Figures Index::figures() const {
  struct Best {
    int rank = 3;
    std::uint64_t documents = 0;
    std::uint64_t disk_bytes = 0;
  };
  std::map<std::int32_t, Best> best;
  Figures out;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [partition, holding] : shards_->here)
      best[partition] = {rank_of(holding.state), holding.shard->documents(),
                         holding.shard->disk_bytes()};
    out.coverage.shards = expected_;
  }
  if (peers_ != nullptr) {
    for (const Peers::Claim& claim : peers_->claims()) {
      Best& known = best[claim.shard.partition()];
      if (rank_of(claim.shard.state()) < known.rank)
        known = {rank_of(claim.shard.state()), claim.shard.documents(), claim.shard.disk_bytes()};
    }
  }
  for (const auto& [partition, known] : best) {
    out.documents += known.documents;
    out.disk_bytes += known.disk_bytes;
    if (known.rank == rank_of(v1::PeerShard::STATE_RESTORING))
      out.coverage.restoring.push_back(partition);
  }
  for (std::size_t partition = 0; partition < out.coverage.shards; ++partition) {
    if (!best.contains(static_cast<std::int32_t>(partition)))
      out.coverage.missing.push_back(static_cast<std::int32_t>(partition));
  }
  if (out.coverage.shards == 0) out.coverage.shards = best.size();
  return out;
}

v1::LeafResponse Index::answer(const v1::LeafRequest& question) const {
  Holdings here;
  {
    const std::shared_lock lock(mutex_);
    here = shards_->here;
  }
  if (question.kind() != v1::LeafRequest::KIND_CLAIMS)
    return search::answer(question, nullptr, here);
  v1::LeafResponse out;
  for (const auto& [partition, holding] : here) {
    v1::PeerShard& shard = *out.mutable_claims()->add_shards();
    shard.set_partition(partition);
    shard.set_state(holding.state);
    shard.set_next_offset(holding.shard->next_offset());
    shard.set_documents(holding.shard->documents());
    shard.set_disk_bytes(holding.shard->disk_bytes());
  }
  return out;
}

Result<Facet> facet_from_name(std::string_view name) {
  if (name == "lang") return Facet::kLanguage;  // as in a query
  std::string choices;
  for (const auto& [facet, known] : kFacetNames) {
    if (known == name) return facet;
    choices += choices.empty() ? "" : ", ";
    choices += known;
  }
  return failure(Disposition::kQuarantine, "bad_argument",
                 "there is no field of that name; choose one of " + choices);
}

std::string_view facet_name(Facet facet) {
  for (const auto& [known, name] : kFacetNames) {
    if (known == facet) return name;
  }
  return {};
}

}  // namespace vigie::indexer::search
