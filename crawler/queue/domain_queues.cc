#include "crawler/queue/domain_queues.h"

#include <algorithm>

namespace vigie::crawler::queue {

using std::chrono::milliseconds;

std::optional<milliseconds> wake_time(const Readiness& readiness, milliseconds ip_gap,
                                      milliseconds now) {
  if (!readiness.due) return std::nullopt;
  milliseconds wake = std::max(now, *readiness.due);
  if (readiness.addresses) wake = std::max(wake, *readiness.addresses);
  const bool in_use = readiness.polite == milliseconds::max();
  return std::max(
      wake, in_use ? now + std::clamp(ip_gap / 4, kBusyWait, kMaxBusyWait) : readiness.polite);
}

std::optional<std::string> DomainQueues::next(milliseconds now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    std::string domain = timers_.begin()->second;
    timers_.erase(timers_.begin());
    const auto found = queues_.find(domain);
    if (found == queues_.end()) continue;
    found->second.wake.reset();
    if (!found->second.busy) return domain;
  }
  return std::nullopt;
}

std::optional<milliseconds> DomainQueues::next_wake() const {
  return timers_.empty() ? std::optional<milliseconds>() : timers_.begin()->first;
}

void DomainQueues::schedule(const std::string& domain, std::optional<milliseconds> wake) {
  DomainQueue& queue = queues_[domain];
  if (queue.wake) timers_.erase({*queue.wake, domain});
  queue.wake = queue.busy ? std::nullopt : wake;
  if (queue.wake) timers_.emplace(*queue.wake, domain);
}

bool DomainQueues::busy(const std::string& domain) const {
  const auto found = queues_.find(domain);
  return found != queues_.end() && found->second.busy;
}

void DomainQueues::push(const std::string& domain, std::uint64_t fetch) {
  queues_[domain].ready.push_back(fetch);
}

void DomainQueues::push_front(const std::string& domain, std::uint64_t fetch) {
  queues_[domain].ready.push_front(fetch);
}

std::optional<std::uint64_t> DomainQueues::front(const std::string& domain) const {
  const auto found = queues_.find(domain);
  return found == queues_.end() || found->second.ready.empty() ? std::optional<std::uint64_t>()
                                                               : found->second.ready.front();
}

void DomainQueues::pop(const std::string& domain) { queues_[domain].ready.pop_front(); }

std::int64_t DomainQueues::waiting(const std::string& domain) const {
  const auto found = queues_.find(domain);
  return found == queues_.end() ? 0 : found->second.waiting;
}

void DomainQueues::clear() {
  queues_.clear();
  timers_.clear();
  touched_.clear();
}

}  // namespace vigie::crawler::queue
