#include "indexer/shard/rank.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "indexer/query/budget.h"
#include "indexer/segments/coding.h"

namespace vigie::indexer {
namespace {

/// Documents whose postings are looked at together.
constexpr std::uint32_t kWindow = 4'096;
/// A leaf of more words is counted list by list instead of document by document.
constexpr std::size_t kMostCursors = 64;
/// Sums in another order may differ by this share.
constexpr double kSlack = 1e-9;

/// The document frequency of one leaf after another, estimated from the sums that
/// Evaluator::frequencies makes. Only sums are added up between sources, so that it is the same
/// however the documents are parted into segments and shards.
class LeafFrequencies {
 public:
  explicit LeafFrequencies(const Statistics& statistics) : statistics_(statistics) {}
  double next(const PlanNode& leaf) {
    std::uint64_t found = leaf.prefix_key.empty() ? UINT64_MAX : take();
    for (std::size_t unit = 0; unit < leaf.units.size(); ++unit) {
      // Every article that holds the form holds its stem where its language has one.
      const std::uint64_t form = take();
      found = std::min(found, std::max(form, take()));
    }
    return static_cast<double>(std::min(found, statistics_.documents));
  }

 private:
  std::uint64_t take() {
    return place_ < statistics_.document_frequency.size() ? statistics_.document_frequency[place_++]
                                                          : 0;
  }
  const Statistics& statistics_;
  std::size_t place_ = 0;
};

struct Averages {
  explicit Averages(const Statistics& statistics)
      : documents(static_cast<double>(std::max<std::uint64_t>(statistics.documents, 1))),
        length{std::max(1.0, static_cast<double>(statistics.length[0]) / documents),
               std::max(1.0, static_cast<double>(statistics.length[1]) / documents)} {}
  double documents;
  double length[2];
};

/// One leaf that adds to the score.
class Leaf {
 public:
  Leaf(const segments::Columns& columns, const Averages& averages, double frequency, bool title)
      : columns_(columns),
        averages_(averages),
        rarity_(std::log(1.0 + (averages.documents - frequency + 0.5) / (frequency + 0.5))),
        title_(title) {}

  void add_unit(const UnitWords& words) {
    units_.emplace_back();
    double weight = 0;
    for (const UnitWord& word : words) {
      double scale = 1;
      for (std::size_t field = 0; field < 2; ++field)
        scale = std::max(scale, averages_.length[field] / word.list.average[field]);
      units_.back().push_back({Cursor(word.list), &word, scale});
      weight += word.list.weight * scale;
    }
    weight_ = std::min(weight_, weight);
  }
  /// Counts every document once and for all.
  Result<void> count(const UnitWords& words, const Bitmap& documents) {
    counted_.assign(columns_.documents(), {0, 0});
    for (const UnitWord& word : words) {
      Cursor cursor(word.list);
      for (std::uint32_t part = 0; part < cursor.parts(); ++part) {
        VIGIE_TRY(cursor.load(part));
        VIGIE_TRY(cursor.load_frequencies());
        const segments::Unpacked& found = cursor.unpacked();
        for (std::uint32_t i = 0; i < found.count; ++i) {
          if (!documents.has(found.documents[i])) continue;
          for (std::size_t field = 0; field < 2; ++field)
            counted_[found.documents[i]][field] += found.frequencies[field][i];
        }
      }
    }
    return {};
  }

  double most() const { return score_of(weight_); }
  /// Adds the most that a document of [begin, end] may score; shortens `end` to what that holds
  /// for.
  Result<void> most_within(std::uint32_t begin, std::uint32_t& end, double& most) {
    double least = weight_;
    for (auto& unit : units_) {
      double weight = 0;
      for (Term& term : unit) {
        VIGIE_ASSIGN(const double one, term_within(term, begin, end));
        weight += one;
      }
      least = std::min(least, weight);
    }
    most += score_of(least);
    return {};
  }
  /// Marks documents of [begin, end] that may hold the leaf, from bit 0 on for begin; the cursors
  /// are where most_within left them.
  Result<void> mark(std::uint32_t begin, std::uint32_t end, std::uint64_t* marks) {
    if (units_.empty()) {
      for (std::uint32_t i = 0; i <= (end - begin) / 64; ++i) marks[i] = ~0ULL;
      return {};
    }
    for (Term& term : units_[0]) {
      if (term.cursor.at_end()) continue;
      VIGIE_TRY(term.cursor.load());
      const segments::Unpacked& found = term.cursor.unpacked();
      for (std::uint32_t i = 0; i < found.count; ++i) {
        const std::uint32_t at = found.documents[i] - begin;
        if (found.documents[i] >= begin && found.documents[i] <= end)
          marks[at / 64] |= 1ULL << (at % 64);
      }
    }
    return {};
  }

  /// Not a number for damaged bytes: no error is carried through the innermost loop.
  double score(std::uint32_t document) {
    segments::Frequencies counts{0, 0};
    if (!counted_.empty()) counts = counted_[document];
    // A run of words counts as often as its rarest word.
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      segments::Frequencies its{0, 0};
      for (Term& term : units_[unit]) {
        if (!add_counts(term, document, its)) return std::numeric_limits<double>::quiet_NaN();
      }
      for (std::size_t field = 0; field < 2; ++field)
        counts[field] = unit == 0 ? its[field] : std::min(counts[field], its[field]);
    }
    if (title_) counts[1] = 0;
    const double weight = segments::weight_of(
        counts, {columns_.length[0][document], columns_.length[1][document]}, averages_.length);
    return weight > 0 ? rarity_ * weight * (kK1 + 1) / (kK1 + weight) : 0.0;
  }

 private:
  struct Term {
    Cursor cursor;
    const UnitWord* word;
    double scale;  // of weights under the averages of the list to those of now
  };

  static Result<double> term_within(Term& term, std::uint32_t begin, std::uint32_t& end) {
    Cursor& cursor = term.cursor;
    if (!cursor.skip_to(begin)) return 0.0;
    const double weight = cursor.weight(cursor.part()) * term.scale;
    if (cursor.part() + 1 < cursor.parts()) {
      end = std::min(end, cursor.last(cursor.part()));
      return weight;
    }
    // The last part of a rare word reaches over all documents that are left, and holds few.
    VIGIE_TRY(cursor.load());
    std::uint32_t place = 0;
    if (cursor.find(begin, place)) {
      end = begin;
      return weight;
    }
    if (place < cursor.unpacked().count)
      end = std::min(end, cursor.unpacked().documents[place] - 1);
    return 0.0;
  }

  double score_of(double weight) const {
    return std::isinf(weight) ? rarity_ * (kK1 + 1) : rarity_ * (kK1 + 1) * weight / (kK1 + weight);
  }
  bool add_counts(Term& term, std::uint32_t document, segments::Frequencies& counts) {
    Cursor& cursor = term.cursor;
    if (!term.word->counts(columns_.language[document]) || !cursor.skip_to(document)) return true;
    if (!cursor.ready()) return false;
    std::uint32_t place = 0;
    if (!cursor.find(document, place)) return true;
    if (!cursor.frequencies_ready()) return false;
    for (std::size_t field = 0; field < 2; ++field)
      counts[field] += cursor.unpacked().frequencies[field][place];
    return true;
  }

  const segments::Columns& columns_;
  const Averages& averages_;
  double rarity_;
  bool title_;
  double weight_ = std::numeric_limits<double>::infinity();  // no document weighs more
  std::vector<std::vector<Term>> units_;
  std::vector<segments::Frequencies> counted_;
};

/// MAXSCORE over block maxima: what leaves cannot lift above the page's last hit together only adds
/// to documents that hold another.
class Ranker {
 public:
  Ranker(Evaluator& evaluator, const Statistics& statistics, const Bitmap& documents,
         std::uint64_t base, BestHits& best)
      : columns_(evaluator.columns()),
        averages_(statistics),
        documents_(documents),
        base_(base),
        best_(best),
        budget_(evaluator.plan().query->budget) {}

  Result<void> prepare(Evaluator& evaluator, const Statistics& statistics) {
    const Plan& plan = evaluator.plan();
    LeafFrequencies frequencies(statistics);
    for (std::uint32_t i = 0; i < plan.nodes.size(); ++i) {
      if (!plan.nodes[i].scored) continue;
      const double frequency = frequencies.next(plan.nodes[i]);
      leaves_.emplace_back(columns_, averages_, frequency,
                           plan.query->nodes[i].scope == query::Scope::kTitle);
      if (!plan.nodes[i].prefix_key.empty()) {
        VIGIE_ASSIGN(const UnitWords* words, evaluator.prefix_words(i));
        if (words->size() <= kMostCursors) {
          leaves_.back().add_unit(*words);
        } else {
          VIGIE_TRY(leaves_.back().count(*words, documents_));
        }
      }
      for (const PlanUnit& unit : plan.nodes[i].units) {
        VIGIE_ASSIGN(const UnitWords* words, evaluator.words_of(unit));
        leaves_.back().add_unit(*words);
      }
    }
    for (std::size_t i = 0; i < leaves_.size(); ++i) order_.emplace_back(leaves_[i].most(), i);
    std::sort(order_.begin(), order_.end());
    scores_.resize(leaves_.size());
    return {};
  }

  Result<void> run() {
    std::uint32_t begin = 0;
    while (next_document(begin)) {
      if (budget_ != nullptr) VIGIE_TRY(budget_->check());
      std::size_t first = 0;  // of the leaves that a document must hold one of
      rest_ = 0;
      const double least = least_ = least_score();
      while (first < order_.size() && rest_ + order_[first].first < least)
        rest_ += order_[first++].first;
      if (first == order_.size() && !order_.empty()) return {};
      std::uint32_t end = std::min(begin / 64 * 64 + kWindow, columns_.documents()) - 1;
      double most = rest_;
      for (std::size_t i = first; i < order_.size(); ++i)
        VIGIE_TRY(leaves_[order_[i].second].most_within(begin, end, most));
      end = std::max(end, begin);
      // A document that holds no leaf, found by a filter, say, has a score of 0.
      const bool every = !(rest_ < least);
      if (!(most < least)) VIGIE_TRY(score_window(begin, end, first, every));
      begin = end + 1;
    }
    return {};
  }

 private:
  double least_score() const {
    const double least = best_.least_score();
    return std::isinf(least) ? least : least - std::abs(least) * kSlack;
  }

  /// To the first document from `at` on; false where there is none.
  bool next_document(std::uint32_t& at) const {
    for (std::size_t i = at / 64; i < documents_.size(); ++i) {
      std::uint64_t word = documents_.words()[i];
      if (i == at / 64) word &= ~0ULL << (at % 64);
      if (word == 0) continue;
      at = static_cast<std::uint32_t>(i * 64 + static_cast<std::size_t>(std::countr_zero(word)));
      return true;
    }
    return false;
  }

  Result<void> score_window(std::uint32_t begin, std::uint32_t end, std::size_t first, bool every) {
    const std::uint32_t base = begin / 64 * 64;
    const std::size_t words = (end - base) / 64 + 1;
    std::fill(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(words),
              every ? ~0ULL : 0ULL);
    for (std::size_t i = first; i < order_.size() && !every; ++i)
      VIGIE_TRY(leaves_[order_[i].second].mark(base, end, marks_.data()));
    for (std::size_t i = 0; i < words; ++i) {
      std::uint64_t word = marks_[i] & documents_.words()[base / 64 + i];
      if (i == 0) word &= ~0ULL << (begin % 64);
      if (i + 1 == words) word &= ~0ULL >> (63 - end % 64);
      for (; word != 0; word &= word - 1)
        score(base + static_cast<std::uint32_t>(i * 64) +
                  static_cast<std::uint32_t>(std::countr_zero(word)),
              first);
    }
    if (damaged_) return segments::corrupt("posting block");
    return {};
  }

  void score(std::uint32_t document, std::size_t first) {
    double sum = 0;
    std::fill(scores_.begin(), scores_.end(), 0.0);
    for (std::size_t i = order_.size(); i-- > first;)
      sum += scores_[order_[i].second] = leaves_[order_[i].second].score(document);
    double rest = rest_;
    for (std::size_t i = first; i-- > 0;) {
      if (sum + rest < least_) return;
      rest -= order_[i].first;
      sum += scores_[order_[i].second] = leaves_[order_[i].second].score(document);
    }
    if (sum < least_) return;
    damaged_ = damaged_ || std::isnan(sum);
    // added in the order of the query, so that a score does not depend on the others
    double score = 0;
    for (double one : scores_) score += one;
    best_.offer(columns_, base_, document, score);
    least_ = least_score();
  }

  const segments::Columns& columns_;
  Averages averages_;
  const Bitmap& documents_;
  std::uint64_t base_;
  BestHits& best_;
  const query::Budget* budget_;
  std::vector<Leaf> leaves_;
  std::vector<std::pair<double, std::size_t>> order_;  // most that a leaf scores, least first
  double rest_ = 0;                                    // of all that a document need not hold
  double least_ = 0;                                   // that a document must score
  bool damaged_ = false;
  std::vector<double> scores_;
  std::array<std::uint64_t, kWindow / 64> marks_{};
};

}  // namespace

BestHits::BestHits(const Find& find)
    : limit_(find.limit), better_{find.sort}, has_edge_(find.after.has_value()), best_(better_) {
  if (!has_edge_) return;
  edge_.score = find.after->score;
  edge_.time_unix_ms = find.after->time_unix_ms;
  edge_.article_id = find.after->article_id;
}

void BestHits::offer(const segments::Columns& columns, std::uint64_t base, std::uint32_t document,
                     double score) {
  candidate_.score = score;
  candidate_.time_unix_ms = columns.time_unix_ms[document];
  if (full()) {  // most are out before their id is looked at
    const Found& worst = best_.top();
    if (better_.sort == Sort::kRelevance ? score < worst.score
                                         : candidate_.time_unix_ms < worst.time_unix_ms)
      return;
  }
  candidate_.article_id = columns.article_id(document);
  candidate_.ordinal = base + document;
  if (has_edge_ && !better_(edge_, candidate_)) return;
  if (full()) {
    if (!better_(candidate_, best_.top())) return;
    best_.pop();
  }
  best_.push(candidate_);
}

std::vector<Found> BestHits::take() {
  std::vector<Found> out(best_.size());
  for (std::size_t i = out.size(); i-- > 0; best_.pop()) out[i] = best_.top();
  return out;
}

void offer_newest(const segments::Columns& columns, const Bitmap& documents, std::uint64_t base,
                  BestHits& best) {
  const std::int64_t* times = columns.time_unix_ms.data();
  const std::size_t words = documents.size();
  constexpr std::size_t kStep = segments::kTimeGroup / 64;
  // from the newest arrivals on, so that later ones are mostly out at once
  for (std::size_t group = (words + kStep - 1) / kStep; group-- > 0;) {
    if (group < columns.latest.size() && columns.latest[group] < best.least_time()) continue;
    for (std::size_t i = std::min(words, (group + 1) * kStep); i-- > group * kStep;) {
      std::uint64_t word = documents.words()[i];
      while (word != 0) {
        const auto bit = static_cast<std::uint32_t>(63 - std::countl_zero(word));
        word &= ~(1ULL << bit);
        const auto document = static_cast<std::uint32_t>(i * 64 + bit);
        if (times[document] >= best.least_time()) best.offer(columns, base, document, 0);
      }
    }
  }
}

Result<void> offer_scored(Evaluator& evaluator, const Statistics& statistics,
                          const Bitmap& documents, std::uint64_t base, BestHits& best) {
  Ranker ranker(evaluator, statistics, documents, base, best);
  VIGIE_TRY(ranker.prepare(evaluator, statistics));
  return ranker.run();
}

}  // namespace vigie::indexer
