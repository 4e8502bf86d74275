#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/traits/traits.h"

namespace vigie::indexer::stories {

/// The traits of the articles of the last days, by which articles on one happening find each other,
/// whatever their language and words. What few articles say counts more. In memory: about 700 bytes
/// an article. One thread.
class EventWindow {
 public:
  struct Member {
    std::string event_id;
    double similarity = 0;  // with the article by which it was found, 0..1
  };

  /// Forgets what was added with a log time before `unix_ms`.
  void forget_before(std::int64_t unix_ms);
  /// The event of the article that is most like this one and at most `kMostApartMs` from its time;
  /// among equals of the one added first. Nothing where none is like enough.
  std::optional<Member> find(std::string_view traits, std::int64_t time_unix_ms) const;
  /// Log times must not fall. What has no traits, or malformed ones, is never found.
  void add(std::int64_t log_time_unix_ms, std::int64_t time_unix_ms, std::string_view traits,
           std::string_view event_id);
  std::size_t size() const { return entries_.size(); }

  /// How alike two articles are, 0..1, among those that are in the window: for tests and tuning.
  double similarity(std::string_view a, std::string_view b) const;

  static constexpr std::int64_t kMostApartMs = 72LL * 3'600'000;
  static constexpr double kSameEvent = 0.30;

 private:
  using Traits = std::vector<vigie::traits::Trait>;
  struct Entry {
    std::int64_t log_time_unix_ms = 0;
    std::int64_t time_unix_ms = 0;
    Traits traits;
    std::string event_id;
  };
  /// Articles that have a trait: numbers of entries, ascending; those before first_ are gone.
  struct Holders {
    std::vector<std::uint32_t> numbers;
    std::size_t gone = 0;
    std::size_t size() const { return numbers.size() - gone; }
  };
  struct Weighed;

  double weight(vigie::traits::Trait trait) const;
  Weighed weigh(const Traits& traits) const;
  double compare(const Weighed& a, const Traits& b) const;
  std::vector<std::uint32_t> candidates(const Weighed& article, std::int64_t time_unix_ms) const;

  std::deque<Entry> entries_;
  std::uint32_t first_ = 0;  // number of entries_.front()
  std::unordered_map<vigie::traits::Trait, Holders> holders_;
};

}  // namespace vigie::indexer::stories
