// Tagger::explain: the same reading as tag_text, told in full.
#include <algorithm>
#include <map>

#include "extractor/tagging/actor_score.h"
#include "extractor/tagging/reading.h"
#include "extractor/tagging/tagger.h"
#include "extractor/tagging/topic_score.h"

namespace vigie::extractor::tagging {
namespace {

std::string_view role_of(Role role, TagEntry::Sort sort) {
  switch (role) {
    case Role::kTerm: return "term";
    case Role::kUnsure: return "unsure";
    case Role::kShort: return "short";
    case Role::kContext: return sort == TagEntry::Sort::kContext ? "context" : "needs";
    case Role::kExcluded: return "not";
    case Role::kVeto: return "veto";
  }
  return "";
}

std::string_view fate_of(const Occurrence& found) {
  switch (found.fate) {
    case Fate::kCounts: return "counts";
    case Fate::kExcluded: return "a `not` of the tag lies over it";
    case Fate::kInsideOther: return "it lies in a longer name of the same kind";
    case Fate::kRepeat: return "it lies in another term of the tag";
    case Fate::kAlone: return "what it needs beside it is not in the article";
  }
  return "";
}

std::string_view sort_of(TagEntry::Sort sort) {
  switch (sort) {
    case TagEntry::Sort::kTopic: return "topic";
    case TagEntry::Sort::kActor: return "actor";
    case TagEntry::Sort::kContext: return "context";
  }
  return "";
}

void add_hits(const CompiledPacks& packs, const Fields& fields, const Found& found,
              TagExplained& out) {
  for (const Occurrence& occurrence : found.all) {
    const Rule& rule = packs.rules[occurrence.rule];
    const auto [begin, end] = fields.of(occurrence).span(occurrence.begin, occurrence.end);
    out.hits.push_back({occurrence.in_title, begin, end - begin, rule.name(),
                        role_of(rule.role, packs.tags[found.tag].sort), rule.weight, rule.sure,
                        fate_of(occurrence)});
  }
}

void add_score(const CompiledPacks& packs, const Score& score, TagExplained& out) {
  out.raw = score.raw;
  out.score = score.value;
  out.standing = score.standing;
  out.why = words_of(score.why);
  if (score.child != Score::kNone) out.child = packs.tags[score.child].id;
  for (const std::uint32_t place : score.together) {
    std::vector<std::string>& ids = out.together.emplace_back();
    for (const std::uint32_t tag : packs.tags[score.tag].together[place].all)
      ids.emplace_back(packs.tags[tag].id);
  }
}

}  // namespace

std::vector<TagExplained> Tagger::explain(std::string_view title, std::string_view text,
                                          std::string_view language) const {
  const Reading reading = read(*packs_, title, text, language);
  std::map<std::uint32_t, TagExplained> by_tag;
  const auto entry_of = [&](std::uint32_t tag) -> TagExplained& {
    TagExplained& out = by_tag[tag];
    out.id = packs_->tags[tag].id;
    out.sort = sort_of(packs_->tags[tag].sort);
    return out;
  };
  for (const Found& found : reading.findings.tags)
    add_hits(*packs_, reading.fields, found, entry_of(found.tag));
  for (const auto* scores : {&reading.topics, &reading.actors}) {
    for (const Score& score : *scores) add_score(*packs_, score, entry_of(score.tag));
  }
  std::vector<TagExplained> out;
  for (auto& [tag, explained] : by_tag) out.push_back(std::move(explained));
  std::stable_sort(out.begin(), out.end(), [](const TagExplained& a, const TagExplained& b) {
    const auto order = [](const TagExplained& e) {
      return e.sort == "topic" ? 0 : e.sort == "actor" ? 1 : 2;
    };
    return order(a) < order(b);
  });
  return out;
}

}  // namespace vigie::extractor::tagging
