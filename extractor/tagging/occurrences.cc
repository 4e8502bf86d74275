#include "extractor/tagging/occurrences.h"

#include <algorithm>
#include <tuple>

namespace vigie::extractor::tagging {
namespace {

// bytes before an exclusion in which what it overlaps begins; terms are hardly ever longer
constexpr std::uint32_t kReach = 400;
// candidates of one part that are looked at on each side of another: overlapping ones are passed
constexpr int kNearCandidates = 8;

/// A part of a rule with nearness.
struct Part {
  std::uint32_t rule = 0;
  std::uint8_t part = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  auto key() const { return std::tie(rule, part, begin, end); }
};

Occurrence occurrence_of(const Rule& rule, std::uint32_t place, bool in_title, std::uint32_t begin,
                         std::uint32_t end) {
  return {place, rule.tag, begin, end, in_title, rule.role, Fate::kCounts};
}

/// The words between two parts; -1 if they overlap or are too far apart.
int apart(const Field& field, const Part& a, const Part& b, int within) {
  const Part& left = a.begin <= b.begin ? a : b;
  const Part& right = a.begin <= b.begin ? b : a;
  return left.end > right.begin ? -1 : field.words_between(left.end, right.begin, within);
}

using Parts = std::vector<Part>::const_iterator;

/// The nearest of [from, to) to `first`, or `to`.
Parts nearest(const Field& field, const Part& first, Parts from, Parts to, int within) {
  const auto middle =
      std::partition_point(from, to, [&](const Part& other) { return other.begin < first.begin; });
  Parts best = to;
  int least = within + 1;
  const auto look = [&](Parts other) {
    const int distance = apart(field, first, *other, least - 1);
    if (distance < 0) return false;
    least = distance;
    best = other;
    return true;
  };
  int looked = 0;
  for (Parts other = middle; other != to && looked < kNearCandidates; ++other, ++looked) {
    if (look(other)) break;
  }
  looked = 0;
  for (Parts other = middle; other != from && least > 0 && looked < kNearCandidates; ++looked) {
    if (look(--other)) break;
  }
  return best;
}

/// One occurrence for each of the first part that has the other parts near it. `parts` are those of
/// one rule, sorted.
void join_near(const Field& field, const Rule& rule, Parts from, Parts to, bool in_title,
               std::vector<Occurrence>& out) {
  const auto begin_of = [&](int part) {
    return std::partition_point(from, to, [&](const Part& p) { return p.part < part; });
  };
  const Parts first_end = begin_of(1);
  for (Parts first = from; first != first_end && first->part == 0; ++first) {
    Part whole = *first;
    bool complete = true;
    for (int part = 1; part < rule.parts && complete; ++part) {
      const Parts end = begin_of(part + 1);
      const Parts other = nearest(field, *first, begin_of(part), end, rule.within);
      complete = other != end;
      if (!complete) break;
      whole.begin = std::min(whole.begin, other->begin);
      whole.end = std::max(whole.end, other->end);
    }
    if (complete) out.push_back(occurrence_of(rule, first->rule, in_title, whole.begin, whole.end));
  }
}

/// Drops the parts of rules of which another part was not found.
void keep_complete(const CompiledPacks& packs, std::vector<Part>& parts) {
  thread_local std::vector<std::uint8_t> seen;  // by rule, a bit for each part; zero between calls
  if (seen.size() < packs.rules.size()) seen.resize(packs.rules.size(), 0);
  for (const Part& part : parts)
    seen[part.rule] = static_cast<std::uint8_t>(seen[part.rule] | (1U << part.part));
  const auto lacks = [&](const Part& part) {
    return seen[part.rule] != (1U << packs.rules[part.rule].parts) - 1;
  };
  std::vector<Part> kept;
  for (const Part& part : parts) {
    if (!lacks(part)) kept.push_back(part);
  }
  for (const Part& part : parts) seen[part.rule] = 0;
  parts.swap(kept);
}

void find_in(const CompiledPacks& packs, const Field& field, bool in_title,
             const Counting& counting, std::vector<Occurrence>& out) {
  thread_local std::vector<LiteralIndex::Hit> hits;
  thread_local std::vector<Part> parts;
  hits.clear();
  parts.clear();
  packs.literals.scan(field.laid(), hits);
  for (const LiteralIndex::Hit& hit : hits) {
    const std::uint32_t end = packs.uses_begin[hit.literal + 1];
    for (std::uint32_t use = packs.uses_begin[hit.literal]; use < end; ++use) {
      const CompiledPhrase& phrase = packs.phrases[packs.uses[use]];
      const Rule& rule = packs.rules[phrase.rule];
      if ((rule.language & counting.of(rule.kind)) == 0) continue;
      std::uint32_t begin = 0;
      std::uint32_t last = 0;
      if (!field.matches(phrase, packs.rest_of(phrase), packs.exact_of(phrase), hit.begin, begin,
                         last))
        continue;
      if (rule.parts == 1) {
        out.push_back(occurrence_of(rule, phrase.rule, in_title, begin, last));
      } else {
        parts.push_back({phrase.rule, phrase.part, begin, last});
      }
    }
  }
  keep_complete(packs, parts);
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.key() < b.key(); });
  for (auto from = parts.cbegin(); from != parts.cend();) {
    const auto to =
        std::find_if(from, parts.cend(), [&](const Part& part) { return part.rule != from->rule; });
    join_near(field, packs.rules[from->rule], from, to, in_title, out);
    from = to;
  }
}

bool overlap(const Occurrence& a, const Occurrence& b) {
  return a.begin < b.end && b.begin < a.end;
}

/// What overlaps an exclusion of its tag.
void exclude(std::vector<Occurrence>& all, std::size_t shield_at) {
  const Occurrence shield = all[shield_at];
  const auto from = std::partition_point(all.begin(), all.end(), [&](const Occurrence& other) {
    return other.in_title != shield.in_title ? other.in_title : other.begin + kReach < shield.begin;
  });
  for (auto other = from;
       other != all.end() && other->in_title == shield.in_title && other->begin < shield.end;
       ++other) {
    if (other->tag == shield.tag && other->role != Role::kExcluded && overlap(shield, *other))
      other->fate = Fate::kExcluded;
  }
}

/// Names of the same kind inside this one ("Guinea" in "Papua New Guinea"). They stand behind it.
void cover(const CompiledPacks& packs, std::vector<Occurrence>& all, std::size_t shield_at) {
  const Occurrence& shield = all[shield_at];
  const std::string_view kind = packs.tags[shield.tag].kind;
  for (std::size_t i = shield_at + 1; i < all.size(); ++i) {
    Occurrence& other = all[i];
    if (other.in_title != shield.in_title || other.begin >= shield.end) return;
    if (other.tag == shield.tag || other.end > shield.end || other.role == Role::kExcluded ||
        other.end - other.begin == shield.end - shield.begin)
      continue;
    if (packs.tags[other.tag].kind == kind) other.fate = Fate::kInsideOther;
  }
}

}  // namespace

std::vector<Occurrence> find_occurrences(const CompiledPacks& packs, const Fields& fields,
                                         const Counting& counting) {
  std::vector<Occurrence> all;
  find_in(packs, fields.title, true, counting, all);
  find_in(packs, fields.text, false, counting, all);
  std::sort(all.begin(), all.end(), [](const Occurrence& a, const Occurrence& b) {
    return std::make_tuple(!a.in_title, a.begin, b.end, a.rule) <
           std::make_tuple(!b.in_title, b.begin, a.end, b.rule);
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].role == Role::kExcluded) {
      exclude(all, i);
    } else if (packs.tags[all[i].tag].sort == TagEntry::Sort::kActor &&
               all[i].role != Role::kContext) {
      cover(packs, all, i);
    }
  }
  return all;
}

}  // namespace vigie::extractor::tagging
