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

void DomainQueues::set_listed(std::unordered_set<std::string> domains) {
  listed_ = std::move(domains);
  Timers all = std::exchange(timers_, {});
  all.merge(others_);
  others_.clear();
  for (const auto& timer : all) timers_of(timer.second).insert(timer);
}

std::optional<std::string> DomainQueues::next(milliseconds now, bool listed_alone) {
  const bool others_first = !listed_alone && ++turn_ % kTurnOfOthers == 0;
  if (others_first) {
    if (auto domain = next_of(others_, now)) return domain;
  }
  if (auto domain = next_of(timers_, now)) return domain;
  return listed_alone || others_first ? std::nullopt : next_of(others_, now);
}

std::optional<std::string> DomainQueues::next_of(Timers& timers, milliseconds now) {
  while (!timers.empty() && timers.begin()->first <= now) {
    std::string domain = timers.begin()->second;
    timers.erase(timers.begin());
    const auto found = queues_.find(domain);
    if (found == queues_.end()) continue;
    found->second.wake.reset();
    if (!found->second.busy) return domain;
  }
  return std::nullopt;
}

std::optional<milliseconds> DomainQueues::next_wake(bool listed_alone) const {
  std::optional<milliseconds> out;
  if (!timers_.empty()) out = timers_.begin()->first;
  if (!listed_alone && !others_.empty())
    out = std::min(out.value_or(milliseconds::max()), others_.begin()->first);
  return out;
}

void DomainQueues::schedule(const std::string& domain, std::optional<milliseconds> wake) {
  DomainQueue& queue = queues_[domain];
  Timers& timers = timers_of(domain);
  if (queue.wake) timers.erase({*queue.wake, domain});
  queue.wake = queue.busy ? std::nullopt : wake;
  if (queue.wake) timers.emplace(*queue.wake, domain);
}

void DomainQueues::hold(const std::string& domain) {
  DomainQueue& queue = queues_[domain];
  queue.busy = true;
  if (queue.counted || is_listed(domain)) return;
  queue.counted = true;
  ++others_in_hand_;
}

void DomainQueues::release(const std::string& domain) {
  DomainQueue& queue = queues_[domain];
  queue.busy = false;
  if (std::exchange(queue.counted, false)) --others_in_hand_;
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
  others_.clear();
  others_in_hand_ = 0;
  touched_.clear();
}

}  // namespace vigie::crawler::queue
