#include "extractor/tagging/occurrences.h"

#include <algorithm>
#include <tuple>

namespace vigie::extractor::tagging {
namespace {

// bytes before an exclusion in which what it overlaps begins; terms are hardly ever longer
constexpr std::uint32_t kReach = 400;
// candidates of one part that are looked at on each side of another: overlapping ones are passed
constexpr int kNearCandidates = 8;
// words of one class that are looked at in a field: tens of rules use each of them, and an article
// has hardly ever more
constexpr std::size_t kClassHits = 256;

/// A part of a rule with nearness.
struct Part {
  std::uint32_t rule = 0;
  std::uint8_t part = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  Place core;  // what was written of it in the pack: two parts of a compound share its word alone
  auto key() const { return std::tie(rule, part, begin, end); }
};
static_assert(std::tuple_size_v<decltype(Occurrence::places)> >= 4, "a rule has up to four parts");

Occurrence occurrence_of(const Rule& rule, std::uint32_t place, bool in_title, std::uint32_t begin,
                         std::uint32_t end) {
  return {place, rule.tag, begin, end, in_title, rule.role, Fate::kCounts, 1, {Place{begin, end}}};
}

/// A literal without the spaces at its edges, which it shares with its neighbours.
Place core_of(std::string_view laid, std::uint32_t begin, std::uint32_t end) {
  return {begin + (laid[begin] == ' ' ? 1 : 0), end - (laid[end - 1] == ' ' ? 1 : 0)};
}

/// The words between two parts; -1 if they overlap or are too far apart.
int apart(const Field& field, const Part& a, const Part& b, int within) {
  const Part& left = a.begin <= b.begin ? a : b;
  const Part& right = a.begin <= b.begin ? b : a;
  if (a.core.begin < b.core.end && b.core.begin < a.core.end) return -1;
  return left.end > right.begin ? 0 : field.words_between(left.end, right.begin, within);
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
    Occurrence whole = occurrence_of(rule, first->rule, in_title, first->begin, first->end);
    bool complete = true;
    for (int part = 1; part < rule.parts && complete; ++part) {
      const Parts end = begin_of(part + 1);
      const Parts other = nearest(field, *first, begin_of(part), end, rule.within);
      complete = other != end;
      if (!complete) break;
      whole.begin = std::min(whole.begin, other->begin);
      whole.end = std::max(whole.end, other->end);
      whole.places[whole.places_count++] = {other->begin, other->end};
    }
    if (complete) out.push_back(whole);
  }
}

/// A word of a class.
struct ClassHit {
  std::uint32_t rule = 0;
  Part part;
};

/// Calls `function(use)` for each use of a class by a rule that counts.
template <class Function>
void each_use(const CompiledPacks& packs, std::uint32_t of, const Counting& counting,
              Function function) {
  for (const ClassUse& use : packs.class_uses[of]) {
    const Rule& rule = packs.rules[use.rule];
    if ((rule.language & counting.of(rule.kind)) != 0) function(use);
  }
}

/// Of each class the first kClassHits; `hits` are sorted by class.
void keep_first(std::vector<ClassHit>& hits) {
  std::size_t of_class = 0;
  std::uint32_t last = 0;
  std::erase_if(hits, [&](const ClassHit& hit) {
    of_class = hit.rule == last ? of_class + 1 : 1;
    last = hit.rule;
    return of_class > kClassHits;
  });
}

/// Drops the parts of rules of which another part was not found; those that classes give are added.
void complete_parts(const CompiledPacks& packs, std::vector<ClassHit>& hits,
                    const Counting& counting, std::vector<Part>& parts) {
  thread_local std::vector<std::uint8_t> seen;  // by rule, a bit for each part; zero between calls
  if (seen.size() < packs.rules.size()) seen.resize(packs.rules.size(), 0);
  const auto see = [&](std::uint32_t rule, std::uint8_t part) {
    seen[rule] = static_cast<std::uint8_t>(seen[rule] | (1U << part));
  };
  const auto is_complete = [&](std::uint32_t rule) {
    return seen[rule] == (1U << packs.rules[rule].parts) - 1;
  };
  std::stable_sort(hits.begin(), hits.end(),
                   [](const ClassHit& a, const ClassHit& b) { return a.rule < b.rule; });
  keep_first(hits);
  for (const Part& part : parts) see(part.rule, part.part);
  const auto is_first = [&](std::size_t i) { return i == 0 || hits[i].rule != hits[i - 1].rule; };
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (is_first(i))
      each_use(packs, hits[i].rule, counting,
               [&](const ClassUse& use) { see(use.rule, use.part); });
  }
  const std::size_t own = parts.size();
  std::vector<Part> kept;
  for (const Part& part : parts) {
    if (is_complete(part.rule)) kept.push_back(part);
  }
  for (const ClassHit& hit : hits) {
    each_use(packs, hit.rule, counting, [&](const ClassUse& use) {
      if (!is_complete(use.rule)) return;
      kept.push_back(hit.part);
      kept.back().rule = use.rule;
      kept.back().part = use.part;
    });
  }
  for (std::size_t i = 0; i < own; ++i) seen[parts[i].rule] = 0;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (is_first(i))
      each_use(packs, hits[i].rule, counting, [&](const ClassUse& use) { seen[use.rule] = 0; });
  }
  parts.swap(kept);
}

void find_in(const CompiledPacks& packs, const Field& field, bool in_title,
             const Counting& counting, std::vector<Occurrence>& out) {
  thread_local std::vector<LiteralIndex::Hit> hits;
  thread_local std::vector<Part> parts;
  thread_local std::vector<ClassHit> of_classes;
  hits.clear();
  of_classes.clear();
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
      const Place core = core_of(field.laid(), hit.begin, hit.begin + phrase.literal_bytes);
      if (rule.parts == 0) {
        of_classes.push_back({phrase.rule, {phrase.rule, 0, begin, last, core}});
      } else if (rule.parts == 1) {
        out.push_back(occurrence_of(rule, phrase.rule, in_title, begin, last));
      } else {
        parts.push_back({phrase.rule, phrase.part, begin, last, core});
      }
    }
  }
  complete_parts(packs, of_classes, counting, parts);
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.key() < b.key(); });
  for (auto from = parts.cbegin(); from != parts.cend();) {
    const auto to =
        std::find_if(from, parts.cend(), [&](const Part& part) { return part.rule != from->rule; });
    join_near(field, packs.rules[from->rule], from, to, in_title, out);
    from = to;
  }
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
    if (other->tag == shield.tag && other->role != Role::kExcluded && share_words(shield, *other))
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

bool share_words(const Occurrence& a, const Occurrence& b) {
  for (const Place& one : a.words()) {
    for (const Place& other : b.words()) {
      if (one.begin < other.end && other.begin < one.end) return true;
    }
  }
  return false;
}

bool holds_words(const Occurrence& outer, const Occurrence& inner) {
  const auto outside = [&](const Place& word) {
    const auto holds = [&](const Place& own) {
      return own.begin <= word.begin && word.end <= own.end;
    };
    return std::none_of(outer.words().begin(), outer.words().end(), holds);
  };
  return std::none_of(inner.words().begin(), inner.words().end(), outside);
}

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
