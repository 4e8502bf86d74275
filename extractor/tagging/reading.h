#pragma once

#include <string_view>
#include <vector>

#include "extractor/tagging/actor_score.h"
#include "extractor/tagging/findings.h"
#include "extractor/tagging/topic_score.h"

namespace vigie::extractor::tagging {

/// A text with all that was found in it. Scores point into the findings.
struct Reading {
  Fields fields;
  Findings findings;
  std::vector<Score> topics;
  std::vector<Score> actors;
};

/// The way of a text: laid out, scanned, sorted out, scored. In: as Tagger::tag_text.
Reading read(const CompiledPacks& packs, std::string_view title, std::string_view text,
             std::string_view language);

}  // namespace vigie::extractor::tagging
