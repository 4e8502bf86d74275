#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "indexer/analysis/analysis.h"
#include "indexer/segments/format.h"
#include "platform/result/result.h"
#include "proto/article.pb.h"

/// The rows of a shard's database.
namespace vigie::indexer {

/// Families, by number; the names are on disk.
enum Family : std::size_t {
  kSystem,     // positions, manifest, superseded ordinals
  kArticles,   // article id → ArticleRow
  kDocuments,  // ordinal (u64) → ArticleRecord
  kStories,    // 'a' article id → story id; 's' story id NUL article id → nothing; 'v' and 'e':
               // events
  kPostings,   // segments of schema 1; empty since
  kPositions,  // the same
  kMatches,    // matches that wait for the log: see match_outbox.cc
};

/// Made by this version; a shard with a greater number was made by a newer vigie. Of a lesser one
/// the segments are made again from the documents.
inline constexpr std::uint64_t kSchema = 2;

/// What segments were made by; segments of anything else are made again from the documents.
struct Maker {
  std::uint64_t schema = kSchema;
  std::uint64_t format = segments::kFormat;
  std::uint64_t analyzer = analysis::kAnalyzer;
  friend bool operator==(const Maker&, const Maker&) = default;
  std::string encode() const;
  static Result<Maker> decode(std::string_view bytes);
};

/// Rows of kSystem.
inline constexpr std::string_view kSchemaRow = "schema";  // Maker
inline constexpr std::string_view kStateRow = "state";
inline constexpr char kManifestRow = 'm';    // + segment number (u32)
inline constexpr char kSupersededRow = 'd';  // + ordinal (u64)
// + ordinal (u64): taken down, but its postings are still in a segment
inline constexpr char kUnpurgedRow = 'x';
std::string row(char kind, std::uint64_t ordinal);
std::string document_key(std::uint64_t ordinal);

/// Where the shard stands; changes in every batch.
struct State {
  std::int64_t next_offset = 0;
  std::int64_t stories_offset = 0;
  std::uint64_t next_ordinal = 0;
  std::uint64_t cutoff = 0;  // documents from here on are in the head
  std::uint64_t next_match = 0;
  std::uint64_t documents = 0;   // current and not hidden
  std::int64_t skipped_to = -1;  // where a person last had the reading go on behind a gap
  std::string encode() const;
  static Result<State> decode(std::string_view bytes);
};

/// A segment that exists.
struct ManifestRow {
  std::uint32_t number = 0;
  std::uint32_t level = 0;  // how often its documents were merged
  std::uint64_t begin = 0;  // ordinals [begin, end)
  std::uint64_t end = 0;
  std::string encode() const;
  static Result<ManifestRow> decode(std::string_view key, std::string_view bytes);
};

/// What decides which version is current: the greatest.
struct Rank {
  std::int64_t fetched_at_unix_ms = 0;
  std::string version_id;
  std::string extractor_version;
  std::string pack;
  std::string record_hash;  // of the record's bytes
  auto tied() const {
    return std::tie(fetched_at_unix_ms, version_id, extractor_version, pack, record_hash);
  }
  friend bool operator<(const Rank& a, const Rank& b) { return a.tied() < b.tied(); }
  friend bool operator==(const Rank& a, const Rank& b) { return a.tied() == b.tied(); }
};
/// `bytes`: the record as the log gave it.
Rank rank_of(const v1::ArticleRecord& article, std::string_view bytes);
/// Whether a version of a row is this record. Versions of 0.1.0 hashed what serialising the record
/// again gave, which may differ from its bytes where a later vigie wrote it.
bool is_version(const Rank& stored, const Rank& rank, const v1::ArticleRecord& article);

/// Most versions kept of one article: a page that changes at every fetch must not grow without end.
/// The least by rank go first, whatever the order of arrival.
inline constexpr std::size_t kMaxVersions = 500;

struct ArticleRow {
  struct Version {
    Rank rank;
    std::uint64_t ordinal = 0;
  };
  bool hidden = false;
  std::vector<Version> versions;  // greatest rank first: versions.front() is current
  std::string encode() const;
  static Result<ArticleRow> decode(std::string_view bytes);
};

}  // namespace vigie::indexer
