#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "extractor/tagging/findings.h"

namespace vigie::extractor::tagging {

/// Why a tag has its level, or is not given.
enum class Why : std::uint8_t {
  // about
  kSureInTitle,
  kTwoTerms,
  kTitleAndContext,
  kTitleAndActor,  // up to here the title or two terms say so
  kOpeningAgain,
  kOpeningAndActors,
  kAloneInTitle,
  kOfChild,
  kActorEnough,
  // mention
  kLowScore,
  kOpeningBelowTitle,
  kOutweighed,
  kTooLittle,
  kBehindLead,
  kActorBelow,
  // not given
  kTooWeak,
  kLost,
  kLoneInTitle,
  kNeedsMissing,
  kVetoed,
  kNothingCounts,
};
bool is_about(Why why);
bool is_given(Why why);
/// In words, for people.
std::string_view words_of(Why why);

/// What a tag is worth in an article.
struct Score {
  std::uint32_t tag = 0;
  double raw = 0;       // weights times places
  double value = 0;     // damped by the length of the text
  double standing = 0;  // of a topic that is given: how it stands against the article's others
  Why why = Why::kNothingCounts;
  bool in_title = false;                    // a term of the topic stands there
  bool strong_in_title = false;             // a strong one
  bool told_in_title = false;               // by a strong term of several words
  std::size_t places_in_lead = 0;           // where terms of the topic begin in the lead
  std::uint32_t child = kNone;              // kOfChild: the topic that it is from
  std::vector<std::uint32_t> together;      // combinations of the topic that are complete
  std::vector<const Occurrence*> evidence;  // of the topic's own terms, or of an actor
  std::vector<const Occurrence*> evidence_of_together;  // where there are none
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
};

/// Every topic that something was found of, or that a combination gives, ascending by tag.
std::vector<Score> score_topics(const CompiledPacks& packs, const Findings& findings);

}  // namespace vigie::extractor::tagging
