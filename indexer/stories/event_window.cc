#include "indexer/stories/event_window.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vigie::indexer::stories {
namespace {

using vigie::traits::Kind;
using vigie::traits::Trait;

// How much a trait of a kind says of a happening: actors and topics are those of many.
constexpr double kWeights[vigie::traits::kKinds] = {
    0.55,  // actor
    0.35,  // topic
    1.0,   // number
    0.9,   // date
    0.8,   // name
    0.4,   // word
};
// A collection of a few articles does not know yet what is rare.
constexpr double kUnseenArticles = 60;
// Articles that are compared whole with one: those that share the most weight of rare traits.
constexpr std::size_t kMostCompared = 64;
// Lists of holders that are walked for one article, entries in all: a flood cannot stall the log.
constexpr std::size_t kMostWalked = 20'000;
/// What two articles share, by what it says: who and what it is about is the same on many days, one
/// number or date may be chance.
struct Shared {
  int subject = 0;   // actors, topics
  int specific = 0;  // numbers, dates, names
  void add(Trait trait) {
    const Kind kind = vigie::traits::kind_of(trait);
    subject += kind == Kind::kActor || kind == Kind::kTopic ? 1 : 0;
    specific += kind == Kind::kNumber || kind == Kind::kDate || kind == Kind::kName ? 1 : 0;
  }
  bool enough() const { return (specific >= 2 && subject >= 1) || (specific >= 1 && subject >= 3); }
};

}  // namespace

/// The traits of an article with their weights of now.
struct EventWindow::Weighed {
  std::vector<std::pair<Trait, double>> traits;  // ascending
  double length = 0;
};

double EventWindow::weight(Trait trait) const {
  const auto found = holders_.find(trait);
  const double holders = found == holders_.end() ? 0 : static_cast<double>(found->second.size());
  const double all = static_cast<double>(entries_.size()) + kUnseenArticles;
  return kWeights[static_cast<std::size_t>(vigie::traits::kind_of(trait))] *
         std::max(0.0, std::log(all / (holders + 1)));
}

EventWindow::Weighed EventWindow::weigh(const Traits& traits) const {
  Weighed out;
  for (const Trait trait : traits) {
    const double one = weight(trait);
    out.traits.emplace_back(trait, one);
    out.length += one * one;
  }
  out.length = std::sqrt(out.length);
  return out;
}

double EventWindow::compare(const Weighed& a, const Traits& b) const {
  double shared = 0;
  double length = 0;
  Shared kinds;
  auto mine = a.traits.begin();
  for (const Trait trait : b) {
    while (mine != a.traits.end() && mine->first < trait) ++mine;
    const bool both = mine != a.traits.end() && mine->first == trait;
    const double one = both ? mine->second : weight(trait);
    length += one * one;
    if (!both) continue;
    shared += one * one;
    kinds.add(trait);
  }
  if (shared == 0 || !kinds.enough()) return 0;
  return shared / (a.length * std::sqrt(length));
}

double EventWindow::similarity(std::string_view a, std::string_view b) const {
  const auto left = vigie::traits::decode(a);
  const auto right = vigie::traits::decode(b);
  return left && right ? compare(weigh(*left), *right) : 0;
}

std::vector<std::uint32_t> EventWindow::candidates(const Weighed& article,
                                                   std::int64_t time_unix_ms) const {
  std::vector<std::pair<std::size_t, std::size_t>> rarest;  // holders, trait of the article
  for (std::size_t i = 0; i < article.traits.size(); ++i) {
    const auto found = holders_.find(article.traits[i].first);
    if (found != holders_.end()) rarest.emplace_back(found->second.size(), i);
  }
  std::sort(rarest.begin(), rarest.end());
  std::unordered_map<std::uint32_t, double> shared;
  std::size_t walked = 0;
  for (const auto& [count, i] : rarest) {
    if (walked + count > kMostWalked) break;
    walked += count;
    const auto& [trait, one] = article.traits[i];
    const Holders& holders = holders_.at(trait);
    for (std::size_t at = holders.gone; at < holders.numbers.size(); ++at) {
      const std::uint32_t number = holders.numbers[at];
      if (std::abs(entries_[number - first_].time_unix_ms - time_unix_ms) <= kMostApartMs)
        shared[number] += one * one;
    }
  }
  std::vector<std::pair<double, std::uint32_t>> best;
  for (const auto& [number, sum] : shared) best.emplace_back(-sum, number);
  std::sort(best.begin(), best.end());
  if (best.size() > kMostCompared) best.resize(kMostCompared);
  std::vector<std::uint32_t> out;
  for (const auto& [sum, number] : best) out.push_back(number);
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<EventWindow::Member> EventWindow::find(std::string_view traits,
                                                     std::int64_t time_unix_ms) const {
  const auto decoded = vigie::traits::decode(traits);
  if (!decoded || decoded->empty()) return std::nullopt;
  const Weighed article = weigh(*decoded);
  const Entry* best = nullptr;
  double similarity = 0;
  for (const std::uint32_t number : candidates(article, time_unix_ms)) {
    const Entry& entry = entries_[number - first_];
    const double one = compare(article, entry.traits);
    if (one < kSameEvent || one <= similarity) continue;
    best = &entry;
    similarity = one;
  }
  if (best == nullptr) return std::nullopt;
  return Member{best->event_id, std::min(similarity, 1.0)};
}

void EventWindow::add(std::int64_t log_time_unix_ms, std::int64_t time_unix_ms,
                      std::string_view traits, std::string_view event_id) {
  auto decoded = vigie::traits::decode(traits);
  if (!decoded || decoded->empty()) return;
  const std::uint32_t number = first_ + static_cast<std::uint32_t>(entries_.size());
  for (const Trait trait : *decoded) holders_[trait].numbers.push_back(number);
  entries_.push_back({log_time_unix_ms, time_unix_ms, std::move(*decoded), std::string(event_id)});
}

void EventWindow::forget_before(std::int64_t unix_ms) {
  while (!entries_.empty() && entries_.front().log_time_unix_ms < unix_ms) {
    for (const Trait trait : entries_.front().traits) {
      const auto found = holders_.find(trait);
      Holders& holders = found->second;
      ++holders.gone;
      if (holders.size() == 0) {
        holders_.erase(found);
      } else if (holders.gone >= 16 && holders.gone * 2 >= holders.numbers.size()) {
        holders.numbers.erase(holders.numbers.begin(),
                              holders.numbers.begin() + static_cast<std::ptrdiff_t>(holders.gone));
        holders.gone = 0;
      }
    }
    entries_.pop_front();
    ++first_;
  }
}

}  // namespace vigie::indexer::stories
