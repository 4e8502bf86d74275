#include "extractor/tagging/actor_score.h"

#include <algorithm>
#include <utility>

namespace vigie::extractor::tagging {
namespace {

constexpr double kTitleFactor = 4;  // an occurrence in the title
constexpr double kOpeningFactor = 2;
// damped: named in the title, or in the lead and again, or four times
constexpr double kAbout = 4;
constexpr double kOccurrencesCounted = 40;  // of one form; those beyond say nothing more

double factor_of(const Occurrence& found) {
  return found.in_title ? kTitleFactor : found.begin < kOpeningBytes ? kOpeningFactor : 1;
}

}  // namespace

std::vector<Score> score_actors(const CompiledPacks& packs, const Findings& findings) {
  std::vector<Score> out;
  std::vector<std::pair<std::uint32_t, double>> by_rule;
  for (const Found& found : findings.tags) {
    if (packs.tags[found.tag].sort != TagEntry::Sort::kActor) continue;
    Score& score = out.emplace_back();
    score.tag = found.tag;
    score.evidence = found.counted;
    by_rule.clear();
    for (const Occurrence* occurrence : found.counted) {
      auto place = std::find_if(by_rule.begin(), by_rule.end(),
                                [&](const auto& entry) { return entry.first == occurrence->rule; });
      if (place == by_rule.end()) place = by_rule.insert(place, {occurrence->rule, 0});
      place->second += factor_of(*occurrence);
    }
    for (const auto& [rule, factors] : by_rule)
      score.raw += packs.rules[rule].weight * std::min(factors, kOccurrencesCounted);
    score.value = score.raw * findings.damping;
    score.why = found.counted.empty()   ? Why::kNothingCounts
                : score.value >= kAbout ? Why::kActorEnough
                                        : Why::kActorBelow;
  }
  return out;
}

}  // namespace vigie::extractor::tagging
