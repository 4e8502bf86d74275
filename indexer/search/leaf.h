#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/shard/shard.h"
#include "proto/peer.pb.h"

/// How one process answers a question from its own shards, whoever asks: itself or another indexer.
/// Private to indexer/search.
namespace vigie::indexer::search {

/// A shard of this process.
struct Holding {
  std::shared_ptr<Shard> shard;
  v1::PeerShard::State state = v1::PeerShard::STATE_SERVING;
};
using Holdings = std::map<std::int32_t, Holding>;  // by partition

/// Every kind but CLAIMS, ALERT_COUNTS and REQUEST. `parsed` is the question's query where the
/// caller has it; nullptr: it is read from the text.
v1::LeafResponse answer(const v1::LeafRequest& question, const query::Query* parsed,
                        const Holdings& holdings);

/// The order of hits, over all shards.
bool better(Sort sort, const v1::PeerPlace& a, const v1::PeerPlace& b);

/// Articles of one story that are read for its languages and copies, a shard.
inline constexpr std::size_t kMaxCopies = 1'000;

v1::PeerStatistics to_record(const Statistics& statistics);
Statistics from_record(const v1::PeerStatistics& record);

}  // namespace vigie::indexer::search
