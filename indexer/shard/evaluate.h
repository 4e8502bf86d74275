#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "indexer/segments/source.h"
#include "indexer/shard/bitmap.h"
#include "indexer/shard/cursor.h"
#include "indexer/shard/plan.h"
#include "indexer/shard/shard.h"
#include "platform/result/result.h"

namespace vigie::indexer {

/// Words that a prefix may stand for in one segment; a broader one is refused rather than cut.
inline constexpr std::size_t kMaxPrefixWords = 20'000;

/// A word that a unit of a leaf stands for in one source, and where it counts.
struct UnitWord {
  segments::OpenList list;
  bool everywhere = true;
  std::vector<std::uint16_t> languages;  // alone, where not everywhere
  bool counts(std::uint16_t language) const {
    return everywhere || std::find(languages.begin(), languages.end(), language) != languages.end();
  }
};
using UnitWords = std::vector<UnitWord>;

/// Evaluates one plan against one source. One thread.
class Evaluator {
 public:
  struct World {
    // takes superseded and hidden documents away; empty: there is none
    std::function<void(Bitmap& documents)> leave_out;
    // asks the stored text
    std::function<Result<bool>(const query::Query& leaf, std::uint32_t document)> verify;
    // documents of this source in the story or event that the filter names
    std::function<std::vector<std::uint32_t>(const query::Node& filter)> group;
    std::int64_t now_unix_ms = 0;
  };
  Evaluator(const Plan& plan, const segments::Source& source, const World& world);

  /// About how many postings run() reads, by the words alone as they were typed.
  Result<std::uint64_t> price();
  /// The documents that answer the query, dropped ones left out. Exact.
  Result<Bitmap> run();
  /// Adds this source's document frequencies, see Statistics.
  Result<void> frequencies(std::vector<std::uint64_t>& out);

  const segments::Columns& columns() const { return columns_; }
  const Plan& plan() const { return plan_; }
  /// The words of a unit, or of a leaf that is a prefix. Found once.
  Result<const UnitWords*> words_of(const PlanUnit& unit);
  Result<const UnitWords*> prefix_words(std::uint32_t leaf);

 private:
  // Recursion is as deep as the query, which the parser bounds (QueryLimits::depth).
  Result<Bitmap> evaluate(std::uint32_t node, const Bitmap* among);
  Result<Bitmap> all_of(std::uint32_t node, const Bitmap* among);
  Result<Bitmap> any_of(std::uint32_t node, const Bitmap* among);
  Result<Bitmap> none_of(std::uint32_t node, const Bitmap* among);
  Result<Bitmap> sequence(std::uint32_t node, const Bitmap* among);
  Result<Bitmap> near(std::uint32_t node, const Bitmap* among);
  Result<Bitmap> filter(std::uint32_t node, const Bitmap* among);
  Result<void> verified(std::uint32_t node, Bitmap& candidates);
  Bitmap everything() const;
  /// Errors: those of the query's budget.
  Result<void> check() const;
  /// The children of a node, those that ask the same but once.
  std::vector<std::uint32_t> distinct_children(std::uint32_t node) const;
  void leave_out_dropped(Bitmap& documents) const;

  /// Documents that hold any of the words, in the title where asked.
  Result<Bitmap> holders(const UnitWords& words, query::Scope scope, const Bitmap* among);
  Result<const Bitmap*> language(std::uint16_t number);
  Result<std::uint64_t> cost(std::uint32_t node);
  Result<std::uint64_t> unit_cost(const PlanUnit& unit);
  Result<std::uint64_t> filter_cost(std::uint32_t node);
  bool is_language_of(const segments::StemWords& group,
                      const std::vector<std::string>& languages) const;

  const Plan& plan_;
  const segments::Source& source_;
  const World& world_;
  const segments::Columns columns_;
  std::map<const PlanUnit*, UnitWords> words_;
  std::map<std::uint32_t, UnitWords> prefixes_;
  std::map<std::uint16_t, Bitmap> languages_;
  bool placed_ = false;        // positions will be asked for
  bool counts_alone_ = false;  // a price is asked for: no list is opened
};

}  // namespace vigie::indexer
