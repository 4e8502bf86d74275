#include "crawler/politeness/request_gate.h"

#include <algorithm>

namespace vigie::crawler::politeness {

using std::chrono::milliseconds;

RequestGate::RequestGate(PolitenessOptions options, const Clock& clock, Random& random,
                         metrics::Registry& registry)
    : clock_(clock),
      owner_(options.owner),
      politeness_(options, clock, random),
      watch_(options.min_gap, options.ip_gap, registry) {}

RequestGate::Addresses RequestGate::addresses_of(const std::string& host) {
  if (politeness_.knows_addresses(host)) return Addresses::kKnown;
  const milliseconds now = clock_.since_boot();
  const auto [at, ask] = awaited_.try_emplace(host, now + kResolveTime);
  if (ask) return Addresses::kAsk;
  if (at->second > now) return Addresses::kAwaited;
  awaited_.erase(at);
  politeness_.learn_addresses(host, {});
  return Addresses::kKnown;
}

std::optional<milliseconds> RequestGate::awaited_until(const std::string& host) const {
  const auto found = awaited_.find(host);
  return found == awaited_.end() ? std::optional<milliseconds>() : found->second;
}

bool RequestGate::resolved(const std::string& host, std::vector<std::string> addresses) {
  if (awaited_.erase(host) == 0) return false;
  politeness_.learn_addresses(host, std::move(addresses));
  return true;
}

std::vector<v1::Reservation> RequestGate::reserve(std::uint64_t fetch, PolitenessKeys keys) {
  std::vector<v1::Reservation> records = politeness_.reserve(keys);
  const bool first = requests_.try_emplace(fetch, Request{std::move(keys), {}}).second;
  VIGIE_INVARIANT(first);
  return records;
}

bool RequestGate::may_send(std::uint64_t fetch) const {
  const auto found = requests_.find(fetch);
  return found != requests_.end() && politeness_.valid(found->second.keys);
}

void RequestGate::sent(std::uint64_t fetch) {
  Request& request = requests_.at(fetch);
  request.sent_at = clock_.since_boot();
  request.out = true;
}

std::vector<v1::Reservation> RequestGate::cancel(std::uint64_t fetch) {
  const auto found = requests_.find(fetch);
  if (found == requests_.end()) return {};
  std::vector<v1::Reservation> records = politeness_.cancel(found->second.keys);
  requests_.erase(found);
  return records;
}

std::optional<RequestGate::Ended> RequestGate::ended(std::uint64_t fetch,
                                                     const Result<net::HttpResponse>& response) {
  const auto found = requests_.find(fetch);
  if (found == requests_.end()) return std::nullopt;
  const milliseconds now = clock_.since_boot();
  Request& request = found->second;
  Ended out;
  out.took = now - request.sent_at;
  out.abandoned = request.abandoned;
  out.keys = std::move(request.keys);
  const std::string peer = response ? response->peer : std::string();
  watch_.ended(out.keys, peer, request.sent_at, now);
  out.records = politeness_.ended(out.keys, response ? response->status : 0,
                                  response ? response->header("retry-after") : std::string(), peer);
  requests_.erase(found);
  return out;
}

void RequestGate::abandon_all() {
  for (auto at = requests_.begin(); at != requests_.end();) {
    if (!at->second.out) {
      politeness_.cancel(at->second.keys);
      at = requests_.erase(at);
    } else {
      at->second.abandoned = true;
      ++at;
    }
  }
}

bool RequestGate::idle() const {
  return std::all_of(requests_.begin(), requests_.end(),
                     [](const auto& request) { return request.second.abandoned; });
}

}  // namespace vigie::crawler::politeness
