#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "indexer/segments/source.h"
#include "indexer/segments/weight.h"
#include "indexer/shard/plan.h"
#include "indexer/shard/shard.h"
#include "platform/result/result.h"

namespace vigie::indexer {

/// BM25 with the usual k1, over what segments/weight.h makes of both fields.
inline constexpr double kK1 = 1.2;

/// Words that a prefix may stand for in one segment; a broader one is refused rather than cut.
inline constexpr std::size_t kMaxPrefixWords = 20'000;

using Documents = std::vector<std::uint32_t>;  // ascending numbers of one source

/// Evaluates one plan against one source. One thread; keeps nothing between calls.
class Evaluator {
 public:
  struct World {
    // superseded or hidden
    std::function<bool(std::uint32_t document)> dropped;
    bool any_dropped = true;  // false: `dropped` need not be asked
    // asks the stored text
    std::function<Result<bool>(const query::Query& leaf, std::uint32_t document)> verify;
    // documents of this source in the story
    std::function<Documents(const std::string& story)> story;
    std::int64_t now_unix_ms = 0;
  };
  Evaluator(const Plan& plan, const segments::Source& source, const World& world)
      : plan_(plan), source_(source), world_(world), columns_(source.columns()) {}

  /// The documents that answer the query, dropped ones left out. Exact.
  Result<Documents> run();
  /// Adds the score of each document.
  Result<void> score(const Documents& documents, const Statistics& statistics,
                     std::vector<double>& scores);
  /// Adds this source's document frequencies, see Statistics.
  Result<void> frequencies(std::vector<std::uint64_t>& out);

 private:
  struct Span {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  using Spans = std::array<std::vector<Span>, 2>;  // by field

  // Recursion is as deep as the query, which the parser bounds (QueryLimits::depth).
  Result<Documents> evaluate(std::uint32_t node, const Documents* among);
  Result<Documents> all_of(std::uint32_t node, const Documents* among);
  Result<Documents> any_of(std::uint32_t node, const Documents* among);
  Result<Documents> none_of(std::uint32_t node, const Documents* among);
  Result<Documents> sequence(std::uint32_t node, const Documents* among);
  Result<Documents> prefix(std::uint32_t node, const Documents* among);
  Result<Documents> near(std::uint32_t node, const Documents* among);
  Result<Documents> filter(std::uint32_t node, const Documents* among);
  Result<Documents> verified(std::uint32_t node, Documents candidates);
  Documents everything() const;

  /// A word that a unit stands for, and where it counts.
  struct UnitWord {
    std::string key;
    bool everywhere = true;
    std::vector<std::uint16_t> languages;  // alone, where not everywhere
  };
  using UnitWords = std::vector<UnitWord>;
  static UnitWords everywhere(std::vector<std::string> keys);
  /// The form of the unit and, in each language, the words of its stem. Found once.
  Result<const UnitWords*> words_of(const PlanUnit& unit);
  bool counts(const UnitWord& word, std::uint32_t document) const;
  Result<std::vector<std::string>> prefix_keys(std::uint32_t node) const;
  /// Documents that hold any of the keys, in the title where asked.
  Result<Documents> holders(const UnitWords& words, query::Scope scope, const Documents* among);
  Result<std::uint64_t> cost(std::uint32_t node);
  Result<std::vector<segments::Positions>> positions_of(const UnitWords& words,
                                                        const Documents& documents) const;
  /// How often a leaf stands in each field of each document.
  Result<void> count_leaf(std::uint32_t leaf, const Documents& documents,
                          std::vector<segments::Frequencies>& counts);
  /// How often the words stand there, together.
  Result<void> count_words(const UnitWords& words, const Documents& documents,
                           std::vector<segments::Frequencies>& counts) const;
  /// Where a leaf, or a kOr of leaves, stands in each document.
  Result<std::vector<Spans>> spans(std::uint32_t node, const Documents& documents);

  const Plan& plan_;
  const segments::Source& source_;
  const World& world_;
  const segments::Columns columns_;
  std::map<const PlanUnit*, UnitWords> words_;
};

}  // namespace vigie::indexer
