#pragma once

#include <vector>

#include "extractor/content/block_rules.h"
#include "extractor/content/features.h"

namespace vigie::extractor::content {

/// How likely a block's words belong to the article, 0 to 1: boosted decision trees over its
/// features, learned from half of the sites of the corpus (tests/bench/chooser).
/// A pure function.
double likelihood(const Features& features);
/// Whether that is more than `least`, which mostly shows before all trees are asked.
bool is_likelier(const Features& features, double least);

/// Corrects the verdicts of the rules where the trees contradict them: a line that the rules keep
/// needs kLeastToKeep, one that they leave out kLeastToTake. Headlines, time stamps, hidden blocks
/// and repetitions stay what they are. Where nothing would remain, the rules stand. `likelihoods`,
/// if given, gets one value a line.
void choose(const std::vector<Features>& features, std::vector<Line>& lines,
            std::vector<double>* likelihoods = nullptr);

}  // namespace vigie::extractor::content
