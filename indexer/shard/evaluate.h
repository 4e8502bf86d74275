#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
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
  /// What of the shard an evaluation asks for.
  class World {
   public:
    virtual ~World() = default;
    /// Whether any document was superseded or hidden; takes those away.
    virtual bool leaves_out() const = 0;
    virtual void leave_out(Bitmap& documents) const = 0;
    /// Asks the stored text.
    virtual Result<bool> verify(const query::Query& leaf, std::uint32_t document) const = 0;
    /// Documents of this source in the story or event that the filter names.
    virtual std::vector<std::uint32_t> group(const query::Node& filter) const = 0;
    virtual std::int64_t now_unix_ms() const = 0;
  };
  Evaluator(const Plan& plan, const segments::Source& source, const World& world);

  /// About how many postings run() reads, by the words alone as they were typed.
  Result<std::uint64_t> price();
  /// The documents that answer the query, dropped ones left out. Exact.
  Result<Bitmap> run();
  /// What the query asks for, where that is known without a look at each document: all of them, or
  /// the `documents` of one list; neither: run() says.
  struct Plain {
    bool all = false;
    const segments::OpenList* list = nullptr;
    std::uint64_t documents = 0;
  };
  Result<Plain> plain();
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
  /// The bitmap of a dense list, read where it lies; nothing where there is none.
  std::optional<Bitmap> lent(const segments::OpenList& list, const Bitmap* among) const;
  void within_time(const query::Node& node, const Bitmap* among, Bitmap& out) const;
  Result<std::uint64_t> cost(std::uint32_t node);
  Result<std::uint64_t> unit_cost(const PlanUnit& unit);
  Result<std::uint64_t> filter_cost(std::uint32_t node);
  /// What of a unit is in this source. Found once.
  struct Unit {
    std::optional<std::uint32_t> form;
    std::uint32_t form_documents = 0;
    std::uint64_t stem_documents = 0;  // sum over stems and languages
    // words of its stems, with the languages where they count
    std::vector<std::pair<std::uint32_t, std::vector<std::uint16_t>>> related;
    bool opened = false;
    UnitWords words;
  };
  Result<Unit*> look_up(const PlanUnit& unit);
  Result<void> look_up(const PlanStem& stem, Unit& out);

  const Plan& plan_;
  const segments::Source& source_;
  const World& world_;
  const segments::Columns columns_;
  std::map<const PlanUnit*, Unit> units_;
  std::map<std::uint32_t, UnitWords> prefixes_;
  std::map<std::uint16_t, Bitmap> languages_;
  bool placed_ = false;        // positions will be asked for
  bool counts_alone_ = false;  // a price is asked for: no list is opened
};

}  // namespace vigie::indexer
