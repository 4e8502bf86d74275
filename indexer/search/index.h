#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/search/peers.h"
#include "indexer/shard/shard.h"
#include "platform/clock/clock.h"
#include "platform/result/result.h"
#include "proto/article.pb.h"
#include "proto/match.pb.h"
#include "proto/peer.pb.h"

/// Reads over every shard, in this process and in its peers.
namespace vigie::indexer::search {

/// Most hits of one page; more is an error.
inline constexpr std::size_t kMaxLimit = 1'000;

struct SearchRequest {
  std::string query;  // as typed; ignored where `parsed` is given
  const query::Query* parsed = nullptr;
  Sort sort = Sort::kRelevance;
  std::size_t limit = 20;        // 0..kMaxLimit; 0 only counts
  std::string cursor;            // of the page before; empty: the first page
  std::int64_t now_unix_ms = 0;  // 0: the clock's
  // one hit a story: its best (relevance) or newest article that answers the query
  bool group_by_story = false;
};

struct Hit {
  // snippet and story_id included; no tag evidence
  v1::ArticleSummary article;
  // bytes of article.snippet: offset, length
  std::vector<std::pair<std::uint32_t, std::uint32_t>> highlights;
  double score = 0;
  std::int64_t time_unix_ms = 0;  // what newest-first sorts by
  // other articles of its story, whether they answer the query or not
  std::uint64_t copies = 0;
  // of all articles of its story, in order; filled for group_by_story
  std::vector<std::string> languages;
};

/// Which shards an answer speaks of.
struct Coverage {
  std::size_t shards = 0;               // that there should be
  std::vector<std::int32_t> missing;    // partitions of which the answer knows nothing
  std::vector<std::int32_t> restoring;  // partitions that have not caught up with the log
  bool partial() const { return !missing.empty() || !restoring.empty(); }
};

struct SearchPage {
  std::uint64_t total = 0;  // articles (not stories) that answer the query
  bool exact = true;
  std::vector<Hit> hits;
  // [A-Za-z0-9_-]; empty after the last page. Articles that arrive meanwhile neither repeat nor
  // hide hits
  std::string cursor;
  double took_ms = 0;
  Coverage coverage;
};

/// One article as it is shown alone.
struct ArticleView {
  v1::ArticleRecord article;
  std::string story_id;  // empty while unknown
};

/// An article of a story.
struct Copy {
  v1::ArticleSummary article;
  std::string fingerprint;
};

/// How much there is, here and at the peers.
struct Figures {
  std::uint64_t documents = 0;
  std::uint64_t disk_bytes = 0;
  Coverage coverage;
};

/// All shards as one index: those of this process, and those that its peers have. A shard that two
/// processes claim is asked once. Thread-safe. A peer that does not answer in time leaves its
/// shards out, and the coverage says so. Errors of every call: those of a shard (kStop), bad_query,
/// bad_cursor, bad_argument (kQuarantine).
class Index {
 public:
  /// The clock must outlive the index.
  explicit Index(Clock& clock);
  ~Index();

  /// To be called before the first read; must outlive the index.
  void use_peers(Peers& peers) { peers_ = &peers; }
  /// A shard is shared between its writer (ShardWriter) and the reads that are under way when it is
  /// removed.
  void add_shard(std::int32_t partition, std::shared_ptr<Shard> shard,
                 v1::PeerShard::State state = v1::PeerShard::STATE_SERVING);
  void remove_shard(std::int32_t partition);
  /// How many shards there should be, over all processes; those that are nowhere make answers
  /// partial. 0 (at first): whatever there is.
  void expect_shards(std::size_t count);

  Result<SearchPage> search(const SearchRequest& request) const;
  /// interval_ms: 3'600'000 or 86'400'000. In order of time; bins without articles left out.
  /// now_unix_ms 0: the clock's.
  Result<std::vector<TimelineBin>> timeline(const query::Query& query, std::int64_t interval_ms,
                                            std::optional<Facet> split_by = std::nullopt,
                                            std::int64_t now_unix_ms = 0,
                                            Coverage* coverage = nullptr) const;
  Result<std::vector<TimelineBin>> timeline(std::string_view query, std::int64_t interval_ms,
                                            std::optional<Facet> split_by = std::nullopt,
                                            std::int64_t now_unix_ms = 0) const;
  /// One entry a field, in the order asked; counts descending, then value ascending.
  using Facets = std::vector<std::pair<Facet, std::vector<Count>>>;
  Result<Facets> facets(const query::Query& query, const std::vector<Facet>& fields,
                        std::int64_t now_unix_ms = 0, Coverage* coverage = nullptr) const;
  Result<Facets> facets(std::string_view query, const std::vector<Facet>& fields,
                        std::int64_t now_unix_ms = 0) const;

  /// The current version; nothing for an unknown or hidden article, and for one whose shard is
  /// missing: the coverage tells.
  Result<std::optional<ArticleView>> article(const std::string& article_id,
                                             Coverage* coverage = nullptr) const;
  /// Every stored version, newest first; the first is current.
  Result<std::vector<StoredVersion>> versions(const std::string& article_id,
                                              Coverage* coverage = nullptr) const;
  /// The articles of a story, oldest discovery first.
  Result<std::vector<Copy>> copies(const std::string& story_id, Coverage* coverage = nullptr) const;

  /// As of the last look at the peers.
  Figures figures() const;

  /// What this process alone says, to another indexer. CLAIMS leaves instance, group and alerts to
  /// the caller.
  v1::LeafResponse answer(const v1::LeafRequest& question) const;

 private:
  class ScatterGather;

  /// Where an article can be; empty: anywhere.
  std::vector<std::int32_t> partitions_of(const std::string& article_id) const;
  static Result<bool> shown_before(ScatterGather& scatter, const v1::LeafRequest& find,
                                   const v1::PeerHit& candidate, const v1::PeerPlace& after);
  static Result<void> fill_page(ScatterGather& scatter, const v1::LeafRequest& find,
                                const query::Query& query, bool grouped,
                                const std::vector<v1::PeerHit>& chosen, SearchPage& page);

  Clock& clock_;
  Peers* peers_ = nullptr;
  mutable std::shared_mutex mutex_;
  struct Shards;
  std::unique_ptr<Shards> shards_;
  std::size_t expected_ = 0;
};

/// "topic" "actor" "language" "country" "source" "kind" "affiliation". Errors: bad_argument naming
/// the choices.
Result<Facet> facet_from_name(std::string_view name);
std::string_view facet_name(Facet facet);

/// Where a page ended, as the URL-safe text that search() gives and takes back.
struct Cursor {
  Sort sort = Sort::kRelevance;
  bool grouped = false;
  std::int64_t now_unix_ms = 0;  // the first page's, so that within: means the same on every page
  std::uint64_t query_hash = 0;  // a cursor of another query is refused
  After after;
  Statistics statistics;  // the first page's, so that scores do not move between pages
};
std::string encode_cursor(const Cursor& cursor);
/// Errors: bad_cursor (kQuarantine) for anything encode_cursor did not make.
Result<Cursor> decode_cursor(std::string_view text);

}  // namespace vigie::indexer::search
