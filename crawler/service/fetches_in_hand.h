#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "crawler/fetch/fetch.h"
#include "crawler/fetch/outcome.h"

namespace vigie::crawler::service {

/// A fetch, from being taken until its state is sent.
struct FetchInHand {
  std::uint64_t id = 0;
  fetch::Fetch fetch;
  std::size_t records_out = 0;  // that must be durable before it goes on
  fetch::Served served = {};    // what it gave, once that is known
  bool pushed = false;          // a hub pushed what it gives: there is no request
  bool page_sent = false;
  std::string alias = {};  // final URL that becomes known with this page
  // it gave nothing, and what its feed says of it is on its way in its place
  std::optional<fetch::Failed> failed = {};
};

/// All fetches in hand, by number. One thread.
class FetchesInHand {
 public:
  FetchInHand& add(fetch::Fetch fetch) {
    const std::uint64_t id = next_id_++;
    urls_.insert(fetch.url());
    return fetches_.emplace(id, FetchInHand{id, std::move(fetch)}).first->second;
  }
  /// Null where it has ended.
  FetchInHand* find(std::uint64_t id) {
    const auto found = fetches_.find(id);
    return found == fetches_.end() ? nullptr : &found->second;
  }
  bool has_url(std::string_view url) const { return urls_.find(url) != urls_.end(); }
  void end(std::uint64_t id) {
    const auto found = fetches_.find(id);
    if (found == fetches_.end()) return;
    urls_.erase(found->second.fetch.url());
    fetches_.erase(found);
  }
  void clear() {
    fetches_.clear();
    urls_.clear();
  }
  /// Whether one of them waits for a record to be durable.
  bool waiting_for_log() const {
    return std::any_of(fetches_.begin(), fetches_.end(),
                       [](const auto& fetch) { return fetch.second.records_out > 0; });
  }

 private:
  struct StringHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::uint64_t, FetchInHand> fetches_;
  std::unordered_set<std::string, StringHash, std::equal_to<>> urls_;
  std::uint64_t next_id_ = 1;
};

}  // namespace vigie::crawler::service
