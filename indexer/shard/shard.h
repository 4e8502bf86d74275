#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "indexer/matching/matcher.h"
#include "indexer/query/query.h"
#include "platform/clock/clock.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/article.pb.h"
#include "proto/match.pb.h"

namespace vigie::indexer {

/// An article as the log gave it.
struct LoggedArticle {
  std::int64_t offset = 0;
  std::int64_t log_time_unix_ms = 0;
  /// The record as it came, never empty: what is stored, and what decides between versions that
  /// tie. To serialise `article` again may give other bytes: of fields that this version does not
  /// know the order is the library's.
  std::string bytes;
  v1::ArticleRecord article;  // parsed from `bytes`
};

/// Statistics that make scores of several shards agree.
struct Statistics {
  std::uint64_t documents = 0;
  std::uint64_t length[2] = {0, 0};  // words in all, by field
  /// Documents that hold each term of the scored leaves, in the order of the query's nodes: for a
  /// prefix one number (all its words), for each word of another leaf two (the form; its stems in
  /// all languages). Sums over documents alone, so that they can be added up.
  std::vector<std::uint64_t> document_frequency;
  void add(const Statistics& other);
};

enum class Sort { kRelevance, kNewest };

/// Where a page of results ends: hits are strictly after it in the order of the sort.
struct After {
  double score = 0;               // relevance
  std::int64_t time_unix_ms = 0;  // newest
  std::string article_id;         // breaks ties, ascending
};

struct Found {
  std::string article_id;
  std::uint64_t ordinal = 0;
  double score = 0;
  std::int64_t time_unix_ms = 0;
};

struct Find {
  const query::Query* query = nullptr;
  Sort sort = Sort::kNewest;
  std::size_t limit = 20;
  std::optional<After> after;
  std::int64_t now_unix_ms = 0;
  const Statistics* statistics = nullptr;  // of all shards; nullptr: this shard's own
};

struct FindResult {
  std::uint64_t total = 0;
  bool exact = true;
  std::vector<Found> hits;
};

struct Count {
  std::string value;  // facet value
  std::uint64_t count = 0;
};

struct TimelineBin {
  std::int64_t begin_unix_ms = 0;
  std::uint64_t count = 0;
  std::vector<Count> split;  // by the value of `split_by`, where asked
};

enum class Facet { kTopic, kActor, kLanguage, kCountry, kSource, kKind, kAffiliation, kType };

/// Where an article belongs.
struct Membership {
  std::string article_id;
  std::string story_id;
  std::string event_id = {};
};

/// One stored version of an article.
struct StoredVersion {
  std::string version_id;
  std::int64_t fetched_at_unix_ms = 0;
  v1::ArticleRecord article;
};

struct ShardOptions {
  std::filesystem::path dir;
  std::int32_t partition = 0;
  std::size_t seal_documents = 20'000;
  std::size_t seal_bytes = 64ULL << 20;
  std::chrono::milliseconds seal_age{60'000};
  /// Neighbours of one level that become one segment: what finding a word costs goes by segments.
  std::size_t merge_factor = 5;
  bool maintain_in_background = false;  // merges and seals on threads beside the writer
  storage::Opener open_database = storage::open;
};

/// One partition of `articles` in one RocksDB directory. One writer thread (apply, set_stories,
/// takedown, maintain, checkpoint); any number of readers.
class Shard {
 public:
  virtual ~Shard() = default;
  /// Errors: kStop locked, corrupt, schema (made by a newer vigie).
  static Result<std::unique_ptr<Shard>> open(const ShardOptions& options, Clock& clock,
                                             metrics::Registry& registry);

  /// Offset of `articles` to read next; 0 for a new shard.
  virtual std::int64_t next_offset() const = 0;

  using MatchFn = std::function<matching::Matches(
      const v1::ArticleRecord&, const analysis::Prepared& of_it, std::int64_t log_time_unix_ms)>;
  /// One batch, atomically and durably: documents, postings (live head), counts, matches and the
  /// offset. Searchable on return. Of the versions of an article the greatest (fetched_at, version
  /// id, extractor version, pack, record hash) is current, whatever the order of arrival; the
  /// others are kept as versions. A record that repeats one already stored changes nothing (and
  /// gives no match twice: same match id).
  virtual Result<void> apply(const std::vector<LoggedArticle>& batch, std::int64_t next_offset,
                             const MatchFn& match) = 0;

  /// Goes on at `offset` although what lies between was not read: a person acknowledged the gap.
  /// Durable on return.
  virtual Result<void> skip_to(std::int64_t offset) = 0;
  /// Where the last skip_to went; -1: there was none. An acknowledgement is good for one gap.
  virtual std::int64_t skipped_to() const = 0;

  /// Rows of matches not yet relayed, in order. Relay: send to the log, then forget up to and
  /// including `row`.
  struct PendingMatch {
    std::string row;
    v1::MatchRecord match;
  };
  virtual Result<std::vector<PendingMatch>> pending_matches(std::size_t limit) = 0;
  virtual Result<void> forget_matches(const std::vector<std::string>& rows) = 0;

  /// Story and event of articles; kept also where the article has not come yet. An empty event
  /// leaves the one that is known.
  virtual Result<void> set_stories(const std::vector<Membership>& memberships,
                                   std::int64_t stories_offset) = 0;
  virtual std::int64_t stories_offset() const = 0;
  /// Hides an article from every read at once, for good; its bytes go with the next merge.
  virtual Result<void> takedown(const std::string& article_id) = 0;

  virtual Result<Statistics> statistics(const query::Query& query) const = 0;
  virtual Result<FindResult> find(const Find& find) const = 0;
  /// Counts per hour (3600000) or day (86400000), UTC, of `time`; bins without articles left out.
  virtual Result<std::vector<TimelineBin>> timeline(const query::Query& query,
                                                    std::int64_t interval_ms,
                                                    std::int64_t now_unix_ms,
                                                    std::optional<Facet> split_by) const = 0;
  virtual Result<std::vector<std::pair<Facet, std::vector<Count>>>> facets(
      const query::Query& query, const std::vector<Facet>& fields,
      std::int64_t now_unix_ms) const = 0;

  virtual Result<std::optional<v1::ArticleRecord>> article(const std::string& article_id) const = 0;
  virtual Result<std::vector<StoredVersion>> versions(const std::string& article_id) const = 0;
  virtual std::string story_of(const std::string& article_id) const = 0;  // "" if unknown
  virtual std::string event_of(const std::string& article_id) const = 0;  // "" if unknown
  /// Current articles of an event in this shard.
  virtual Result<std::vector<std::string>> event_articles(const std::string& event_id) const = 0;
  /// Current articles of a story in this shard.
  virtual Result<std::vector<std::string>> story_articles(const std::string& story_id) const = 0;

  /// Seals the head if due, merges segments, removes what nothing names. Called now and then by the
  /// writer thread; returns whether more is to do. Of a merge or seal in the background it takes
  /// over what is done and starts the next; it waits for one only where the head has twice what it
  /// may hold.
  virtual Result<bool> maintain() = 0;
  virtual Result<void> checkpoint(const std::filesystem::path& to) = 0;
  virtual std::uint64_t documents() const = 0;
  virtual std::uint64_t disk_bytes() const = 0;
};

}  // namespace vigie::indexer
