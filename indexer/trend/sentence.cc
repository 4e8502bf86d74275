#include "indexer/trend/sentence.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vigie::indexer::trend {
namespace {

constexpr double kMostly = 0.5;        // of what is more (or missing): "mostly"
constexpr double kWorthNaming = 0.15;  // of it: one of the sources that are named
constexpr std::size_t kNamed = 2;      // sources

/// What a part has more (or, on a day of few, less) than usual.
double weight_of(const Part& part, Direction direction) {
  const double more = static_cast<double>(part.count) - part.usual;
  return direction == Direction::kDown ? -more : more;
}

/// The parts that have most of it, at most `limit`, each with at least `least` of `all`.
std::vector<const Part*> leading(std::span<const Part> parts, Direction direction, double all,
                                 double least, std::size_t limit) {
  std::vector<const Part*> out;
  for (const Part& part : parts) {
    if (!part.name.empty() && weight_of(part, direction) >= least * all) out.push_back(&part);
  }
  std::stable_sort(out.begin(), out.end(), [direction](const Part* a, const Part* b) {
    return weight_of(*a, direction) > weight_of(*b, direction);
  });
  if (out.size() > limit) out.resize(limit);
  return out;
}

std::string joined(const std::vector<const Part*>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
    out += parts[i]->name;
  }
  return out;
}

std::string who(const Judgement& judgement, std::uint64_t count, std::span<const Part> countries,
                std::span<const Part> sources) {
  const Direction direction = judgement.direction;
  const double all = std::abs(static_cast<double>(count) - judgement.expected);
  if (direction == Direction::kNone || all <= 0) return {};
  const auto country = leading(countries, direction, all, kMostly, 1);
  const auto named = leading(sources, direction, all, kWorthNaming, kNamed);
  double together = 0;
  for (const Part* part : named) together += weight_of(*part, direction);
  const std::string mostly = direction == Direction::kDown ? "; mostly missing: " : "; mostly ";
  if (!country.empty())
    return mostly + joined(country) + (named.empty() ? "" : ": " + joined(named));
  return together >= kMostly * all ? mostly + joined(named) : std::string();
}

std::string range(const Judgement& judgement) {
  const std::string low = std::to_string(judgement.low);
  return judgement.low == judgement.high ? low : low + "–" + std::to_string(judgement.high);
}

std::string verdict(const Judgement& judgement) {
  const bool very = judgement.verdict == Verdict::kVeryUnusual;
  switch (judgement.direction) {
    case Direction::kUp: return very ? ": very unusual" : ": unusual";
    case Direction::kDown: return very ? ": very unusually few" : ": unusually few";
    case Direction::kNone: return {};
  }
  return {};
}

}  // namespace

std::string sentence(const Judgement& judgement, std::uint64_t count,
                     std::span<const Part> countries, std::span<const Part> sources) {
  const std::string today = std::to_string(count) + " in the last 24 hours";
  switch (judgement.why_unknown) {
    case Unknown::kTooFewDays:
      return today + "; fewer than seven days before are known, too few to say what is usual";
    case Unknown::kCoverageGap:
      return today +
             "; hardly anything of any subject came in, so that nothing can be said of this one";
    case Unknown::kNone: break;
  }
  return today + ", usual " + range(judgement) + verdict(judgement) +
         who(judgement, count, countries, sources);
}

}  // namespace vigie::indexer::trend
