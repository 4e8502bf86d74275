#include "indexer/shard/match_outbox.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "indexer/segments/coding.h"

namespace vigie::indexer {
namespace {

// Rows of kMatches, in order:
//   sequence (8 bytes)              → a whole MatchRecord; or kShared, the sequence of the last
//   match
//                                     of the article (8), a MatchRecord without what they share
//   sequence of the last (8) kPart  → MatchRecord of what they share alone
// The shared row comes behind those that need it, so that they are forgotten in the order in which
// they are read. No record of Protocol Buffers begins with 0.
constexpr char kShared = '\0';
constexpr char kPart = 'p';
constexpr std::size_t kKeyBytes = 8;
constexpr std::size_t kHeadBytes = 1 + kKeyBytes;

std::string sequence_key(std::uint64_t sequence) {
  std::string key;
  storage::append_u64(key, sequence);
  return key;
}

std::string part_key(std::string_view last) { return std::string(last) + kPart; }

/// Reads rows in order and gives back what each shares with others.
class Reader {
 public:
  explicit Reader(storage::Database& database) : database_(database) {}
  /// Adds to `match`; false: damaged.
  Result<bool> read(std::string_view value, v1::MatchRecord& match) {
    if (value.empty() || value.front() != kShared)
      return match.ParseFromArray(value.data(), static_cast<int>(value.size()));
    if (value.size() < kHeadBytes) return false;
    const std::string_view last = value.substr(1, kKeyBytes);
    if (last != last_) {
      VIGIE_ASSIGN(const std::optional<std::string> part, database_.get(kMatches, part_key(last)));
      if (!part) return false;
      last_ = last;
      part_ = *part;
    }
    value.remove_prefix(kHeadBytes);
    return match.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
           match.MergeFromString(part_);
  }
  /// Whether that match is the last of those that share something.
  bool is_last(std::string_view key) const { return key == last_; }

 private:
  storage::Database& database_;
  std::string last_;
  std::string part_;  // of last_
};

}  // namespace

void put_matches(const matching::Matches& matches, State& state, storage::Batch& batch) {
  if (matches.size() == 1) {
    batch.put(kMatches, sequence_key(state.next_match++), matches.own + matches.shared);
    return;
  }
  if (matches.empty()) return;
  const std::string last = sequence_key(state.next_match + matches.size() - 1);
  std::string row;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    row.assign(1, kShared).append(last).append(matches.own_of(i));
    batch.put(kMatches, sequence_key(state.next_match++), row);
  }
  batch.put(kMatches, part_key(last), matches.shared);
}

Result<std::vector<Shard::PendingMatch>> read_matches(storage::Database& database,
                                                      std::size_t limit) {
  std::vector<Shard::PendingMatch> out;
  Reader reader(database);
  const auto cursor = database.cursor(kMatches);
  for (cursor->seek_to_first(); cursor->valid() && out.size() < limit; cursor->next()) {
    if (cursor->key().size() != kKeyBytes) continue;
    Shard::PendingMatch pending;
    VIGIE_ASSIGN(const bool whole, reader.read(cursor->value(), pending.match));
    if (!whole) return segments::corrupt("pending match");
    pending.row = reader.is_last(cursor->key()) ? part_key(cursor->key()) : cursor->key();
    out.push_back(std::move(pending));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

void remove_matches(const std::vector<std::string>& rows, storage::Batch& batch) {
  for (const std::string& row : rows) {
    batch.remove(kMatches, row.substr(0, kKeyBytes));
    if (row.size() > kKeyBytes) batch.remove(kMatches, row);
  }
}

}  // namespace vigie::indexer
