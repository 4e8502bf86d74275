#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "indexer/matching/matcher.h"
#include "indexer/shard/rows.h"
#include "indexer/shard/shard.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/match.pb.h"

/// The matches of a shard that wait for the log (family kMatches). What the matches of one article
/// say alike, its fingerprint and its summary without the snippet, is there once.
namespace vigie::indexer {

/// Adds the matches of one article, which take the next sequence numbers of `state`.
void put_matches(const matching::Matches& matches, State& state, storage::Batch& batch);

/// As Shard::pending_matches. Errors: kStop corrupt.
Result<std::vector<Shard::PendingMatch>> read_matches(storage::Database& database,
                                                      std::size_t limit);

/// Removes rows as read_matches gave them, all of an article or the first ones.
void remove_matches(const std::vector<std::string>& rows, storage::Batch& batch);

}  // namespace vigie::indexer
