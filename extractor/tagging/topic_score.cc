#include "extractor/tagging/topic_score.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vigie::extractor::tagging {
namespace {

constexpr double kTitleFactor = 3;   // an occurrence in the title
constexpr double kLeadFactor = 1.5;  // in the lead
// of wide words behind the lead, where a long text has some of everything
constexpr double kClassesFactor = 0.4;
// of one term, after factors: one word repeated is not a topic
constexpr double kOccurrencesCounted = 4;
constexpr double kMention = 3;        // a topic is mentioned from here: one normal term
constexpr double kAbout = 11;         // about from here with two different terms, damped
constexpr double kAboutInTitle = 14;  // and from here with a term in the title: a strong one
// of the highest score, which another topic needs to be taken with it
constexpr double kBesideBest = 0.8;
constexpr std::size_t kActorsInLead = 2;  // that make a strong term in the opening enough

// How a topic stands against the article's others, in points. Set by five-fold cross-validation on
// labelled items (ops/evidence/topics.md); halves are as good as anything finer.
constexpr double kForDoubling = 2;     // for each doubling of the score
constexpr double kForShare = 3;        // for the whole of the highest score
constexpr double kForTitle = 1;        // for a strong term in the title
constexpr double kForEachOther = 0.5;  // less, for each other topic that is given
constexpr std::size_t kOthersCounted = 7;
constexpr double kStanding = 9.5;  // what an article is about has as much
// what one strong term in the title gives; a topic that has no more is told by little
constexpr double kLittle = 15;
constexpr double kStandingOfLittle = 8;  // which the article's first topic needs
constexpr double kStandingInLong = 8;    // in a text beyond the usual length, of damped scores
// places in the lead that stand for a missing one in the title; a long text touches much on its way
constexpr std::size_t kPlacesInLead = 1;
constexpr std::size_t kPlacesInLeadOfLong = 2;
// of a mention: what one of many topics has with one term of a text is named by chance
constexpr double kStandingOfMention = 2;

double factor_of(const Rule& rule, const Occurrence& found) {
  if (found.in_title) return kTitleFactor;
  if (found.begin < kLeadBytes) return kLeadFactor;
  return rule.kind == TermKind::kClasses ? kClassesFactor : 1;
}

/// Terms of a topic in an article, in numbers.
struct Terms {
  double raw = 0;
  std::size_t different = 0;
  bool in_title = false;
  bool sure_in_title = false;
  bool strong_in_opening = false;
  std::size_t strong_places = 0;
  bool strong_is_sure = false;
  bool telling = false;  // one of them is sure, or of several words
  bool strong_in_title = false;
  bool told_in_title = false;
  std::size_t places_in_lead = 0;  // beginnings of terms there
};

Terms count_terms(const CompiledPacks& packs, const std::vector<const Occurrence*>& counted) {
  std::vector<std::pair<std::uint32_t, double>> by_rule;
  Terms out;
  std::uint32_t last_in_lead = Score::kNone;
  for (const Occurrence* found : counted) {
    const Rule& rule = packs.rules[found->rule];
    auto place = std::find_if(by_rule.begin(), by_rule.end(),
                              [&](const auto& entry) { return entry.first == found->rule; });
    if (place == by_rule.end()) place = by_rule.insert(place, {found->rule, 0});
    place->second += factor_of(rule, *found);
    out.in_title = out.in_title || found->in_title;
    if (!found->in_title && is_early(*found) && found->begin != last_in_lead) {
      last_in_lead = found->begin;
      ++out.places_in_lead;
    }
    out.telling = out.telling || rule.kind != TermKind::kWord;
    out.sure_in_title = out.sure_in_title || (found->in_title && rule.sure);
    out.told_in_title = out.told_in_title ||
                        (found->in_title && rule.weight >= kStrong && rule.kind != TermKind::kWord);
    if (rule.weight < kStrong) continue;
    ++out.strong_places;
    out.strong_in_title = out.strong_in_title || found->in_title;
    out.strong_in_opening = out.strong_in_opening || found->begin < kOpeningBytes;
    out.strong_is_sure = out.strong_is_sure || rule.sure;
  }
  out.different = by_rule.size();
  for (const auto& [rule, factors] : by_rule)
    out.raw += packs.rules[rule].weight * std::min(factors, kOccurrencesCounted);
  return out;
}

/// What title and lead hold beside the terms of one topic.
class Surroundings {
 public:
  Surroundings(const CompiledPacks& packs, const Findings& findings) {
    for (const Found& found : findings.tags) {
      const TagEntry& tag = packs.tags[found.tag];
      if (tag.sort == TagEntry::Sort::kContext) {
        for (const Occurrence& word : found.all) {
          if (is_early(word)) contexts_.push_back(&word);
        }
      } else if (tag.supports) {
        for (const Occurrence* name : found.counted) {
          if (is_early(*name)) actors_.push_back(name);
        }
      }
    }
  }

  bool has_context(const std::vector<const Occurrence*>& counted) const {
    const std::vector<const Occurrence*> terms = early_of(counted);
    return std::any_of(contexts_.begin(), contexts_.end(),
                       [&](const Occurrence* word) { return stands_apart(*word, terms); });
  }
  /// Different actors, up to `most`.
  std::size_t actors(const std::vector<const Occurrence*>& counted, std::size_t most) const {
    const std::vector<const Occurrence*> terms = early_of(counted);
    std::size_t out = 0;
    std::uint32_t last = Score::kNone;
    for (const Occurrence* name : actors_) {
      if (name->tag == last || !stands_apart(*name, terms)) continue;
      last = name->tag;
      if (++out == most) break;
    }
    return out;
  }

 private:
  static std::vector<const Occurrence*> early_of(const std::vector<const Occurrence*>& counted) {
    std::vector<const Occurrence*> out;
    for (const Occurrence* term : counted) {
      if (is_early(*term)) out.push_back(term);
    }
    return out;
  }
  /// A word that is itself a term of the topic supports nothing.
  static bool stands_apart(const Occurrence& word, const std::vector<const Occurrence*>& terms) {
    return std::none_of(terms.begin(), terms.end(), [&](const Occurrence* term) {
      return term->in_title == word.in_title && share_words(*term, word);
    });
  }

  std::vector<const Occurrence*> contexts_;
  std::vector<const Occurrence*> actors_;  // of one actor together
};

Why level_of(const Terms& terms, double value, const std::vector<const Occurrence*>& counted,
             const Surroundings& around) {
  if (terms.sure_in_title) return Why::kSureInTitle;
  if (value >= kAbout && terms.different >= 2) return Why::kTwoTerms;
  const bool lone_in_title = terms.in_title && value >= kAboutInTitle;
  const std::size_t actors = around.actors(counted, kActorsInLead);
  const bool context = around.has_context(counted);
  if (lone_in_title) {
    if (context) return Why::kTitleAndContext;
    if (actors > 0) return Why::kTitleAndActor;
  }
  if (terms.strong_in_opening && terms.strong_places >= 2 &&
      (terms.strong_is_sure || context || actors > 0))
    return Why::kOpeningAgain;
  if (terms.strong_in_opening && actors >= kActorsInLead) return Why::kOpeningAndActors;
  if (terms.in_title && !terms.telling && terms.different < 2 && !context && actors == 0)
    return Why::kLoneInTitle;
  return Why::kLowScore;
}

/// The combinations of a topic that are complete, added to its score.
void add_together(const CompiledPacks& packs, const Findings& findings, Score& score) {
  const std::vector<Together>& all = packs.tags[score.tag].together;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto is_there = [&](std::uint32_t tag) {
      const Found* found = findings.find(tag);
      return found != nullptr && !found->vetoed && !found->counted.empty();
    };
    if (!std::all_of(all[i].all.begin(), all[i].all.end(), is_there)) continue;
    score.raw += all[i].weight;
    score.together.push_back(static_cast<std::uint32_t>(i));
    if (!score.evidence.empty()) continue;
    for (const std::uint32_t tag : all[i].all)
      score.evidence_of_together.push_back(findings.find(tag)->counted.front());
  }
}

Score score_topic(const CompiledPacks& packs, const Findings& findings, std::uint32_t tag,
                  const Found* found, const Surroundings& around) {
  Score score;
  score.tag = tag;
  if (found != nullptr) score.evidence = found->counted;
  const Terms terms = count_terms(packs, score.evidence);
  score.raw = terms.raw;
  score.in_title = terms.in_title;
  score.strong_in_title = terms.strong_in_title;
  score.told_in_title = terms.told_in_title;
  score.places_in_lead = terms.places_in_lead;
  add_together(packs, findings, score);
  score.value = score.raw * findings.damping;
  if (found != nullptr && found->vetoed) {
    score.why = Why::kVetoed;
  } else if (score.evidence.empty() && score.together.empty()) {
    score.why = found != nullptr && found->needs_missing ? Why::kNeedsMissing : Why::kNothingCounts;
  } else if (score.raw < kMention) {
    score.why = Why::kTooWeak;
  } else {
    score.why = level_of(terms, score.value, score.evidence, around);
  }
  return score;
}

/// Gives each topic its children's level, where that is higher.
void raise_parents(const CompiledPacks& packs, std::vector<Score>& scores) {
  const auto place_of = [&](std::uint32_t tag) {
    return std::lower_bound(scores.begin(), scores.end(), tag,
                            [](const Score& a, std::uint32_t b) { return a.tag < b; });
  };
  std::vector<std::uint32_t> open;
  for (const Score& score : scores) {
    if (is_given(score.why) && !packs.tags[score.tag].parents.empty()) open.push_back(score.tag);
  }
  // A topic is put back at most twice, as a mention and as what the article is about.
  for (std::size_t i = 0; i < open.size(); ++i) {
    const Score child = *place_of(open[i]);
    for (const std::uint32_t parent_tag : packs.tags[child.tag].parents) {
      auto parent = place_of(parent_tag);
      if (parent == scores.end() || parent->tag != parent_tag) {
        parent = scores.insert(parent, Score{});
        parent->tag = parent_tag;
      }
      const bool higher = is_about(child.why) ? !is_about(parent->why) : !is_given(parent->why);
      if (parent->why == Why::kVetoed || !higher) continue;
      parent->child = child.tag;
      parent->why = is_about(child.why) ? Why::kOfChild : child.why;
      parent->raw = std::max(parent->raw, child.raw);
      parent->value = std::max(parent->value, child.value);
      parent->evidence.insert(parent->evidence.end(), child.evidence.begin(), child.evidence.end());
      parent->evidence_of_together = child.evidence_of_together;
      if (!packs.tags[parent_tag].parents.empty()) open.push_back(parent_tag);
    }
  }
}

/// A title that says what the article is about leaves what only the opening holds a mention.
void keep_to_title(std::vector<Score>& scores) {
  const auto from_title = [](const Score& score) {
    return score.in_title && score.why <= Why::kTitleAndActor;
  };
  if (std::none_of(scores.begin(), scores.end(), from_title)) return;
  for (Score& score : scores) {
    const bool opening = score.why == Why::kOpeningAgain || score.why == Why::kOpeningAndActors;
    if (opening) score.why = Why::kOpeningBelowTitle;
  }
}

/// Where no topic is `about`, those that a strong term of several words in the title tells.
void take_told(std::vector<Score>& scores) {
  double best = 0;
  for (const Score& score : scores) {
    if (is_about(score.why)) return;
    if (is_given(score.why) && score.told_in_title) best = std::max(best, score.value);
  }
  for (Score& score : scores) {
    if (is_given(score.why) && score.told_in_title && score.value >= kBesideBest * best)
      score.why = Why::kAloneInTitle;
  }
}

/// What a text is like, for its topics.
struct Text {
  bool titled = false;
  bool is_long = false;
  double best = 0;  // the highest score of a topic
};

/// The level of a topic that is given, by where it stands and how against the others.
Why weighed(const Score& score, const Text& text) {
  if (!is_about(score.why)) return score.standing < kStandingOfMention ? Why::kLost : score.why;
  const std::size_t places = text.is_long ? kPlacesInLeadOfLong : kPlacesInLead;
  if (text.titled && !score.in_title && score.places_in_lead < places) return Why::kBehindLead;
  double needed = text.is_long ? kStandingInLong : kStanding;
  if (!text.is_long && score.value <= kLittle) {
    if (score.value < text.best) return Why::kTooLittle;
    needed = kStandingOfLittle;
  }
  return score.standing < needed ? Why::kOutweighed : score.why;
}

/// What is one of an article's many topics, and one of the smaller ones, is a mention, and the
/// smallest are not given. A text that is longer than usual has room for many.
void weigh_against_others(Text text, std::vector<Score>& scores) {
  std::size_t given = 0;
  for (const Score& score : scores) {
    if (!is_given(score.why)) continue;
    text.best = std::max(text.best, score.value);
    ++given;
  }
  for (Score& score : scores) {
    if (!is_given(score.why)) continue;
    const std::size_t others = text.is_long ? 0 : std::min(given - 1, kOthersCounted);
    score.standing = kForDoubling * std::log2(std::max(score.value, 1.0)) +
                     kForShare * score.value / text.best + (score.strong_in_title ? kForTitle : 0) -
                     kForEachOther * static_cast<double>(others);
    score.why = weighed(score, text);
  }
}

}  // namespace

bool is_about(Why why) { return why <= Why::kActorEnough; }
bool is_given(Why why) { return why < Why::kTooWeak; }

std::string_view words_of(Why why) {
  switch (why) {
    case Why::kSureInTitle: return "about: a sure term stands in the title";
    case Why::kTwoTerms: return "about: two different terms and a score of 11 or more";
    case Why::kTitleAndContext:
      return "about: a strong term in the title, and a context in the title or lead";
    case Why::kTitleAndActor:
      return "about: a strong term in the title, and an actor in the title or lead";
    case Why::kOpeningAgain:
      return "about: a strong term in the title or the first sentence, found again";
    case Why::kOpeningAndActors:
      return "about: a strong term in the first sentence, and two actors in title and lead";
    case Why::kAloneInTitle:
      return "about: a strong term of several words in the title, and no other topic is";
    case Why::kOfChild: return "about: an article about a part of it is about it";
    case Why::kActorEnough: return "about: an actor with a score of 4 or more";
    case Why::kLost: return "not given: its standing against the article's other topics is under 2";
    case Why::kLoneInTitle:
      return "not given: one word in the title that is not sure, with no other term, context or "
             "actor in title and lead";
    case Why::kOpeningBelowTitle:
      return "mention: a strong term in the first sentence, and the title says that the article "
             "is about something else";
    case Why::kOutweighed:
      return "mention: its standing against the article's other topics is too low: under 9.5, or "
             "under 8 in a text beyond 600 words or with a score of 15 or less";
    case Why::kBehindLead:
      return "mention: no term in the title, and in the lead none, or one alone in a text beyond "
             "600 words";
    case Why::kTooLittle: return "mention: a score of 15 or less, and another topic's is higher";
    case Why::kLowScore:
      return "mention: the score is under 11, or from one term and without what makes that enough";
    case Why::kActorBelow: return "mention: an actor with a score under 4";
    case Why::kTooWeak: return "not given: the score is under 3";
    case Why::kNeedsMissing: return "not given: none of its `needs` is in the article";
    case Why::kVetoed: return "not given: a veto is in the article";
    case Why::kNothingCounts: return "not given: nothing that was found counts";
  }
  return "";
}

std::vector<Score> score_topics(const CompiledPacks& packs, const Findings& findings) {
  const Surroundings around(packs, findings);
  std::vector<Score> out;
  auto found = findings.tags.begin();
  for (std::uint32_t tag = 0; tag < packs.tags.size(); ++tag) {
    while (found != findings.tags.end() && found->tag < tag) ++found;
    const bool is_found = found != findings.tags.end() && found->tag == tag;
    const TagEntry& entry = packs.tags[tag];
    if (entry.sort != TagEntry::Sort::kTopic || (!is_found && entry.together.empty())) continue;
    Score score = score_topic(packs, findings, tag, is_found ? &*found : nullptr, around);
    if (is_found || !score.together.empty()) out.push_back(std::move(score));
  }
  keep_to_title(out);
  take_told(out);
  weigh_against_others({findings.titled, findings.damping < 1, 0}, out);
  raise_parents(packs, out);
  return out;
}

}  // namespace vigie::extractor::tagging
