#include "indexer/api/attempts.h"

#include <algorithm>
#include <iterator>

namespace vigie::indexer::api {

std::chrono::milliseconds Attempts::wait(const std::string& address,
                                         const std::string& shown) const {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(address);
  if (found == failures_.end() || found->second.size() < kMost) return {};
  if (trusted_.contains({address, shown})) return {};
  // The oldest of the last kMost decides when one may try again.
  const auto oldest = found->second[found->second.size() - kMost];
  return std::max(oldest + kWithin - clock_.since_boot(), std::chrono::milliseconds(0));
}

void Attempts::succeeded(const std::string& address, const std::string& shown) {
  const std::lock_guard lock(mutex_);
  if (trusted_.size() >= kMaxTrusted && !trusted_.contains({address, shown})) {
    trusted_.erase(
        std::ranges::min_element(trusted_, {}, [](const auto& entry) { return entry.second; }));
  }
  trusted_[{address, shown}] = clock_.since_boot();
}

bool Attempts::failed(const std::string& address) {
  const std::lock_guard lock(mutex_);
  forget_old();
  if (failures_.size() >= kMaxAddresses && !failures_.contains(address)) {
    failures_.erase(std::ranges::min_element(
        failures_, {}, [](const auto& entry) { return entry.second.back(); }));
  }
  auto& own = failures_[address];
  own.push_back(clock_.since_boot());
  if (own.size() <= kMost) return own.size() == kMost;
  own.pop_front();
  return false;
}

void Attempts::forget_old() {
  const auto until = clock_.since_boot() - kWithin;
  for (auto entry = failures_.begin(); entry != failures_.end();) {
    auto& times = entry->second;
    while (!times.empty() && times.front() <= until) times.pop_front();
    entry = times.empty() ? failures_.erase(entry) : std::next(entry);
  }
}

}  // namespace vigie::indexer::api
