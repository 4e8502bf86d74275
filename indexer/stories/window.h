#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/fingerprint/copy_search.h"

namespace vigie::indexer::stories {

/// The fingerprints of the last days, findable by near-duplicate. In memory: about 410 bytes an
/// article. A search counts the keys that each of them shares with the article, and compares with
/// those that share about as many as a copy of that length would, at most kMostCompared. Room for
/// four thousand million articles added in one life. One thread.
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
  /// Fingerprints with which the last search compared: for tests and figures.
  std::size_t compared() const { return compared_; }

  static constexpr std::size_t kMostCompared = 500;

 private:
  struct Entry {
    std::int64_t log_time_unix_ms = 0;
    std::uint64_t source = 0;  // fingerprint::source_mark
    fingerprint::Headline headline;
    std::uint32_t fingerprint_bytes = 0;
    std::string bytes;  // of the fingerprint, then of the story's id
  };
  /// What is looked at of everything that shares a key: eight bytes, side by side.
  struct Brief {
    std::uint32_t reach : 24;  // of its keys: fingerprint::Keys
    std::uint32_t level : 8;
    std::uint16_t length;  // of the text, as a logarithm
    std::uint16_t source;  // bits of its mark
  };
  /// Ascending numbers of entries, from which the first are dropped.
  class Numbers {
   public:
    auto begin() const { return numbers_.begin() + static_cast<std::ptrdiff_t>(dropped_); }
    auto end() const { return numbers_.end(); }
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
  class Odds;

  const Entry& entry(std::uint32_t number) const { return entries_[number - first_]; }
  const Brief& brief(std::uint32_t number) const { return briefs_[number - first_brief_]; }
  static std::string_view fingerprint_of(const Entry& entry);
  static fingerprint::Article article_of(const Entry& entry);
  /// Fills shared_ and touched_; `keys` loses those that too many have.
  void count_shared(std::vector<std::uint32_t>& keys) const;
  /// Of touched_, what may be copies; ascending.
  std::vector<std::uint32_t> plausible(const Odds& odds) const;
  /// Of touched_, what is of these sources, and what is among `copies`; ascending.
  std::vector<std::uint32_t> of_sources(const std::vector<std::uint64_t>& sources,
                                        const std::vector<std::uint32_t>& copies) const;

  std::deque<Entry> entries_;
  std::uint32_t first_ = 0;  // number of entries_.front()
  std::vector<Brief> briefs_;
  std::uint32_t first_brief_ = 0;                      // number of briefs_.front()
  std::unordered_map<std::uint32_t, Numbers> by_key_;  // lookup key → numbers
  // Of a search: what shares a key, and how many. Between searches there is nothing.
  mutable std::vector<std::uint8_t> shared_;  // by place in briefs_
  mutable std::vector<std::uint32_t> touched_;
  mutable std::size_t compared_ = 0;
};

}  // namespace vigie::indexer::stories
