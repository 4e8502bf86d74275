#include "indexer/shard/rank.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

#include "indexer/query/budget.h"
#include "indexer/segments/coding.h"
#include "indexer/shard/bounds.h"
#include "indexer/shard/leaf.h"

namespace vigie::indexer {
namespace {

/// Documents whose postings are looked at together.
constexpr std::uint32_t kWindow = 4'096;
/// Parts of a word that are looked at first, and hits of a page up to which that is done.
constexpr std::size_t kFirstParts = 8;
constexpr std::size_t kMostSeeds = 100;
/// Documents of a window up to which each is looked at by itself.
constexpr int kFew = 12;
/// A leaf of more words is counted list by list instead of document by document.
constexpr std::size_t kMostCursors = 64;
/// Sums in another order may differ by this share.
constexpr double kSlack = 1e-9;
constexpr double kInfinite = std::numeric_limits<double>::infinity();

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

/// MAXSCORE over block maxima: what leaves cannot lift above the page's last hit together only adds
/// to documents that hold another. What a part may score is found four documents at a time, in
/// single precision; only what may be among the best is scored exactly.
class Ranker {
 public:
  Ranker(Evaluator& evaluator, const Statistics& statistics, const Bitmap* documents,
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
    leaves_.reserve(plan.nodes.size());
    all_hold_leaf_ =
        std::none_of(plan.query->nodes.begin(), plan.query->nodes.end(),
                     [](const query::Node& node) { return node.kind == query::Node::Kind::kOr; });
    for (std::uint32_t i = 0; i < plan.nodes.size(); ++i) {
      if (!plan.nodes[i].scored) continue;
      const double frequency = frequencies.next(plan.nodes[i]);
      leaves_.emplace_back(columns_, averages_, frequency,
                           plan.query->nodes[i].scope == query::Scope::kTitle);
      if (!plan.nodes[i].prefix_key.empty()) {
        VIGIE_ASSIGN(const UnitWords* words, evaluator.prefix_words(i));
        if (words->lists.size() <= kMostCursors || documents_ == nullptr) {
          leaves_.back().add_unit(*words);
        } else {
          VIGIE_TRY(leaves_.back().count(*words, *documents_));
        }
      }
      for (const PlanUnit& unit : plan.nodes[i].units) {
        VIGIE_ASSIGN(const UnitWords* words, evaluator.words_of(unit));
        leaves_.back().add_unit(*words);
      }
    }
    for (std::size_t i = 0; i < leaves_.size(); ++i) order_.emplace_back(leaves_[i].most(), i);
    std::sort(order_.begin(), order_.end());
    limits_.resize(order_.size());
    return {};
  }

  Result<void> run() {
    if (leaves_.size() == 1 && leaves_[0].is_apart() && all_hold_leaf_) {
      for (std::size_t word = 0; word < leaves_[0].words(); ++word)
        VIGIE_TRY(score_parts(leaves_[0], word));
      return {};
    }
    for (Leaf& leaf : leaves_) VIGIE_TRY(raise(leaf));
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
      double most = 0;
      for (std::size_t i = first; i < order_.size(); ++i) {
        VIGIE_ASSIGN(limits_[i], leaves_[order_[i].second].most_within(begin, end));
        most += limits_[i];
      }
      end = std::max(end, begin);
      if (!(most + rest_ < least) && !(most + rest_between(begin, end, first) < least))
        VIGIE_TRY(score_window(begin, end, first));
      begin = end + 1;
    }
    return {};
  }

 private:
  double least_score() const {
    const double least = best_.least_score();
    return std::isinf(least) ? least : least - std::abs(least) * kSlack;
  }
  bool answers(std::uint32_t document) const {
    return documents_ == nullptr || documents_->has(document);
  }

  /// To the first document from `at` on; false where there is none.
  bool next_document(std::uint32_t& at) const {
    if (documents_ == nullptr) return at < columns_.documents();
    for (std::size_t i = at / 64; i < documents_->size(); ++i) {
      std::uint64_t word = documents_->words()[i];
      if (i == at / 64) word &= ~0ULL << (at % 64);
      if (word == 0) continue;
      at = static_cast<std::uint32_t>(i * 64 + static_cast<std::size_t>(std::countr_zero(word)));
      return true;
    }
    return false;
  }

  /// The parts of a word that may score most, greatest last; none that cannot be of the best.
  void find_best_parts(const Leaf& leaf, std::size_t word) {
    best_parts_.clear();
    const std::uint32_t parts = leaf.parts(word);
    double bar = leaf.weight_for(least_score());
    for (std::uint32_t part = 0; part < parts; ++part) {
      const double weight = leaf.weight_of_part(word, part);
      if (weight < bar) continue;
      if (best_parts_.size() == kFirstParts) best_parts_.erase(best_parts_.begin());
      best_parts_.insert(
          std::upper_bound(best_parts_.begin(), best_parts_.end(), std::pair(weight, part)),
          {weight, part});
      // as much again is no better than the least of them
      if (best_parts_.size() == kFirstParts)
        bar = std::max(bar, std::nextafter(best_parts_.front().first, kInfinite));
    }
  }

  /// Finds early what a hit must score at least: as many documents as a page holds score so much by
  /// one word alone.
  Result<void> raise(Leaf& leaf) {
    const std::size_t wanted = best_.wanted();
    if (wanted == 0 || wanted > kMostSeeds || !leaf.is_sum()) return {};
    for (std::size_t word = 0; word < leaf.words(); ++word) {
      if (leaf.parts(word) <= kFirstParts) continue;
      find_best_parts(leaf, word);
      seeds_.clear();
      for (auto best = best_parts_.rbegin(); best != best_parts_.rend(); ++best) {
        const bool full = seeds_.size() == wanted;
        const double most = leaf.most_of_weight(best->first);
        if (most < least_score() || (full && most < static_cast<double>(seeds_.front()))) break;
        Leaf::Part part{};
        if (!leaf.open_part(word, best->second, part)) return segments::corrupt("posting block");
        for (std::uint32_t i = 0; i < part.count; ++i) {
          if (answers(part.documents[i])) add_seed(part.scores[i], wanted);
        }
      }
      if (seeds_.size() == wanted)
        best_.expect(static_cast<double>(seeds_.front()) * (1 - kBoundSlack));
    }
    leaf.rewind();
    return {};
  }
  void add_seed(float score, std::size_t wanted) {
    const std::greater<float> later;
    if (seeds_.size() == wanted) {
      if (score <= seeds_.front()) return;
      std::pop_heap(seeds_.begin(), seeds_.end(), later);
      seeds_.back() = score;
    } else {
      seeds_.push_back(score);
    }
    std::push_heap(seeds_.begin(), seeds_.end(), later);
  }

  /// A word that shares no document with others: those of its parts that may score most come first,
  /// so that most of the others need not be looked at.
  Result<void> score_parts(Leaf& leaf, std::size_t word) {
    find_best_parts(leaf, word);
    for (auto best = best_parts_.rbegin(); best != best_parts_.rend(); ++best)
      VIGIE_TRY(score_part(leaf, word, best->second));
    double least = least_score();
    double bar = leaf.weight_for(least);
    const std::uint32_t parts = leaf.parts(word);
    for (std::uint32_t part = 0; part < parts; ++part) {
      if (leaf.weight_of_part(word, part) < bar) continue;
      const bool done = std::any_of(best_parts_.begin(), best_parts_.end(),
                                    [part](const auto& one) { return one.second == part; });
      if (done) continue;
      VIGIE_TRY(score_part(leaf, word, part));
      if (least_ == least) continue;
      least = least_;
      bar = leaf.weight_for(least);
    }
    return {};
  }
  Result<void> score_part(Leaf& leaf, std::size_t word, std::uint32_t number) {
    least_ = least_score();
    if (leaf.most_of_weight(leaf.weight_of_part(word, number)) < least_) return {};
    if (budget_ != nullptr) VIGIE_TRY(budget_->check());
    Leaf::Part part{};
    if (!leaf.open_part(word, number, part)) return segments::corrupt("posting block");
    // nothing: of a document that counts in another of its words
    const float bar = std::max(bar_of(least_), std::numeric_limits<float>::min());
    for (std::uint32_t begin = 0; begin < part.count; begin += 64) {
      std::uint64_t found = reach(part.scores + begin, bar);
      if (part.count - begin < 64) found &= (1ULL << (part.count - begin)) - 1;
      for (; found != 0; found &= found - 1) {
        const std::uint32_t i = begin + static_cast<std::uint32_t>(std::countr_zero(found));
        const auto bound = static_cast<double>(part.scores[i]);
        if (answers(part.documents[i])) score(part.documents[i], 0, bound);
      }
    }
    if (damaged_) return segments::corrupt("posting block");
    return {};
  }

  /// What a bound in single precision must reach.
  static float bar_of(double least) {
    return static_cast<float>(least - std::abs(least) * 2 * kBoundSlack);
  }

  /// The documents that answer in one word of [begin, end].
  std::uint64_t answers_of(std::size_t word, std::uint32_t begin, std::uint32_t end) const {
    std::uint64_t out = documents_->words()[word];
    if (word == begin / 64) out &= ~0ULL << (begin % 64);
    if (word == end / 64) out &= ~0ULL >> (63 - end % 64);
    return out;
  }
  /// Whether so few documents answer that each is looked at by itself.
  bool are_few(std::uint32_t begin, std::uint32_t end) const {
    int count = 0;
    for (std::size_t i = begin / 64; i <= end / 64 && count <= kFew; ++i)
      count += std::popcount(answers_of(i, begin, end));
    return count <= kFew;
  }
  /// Whether a loop over the bits is shorter than a look at all 64.
  static bool are_sparse(std::uint64_t word) {
    for (int bit = 0; bit < 4; ++bit) word &= word - 1;
    return word == 0;
  }
  void score_few(std::uint32_t begin, std::uint32_t end) {
    rest_ = std::accumulate(limits_.begin(), limits_.end(), 0.0);
    for (std::size_t i = begin / 64; i <= end / 64; ++i) {
      for (std::uint64_t word = answers_of(i, begin, end); word != 0; word &= word - 1)
        score(
            static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_zero(word)),
            order_.size(), 0);
    }
  }

  /// What the leaves before `first` may add there.
  double rest_between(std::uint32_t begin, std::uint32_t end, std::size_t first) {
    rest_ = 0;
    for (std::size_t i = 0; i < first; ++i)
      rest_ += limits_[i] = leaves_[order_[i].second].most_between(begin, end);
    return rest_;
  }

  Result<void> score_window(std::uint32_t begin, std::uint32_t end, std::size_t first) {
    if (documents_ != nullptr && are_few(begin, end)) {
      score_few(begin, end);
    } else {
      VIGIE_TRY(score_many(begin, end, first));
    }
    if (damaged_) return segments::corrupt("posting block");
    return {};
  }

  Result<void> score_many(std::uint32_t begin, std::uint32_t end, std::size_t first) {
    const std::uint32_t base = begin / 64 * 64;
    const std::size_t words = (end - base) / 64 + 1;
    std::fill(sums_.begin(), sums_.begin() + static_cast<std::ptrdiff_t>(words * 64), 0.0F);
    for (std::size_t i = first; i < order_.size(); ++i)
      VIGIE_TRY(leaves_[order_[i].second].add_bounds(base, begin, end, sums_.data()));
    for (std::size_t i = 0; i < words; ++i) {
      std::uint64_t word = documents_ != nullptr ? documents_->words()[base / 64 + i] : ~0ULL;
      if (i == 0) word &= ~0ULL << (begin % 64);
      if (i + 1 == words) word &= ~0ULL >> (63 - end % 64);
      const float* const sums = &sums_[i * 64];
      const float bar = bar_of(least_ - rest_);
      if (!are_sparse(word)) word &= reach(sums, bar);
      for (; word != 0; word &= word - 1) {
        const int bit = std::countr_zero(word);
        if (sums[bit] < bar) continue;
        score(base + static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(bit), first,
              static_cast<double>(sums[bit]));
      }
    }
    return {};
  }

  /// `bound`: the most that the leaves from `first` on score.
  void score(std::uint32_t document, std::size_t first, double bound) {
    const double least = least_;
    double rest = rest_;
    double most = bound * (1 + kBoundSlack);
    for (std::size_t i = first; i-- > 0;) {
      if (most + rest < least) return;
      rest -= limits_[i];
      most += leaves_[order_[i].second].bound_of(document);
    }
    if (most < least) return;
    // most documents hold none of the leaves that only add
    most = bound * (1 + kBoundSlack);
    for (std::size_t i = 0; i < first; ++i) {
      Leaf& leaf = leaves_[order_[i].second];
      if (leaf.may_hold(document)) most += leaf.bound_of(document);
    }
    if (most < least) return;
    // added in the order of the query, so that a score does not depend on the others
    double sum = 0;
    for (std::size_t i = 0; i < leaves_.size(); ++i) sum += leaves_[i].score(document);
    damaged_ = damaged_ || std::isnan(sum);
    if (sum < least) return;
    best_.offer(columns_, base_, document, sum);
    least_ = least_score();
  }

  const segments::Columns& columns_;
  Averages averages_;
  const Bitmap* documents_;  // nullptr: all that hold a leaf
  std::uint64_t base_;
  BestHits& best_;
  const query::Budget* budget_;
  std::vector<Leaf> leaves_;
  std::vector<std::pair<double, std::size_t>> order_;  // most that a leaf scores, least first
  std::vector<double> limits_;  // the same in the window at hand, by place in order_
  double rest_ = 0;             // of all that a document need not hold
  double least_ = 0;            // that a document must score
  bool damaged_ = false;
  bool all_hold_leaf_ = false;  // no document answers without one
  std::vector<float> seeds_;
  std::vector<std::pair<double, std::uint32_t>> best_parts_;
  alignas(16) std::array<float, kWindow> sums_;
};

}  // namespace

BestHits::BestHits(const Find& find)
    : limit_(find.limit), better_{find.sort}, has_edge_(find.after.has_value()) {
  best_.reserve(std::min(limit_, kMostSeeds));
  if (!has_edge_) return;
  edge_id_ = find.after->article_id;
  edge_ = {find.after->score, find.after->time_unix_ms, 0, edge_id_, nullptr, 0};
}

void BestHits::offer(const segments::Columns& columns, std::uint64_t base, std::uint32_t document,
                     double score) {
  Hit hit{score, 0, base + document, {}, &columns, document};
  if (better_.sort == Sort::kNewest) hit.time_unix_ms = columns.time_unix_ms[document];
  if (full()) {  // most are out before their id is looked at
    const Hit& worst = best_.front();
    if (better_.sort == Sort::kRelevance ? score < worst.score
                                         : hit.time_unix_ms < worst.time_unix_ms)
      return;
  }
  if (has_edge_ && !better_(edge_, hit)) return;
  if (full()) {
    if (!better_(hit, best_.front())) return;
    std::pop_heap(best_.begin(), best_.end(), better_);
    best_.back() = hit;
  } else {
    best_.push_back(hit);
  }
  std::push_heap(best_.begin(), best_.end(), better_);
}

void BestHits::keep() {
  for (Hit& hit : best_) {
    if (hit.columns == nullptr) continue;
    hit.time_unix_ms = hit.columns->time_unix_ms[hit.document];
    hit.kept_id = kept_.emplace_back(hit.article_id());
    hit.columns = nullptr;
  }
}

std::vector<Found> BestHits::take() {
  std::sort_heap(best_.begin(), best_.end(), better_);
  std::vector<Found> out;
  out.reserve(best_.size());
  for (const Hit& hit : best_)
    out.push_back({std::string(hit.kept_id), hit.ordinal, hit.score, hit.time_unix_ms});
  return out;
}

void offer_newest(const segments::Columns& columns, const Bitmap& documents, std::uint64_t base,
                  BestHits& best) {
  const std::int64_t* times = columns.time_unix_ms.data();
  const std::size_t words = documents.size();
  constexpr std::size_t kStep = segments::kTimeGroup / 64;
  // from the newest arrivals on, so that later ones are mostly out at once
  for (std::size_t group = (words + kStep - 1) / kStep; group-- > 0;) {
    if (columns.newest[group] < best.least_time()) return;
    if (columns.latest[group] < best.least_time()) continue;
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

Result<void> offer_newest(const segments::Columns& columns, const UnitWord& word,
                          std::uint64_t base, BestHits& best) {
  const std::int64_t* times = columns.time_unix_ms.data();
  Cursor cursor(word.list);
  for (std::uint32_t part = cursor.parts(); part-- > 0;) {
    const std::uint32_t last = std::min(cursor.last(part), columns.documents() - 1);
    if (columns.newest[last / segments::kTimeGroup] < best.least_time()) return {};
    VIGIE_TRY(cursor.load(part));
    const segments::Unpacked& found = cursor.unpacked();
    for (std::uint32_t i = found.count; i-- > 0;) {
      const std::uint32_t document = found.documents[i];
      if (times[document] >= best.least_time() &&
          (word.everywhere() || (word.stems >> columns.stem_numbers[document] & 1) != 0))
        best.offer(columns, base, document, 0);
    }
  }
  return {};
}

void offer_newest(const segments::Columns& columns, std::uint64_t base, BestHits& best) {
  const std::int64_t* times = columns.time_unix_ms.data();
  for (std::uint32_t document = columns.documents(); document-- > 0;) {
    if (columns.newest[document / segments::kTimeGroup] < best.least_time()) return;
    if (times[document] >= best.least_time()) best.offer(columns, base, document, 0);
  }
}

Result<void> offer_scored(Evaluator& evaluator, const Statistics& statistics,
                          const Bitmap* documents, std::uint64_t base, BestHits& best) {
  Ranker ranker(evaluator, statistics, documents, base, best);
  VIGIE_TRY(ranker.prepare(evaluator, statistics));
  return ranker.run();
}

}  // namespace vigie::indexer
