#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/shard/evaluate.h"
#include "indexer/shard/shard.h"

namespace vigie::indexer {

/// The best hits behind the place that a page begins at, over all sources.
class BestHits {
 public:
  explicit BestHits(const Find& find);
  /// Less than this is not among the best; equal may be.
  double least_score() const {
    return full() ? std::max(best_.front().score, expected_) : expected_;
  }
  /// As many documents as are wanted are known to score so much at least.
  void expect(double score) { expected_ = std::max(expected_, score); }
  std::int64_t least_time() const {
    return full() ? best_.front().time_unix_ms : std::numeric_limits<std::int64_t>::min();
  }
  /// Hits of the page; 0 where it begins behind another.
  std::size_t wanted() const { return has_edge_ ? 0 : limit_; }
  void offer(const segments::Columns& columns, std::uint64_t base, std::uint32_t document,
             double score);
  /// Before the columns of which documents were offered go, or change.
  void keep();
  /// After keep().
  std::vector<Found> take();

 private:
  struct Hit {
    double score = 0;
    std::int64_t time_unix_ms = 0;
    std::uint64_t ordinal = 0;
    std::string_view kept_id;  // of kept_, or the edge's
    // Until keep(): id and time are looked at where they decide, since most that is offered goes.
    const segments::Columns* columns = nullptr;
    std::uint32_t document = 0;
    std::string_view article_id() const {
      return columns != nullptr ? columns->article_id(document) : kept_id;
    }
  };
  /// The order of results.
  struct Better {
    Sort sort;
    bool operator()(const Hit& a, const Hit& b) const {
      if (sort == Sort::kRelevance && a.score != b.score) return a.score > b.score;
      if (sort == Sort::kNewest && a.time_unix_ms != b.time_unix_ms)
        return a.time_unix_ms > b.time_unix_ms;
      return a.article_id() < b.article_id();
    }
  };
  bool full() const { return best_.size() == limit_; }
  double expected_ = -std::numeric_limits<double>::infinity();
  std::size_t limit_;
  Better better_;
  bool has_edge_ = false;
  std::string edge_id_;
  Hit edge_;
  std::vector<Hit> best_;         // a heap, the worst in front
  std::deque<std::string> kept_;  // ids
};

/// Offers documents by time, or with their scores; those that cannot be among the best may be left
/// out.
void offer_newest(const segments::Columns& columns, const Bitmap& documents, std::uint64_t base,
                  BestHits& best);
/// Those of a list, where it counts. Errors: kStop corrupt.
Result<void> offer_newest(const segments::Columns& columns, const UnitWord& word,
                          std::uint64_t base, BestHits& best);
/// All.
void offer_newest(const segments::Columns& columns, std::uint64_t base, BestHits& best);
/// `documents` nullptr: all that hold a scored leaf. Errors: kStop corrupt, those of the budget.
Result<void> offer_scored(Evaluator& evaluator, const Statistics& statistics,
                          const Bitmap* documents, std::uint64_t base, BestHits& best);

}  // namespace vigie::indexer
