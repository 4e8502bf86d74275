#include "indexer/peers/http_peers.h"

#include <algorithm>
#include <condition_variable>
#include <set>

#include "indexer/peers/resolve.h"
#include "platform/logging/logging.h"

namespace vigie::indexer::peers {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSilence{3'000};              // a peer that hiccups is not forgotten at once
constexpr milliseconds kRequestTime{40'000};         // of what is passed on for a caller
constexpr std::size_t kMaxResponseBytes = 64 << 20;  // the versions of one article, at worst
constexpr std::string_view kDns = "dns:";

tl::unexpected<Error> bad_peer(const std::string& entry) {
  return failure(
      Disposition::kStop, "bad_peer",
      "an entry of indexer.peers is http://HOST:PORT, https://HOST:PORT or dns:NAME:PORT", entry);
}

/// The port of HOST:PORT, or nothing.
std::optional<std::string> port_of(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string port(authority.substr(colon + 1));
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return port;
}

bool is_url(std::string_view entry) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (entry.starts_with(scheme) &&
        entry.find_first_of("/?#@ ", scheme.size()) == std::string_view::npos &&
        entry.size() > scheme.size())
      return true;
  }
  return false;
}

Result<v1::LeafResponse> read(Result<net::HttpResponse> response, const std::string& peer) {
  if (!response)
    return failure(Disposition::kRetry, response.error().code, response.error().detail, peer);
  if (response->status == 401 || response->status == 403 || response->status == 421) {
    return failure(
        Disposition::kRetry, "peer_refuses",
        "the peer refuses the key; give all indexers one key, in indexer.peer_key_file or as the "
        "first plain line of api.keys_file",
        peer);
  }
  if (response->status != 200)
    return failure(Disposition::kRetry, "peer_failed",
                   "the peer answers " + std::to_string(response->status), peer);
  v1::LeafResponse out;
  if (response->truncation != net::HttpTruncation::kNone || !out.ParseFromString(response->body)) {
    return failure(Disposition::kRetry, "peer_failed", "the peer's response cannot be read", peer);
  }
  return out;
}

/// Nobody is there, as told from a peer that is slow.
bool is_gone(const Error& error) {
  return error.code == "connect" || error.code == "reset" || error.code == "dns";
}

}  // namespace

HttpPeers::HttpPeers(net::HttpClient& client, Clock& clock, metrics::Registry& registry,
                     PeerOptions options)
    : client_(client), clock_(clock), options_(std::move(options)), metrics_(registry) {}

Result<std::unique_ptr<HttpPeers>> HttpPeers::make(net::HttpClient& client, Clock& clock,
                                                   metrics::Registry& registry,
                                                   PeerOptions options) {
  for (std::string& entry : options.peers) {
    while (is_url(entry.substr(0, entry.size() - 1)) && entry.ends_with('/')) entry.pop_back();
    const bool by_name =
        entry.starts_with(kDns) && port_of(std::string_view(entry).substr(kDns.size()));
    if (!by_name && !is_url(entry)) return bad_peer(entry);
  }
  if (!options.resolve) options.resolve = resolve_by_system;
  return std::unique_ptr<HttpPeers>(new HttpPeers(client, clock, registry, std::move(options)));
}

std::vector<std::string> HttpPeers::addresses() {
  if (clock_.since_boot() >= resolve_at_) {
    std::vector<std::string> found;
    for (const std::string& entry : options_.peers) {
      if (!entry.starts_with(kDns)) continue;
      const std::string authority = entry.substr(kDns.size());
      const std::string port = *port_of(authority);
      for (const std::string& address :
           options_.resolve(authority.substr(0, authority.size() - port.size() - 1))) {
        const bool ipv6 = address.find(':') != std::string::npos;
        found.push_back("http://" + (ipv6 ? "[" + address + "]" : address) + ":" + port);
      }
    }
    resolved_ = std::move(found);
    resolve_at_ = clock_.since_boot() + options_.resolve_every;
  }
  std::vector<std::string> out = resolved_;
  for (const std::string& entry : options_.peers) {
    if (!entry.starts_with(kDns)) out.push_back(entry);
  }
  return out;
}

std::vector<search::Peers::Claim> HttpPeers::claims() const {
  const std::lock_guard lock(mutex_);
  std::vector<Claim> out;
  // one process may be reached by several addresses
  std::set<std::string> instances{options_.instance};
  for (const auto& [peer, known] : known_) {
    if (!instances.insert(known.claims.instance()).second) continue;
    for (const v1::PeerShard& shard : known.claims.shards()) out.push_back({peer, shard});
  }
  return out;
}

std::optional<std::string> HttpPeers::alerter_of(std::int32_t partition) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [peer, known] : known_) {
    if (known.claims.instance() == options_.instance) continue;
    const auto& partitions = known.claims.alert_partitions();
    if (std::find(partitions.begin(), partitions.end(), partition) != partitions.end()) return peer;
  }
  return std::nullopt;
}

void HttpPeers::ask(const std::string& peer, const v1::LeafRequest& question, Done done) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = peer + "/v1/peer";
  request.headers = {{"Content-Type", "application/x-protobuf"}};
  if (!options_.key.empty())
    request.headers.emplace_back("Authorization", "Bearer " + options_.key);
  request.body = question.SerializeAsString();
  request.limits.connect = options_.timeout;
  // Samples and repeats wait for the receivers of alerts.
  request.limits.stall = question.kind() == v1::LeafRequest::KIND_REQUEST
                             ? std::max(options_.timeout, kRequestTime)
                             : options_.timeout;
  request.limits.total = request.limits.stall;
  request.limits.decoded_bytes = kMaxResponseBytes;
  client_.start(std::move(request),
                [this, peer, done = std::move(done)](Result<net::HttpResponse> response) {
                  auto answered = read(std::move(response), peer);
                  if (!answered) {
                    metrics_.failures.add();
                    if (is_gone(answered.error())) forget(peer);
                  }
                  done(std::move(answered));
                });
}

void HttpPeers::forget(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  known_.erase(peer);
}

void HttpPeers::hear(const std::string& peer, Result<v1::LeafResponse> response) {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(peer);
  if (response && response->has_claims()) {
    if (known == known_.end() && response->claims().instance() != options_.instance) {
      logging::info("another indexer is there",
                    {{"peer", peer}, {"shards", response->claims().shards_size()}});
    }
    known_[peer] = {std::move(*response->mutable_claims()), clock_.since_boot()};
    return;
  }
  if (known == known_.end() || clock_.since_boot() - known->second.heard_at < kSilence) return;
  logging::warn("another indexer is silent",
                {{"peer", peer},
                 {"error", response ? std::string("no claims") : response.error().to_string()}});
  known_.erase(known);
}

void HttpPeers::look() {
  struct Responses {
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<std::pair<std::string, Result<v1::LeafResponse>>> list;
  };
  const auto responses = std::make_shared<Responses>();  // shared with callbacks
  const std::vector<std::string> all = addresses();
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_CLAIMS);
  for (const std::string& peer : all) {
    ask(peer, question, [responses, peer](Result<v1::LeafResponse> response) {
      {
        const std::lock_guard lock(responses->mutex);
        responses->list.emplace_back(peer, std::move(response));
      }
      responses->arrived.notify_one();
    });
  }
  {
    std::unique_lock lock(responses->mutex);
    responses->arrived.wait(lock, [&] { return responses->list.size() == all.size(); });
  }
  for (auto& [peer, response] : responses->list) hear(peer, std::move(response));
  const std::lock_guard lock(mutex_);
  double reached = 0;
  for (auto known = known_.begin(); known != known_.end();) {
    // An address that its name no longer has.
    if (std::find(all.begin(), all.end(), known->first) == all.end()) {
      known = known_.erase(known);
      continue;
    }
    reached += known->second.claims.instance() != options_.instance ? 1 : 0;
    ++known;
  }
  metrics_.reached.set(reached);
}

Result<void> HttpPeers::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    look();
    clock_.sleep_for(options_.look_every, stop);
  }
  return {};
}

}  // namespace vigie::indexer::peers
