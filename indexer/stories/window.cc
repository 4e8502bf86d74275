#include "indexer/stories/window.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "platform/fingerprint/fingerprint.h"

namespace vigie::indexer::stories {
namespace {

// Entries of the lists of keys that one search walks: boilerplate that a flood of pages shares
// cannot stall the log.
constexpr std::size_t kMostWalked = 40'000;
// Entries of the window's beginning that may be forgotten and still there.
constexpr std::size_t kLeastForgotten = 4'096;

// Articles from which it is learned what sources repeat.
constexpr std::size_t kMostOfSources = 2'000;
/// Share of the copies of one length that may have fewer keys in common than are asked for.
constexpr double kMissed = 0.002;
constexpr double kMarksPerOctave = 64;  // of a length
constexpr std::size_t kRanks = 64;

std::uint16_t length_mark(std::uint32_t shingles) {
  return static_cast<std::uint16_t>(kMarksPerOctave * std::log2(std::max(1U, shingles)));
}

/// How many of the copies of an article that is 2^octaves times as long share as few of
/// `comparable` keys, by kRanks; 0: less than kMissed of them. Of a binomial distribution.
class Ranks {
 public:
  static constexpr std::size_t kMostKeys = 64;
  static constexpr std::size_t kMostShared = 8;
  static constexpr std::size_t kRatiosPerOctave = 8;
  static constexpr std::size_t kRatios = 8 * kRatiosPerOctave;

  Ranks() {
    for (std::size_t ratio = 0; ratio < kRatios; ++ratio) {
      const double shorter = std::exp2(-static_cast<double>(ratio) / kRatiosPerOctave);
      // Of the article's keys a copy has at least so many: that one is contained in the other, or
      // that they are alike, whichever asks for less.
      const double share =
          std::min(fingerprint::kCopyContainment * shorter,
                   (1 + shorter) * fingerprint::kCopyJaccard / (1 + fingerprint::kCopyJaccard));
      for (std::size_t keys = 1; keys <= kMostKeys; ++keys) fill(keys, ratio, share);
    }
  }
  std::size_t of(std::size_t comparable, std::size_t ratio, std::size_t shared) const {
    if (shared > kMostShared) return kRanks - 1;
    return ranks_[std::min(comparable, kMostKeys)][std::min(ratio, kRatios - 1)][shared];
  }

 private:
  void fill(std::size_t keys, std::size_t ratio, double share) {
    double exactly = std::pow(1 - share, static_cast<double>(keys));
    double at_most = exactly;
    for (std::size_t shared = 1; shared <= kMostShared; ++shared) {
      exactly *= static_cast<double>(keys - std::min(keys, shared - 1)) /
                 static_cast<double>(shared) * share / (1 - share);
      at_most += exactly;
      const auto rank = static_cast<std::size_t>(at_most * (kRanks - 1));
      ranks_[keys][ratio][shared] = static_cast<std::uint8_t>(
          at_most < kMissed ? 0 : std::clamp<std::size_t>(rank, 1, kRanks - 1));
    }
  }

  std::uint8_t ranks_[kMostKeys + 1][kRatios][kMostShared + 1] = {};
};

}  // namespace

/// How plausible it is that something is a copy of an article, by what is known without comparing.
class Window::Odds {
 public:
  /// `keys`: those of the article that are looked for.
  Odds(const fingerprint::Keys& article, const std::vector<std::uint32_t>& keys)
      : reach_(article.reach), level_(article.level), length_(length_mark(article.shingles)) {
    for (unsigned level = 0; level < fingerprint::Keys::kLevels; ++level) {
      for (const std::uint32_t key : keys) {
        if (fingerprint::Keys::is_key(key, level)) by_level_[level].push_back(key);
      }
      std::sort(by_level_[level].begin(), by_level_[level].end());
    }
  }
  std::size_t rank(const Brief& other, std::size_t shared) const {
    static const Ranks kTable;
    const auto& keys = by_level_[std::max<unsigned>(level_, other.level)];
    const std::uint32_t reach = std::min<std::uint32_t>(reach_, other.reach);
    const auto comparable = std::upper_bound(keys.begin(), keys.end(), reach) - keys.begin();
    const int longer = length_ - other.length;
    constexpr auto kMarks = static_cast<int>(kMarksPerOctave / Ranks::kRatiosPerOctave);
    const int ratio = longer <= 0 ? 0 : (longer + kMarks - 1) / kMarks;
    return kTable.of(static_cast<std::size_t>(comparable), static_cast<std::size_t>(ratio), shared);
  }

 private:
  std::uint32_t reach_;
  unsigned level_;
  int length_;
  std::array<std::vector<std::uint32_t>, fingerprint::Keys::kLevels> by_level_;  // ascending
};

void Window::forget_before(std::int64_t unix_ms) {
  while (!entries_.empty() && entries_.front().log_time_unix_ms < unix_ms) {
    for (const std::uint32_t key : fingerprint::keys_of(fingerprint_of(entries_.front())).values) {
      const auto found = by_key_.find(key);
      if (found == by_key_.end()) continue;
      found->second.drop_through(first_);
      if (found->second.empty()) by_key_.erase(found);
    }
    entries_.pop_front();
    ++first_;
  }
  const std::size_t forgotten = first_ - first_brief_;
  if (forgotten < kLeastForgotten || 2 * forgotten < briefs_.size()) return;
  briefs_.erase(briefs_.begin(), briefs_.begin() + static_cast<std::ptrdiff_t>(forgotten));
  first_brief_ = first_;
}

void Window::count_shared(std::vector<std::uint32_t>& keys) const {
  // The rarest keys first: what many texts share says least.
  std::vector<std::pair<std::size_t, const Numbers*>> lists;
  std::erase_if(keys, [&](std::uint32_t key) { return !by_key_.contains(key); });
  std::sort(keys.begin(), keys.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(by_key_.at(a).size(), a) < std::pair(by_key_.at(b).size(), b);
  });
  shared_.resize(briefs_.size(), 0);
  std::size_t walked = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Numbers& numbers = by_key_.at(keys[i]);
    walked += numbers.size();
    if (i > 0 && walked > kMostWalked) {
      keys.resize(i);
      break;
    }
    for (const std::uint32_t number : numbers) {
      std::uint8_t& count = shared_[number - first_brief_];
      if (count == 0) touched_.push_back(number);
      ++count;
    }
  }
}

std::vector<std::uint32_t> Window::plausible(const Odds& odds) const {
  // Those that share most first: by chance hardly anything shares three. Then by their odds.
  std::vector<std::pair<std::size_t, std::uint32_t>> ordered;
  for (const std::uint32_t number : touched_) {
    const std::size_t shared = shared_[number - first_brief_];
    const std::size_t rank = odds.rank(brief(number), shared);
    if (rank > 0)
      ordered.emplace_back(
          (Ranks::kMostShared - std::min(shared, Ranks::kMostShared)) * kRanks + kRanks - rank,
          number);
  }
  if (ordered.size() > kMostCompared) {
    std::nth_element(ordered.begin(), ordered.begin() + kMostCompared, ordered.end());
    ordered.resize(kMostCompared);
  }
  std::vector<std::uint32_t> out;
  out.reserve(ordered.size());
  for (const auto& [order, number] : ordered) out.push_back(number);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::uint32_t> Window::of_sources(const std::vector<std::uint64_t>& sources,
                                              const std::vector<std::uint32_t>& copies) const {
  std::vector<std::uint32_t> out = copies;
  for (const std::uint32_t number : touched_) {
    if (out.size() >= kMostOfSources) break;
    const bool wanted = std::any_of(sources.begin(), sources.end(), [&](std::uint64_t source) {
      return brief(number).source == static_cast<std::uint16_t>(source) &&
             entry(number).source == source;
    });
    if (wanted) out.push_back(number);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::optional<Window::Copy> Window::find(const fingerprint::Article& article) const {
  const fingerprint::Keys article_keys = fingerprint::keys_of(article.fingerprint);
  std::vector<std::uint32_t> keys = article_keys.values;
  count_shared(keys);
  const fingerprint::Comparison comparison(article.fingerprint);
  std::vector<std::uint32_t> copies;
  std::vector<std::uint64_t> sources;
  const std::vector<std::uint32_t> may_be_copies = plausible(Odds(article_keys, keys));
  compared_ = may_be_copies.size();
  for (const std::uint32_t number : may_be_copies) {
    const Entry& one = entry(number);
    if (!comparison.compare(fingerprint_of(one)).is_copy) continue;
    copies.push_back(number);
    if (one.source != 0) sources.push_back(one.source);
  }
  // What is no copy counts only for what the sources of those that are repeat.
  std::vector<std::uint32_t> candidates;
  if (!copies.empty()) {
    if (article.source != 0) sources.push_back(article.source);
    std::sort(sources.begin(), sources.end());
    sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
    candidates = of_sources(sources, copies);
  }
  for (const std::uint32_t number : touched_) shared_[number - first_brief_] = 0;
  touched_.clear();
  if (candidates.empty()) return std::nullopt;

  fingerprint::CopySearch search(article);
  for (const std::uint32_t number : candidates) search.add(article_of(entry(number)));
  const auto found = search.best();
  if (!found) return std::nullopt;
  const Entry& best = entry(candidates[found->candidate]);
  return Copy{best.bytes.substr(best.fingerprint_bytes), found->strength};
}

void Window::add(std::int64_t log_time_unix_ms, const fingerprint::Article& article,
                 std::string_view story_id) {
  const fingerprint::Keys keys = fingerprint::keys_of(article.fingerprint);
  if (keys.values.empty()) return;
  const std::uint32_t number = first_ + static_cast<std::uint32_t>(entries_.size());
  for (const std::uint32_t key : keys.values) by_key_[key].add(number);
  Entry entry;
  entry.log_time_unix_ms = log_time_unix_ms;
  entry.source = article.source;
  entry.headline = article.headline;
  entry.fingerprint_bytes = static_cast<std::uint32_t>(article.fingerprint.size());
  entry.bytes.reserve(article.fingerprint.size() + story_id.size());
  entry.bytes.append(article.fingerprint).append(story_id);
  entries_.push_back(std::move(entry));
  briefs_.push_back({keys.reach, keys.level, length_mark(keys.shingles),
                     static_cast<std::uint16_t>(article.source)});
}

std::string_view Window::fingerprint_of(const Entry& entry) {
  return std::string_view(entry.bytes).substr(0, entry.fingerprint_bytes);
}

fingerprint::Article Window::article_of(const Entry& entry) {
  return {fingerprint_of(entry), entry.source, entry.headline};
}

}  // namespace vigie::indexer::stories
