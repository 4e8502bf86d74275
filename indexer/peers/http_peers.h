#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "indexer/peers/metrics.h"
#include "indexer/search/peers.h"
#include "platform/clock/clock.h"
#include "platform/metrics/metrics.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"

/// The other indexers over HTTP.
namespace vigie::indexer::peers {

struct PeerOptions {
  // http://HOST:PORT or https://… each, or dns:NAME:PORT; this process may be among them
  std::vector<std::string> peers;
  std::string instance;                     // of this process, which is no peer of itself
  std::string key;                          // of api.keys_file, sent as Bearer; empty: none
  std::chrono::milliseconds timeout{2000};  // of one question
  std::chrono::milliseconds look_every{1000};
  std::chrono::milliseconds resolve_every{5000};
  /// Addresses of a name, IPv6 ones without brackets; empty when it does not resolve. May wait. The
  /// default asks the system.
  std::function<std::vector<std::string>(const std::string& name)> resolve = {};
};

/// Looks at every peer once a second for what it has; what a peer said is forgotten when it cannot
/// be reached, or was silent for three seconds. Thread-safe, but for run() and look(), which are
/// one thread's.
class HttpPeers final : public search::Peers {
 public:
  /// All must outlive it. Errors: kStop bad_peer, naming the entry of indexer.peers.
  static Result<std::unique_ptr<HttpPeers>> make(net::HttpClient& client, Clock& clock,
                                                 metrics::Registry& registry, PeerOptions options);

  std::vector<Claim> claims() const override;
  std::optional<std::string> alerter_of(std::int32_t partition) const override;
  void ask(const std::string& peer, const v1::LeafRequest& question, Done done) override;

  /// Asks every peer what it has, and waits for the responses.
  void look();
  /// look() again and again, until stopped.
  Result<void> run(std::stop_token stop);

 private:
  struct Known {
    v1::PeerClaims claims;
    std::chrono::milliseconds heard_at{0};  // since boot
  };
  HttpPeers(net::HttpClient& client, Clock& clock, metrics::Registry& registry,
            PeerOptions options);
  std::vector<std::string> addresses();
  void hear(const std::string& peer, Result<v1::LeafResponse> response);
  void forget(const std::string& peer);

  net::HttpClient& client_;
  Clock& clock_;
  const PeerOptions options_;
  std::vector<std::string> resolved_;  // of the dns: entries
  std::chrono::milliseconds resolve_at_{0};
  mutable std::mutex mutex_;
  std::map<std::string, Known> known_;  // by URL; those that said what they have
  PeerMetrics metrics_;
};

}  // namespace vigie::indexer::peers
