#pragma once

#include <vector>

#include "extractor/tagging/topic_score.h"

namespace vigie::extractor::tagging {

/// Every actor that something was found of, ascending by tag.
std::vector<Score> score_actors(const CompiledPacks& packs, const Findings& findings);

}  // namespace vigie::extractor::tagging
