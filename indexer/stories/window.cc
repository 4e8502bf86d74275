#include "indexer/stories/window.h"

#include <algorithm>

#include "platform/fingerprint/fingerprint.h"

namespace vigie::indexer::stories {
namespace {

constexpr std::size_t kMaxComparisons = 20'000;  // of one search, about 20 ms: boilerplate that a flood of pages shares cannot stall the log

}  // namespace

void Window::forget_before(std::int64_t unix_ms) {
  while (!entries_.empty() && entries_.front().log_time_unix_ms < unix_ms) {
    for (const std::uint64_t key : fingerprint::lookup_keys(entries_.front().fingerprint)) {
      const auto found = by_key_.find(key);
      if (found == by_key_.end()) continue;
      while (!found->second.empty() && found->second.front() <= first_) found->second.pop_front();
      if (found->second.empty()) by_key_.erase(found);
    }
    entries_.pop_front();
    ++first_;
  }
}

std::optional<Window::Copy> Window::find(const std::string& fingerprint) const {
  std::vector<std::uint64_t> candidates;
  for (const std::uint64_t key : fingerprint::lookup_keys(fingerprint)) {
    const auto found = by_key_.find(key);
    if (found != by_key_.end()) candidates.insert(candidates.end(), found->second.begin(), found->second.end());
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  if (candidates.size() > kMaxComparisons) candidates.resize(kMaxComparisons);
  std::optional<Copy> best;
  for (const std::uint64_t number : candidates) {
    const Entry& entry = entries_[static_cast<std::size_t>(number - first_)];
    const fingerprint::Similarity similarity = fingerprint::compare(fingerprint, entry.fingerprint);
    if (similarity.is_copy && (!best || similarity.strength() > best->strength)) best = Copy{entry.story_id, similarity.strength()};
  }
  return best;
}

void Window::add(std::int64_t log_time_unix_ms, std::string fingerprint, std::string story_id) {
  const std::vector<std::uint64_t> keys = fingerprint::lookup_keys(fingerprint);
  if (keys.empty()) return;
  const std::uint64_t number = first_ + entries_.size();
  for (const std::uint64_t key : keys) by_key_[key].push_back(number);
  entries_.push_back({log_time_unix_ms, std::move(fingerprint), std::move(story_id)});
}

}  // namespace vigie::indexer::stories
