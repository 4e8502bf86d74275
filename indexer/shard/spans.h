#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "indexer/shard/cursor.h"
#include "indexer/shard/evaluate.h"

namespace vigie::indexer {

/// Consecutive words of one field, by position.
struct Span {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};
using Spans = std::array<std::vector<Span>, 2>;  // by field

/// Where a leaf, or a kOr of leaves, stands in ascending documents.
class SpanReader {
 public:
  static Result<SpanReader> open(Evaluator& evaluator, std::uint32_t node);
  /// Replaces `out`; ascending.
  Result<void> read(std::uint32_t document, Spans& out);

 private:
  struct Word {
    PlaceCursor places;
    std::uint64_t stems = kEveryStem;  // UnitWord::stems
  };
  struct Unit {
    std::uint32_t offset = 0;
    std::vector<Word> words;
    segments::Positions found;  // in the document at hand
  };
  Result<void> add(Evaluator& evaluator, std::uint32_t node);
  Result<void> read_leaf(std::uint32_t document, Spans& out);

  segments::Columns columns_;
  std::vector<Unit> units_;  // of a leaf
  std::uint32_t length_ = 0;
  bool title_ = false;
  std::vector<SpanReader> children_;  // of a kOr
};

}  // namespace vigie::indexer
