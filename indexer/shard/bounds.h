#pragma once

#include <cstddef>
#include <cstdint>

#include "indexer/segments/postings.h"

/// What a block of postings may score, in single precision, many documents at once. The widest
/// instructions of the processor are chosen at run time; the figures are the same without them.
namespace vigie::indexer {

/// Of the weights of both fields, 3 t / A + b / B with A and B by the lengths, the score is
/// r w / (k1 + w) = r (3 t B + b A) / (k1 A B + 3 t B + b A): one division a document.
struct BoundFormula {
  float by_length[2];  // A = 1 - b + by_length[0] * words of the title; B alike
  float text_weight;   // 0 where the title alone counts
  float most;          // r
};

/// Words of the documents of a block, in their order.
struct BlockLengths {
  alignas(32) std::uint32_t title[segments::kBlockPostings];
  alignas(32) std::uint32_t text[segments::kBlockPostings];
};
/// What stands in `scores` behind the last document's is of no meaning.
void score_block(const segments::Unpacked& block, const BlockLengths& lengths,
                 const BoundFormula& formula, float* scores);

/// Which of 64 numbers reach the bar.
std::uint64_t reach(const float* numbers, float bar);
namespace scalar {
std::uint64_t reach(const float* numbers, float bar);
}

}  // namespace vigie::indexer
