#include "indexer/search/index.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "indexer/analysis/first.h"
#include "indexer/search/facet.h"
#include "indexer/search/leaf.h"
#include "indexer/search/merge.h"
#include "indexer/search/page.h"
#include "indexer/search/scatter.h"
#include "proto/log_topics.h"

namespace vigie::indexer::search {
namespace {

/// Expensive questions that work at once: half the processor, so that the rest is free for the
/// cheap ones and for the writer. As many again may wait.
int expensive_at_once() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
}

/// A query with a budget of its own where its caller gave none.
class Allowed {
 public:
  Allowed(const Index& index, query::Query query) : query_(std::move(query)) {
    if (query_.budget != nullptr) return;
    own_ = index.budget({}, true);
    query_.budget = own_.get();
  }
  const query::Query& operator*() const { return query_; }

 private:
  query::Query query_;
  std::unique_ptr<const query::Budget> own_;
};

Result<query::Query> parsed(std::string_view text) {
  return query::parse(text, query::Use::kSearch);
}

}  // namespace

struct Index::Shards {
  Holdings here;
};

Index::Index(Clock& clock)
    : clock_(clock),
      gate_(expensive_at_once(), expensive_at_once()),
      shards_(std::make_unique<Shards>()) {}
Index::~Index() = default;

std::unique_ptr<const query::Budget> Index::budget(std::stop_token gone, bool may_take_long) const {
  query::Budget::Limits limits;
  limits.deadline = deadline_;
  limits.may_take_long = may_take_long;
  return std::make_unique<query::Budget>(clock_, gate_, limits, std::move(gone));
}

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
  const std::chrono::nanoseconds started = clock_.since_boot_ns();
  if (request.limit > kMaxLimit) {
    return failure(Disposition::kQuarantine, "bad_argument",
                   "a page holds at most " + std::to_string(kMaxLimit) +
                       " hits; ask for fewer and use the cursor");
  }
  query::Query own;
  if (request.parsed != nullptr) {
    own = *request.parsed;
  } else {
    VIGIE_ASSIGN(own, parsed(request.query));
  }
  const Allowed query(*this, std::move(own));
  VIGIE_ASSIGN(SearchPage page, search_page(request, *query, clock_.now_unix_ms(), scatter()));
  page.took_ms =
      std::chrono::duration<double, std::milli>(clock_.since_boot_ns() - started).count();
  return page;
}

Result<std::vector<TimelineBin>> Index::timeline(const query::Query& query,
                                                 std::int64_t interval_ms,
                                                 std::optional<Facet> split_by,
                                                 std::int64_t now_unix_ms,
                                                 Coverage* coverage) const {
  const Allowed allowed(*this, query);
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_TIMELINE);
  question.set_query(query.canonical());
  question.set_interval_ms(interval_ms);
  question.set_now_unix_ms(now_unix_ms != 0 ? now_unix_ms : clock_.now_unix_ms());
  if (split_by) question.add_fields(std::string(facet_name(*split_by)));
  TimelineSum sum;
  ScatterGather scattered = scatter();
  VIGIE_ASSIGN(const auto responses, scattered.ask(question, &*allowed));
  for (const v1::LeafResponse& response : responses) sum.add(response);
  if (coverage != nullptr) *coverage = scattered.coverage();
  return sum.bins();
}

Result<std::vector<TimelineBin>> Index::timeline(std::string_view query, std::int64_t interval_ms,
                                                 std::optional<Facet> split_by,
                                                 std::int64_t now_unix_ms) const {
  VIGIE_ASSIGN(const query::Query tree, parsed(query));
  return timeline(tree, interval_ms, split_by, now_unix_ms);
}

Result<Index::Facets> Index::facets(const query::Query& query, const std::vector<Facet>& fields,
                                    std::int64_t now_unix_ms, Coverage* coverage) const {
  const Allowed allowed(*this, query);
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_FACETS);
  question.set_query(query.canonical());
  question.set_now_unix_ms(now_unix_ms != 0 ? now_unix_ms : clock_.now_unix_ms());
  for (const Facet field : fields) question.add_fields(std::string(facet_name(field)));
  FacetSum sum(fields);
  ScatterGather scattered = scatter();
  VIGIE_ASSIGN(const auto responses, scattered.ask(question, &*allowed));
  for (const v1::LeafResponse& response : responses) sum.add(response);
  if (coverage != nullptr) *coverage = scattered.coverage();
  return sum.facets();
}

Result<Index::Facets> Index::facets(std::string_view query, const std::vector<Facet>& fields,
                                    std::int64_t now_unix_ms) const {
  VIGIE_ASSIGN(const query::Query tree, parsed(query));
  return facets(tree, fields, now_unix_ms);
}

ScatterGather Index::scatter() const {
  const std::shared_lock lock(mutex_);
  return ScatterGather(shards_->here, expected_, peers_);
}

std::vector<std::int32_t> Index::partitions_of(const std::string& article_id) const {
  const std::shared_lock lock(mutex_);
  if (expected_ == 0) return {};
  return {proto::partition_of(article_id, static_cast<std::int32_t>(expected_))};
}

void Listing::reserve(std::size_t articles) {
  ends_.reserve(articles);
  partitions_.reserve(articles);
}

void Listing::add(std::string_view article_id, std::int32_t partition) {
  ids_ += article_id;
  ends_.push_back(ids_.size());
  partitions_.push_back(partition);
}

std::string_view Listing::id(std::size_t row) const {
  const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
  return std::string_view(ids_).substr(begin, ends_[row] - begin);
}

Result<Listing> Index::list(const query::Query& query, std::size_t most, std::uint64_t& total,
                            std::int64_t now_unix_ms, Coverage* coverage) const {
  const Allowed allowed(*this, query);
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_FIND);
  question.set_query(query.canonical());
  question.set_newest(true);
  question.set_places_only(true);
  question.set_limit(static_cast<std::uint32_t>(most));
  question.set_now_unix_ms(now_unix_ms != 0 ? now_unix_ms : clock_.now_unix_ms());
  ScatterGather scattered = scatter();
  VIGIE_ASSIGN(auto responses, scattered.ask(question, &*allowed));
  if (coverage != nullptr) *coverage = scattered.coverage();
  HitSum sum(Sort::kNewest, most);
  for (v1::LeafResponse& response : responses) sum.add(response);
  total = sum.total();
  const std::vector<v1::PeerHit> hits = sum.take();
  Listing out;
  out.reserve(hits.size());
  for (const v1::PeerHit& hit : hits) out.add(hit.place().article_id(), hit.partition());
  return out;
}

Result<std::vector<ArticleView>> Index::articles(const Listing& listing, std::size_t begin,
                                                 std::size_t count, Coverage* coverage) const {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_ARTICLES);
  std::vector<std::int32_t> partitions;
  const std::size_t end = std::min(listing.size(), begin + count);
  for (std::size_t row = begin; row < end; ++row) {
    question.add_ids(std::string(listing.id(row)));
    question.add_id_partitions(listing.partition(row));
    partitions.push_back(listing.partition(row));
  }
  std::vector<ArticleView> out;
  if (partitions.empty()) return out;
  ScatterGather scattered = scatter();
  VIGIE_ASSIGN(auto responses, scattered.ask(question, nullptr, &partitions));
  if (coverage != nullptr) *coverage = scattered.coverage();
  std::map<std::string, v1::PeerArticle*, std::less<>> found;
  for (v1::LeafResponse& response : responses) {
    for (v1::PeerArticle& article : *response.mutable_articles())
      found.emplace(article.article().article_id(), &article);
  }
  for (std::size_t row = begin; row < end; ++row) {
    const auto article = found.find(listing.id(row));
    if (article == found.end()) continue;
    out.push_back({std::move(*article->second->mutable_article()), article->second->story_id(),
                   article->second->event_id()});
  }
  return out;
}

Result<std::optional<ArticleView>> Index::article(const std::string& article_id,
                                                  Coverage* coverage) const {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_ARTICLES);
  question.add_ids(article_id);
  const std::vector<std::int32_t> only = partitions_of(article_id);
  ScatterGather scattered = scatter();
  VIGIE_ASSIGN(auto responses, scattered.ask(question, nullptr, only.empty() ? nullptr : &only));
  if (coverage != nullptr) *coverage = scattered.coverage();
  for (v1::LeafResponse& response : responses) {
    if (response.articles_size() == 0) continue;
    v1::PeerArticle& found = *response.mutable_articles(0);
    return std::optional<ArticleView>(
        ArticleView{std::move(*found.mutable_article()), found.story_id(), found.event_id()});
  }
  return std::optional<ArticleView>();
}

Result<std::vector<StoredVersion>> Index::versions(const std::string& article_id,
                                                   Coverage* coverage) const {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_VERSIONS);
  question.add_ids(article_id);
  const std::vector<std::int32_t> only = partitions_of(article_id);
  ScatterGather scattered = scatter();
  VIGIE_ASSIGN(auto responses, scattered.ask(question, nullptr, only.empty() ? nullptr : &only));
  if (coverage != nullptr) *coverage = scattered.coverage();
  std::vector<StoredVersion> out;
  for (v1::LeafResponse& response : responses) {
    if (response.articles_size() == 0) continue;
    for (v1::PeerArticle& version : *response.mutable_articles())
      out.push_back({version.version_id(), version.fetched_at_unix_ms(),
                     std::move(*version.mutable_article())});
    break;
  }
  return out;
}

Result<std::vector<Copy>> Index::copies(const std::string& story_id, Coverage* coverage) const {
  return members(story_id, false, coverage);
}

Result<std::vector<Copy>> Index::reports(const std::string& event_id, Coverage* coverage) const {
  return members(event_id, true, coverage);
}

Result<std::vector<Copy>> Index::members(const std::string& id, bool event,
                                         Coverage* coverage) const {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_COPIES);
  question.add_ids(id);
  question.set_events(event);
  ScatterGather scattered = scatter();
  VIGIE_ASSIGN(auto responses, scattered.ask(question, nullptr));
  if (coverage != nullptr) *coverage = scattered.coverage();
  std::vector<Copy> out;
  for (v1::LeafResponse& response : responses) {
    for (v1::PeerCopy& copy : *response.mutable_copies())
      out.push_back({std::move(*copy.mutable_article()), std::move(*copy.mutable_fingerprint())});
  }
  std::sort(out.begin(), out.end(), [](const Copy& left, const Copy& right) {
    return analysis::is_earlier(left.article, right.article);
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

v1::LeafResponse Index::answer(const v1::LeafRequest& question, std::stop_token gone,
                               bool may_take_long) const {
  Holdings here;
  {
    const std::shared_lock lock(mutex_);
    here = shards_->here;
  }
  if (question.kind() != v1::LeafRequest::KIND_CLAIMS) {
    query::Budget::Limits limits;
    limits.deadline = deadline_;
    limits.may_take_long = may_take_long;
    if (question.deadline_ms() > 0)
      limits.deadline =
          std::min(limits.deadline, std::chrono::milliseconds(question.deadline_ms()));
    const query::Budget budget(clock_, gate_, limits, std::move(gone));
    return respond(question, nullptr, here, &budget);
  }
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

}  // namespace vigie::indexer::search
