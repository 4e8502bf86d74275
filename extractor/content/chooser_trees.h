#pragma once

#include <array>
#include <cstdint>

namespace vigie::extractor::content {

/// A node of a decision tree: a split, whose left child stands behind it, or a leaf.
struct TreeNode {
  std::int16_t feature;  // index in kFeatureNames; -1: a leaf
  std::uint16_t right;   // index in kTreeNodes of the child for values above
  // greatest feature value that goes to the left; of a leaf: what it adds to the log-odds
  double value;
};

extern const std::array<TreeNode, 1200> kTreeNodes;
extern const std::array<std::uint16_t, 80> kTreeRoots;  // in order of summing

}  // namespace vigie::extractor::content
