#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/shard/shard.h"
#include "proto/peer.pb.h"

/// What one process says to a question from its own shards, whoever asks: itself or another
/// indexer. Private to indexer/search.
namespace vigie::indexer::search {

/// A shard of this process.
struct Holding {
  std::shared_ptr<Shard> shard;
  v1::PeerShard::State state = v1::PeerShard::STATE_SERVING;
};
using Holdings = std::map<std::int32_t, Holding>;  // by partition

/// Every kind but CLAIMS, ALERT_COUNTS and REQUEST. `parsed` is the question's query where the
/// caller has it; nullptr: it is read from the text.
/// `budget`: of a query that is read from the text; a parsed one has its own.
v1::LeafResponse respond(const v1::LeafRequest& question, const query::Query* parsed,
                         const Holdings& holdings, const query::Budget* budget = nullptr);

/// Articles of one story that are read for its languages and copies, a shard.
inline constexpr std::size_t kMaxCopies = 1'000;

}  // namespace vigie::indexer::search
