#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "indexer/query/budget.h"
#include "indexer/query/query.h"
#include "indexer/search/coverage.h"
#include "indexer/search/facet.h"
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

/// By what hits are put together.
enum class Group : std::uint8_t { kNone, kStory, kEvent };

struct SearchRequest {
  std::string query;  // as typed; ignored where `parsed` is given
  const query::Query* parsed = nullptr;
  Sort sort = Sort::kRelevance;
  std::size_t limit = 20;        // 0..kMaxLimit; 0 only counts
  std::string cursor;            // of the page before; empty: the first page
  std::int64_t now_unix_ms = 0;  // 0: the clock's
  // one hit a story (or event), at the place of its best (relevance) or newest article that answers
  // the query, shown by the first one that does
  Group group = Group::kNone;
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
  // of all articles of its story (Group::kEvent: of its event), in order; filled where hits are
  // grouped
  std::vector<std::string> languages;
  // where hits are grouped: the first article of its story (event), whether it answers the query or
  // not; no id where the story (event) has one article alone
  v1::ArticleSummary first;
  // where hits are grouped: all articles of its event, whatever they answer; 0 where none is known
  struct Event {
    std::uint64_t articles = 0;
    std::vector<std::string> languages;  // in order
    std::uint64_t sources = 0;
  };
  Event event;
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
  std::string event_id;  // empty while unknown
};

/// An article of a story.
struct Copy {
  v1::ArticleSummary article;
  std::string fingerprint;
};

/// Which articles answered a query at one moment, newest first: all that a long response needs to
/// keep. About 40 bytes an article.
class Listing {
 public:
  std::size_t size() const { return partitions_.size(); }
  void reserve(std::size_t articles);
  void add(std::string_view article_id, std::int32_t partition);
  std::string_view id(std::size_t row) const;
  std::int32_t partition(std::size_t row) const { return partitions_[row]; }

 private:
  std::string ids_;
  std::vector<std::size_t> ends_;  // of the ids
  std::vector<std::int32_t> partitions_;
};

/// How much there is, here and at the peers.
struct Figures {
  std::uint64_t documents = 0;
  std::uint64_t disk_bytes = 0;
  Coverage coverage;
};

class ScatterGather;

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

  /// How long a question may take; 2 s at first.
  void set_deadline(std::chrono::milliseconds deadline) { deadline_ = deadline; }
  /// What a question may take whose caller is gone once `gone` is stopped. To be named by its query
  /// (query::Query::budget); questions without get one of their own. Unless it `may_take_long` it
  /// fails with takes_long instead of taking more than others notice.
  std::unique_ptr<const query::Budget> budget(std::stop_token gone, bool may_take_long) const;

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

  /// Every article that answers a query, at most `most`. Each shard is asked once: what arrives
  /// later is not in it. `total`: how many there are. now_unix_ms 0: the clock's.
  Result<Listing> list(const query::Query& query, std::size_t most, std::uint64_t& total,
                       std::int64_t now_unix_ms = 0, Coverage* coverage = nullptr) const;
  /// Rows of a listing with their articles as they are now, in its order; one that was taken down
  /// since is left out, and so is one whose shard is missing: the coverage tells.
  Result<std::vector<ArticleView>> articles(const Listing& listing, std::size_t begin,
                                            std::size_t count, Coverage* coverage = nullptr) const;

  /// The current version; nothing for an unknown or hidden article, and for one whose shard is
  /// missing: the coverage tells.
  Result<std::optional<ArticleView>> article(const std::string& article_id,
                                             Coverage* coverage = nullptr) const;
  /// Every stored version, newest first; the first is current.
  Result<std::vector<StoredVersion>> versions(const std::string& article_id,
                                              Coverage* coverage = nullptr) const;
  /// The articles of an event, of all its stories, the first one first.
  Result<std::vector<Copy>> reports(const std::string& event_id,
                                    Coverage* coverage = nullptr) const;
  /// The articles of a story, the first one first (analysis::is_earlier).
  Result<std::vector<Copy>> copies(const std::string& story_id, Coverage* coverage = nullptr) const;

  /// As of the last look at the peers.
  Figures figures() const;

  /// What this process alone says, to another indexer. CLAIMS leaves instance, group and alerts to
  /// the caller. The rest as budget().
  v1::LeafResponse answer(const v1::LeafRequest& question, std::stop_token gone,
                          bool may_take_long) const;

 private:
  Result<std::vector<Copy>> members(const std::string& id, bool event, Coverage* coverage) const;
  /// A request of its own for each call.
  ScatterGather scatter() const;
  /// Where an article can be; empty: anywhere.
  std::vector<std::int32_t> partitions_of(const std::string& article_id) const;

  Clock& clock_;
  std::chrono::milliseconds deadline_{2'000};
  mutable query::Gate gate_;
  Peers* peers_ = nullptr;
  mutable std::shared_mutex mutex_;
  struct Shards;
  std::unique_ptr<Shards> shards_;
  std::size_t expected_ = 0;
};

}  // namespace vigie::indexer::search
