#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "extractor/tagging/occurrences.h"

namespace vigie::extractor::tagging {

// What counts, and how much. Weights of terms are the pack's: sure and strong 5, normal 3, weak 1.
inline constexpr double kStrong = 5;
// the lead: bytes of the laid-out text; two or three sentences
inline constexpr std::uint32_t kLeadBytes = 600;
// the opening: a sentence, which says what the article is about where the title does not
inline constexpr std::uint32_t kOpeningBytes = 250;
inline constexpr double kUsualWords = 600;  // texts up to here are not damped

/// What was found of one tag.
struct Found {
  std::uint32_t tag = 0;
  std::span<Occurrence> all;               // title first, then by place
  std::vector<const Occurrence*> counted;  // those that stand for the tag, in the same order
  bool needs_missing = false;              // of a topic: none of `needs` is in the article
  bool vetoed = false;
};

/// All that was found in an article, by tag.
struct Findings {
  std::vector<Occurrence> occurrences;  // by tag, then title first, then by place
  std::vector<Found> tags;              // ascending
  double damping = 1;                   // of scores, by the length of the text
  bool titled = false;                  // a text without a title is judged whole

  const Found* find(std::uint32_t tag) const;
};

/// Groups occurrences by tag and says which count: an unsure form only beside a context or a term,
/// a short one only beside a term, a term of a topic only where its `needs` are met, what lies in
/// a longer term of the tag never.
Findings sort_out(const CompiledPacks& packs, std::vector<Occurrence> occurrences,
                  std::uint32_t words, bool titled);

/// Whether an occurrence stands in the title or in the lead. A title is shorter than a lead.
inline bool is_early(const Occurrence& found) { return found.begin < kLeadBytes; }

}  // namespace vigie::extractor::tagging
