#include "indexer/stories/window.h"

#include <algorithm>
#include <utility>

#include "platform/fingerprint/fingerprint.h"

namespace vigie::indexer::stories {
namespace {

// of one search: boilerplate that a flood of pages shares cannot stall the log
constexpr std::size_t kMaxComparisons = 2'000;

}  // namespace

void Window::forget_before(std::int64_t unix_ms) {
  while (!entries_.empty() && entries_.front().log_time_unix_ms < unix_ms) {
    for (const std::uint64_t key : fingerprint::lookup_keys(fingerprint_of(entries_.front()))) {
      const auto found = by_key_.find(static_cast<std::uint32_t>(key));
      if (found == by_key_.end()) continue;
      found->second.drop_through(first_);
      if (found->second.empty()) by_key_.erase(found);
    }
    entries_.pop_front();
    ++first_;
  }
}

/// Numbers of entries that share keys with a fingerprint, ascending.
std::vector<std::uint32_t> Window::candidates_of(std::string_view fingerprint) const {
  // The rarest keys first: what many texts share says least.
  std::vector<std::pair<std::size_t, const Numbers*>> lists;
  for (const std::uint64_t key : fingerprint::lookup_keys(fingerprint)) {
    const auto found = by_key_.find(static_cast<std::uint32_t>(key));
    if (found != by_key_.end()) lists.emplace_back(found->second.size(), &found->second);
  }
  std::stable_sort(lists.begin(), lists.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::uint32_t> candidates;
  for (const auto& [size, list] : lists) {
    const std::size_t room = kMaxComparisons - candidates.size();
    candidates.insert(candidates.end(), list->begin(),
                      list->begin() + static_cast<std::ptrdiff_t>(std::min(size, room)));
    if (size >= room) break;
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  return candidates;
}

std::optional<Window::Copy> Window::find(const fingerprint::Article& article) const {
  const std::vector<std::uint32_t> candidates = candidates_of(article.fingerprint);
  fingerprint::CopySearch search(article);
  for (const std::uint32_t number : candidates) {
    const Entry& entry = entries_[number - first_];
    search.add({fingerprint_of(entry), entry.source, entry.headline});
  }
  const auto found = search.best();
  if (!found) return std::nullopt;
  const Entry& best = entries_[candidates[found->candidate] - first_];
  return Copy{best.bytes.substr(best.fingerprint_bytes), found->strength};
}

void Window::add(std::int64_t log_time_unix_ms, const fingerprint::Article& article,
                 std::string_view story_id) {
  const std::vector<std::uint64_t> keys = fingerprint::lookup_keys(article.fingerprint);
  if (keys.empty()) return;
  const std::uint32_t number = first_ + static_cast<std::uint32_t>(entries_.size());
  for (const std::uint64_t key : keys) by_key_[static_cast<std::uint32_t>(key)].add(number);
  Entry entry;
  entry.log_time_unix_ms = log_time_unix_ms;
  entry.source = article.source;
  entry.headline = article.headline;
  entry.fingerprint_bytes = static_cast<std::uint32_t>(article.fingerprint.size());
  entry.bytes.reserve(article.fingerprint.size() + story_id.size());
  entry.bytes.append(article.fingerprint).append(story_id);
  entries_.push_back(std::move(entry));
}

std::string_view Window::fingerprint_of(const Entry& entry) {
  return std::string_view(entry.bytes).substr(0, entry.fingerprint_bytes);
}

}  // namespace vigie::indexer::stories
