#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/fingerprint/copy_search.h"

namespace vigie::indexer::stories {

/// The fingerprints of the last days, findable by near-duplicate. In memory: about 430 bytes an
/// article. A search compares with at most 2,000 of them, those that share the rarest keys first.
/// Room for four thousand million articles added in one life. One thread.
class Window {
 public:
  struct Copy {
    std::string story_id;
    double strength = 0;  // of the similarity, 0..1
  };

  /// Forgets what was added with a log time before `unix_ms`.
  void forget_before(std::int64_t unix_ms);
  /// The most similar one that `article` is a copy of (fingerprint::CopySearch); among equals the
  /// one added first.
  std::optional<Copy> find(const fingerprint::Article& article) const;
  /// Log times must not fall. An empty or malformed fingerprint is never found.
  void add(std::int64_t log_time_unix_ms, const fingerprint::Article& article,
           std::string_view story_id);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::int64_t log_time_unix_ms = 0;
    std::uint64_t source = 0;  // fingerprint::source_mark
    fingerprint::Headline headline;
    std::uint32_t fingerprint_bytes = 0;
    std::string bytes;  // of the fingerprint, then of the story's id
  };
  /// Ascending numbers of entries, from which the first are dropped.
  class Numbers {
   public:
    auto begin() const { return numbers_.begin() + static_cast<std::ptrdiff_t>(dropped_); }
    std::size_t size() const { return numbers_.size() - dropped_; }
    bool empty() const { return size() == 0; }
    void add(std::uint32_t number) { numbers_.push_back(number); }
    void drop_through(std::uint32_t number) {
      while (dropped_ < numbers_.size() && numbers_[dropped_] <= number) ++dropped_;
      if (dropped_ < 16 || dropped_ * 2 < numbers_.size()) return;
      numbers_.erase(numbers_.begin(), numbers_.begin() + static_cast<std::ptrdiff_t>(dropped_));
      dropped_ = 0;
    }

   private:
    std::vector<std::uint32_t> numbers_;
    std::size_t dropped_ = 0;
  };
  static std::string_view fingerprint_of(const Entry& entry);
  std::vector<std::uint32_t> candidates_of(std::string_view fingerprint) const;

  std::deque<Entry> entries_;
  std::uint32_t first_ = 0;                            // number of entries_.front()
  std::unordered_map<std::uint32_t, Numbers> by_key_;  // lookup key → numbers
};

}  // namespace vigie::indexer::stories
