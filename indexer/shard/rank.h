#pragma once

#include <cstdint>
#include <limits>
#include <queue>
#include <vector>

#include "indexer/shard/evaluate.h"
#include "indexer/shard/shard.h"

namespace vigie::indexer {

/// The order of results.
struct Better {
  Sort sort;
  bool operator()(const Found& a, const Found& b) const {
    if (sort == Sort::kRelevance && a.score != b.score) return a.score > b.score;
    if (sort == Sort::kNewest && a.time_unix_ms != b.time_unix_ms)
      return a.time_unix_ms > b.time_unix_ms;
    return a.article_id < b.article_id;
  }
};

/// The best hits behind the place that a page begins at, over all sources.
class BestHits {
 public:
  explicit BestHits(const Find& find);
  /// Less than this is not among the best; equal may be.
  double least_score() const {
    return full() ? best_.top().score : -std::numeric_limits<double>::infinity();
  }
  std::int64_t least_time() const {
    return full() ? best_.top().time_unix_ms : std::numeric_limits<std::int64_t>::min();
  }
  /// Hits of the page; 0 where it begins behind another.
  std::size_t wanted() const { return has_edge_ ? 0 : limit_; }
  void offer(const segments::Columns& columns, std::uint64_t base, std::uint32_t document,
             double score);
  std::vector<Found> take();

 private:
  bool full() const { return best_.size() == limit_; }
  std::size_t limit_;
  Better better_;
  bool has_edge_ = false;
  Found edge_;
  Found candidate_;
  std::priority_queue<Found, std::vector<Found>, Better> best_;  // the worst on top
};

/// Offers documents by time, or with their scores; those that cannot be among the best may be left
/// out.
void offer_newest(const segments::Columns& columns, const Bitmap& documents, std::uint64_t base,
                  BestHits& best);
/// Those of a list. Errors: kStop corrupt.
Result<void> offer_newest(const segments::Columns& columns, const segments::OpenList& list,
                          std::uint64_t base, BestHits& best);
/// All.
void offer_newest(const segments::Columns& columns, std::uint64_t base, BestHits& best);
/// `documents` nullptr: all that hold a scored leaf. Errors: kStop corrupt, those of the budget.
Result<void> offer_scored(Evaluator& evaluator, const Statistics& statistics,
                          const Bitmap* documents, std::uint64_t base, BestHits& best);

}  // namespace vigie::indexer
