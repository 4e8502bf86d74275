#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platform/result/result.h"
#include "proto/peer.pb.h"

namespace vigie::indexer::search {

/// The seam to the other indexers. Thread-safe.
class Peers {
 public:
  virtual ~Peers() = default;

  /// A shard that another process says it has.
  struct Claim {
    std::string peer;  // name to give to ask()
    v1::PeerShard shard;
  };
  /// As of the last look, a second or so ago. Two peers may claim one shard while it changes hands.
  virtual std::vector<Claim> claims() const = 0;
  /// Who delivers the alerts of a partition of `matches`, if another process does.
  virtual std::optional<std::string> alerter_of(std::int32_t partition) const = 0;

  /// Asks one peer. `done` is called once, from any thread, within a bounded time. Errors: kRetry,
  /// for a peer that did not answer.
  using Done = std::function<void(Result<v1::LeafResponse>)>;
  virtual void ask(const std::string& peer, const v1::LeafRequest& question, Done done) = 0;
  /// ask() and wait. Not from a callback.
  Result<v1::LeafResponse> ask_and_wait(const std::string& peer, const v1::LeafRequest& question);
};

}  // namespace vigie::indexer::search
