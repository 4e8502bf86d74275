#include "extractor/tagging/findings.h"

#include <algorithm>
#include <cmath>

namespace vigie::extractor::tagging {
namespace {

// terms before one that may hold its words: as many as a long sentence has of one topic
constexpr std::size_t kLookedBack = 16;

double damping_of(double words) {
  return words <= kUsualWords ? 1 : 1 / (1 + 0.5 * std::log2(words / kUsualWords));
}

bool is_open(const Occurrence& found, Role role) {
  return found.role == role && found.fate == Fate::kCounts;
}

bool has(const Found& found, Role role) {
  return std::any_of(found.all.begin(), found.all.end(),
                     [&](const Occurrence& other) { return is_open(other, role); });
}

void leave_alone(Found& found, Role role) {
  for (Occurrence& other : found.all) {
    if (is_open(other, role)) other.fate = Fate::kAlone;
  }
}

/// Spans are counted once, whichever rules matched there: where one holds the words of another that
/// weighs more (a hint of two classes those of a name), the other counts in its place.
void count(const CompiledPacks& packs, Found& found) {
  std::vector<Occurrence*> counted;
  const auto weight = [&](const Occurrence& one) { return packs.rules[one.rule].weight; };
  for (Occurrence& next : found.all) {
    if (next.fate != Fate::kCounts || next.role == Role::kContext || next.role == Role::kExcluded ||
        next.role == Role::kVeto)
      continue;
    const auto looked =
        counted.end() - static_cast<std::ptrdiff_t>(std::min(counted.size(), kLookedBack));
    const auto holder = std::find_if(looked, counted.end(), [&](const Occurrence* other) {
      return other->in_title == next.in_title && holds_words(*other, next);
    });
    if (holder != counted.end() && weight(**holder) >= weight(next)) {
      next.fate = Fate::kRepeat;
      continue;
    }
    if (holder != counted.end()) {
      (*holder)->fate = Fate::kRepeat;
      counted.erase(holder);
    }
    counted.push_back(&next);
  }
  found.counted.assign(counted.begin(), counted.end());
}

void settle(const CompiledPacks& packs, Found& found) {
  const TagEntry& tag = packs.tags[found.tag];
  if (tag.sort == TagEntry::Sort::kContext) return;
  const bool context = has(found, Role::kContext);
  if (tag.sort == TagEntry::Sort::kTopic) {
    found.vetoed = has(found, Role::kVeto);
    found.needs_missing = tag.needs && !context;
    if (found.needs_missing) leave_alone(found, Role::kTerm);
  } else {
    if (!context && !has(found, Role::kTerm)) leave_alone(found, Role::kUnsure);
    if (!has(found, Role::kTerm) && !has(found, Role::kUnsure)) leave_alone(found, Role::kShort);
  }
  count(packs, found);
}

}  // namespace

const Found* Findings::find(std::uint32_t tag) const {
  const auto place = std::lower_bound(tags.begin(), tags.end(), tag,
                                      [](const Found& a, std::uint32_t b) { return a.tag < b; });
  return place == tags.end() || place->tag != tag ? nullptr : &*place;
}

Findings sort_out(const CompiledPacks& packs, std::vector<Occurrence> occurrences,
                  std::uint32_t words, bool titled) {
  Findings out;
  out.titled = titled;
  out.damping = damping_of(words);
  out.occurrences = std::move(occurrences);
  std::vector<Occurrence>& all = out.occurrences;
  std::stable_sort(all.begin(), all.end(),
                   [](const Occurrence& a, const Occurrence& b) { return a.tag < b.tag; });
  for (std::size_t from = 0; from < all.size();) {
    std::size_t to = from + 1;
    while (to < all.size() && all[to].tag == all[from].tag) ++to;
    Found& found = out.tags.emplace_back();
    found.tag = all[from].tag;
    found.all = std::span(all).subspan(from, to - from);
    settle(packs, found);
    from = to;
  }
  return out;
}

}  // namespace vigie::extractor::tagging
