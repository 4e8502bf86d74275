#include <algorithm>
#include <list>

#include "indexer/analysis/analysis.h"
#include "indexer/matching/matcher.h"
#include "indexer/query/budget.h"
#include "indexer/segments/coding.h"
#include "indexer/shard/bins.h"
#include "indexer/shard/local_shard.h"
#include "platform/text/ascii.h"

namespace vigie::indexer {
namespace {

segments::FacetField field_of(Facet facet) { return static_cast<segments::FacetField>(facet); }

/// Of a filter by story or event the beginning of the rows of its members, else nothing.
std::string group_of(const query::Node& node) {
  if (node.kind != query::Node::Kind::kFilter) return {};
  if (node.filter == query::Filter::kStory) return "s" + node.value;
  return node.filter == query::Filter::kEvent ? "e" + node.value : std::string();
}

enum class Verdict { kNo, kYes, kUnknown };

/// Whether bytes beside a word part it from what comes next by every rule: a space, or a mark with
/// a space or the end behind it.
bool parts(std::string_view field, std::size_t at) {
  constexpr std::string_view kSpaces = " \n";
  constexpr std::string_view kMarks = ",.;:!?";
  if (at >= field.size() || kSpaces.find(field[at]) != std::string_view::npos) return true;
  return kMarks.find(field[at]) != std::string_view::npos &&
         (at + 1 == field.size() || kSpaces.find(field[at + 1]) != std::string_view::npos);
}

/// Whether a word may be initials, which stand in articles with and without their full stops.
bool may_be_initials(std::string_view typed) {
  return std::none_of(typed.begin(), typed.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// A =Word stands in the text as it was typed: most articles are told apart by their bytes, without
/// being cut into words.
Verdict exact_word(const query::Query& leaf, const v1::ArticleRecord& article) {
  if (leaf.root().kind != query::Node::Kind::kWord) return Verdict::kUnknown;
  const std::string& typed = leaf.root().words[0].typed;
  const bool plain = std::all_of(typed.begin(), typed.end(), text::ascii::is_alphanumeric);
  Verdict out = may_be_initials(typed) ? Verdict::kUnknown : Verdict::kNo;
  for (const std::string* stored : {&article.title(), &article.text()}) {
    if (stored == &article.text() && leaf.root().scope == query::Scope::kTitle) break;
    const std::string_view field(*stored);
    for (std::size_t at = field.find(typed); at != std::string_view::npos;
         at = field.find(typed, at + 1)) {
      const bool begins = at == 0 || field[at - 1] == ' ' || field[at - 1] == '\n';
      if (plain && begins && parts(field, at + typed.size())) return Verdict::kYes;
      out = Verdict::kUnknown;
    }
  }
  return out;
}

}  // namespace

void Statistics::add(const Statistics& other) {
  documents += other.documents;
  for (std::size_t field = 0; field < 2; ++field) length[field] += other.length[field];
  if (document_frequency.size() < other.document_frequency.size())
    document_frequency.resize(other.document_frequency.size());
  for (std::size_t i = 0; i < other.document_frequency.size(); ++i)
    document_frequency[i] += other.document_frequency[i];
}

Result<std::optional<v1::ArticleRecord>> LocalShard::document(std::uint64_t ordinal) const {
  VIGIE_ASSIGN(const auto bytes, database_->get(kDocuments, document_key(ordinal)));
  if (!bytes) return std::optional<v1::ArticleRecord>();
  v1::ArticleRecord article;
  if (!article.ParseFromString(*bytes)) return segments::corrupt("document");
  return std::optional<v1::ArticleRecord>(std::move(article));
}

Result<LocalShard::Stories> LocalShard::story_ordinals(const query::Query& query) const {
  Stories out;
  for (const query::Node& node : query.nodes) {
    const std::string group = group_of(node);
    if (group.empty()) continue;
    std::vector<std::uint64_t>& ordinals = out[group];
    if (!ordinals.empty()) continue;
    const std::string prefix = group + std::string(1, '\0');
    const auto cursor = database_->cursor(kStories, {prefix, storage::after_prefix(prefix)});
    for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
      // Every version: the reader's view says which one is current.
      VIGIE_ASSIGN(const ArticleRow row,
                   article_row(std::string(cursor->key().substr(prefix.size()))));
      for (const ArticleRow::Version& version : row.versions) ordinals.push_back(version.ordinal);
    }
    VIGIE_TRY(cursor->status());
    std::sort(ordinals.begin(), ordinals.end());
  }
  return out;
}

/// One source as an evaluation sees it.
class LocalShard::Look final : public Evaluator::World {
 public:
  Look(const LocalShard& shard, const Asked& asked, const segments::Source& its_source,
       std::uint64_t first_ordinal, const Ordinals& superseded)
      : shard_(shard),
        asked_(asked),
        superseded_(superseded),
        source(its_source),
        base(first_ordinal),
        evaluator(asked.plan, its_source, *this) {}

  bool leaves_out() const override { return !superseded_.isEmpty(); }
  void leave_out(Bitmap& documents) const override {
    for (std::uint32_t document : superseded_) {
      if (document < documents.documents()) documents.clear(document);
    }
  }
  Result<bool> verify(const query::Query& leaf, std::uint32_t number) const override {
    VIGIE_ASSIGN(const auto article, shard_.document(base + number));
    if (!article) return false;
    const Verdict verdict = exact_word(leaf, *article);
    if (verdict != Verdict::kUnknown) return verdict == Verdict::kYes;
    return matching::matches(leaf, matching::Document(*article), asked_.now_unix_ms);
  }
  std::vector<std::uint32_t> group(const query::Node& filter) const override {
    std::vector<std::uint32_t> out;
    const auto place = asked_.stories.find(group_of(filter));
    if (place == asked_.stories.end()) return out;
    for (std::uint64_t ordinal : place->second) {
      if (ordinal >= base && ordinal - base < evaluator.columns().documents())
        out.push_back(static_cast<std::uint32_t>(ordinal - base));
    }
    return out;
  }
  std::int64_t now_unix_ms() const override { return asked_.now_unix_ms; }

 private:
  const LocalShard& shard_;
  const Asked& asked_;
  const Ordinals& superseded_;

 public:
  const segments::Source& source;
  const std::uint64_t base;
  Evaluator evaluator;
};

/// A view, and that somebody reads it.
class LocalShard::Reading {
 public:
  explicit Reading(const LocalShard& shard) : readers_(shard.readers_) {
    const std::shared_lock lock(shard.mutex_);
    readers_.fetch_add(1, std::memory_order_relaxed);
    view_ = shard.view_;
  }
  ~Reading() { readers_.fetch_sub(1, std::memory_order_release); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  const View& view() const { return *view_; }

 private:
  std::atomic<int>& readers_;
  std::shared_ptr<const View> view_;
};

Result<void> LocalShard::visit(const Plan& plan, std::int64_t now_unix_ms, const Visit& call,
                               Statistics* statistics, bool largest_first) const {
  if (plan.nodes.empty())
    return failure(Disposition::kQuarantine, "bad_query",
                   "an empty query tree; parse the text first");
  VIGIE_ASSIGN(auto stories, story_ordinals(*plan.query));
  const Asked asked{plan, std::move(stories), now_unix_ms, largest_first};
  const query::Budget* budget = plan.query->budget;
  if (budget != nullptr) {
    std::uint64_t price = 0;
    VIGIE_TRY(visit_sources(
        asked,
        [&price](Look& look) -> Result<void> {
          VIGIE_ASSIGN(const std::uint64_t its, look.evaluator.price());
          price += its;
          return {};
        },
        nullptr));
    VIGIE_TRY(budget->expect(price));
  }
  return visit_sources(asked, call, statistics);
}

void LocalShard::prefetch(const Plan& plan, const View& view) {
  std::vector<std::string_view> keys;
  for (const PlanNode& node : plan.nodes) {
    for (const PlanUnit& unit : node.units) {
      keys.push_back(unit.key);
      if (unit.stems == nullptr) continue;
      for (const PlanStem& stem : *unit.stems) keys.push_back(stem.key);
    }
    keys.insert(keys.end(), node.filter_keys.begin(), node.filter_keys.end());
  }
  // the longest queries would push out again what was fetched
  constexpr std::size_t kMostKeys = 256;
  keys.resize(std::min(keys.size(), kMostKeys));
  std::vector<std::uint64_t> hashes;  // each segment has its own
  hashes.reserve(keys.size() * view.segments.size());
  for (const Sealed& one : view.segments) {
    for (const std::string_view key : keys) hashes.push_back(one.segment->terms().hash(key));
  }
  for (int step = 0; step < segments::Terms::kFindSteps; ++step) {
    auto hash = hashes.begin();
    for (const Sealed& one : view.segments) {
      for (std::size_t i = 0; i < keys.size(); ++i)
        one.segment->terms().prefetch_find(*hash++, step);
    }
  }
}

Result<void> LocalShard::visit_sources(const Asked& asked, const Visit& call,
                                       Statistics* statistics) const {
  const Reading reading(*this);
  const View& view = reading.view();
  std::list<Look> looks;
  // newest first: later ones seldom reach the best of a newest-first page
  for (auto one = view.live.rbegin(); one != view.live.rend(); ++one)
    looks.emplace_back(*this, asked, *one->head, one->begin, *one->superseded);
  if (view.sealing)
    looks.emplace_back(*this, asked, *view.sealing->head, view.sealing->begin,
                       *view.sealing->superseded);
  for (auto one = view.segments.rbegin(); one != view.segments.rend(); ++one)
    looks.emplace_back(*this, asked, *one->segment, one->row.begin, *one->superseded);
  prefetch(asked.plan, view);
  if (statistics != nullptr) {
    *statistics = view.totals;
    for (Look& look : looks) VIGIE_TRY(look.evaluator.frequencies(statistics->document_frequency));
  }
  // what the largest hold says soonest what a hit must score
  if (asked.largest_first) {
    looks.sort([](const Look& one, const Look& other) {
      return one.evaluator.columns().documents() > other.evaluator.columns().documents();
    });
  }
  for (Look& look : looks) VIGIE_TRY(call(look));
  return {};
}

Result<Statistics> LocalShard::statistics(const query::Query& query) const {
  const Plan plan = make_plan(query);
  Statistics out;
  if (plan.nodes.empty())
    return failure(Disposition::kQuarantine, "bad_query",
                   "an empty query tree; parse the text first");
  // frequencies are read at no price
  VIGIE_TRY(visit_sources({plan, {}, 0, false}, [](Look&) { return Result<void>(); }, &out));
  return out;
}

Result<FindResult> LocalShard::find(const Find& find) const {
  VIGIE_INVARIANT(find.query != nullptr);
  const Plan plan = make_plan(*find.query);
  const bool scored = find.sort == Sort::kRelevance && find.limit > 0 && plan.any_scored;
  Statistics own;
  const bool sums = scored && find.statistics == nullptr;
  const Statistics& statistics = find.statistics != nullptr ? *find.statistics : own;
  FindResult out;
  BestHits best(find);
  const Visit collect = [&](Look& look) -> Result<void> {
    VIGIE_TRY(find_in(look, find, scored ? &statistics : nullptr, best, out.total));
    best.keep();
    return {};
  };
  VIGIE_TRY(visit(plan, find.now_unix_ms, collect, sums ? &own : nullptr, scored));
  if (find.limit > 0) out.hits = best.take();
  return out;
}

Result<void> LocalShard::find_in(Look& look, const Find& find, const Statistics* statistics,
                                 BestHits& best, std::uint64_t& total) {
  Evaluator& evaluator = look.evaluator;
  VIGIE_ASSIGN(const Evaluator::Plain plain, evaluator.plain());
  if (plain.all || plain.lists != nullptr) {
    total += plain.documents;
    if (find.limit == 0 || plain.documents == 0) return {};
    if (statistics != nullptr)
      return offer_scored(evaluator, *statistics, nullptr, look.base, best);
    if (find.sort == Sort::kNewest) {
      if (plain.all) offer_newest(evaluator.columns(), look.base, best);
      if (plain.all) return {};
      for (const UnitWord& word : plain.lists->lists)
        VIGIE_TRY(offer_newest(evaluator.columns(), word, look.base, best));
      return {};
    }
  }
  VIGIE_ASSIGN(const Bitmap documents, evaluator.run());
  const std::uint64_t count = documents.count();
  if (!plain.all) total += count;
  if (find.limit == 0 || count == 0) return {};
  if (statistics != nullptr)
    return offer_scored(evaluator, *statistics, &documents, look.base, best);
  if (find.sort == Sort::kNewest) {
    offer_newest(evaluator.columns(), documents, look.base, best);
  } else {
    documents.each(
        [&](std::uint32_t document) { best.offer(evaluator.columns(), look.base, document, 0); });
  }
  return {};
}

Result<std::vector<TimelineBin>> LocalShard::timeline(const query::Query& query,
                                                      std::int64_t interval_ms,
                                                      std::int64_t now_unix_ms,
                                                      std::optional<Facet> split_by) const {
  if (interval_ms <= 0)
    return failure(Disposition::kQuarantine, "bad_argument",
                   "the interval of a timeline must be longer than nothing; use hour or day");
  const Plan plan = make_plan(query);
  Bins bins(interval_ms);
  const Visit collect = [&](Look& look) -> Result<void> {
    VIGIE_ASSIGN(const Bitmap documents, look.evaluator.run());
    if (documents.documents() == 0) return {};
    std::shared_ptr<const segments::FacetColumn> column;
    if (split_by) {
      VIGIE_ASSIGN(column, look.source.facet(field_of(*split_by)));
    }
    bins.add(look.evaluator.columns(), documents, column.get());
    return {};
  };
  VIGIE_TRY(visit(plan, now_unix_ms, collect, nullptr));
  return bins.take();
}

Result<std::vector<std::pair<Facet, std::vector<Count>>>> LocalShard::facets(
    const query::Query& query, const std::vector<Facet>& fields, std::int64_t now_unix_ms) const {
  const Plan plan = make_plan(query);
  std::vector<Counts> counts(fields.size());
  const Visit collect = [&](Look& look) -> Result<void> {
    VIGIE_ASSIGN(const Bitmap documents, look.evaluator.run());
    std::vector<std::uint64_t> by_number;
    for (std::size_t field = 0; field < fields.size(); ++field) {
      VIGIE_ASSIGN(const auto column, look.source.facet(field_of(fields[field])));
      by_number.assign(column->values.size(), 0);
      const std::uint32_t* const begin = column->begin.data();
      const std::uint32_t* const numbers = column->numbers.data();
      std::uint64_t* const sums = by_number.data();
      documents.each([&](std::uint32_t document) {
        for (std::uint32_t i = begin[document]; i < begin[document + 1]; ++i) ++sums[numbers[i]];
      });
      for (std::size_t i = 0; i < by_number.size(); ++i) {
        if (by_number[i] > 0) add_count(counts[field], column->values[i], by_number[i]);
      }
    }
    return {};
  };
  VIGIE_TRY(visit(plan, now_unix_ms, collect, nullptr));
  std::vector<std::pair<Facet, std::vector<Count>>> out;
  for (std::size_t field = 0; field < fields.size(); ++field)
    out.emplace_back(fields[field], sorted(counts[field]));
  return out;
}

Result<std::optional<v1::ArticleRecord>> LocalShard::article(const std::string& article_id) const {
  VIGIE_ASSIGN(const ArticleRow row, article_row(article_id));
  if (row.hidden || row.versions.empty()) return std::optional<v1::ArticleRecord>();
  return document(row.versions.front().ordinal);
}

Result<std::vector<StoredVersion>> LocalShard::versions(const std::string& article_id) const {
  VIGIE_ASSIGN(const ArticleRow row, article_row(article_id));
  std::vector<StoredVersion> out;
  if (row.hidden) return out;
  for (const ArticleRow::Version& version : row.versions) {
    VIGIE_ASSIGN(auto article, document(version.ordinal));
    if (article)
      out.push_back(
          {version.rank.version_id, version.rank.fetched_at_unix_ms, std::move(*article)});
  }
  return out;
}

std::string LocalShard::story_of(const std::string& article_id) const {
  const auto story = database_->get(kStories, "a" + article_id);
  return story && *story ? **story : std::string();
}

std::string LocalShard::event_of(const std::string& article_id) const {
  const auto event = database_->get(kStories, "v" + article_id);
  return event && *event ? **event : std::string();
}

Result<std::vector<std::string>> LocalShard::story_articles(const std::string& story_id) const {
  return members_of("s" + story_id);
}

Result<std::vector<std::string>> LocalShard::event_articles(const std::string& event_id) const {
  return members_of("e" + event_id);
}

Result<std::vector<std::string>> LocalShard::members_of(const std::string& group) const {
  std::vector<std::string> out;
  const std::string prefix = group + std::string(1, '\0');
  const auto cursor = database_->cursor(kStories, {prefix, storage::after_prefix(prefix)});
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    const std::string article(cursor->key().substr(prefix.size()));
    VIGIE_ASSIGN(const ArticleRow row, article_row(article));
    if (!row.hidden && !row.versions.empty()) out.push_back(article);
  }
  VIGIE_TRY(cursor->status());
  return out;
}

}  // namespace vigie::indexer
