#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "indexer/segments/source.h"
#include "indexer/segments/weight.h"
#include "indexer/shard/bitmap.h"
#include "indexer/shard/bounds.h"
#include "indexer/shard/cursor.h"
#include "indexer/shard/evaluate.h"
#include "platform/result/result.h"

namespace vigie::indexer {

/// BM25 with the usual k1, over what segments/weight.h makes of both fields.
inline constexpr double kK1 = 1.2;
/// A bound in single precision is no less than the score by this share, at most.
inline constexpr double kBoundSlack = 1e-5;

/// Lengths of documents that scores refer to.
struct Averages {
  explicit Averages(const Statistics& statistics);
  double documents;
  double length[2];
};

/// One leaf that adds to the score of documents of one source.
class Leaf {
 public:
  Leaf(const segments::Columns& columns, const Averages& averages, double frequency, bool title);

  void add_unit(const UnitWords& words);
  /// Counts every document once and for all, for a leaf of very many words. Errors: kStop corrupt.
  Result<void> count(const UnitWords& words, const Bitmap& documents);

  /// No document scores more.
  double most() const { return score_of(weight_); }
  /// The most that a document of [begin, end] may score; shortens `end` to what that holds for.
  /// `begin` ascends from call to call.
  Result<double> most_within(std::uint32_t begin, std::uint32_t& end);
  /// The same for all of [begin, end], by the heads of blocks alone.
  double most_between(std::uint32_t begin, std::uint32_t end);
  /// Adds to sums[document - base] no less than what each document of [begin, end] scores, but for
  /// rounding (kBoundSlack); the cursors are where most_within left them.
  Result<void> add_bounds(std::uint32_t base, std::uint32_t begin, std::uint32_t end, float* sums);
  /// The most that one document may score, without unpacking anything. Documents ascend.
  double bound_of(std::uint32_t document);
  /// False where the document holds none of the words, nor damaged bytes. Documents ascend.
  bool may_hold(std::uint32_t document);
  /// Exact. Not a number for damaged bytes: no error is carried through the innermost loop.
  /// Documents ascend, but within a part.
  double score(std::uint32_t document);

  /// Whether no document counts in two of its words, whose parts may be scored in any order then.
  bool is_apart() const { return apart_ && units_.size() == 1 && counted_.empty(); }
  /// Whether what one of its words scores in a document is no more than the leaf does.
  bool is_sum() const { return units_.size() == 1 && counted_.empty(); }
  std::size_t words() const { return units_.empty() ? 0 : units_[0].size(); }

  /// A part of one word of the first unit, unpacked, with what each of its documents scores by that
  /// word alone, in single precision; nullptr for damaged bytes. Good until the next call.
  struct Part {
    const std::uint32_t* documents;
    const float* scores;
    std::uint32_t count;
  };
  std::uint32_t parts(std::size_t word) const { return units_[0][word]->cursor.parts(); }
  /// No document of the part weighs more.
  double weight_of_part(std::size_t word, std::uint32_t part) const {
    const Term& term = *units_[0][word];
    return term.cursor.weight(part) * term.scale;
  }
  /// The most that a document of such a weight scores.
  double most_of_weight(double weight) const { return score_of(weight); }
  /// What weighs less scores less; infinite where nothing scores so much.
  double weight_for(double score) const {
    if (!(score > 0)) return 0;
    const double left = rarity_ * (kK1 + 1) - score;
    return left > 0 ? kK1 * score / left : std::numeric_limits<double>::infinity();
  }
  bool open_part(std::size_t word, std::uint32_t part, Part& out);
  /// Back to the first parts.
  void rewind();

 private:
  struct Term {
    Term(const UnitWord& its, double by) : cursor(its.list), scale(by), stems(its.stems) {}
    Cursor cursor;
    double scale;                       // of weights under the averages of the list to those of now
    std::uint64_t stems;                // UnitWord::stems
    std::uint32_t scored = UINT32_MAX;  // the part that `scores` is of
    alignas(32) float scores[segments::kBlockPostings];
  };
  using Unit = std::vector<std::unique_ptr<Term>>;

  bool counts_in(const Term& term, std::uint32_t document) const {
    // most count everywhere, and are spared a look at the document
    return term.stems == kEveryStem || (term.stems >> columns_.stem_numbers[document] & 1) != 0;
  }
  /// The most that words of these weights have together.
  double together(double some, double other) const {
    return apart_ ? std::max(some, other) : some + other;
  }
  static Result<double> term_within(Term& term, std::uint32_t begin, std::uint32_t& end);
  double score_of(double weight) const;
  bool add_counts(Term& term, std::uint32_t document, segments::Frequencies& counts);
  double score_of(const segments::Frequencies& counts, std::uint32_t document) const;
  /// Fills the scores of the part that the cursor is at; false for damaged bytes.
  bool bound_part(Term& term);

  const segments::Columns& columns_;
  const Averages& averages_;
  double rarity_;
  bool title_;
  BoundFormula formula_;
  double weight_ = std::numeric_limits<double>::infinity();  // no document weighs more
  bool apart_ = true;
  std::vector<Unit> units_;
  std::vector<segments::Frequencies> counted_;
};

}  // namespace vigie::indexer
