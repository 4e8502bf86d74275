#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/search/coverage.h"
#include "indexer/search/leaf.h"
#include "indexer/search/peers.h"
#include "platform/result/result.h"
#include "proto/peer.pb.h"

namespace vigie::indexer::search {

/// Serving before held before restoring: the most complete shard has the least rank.
int rank_of(v1::PeerShard::State state);

/// One request of a caller, scattered over the leaves. Which process answers for which shard stays
/// the same through all questions of the request, unless that process fails: then the next one that
/// claims the shard is asked. One thread. Private to indexer/search.
class ScatterGather {
 public:
  /// `here`: the shards of this process. `expected`: how many shards there should be over all
  /// processes, 0 if that is not known. `peers` may be nullptr, and must outlive the request.
  ScatterGather(Holdings here, std::size_t expected, Peers* peers);

  /// Asks every shard, or those of `only`. `parsed`: the query of the question, nullptr if it has
  /// none or is to be read from its text. Out: what the processes answered, in no order.
  /// Errors: what every shard says of the question itself; what is wrong with a peer leaves its
  /// shards out.
  Result<std::vector<v1::LeafResponse>> ask(v1::LeafRequest question, const query::Query* parsed,
                                            const std::vector<std::int32_t>* only = nullptr);

  /// Which shards the responses so far speak of.
  Coverage coverage() const;

 private:
  /// Shards by the process that is asked for them; "" is this one.
  using ByProcess = std::map<std::string, std::vector<std::int32_t>>;
  /// What came back from the peers; shared with their callbacks.
  struct Returned;

  void choose_processes(Peers* peers);
  ByProcess next_round(std::set<std::int32_t>& open);
  Result<void> ask_round(v1::LeafRequest& question, const query::Query* parsed,
                         const ByProcess& round, std::set<std::int32_t>& open,
                         std::vector<v1::LeafResponse>& out);
  std::size_t send_to_peers(v1::LeafRequest& question, const ByProcess& round,
                            const std::shared_ptr<Returned>& returned);
  void take(v1::LeafResponse response, const std::vector<std::int32_t>& asked,
            std::set<std::int32_t>& open, std::vector<v1::LeafResponse>& out);

  Peers* peers_;
  Holdings here_;
  std::size_t expected_;
  std::map<std::int32_t, std::vector<std::string>> processes_;  // by partition, best first
  std::set<std::int32_t> missing_;
  std::set<std::int32_t> restoring_;
};

}  // namespace vigie::indexer::search
