#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace vigie::indexer::stories {

/// The fingerprints of the last days, findable by near-duplicate. In memory: about 400 bytes an article. One thread.
class Window {
 public:
  struct Copy {
    std::string story_id;
    double strength = 0;  // of the similarity, 0..1
  };

  /// Forgets what was added with a log time before `unix_ms`.
  void forget_before(std::int64_t unix_ms);
  /// The most similar one that `fingerprint` is a copy of; among equals the one added first.
  std::optional<Copy> find(const std::string& fingerprint) const;
  /// Log times must not fall. An empty or malformed fingerprint is never found.
  void add(std::int64_t log_time_unix_ms, std::string fingerprint, std::string story_id);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::int64_t log_time_unix_ms = 0;
    std::string fingerprint;
    std::string story_id;
  };
  std::deque<Entry> entries_;
  std::uint64_t first_ = 0;                                              // number of entries_.front()
  std::unordered_map<std::uint64_t, std::deque<std::uint64_t>> by_key_;  // lookup key → numbers, ascending
};

}  // namespace vigie::indexer::stories
