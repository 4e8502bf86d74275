#pragma once

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

/// A list that a unit of a leaf stands for in one source, of a word or of a stem, and where it
/// counts.
struct UnitWord {
  segments::OpenList list;
  /// In documents of these stem numbers alone: a bit each.
  std::uint64_t stems = kEveryStem;
  /// How many documents that are.
  std::uint64_t documents = 0;
  bool everywhere() const { return stems == kEveryStem; }
};
struct UnitWords {
  std::vector<UnitWord> lists;
  bool apart = true;  // no document counts in two of them
};

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
  /// those of lists that have none in common; neither: run() says.
  struct Plain {
    bool all = false;
    const UnitWords* lists = nullptr;
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
  /// Which documents have one of the stem numbers: sets that are one together.
  Result<void> speakers(std::uint64_t stems, std::vector<Bitmap>& out);
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
    /// A list of a stem, or of one word of a stem that has none, and the stem numbers of documents
    /// where it counts.
    struct Related {
      std::uint32_t term = 0;
      std::uint64_t stems = 0;
      std::uint64_t documents = 0;
    };
    std::vector<Related> related;
    std::uint64_t covered = 0;  // stem numbers whose documents are in lists of stems
    bool opened = false;
    UnitWords words;
  };
  Result<Unit*> look_up(const PlanUnit& unit);
  Result<void> look_up(const PlanStem& stem, Unit& out);
  Result<void> open_form(Unit& found);

  const Plan& plan_;
  const segments::Source& source_;
  const World& world_;
  const segments::Columns columns_;
  std::map<const PlanUnit*, Unit> units_;
  std::map<std::uint32_t, UnitWords> prefixes_;
  std::map<std::uint16_t, Bitmap> languages_;
  bool placed_ = false;        // positions will be asked for
  bool near_ = false;          // those of words with stems, too
  bool listed_ = false;        // a stem is one list
  segments::Stem stem_;        // the one at hand
  bool counts_alone_ = false;  // a price is asked for: no list is opened
};

}  // namespace vigie::indexer
