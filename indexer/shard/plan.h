#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "indexer/query/query.h"

/// What of a query is the same for every segment.
namespace vigie::indexer {

/// A stem of a form.
struct PlanStem {
  std::string key;              // segments::stem_key
  std::uint64_t languages = 0;  // whose stem it is: bits of analysis::stem_bit
};

/// A form of a leaf, or two neighbouring forms of an unspaced script, to be found `offset` words
/// after the leaf's first.
struct PlanUnit {
  std::string key;  // segments::word_key
  /// The stems that count for it; nullptr: none.
  std::shared_ptr<const std::vector<PlanStem>> stems;
  std::uint32_t offset = 0;
};

struct PlanNode {
  std::vector<PlanUnit> units;           // kWord, kPhrase
  std::uint32_t words = 0;               // in length
  std::string prefix_key;                // kPrefix
  std::vector<std::string> filter_keys;  // kFilter over postings: any of them
  bool scored = false;                   // a leaf that adds to the score
  /// The first node that asks the same; itself where there is none before it.
  std::uint32_t same_as = 0;
  std::optional<query::Query> verify;  // the leaf alone, where stored text must be asked (=Word)
};

struct Plan {
  const query::Query* query = nullptr;
  std::vector<PlanNode> nodes;  // as the query's
  bool any_scored = false;
};
/// The query must outlive the plan.
Plan make_plan(const query::Query& query);
/// kWord, kPhrase, kPrefix, kFilter.
bool is_leaf(const query::Node& node);

}  // namespace vigie::indexer
