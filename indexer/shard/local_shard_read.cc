#include <algorithm>
#include <queue>

#include "indexer/analysis/analysis.h"
#include "indexer/matching/matcher.h"
#include "indexer/query/budget.h"
#include "indexer/segments/coding.h"
#include "indexer/shard/local_shard.h"
#include "platform/text/ascii.h"

namespace vigie::indexer {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

segments::FacetField field_of(Facet facet) { return static_cast<segments::FacetField>(facet); }

/// Of a filter by story or event the beginning of the rows of its members, else nothing.
std::string group_of(const query::Node& node) {
  if (node.kind != query::Node::Kind::kFilter) return {};
  if (node.filter == query::Filter::kStory) return "s" + node.value;
  return node.filter == query::Filter::kEvent ? "e" + node.value : std::string();
}

/// Greatest count first, then value.
std::vector<Count> sorted(const Counts& counts) {
  std::vector<Count> out;
  for (const auto& [value, count] : counts) out.push_back({value, count});
  std::stable_sort(out.begin(), out.end(),
                   [](const Count& a, const Count& b) { return a.count > b.count; });
  return out;
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

Result<std::map<std::string, std::vector<std::uint64_t>>> LocalShard::story_ordinals(
    const query::Query& query) const {
  std::map<std::string, std::vector<std::uint64_t>> out;
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

Result<void> LocalShard::visit(const Plan& plan, std::int64_t now_unix_ms, const Visit& call,
                               Statistics* statistics) const {
  const query::Budget* budget = plan.query->budget;
  if (budget != nullptr && statistics == nullptr) {  // frequencies are read at no price
    std::uint64_t price = 0;
    VIGIE_TRY(visit_sources(
        plan, now_unix_ms,
        [&price](Evaluator& evaluator, const segments::Source&, std::uint64_t) -> Result<void> {
          VIGIE_ASSIGN(const std::uint64_t its, evaluator.price());
          price += its;
          return {};
        },
        nullptr));
    VIGIE_TRY(budget->expect(price));
  }
  return visit_sources(plan, now_unix_ms, call, statistics);
}

Result<void> LocalShard::visit_sources(const Plan& plan, std::int64_t now_unix_ms,
                                       const Visit& call, Statistics* statistics) const {
  if (plan.nodes.empty())
    return failure(Disposition::kQuarantine, "bad_query",
                   "an empty query tree; parse the text first");
  VIGIE_ASSIGN(const auto stories, story_ordinals(*plan.query));
  const auto one = [&](const segments::Source& source, std::uint64_t base,
                       const Ordinals& superseded) -> Result<void> {
    Evaluator::World world;
    world.now_unix_ms = now_unix_ms;
    if (!superseded.isEmpty()) {
      world.leave_out = [&superseded](Bitmap& documents) {
        for (std::uint32_t document : superseded) {
          if (document < documents.documents()) documents.clear(document);
        }
      };
    }
    world.group = [&](const query::Node& filter) {
      std::vector<std::uint32_t> out;
      const auto place = stories.find(group_of(filter));
      if (place == stories.end()) return out;
      for (std::uint64_t ordinal : place->second) {
        if (ordinal >= base && ordinal - base < source.columns().documents())
          out.push_back(static_cast<std::uint32_t>(ordinal - base));
      }
      return out;
    };
    world.verify = [&](const query::Query& leaf, std::uint32_t number) -> Result<bool> {
      VIGIE_ASSIGN(const auto article, document(base + number));
      if (!article) return false;
      const Verdict verdict = exact_word(leaf, *article);
      if (verdict != Verdict::kUnknown) return verdict == Verdict::kYes;
      return matching::matches(leaf, matching::Document(*article), now_unix_ms);
    };
    Evaluator evaluator(plan, source, world);
    return call(evaluator, source, base);
  };
  std::shared_ptr<const View> view;
  {
    { const std::lock_guard gate(gate_); }  // lets a waiting writer through first
    const std::shared_lock lock(mutex_);
    const query::Budget::NoWaiting locked(plan.query->budget);
    view = view_;
    if (statistics != nullptr) *statistics = totals_;
    VIGIE_TRY(one(*head_, head_begin_, head_superseded_));
  }
  // newest first: later ones seldom reach the best of a newest-first page
  for (auto sealed = view->segments.rbegin(); sealed != view->segments.rend(); ++sealed)
    VIGIE_TRY(one(*sealed->segment, sealed->row.begin, *sealed->superseded));
  return {};
}

Result<Statistics> LocalShard::statistics(const query::Query& query) const {
  const Plan plan = make_plan(query);
  Statistics out;
  std::vector<std::uint64_t> frequencies;
  VIGIE_TRY(visit(
      plan, 0,
      [&](Evaluator& evaluator, const segments::Source&, std::uint64_t) {
        return evaluator.frequencies(frequencies);
      },
      &out));
  out.document_frequency = std::move(frequencies);
  return out;
}

Result<Answer> LocalShard::find(const Find& find) const {
  VIGIE_INVARIANT(find.query != nullptr);
  const Plan plan = make_plan(*find.query);
  const bool scored = find.sort == Sort::kRelevance && find.limit > 0 && plan.any_scored;
  Statistics own;
  const Statistics* statistics = find.statistics;
  if (scored && statistics == nullptr) {
    VIGIE_ASSIGN(own, this->statistics(*find.query));
    statistics = &own;
  }
  Answer out;
  BestHits best(find);
  const Visit collect = [&](Evaluator& evaluator, const segments::Source& /*source*/,
                            std::uint64_t base) -> Result<void> {
    VIGIE_ASSIGN(const Bitmap documents, evaluator.run());
    const std::uint64_t count = documents.count();
    out.total += count;
    if (find.limit == 0 || count == 0) return {};
    if (scored) return offer_scored(evaluator, *statistics, documents, base, best);
    if (find.sort == Sort::kNewest) {
      offer_newest(evaluator.columns(), documents, base, best);
    } else {
      documents.each(
          [&](std::uint32_t document) { best.offer(evaluator.columns(), base, document, 0); });
    }
    return {};
  };
  VIGIE_TRY(visit(plan, find.now_unix_ms, collect));
  if (find.limit > 0) out.hits = best.take();
  return out;
}

Result<std::vector<TimelineBin>> LocalShard::timeline(const query::Query& query,
                                                      std::int64_t interval_ms,
                                                      std::int64_t now_unix_ms,
                                                      std::optional<Facet> split_by) const {
  if (interval_ms <= 0)
    return failure(Disposition::kQuarantine, "bad_argument",
                   "the interval of a timeline must be longer than nothing; use hour or day");
  const Plan plan = make_plan(query);
  struct Bin {
    std::uint64_t count = 0;
    Counts split;
  };
  std::map<std::int64_t, Bin> bins;
  const Visit collect = [&](Evaluator& evaluator, const segments::Source& source,
                            std::uint64_t) -> Result<void> {
    VIGIE_ASSIGN(const Bitmap documents, evaluator.run());
    std::shared_ptr<const segments::FacetColumn> column;
    if (split_by) {
      VIGIE_ASSIGN(column, source.facet(field_of(*split_by)));
    }
    const auto times = source.columns().time_unix_ms;
    std::int64_t begin = 0;
    Bin* bin = nullptr;  // neighbours mostly fall into one
    documents.each([&](std::uint32_t document) {
      const std::int64_t time = times[document];
      if (bin == nullptr || time < begin || time - begin >= interval_ms) {
        begin = (time >= 0 ? time / interval_ms : (time + 1) / interval_ms - 1) * interval_ms;
        bin = &bins[begin];
      }
      ++bin->count;
      if (!column) return;
      for (std::uint32_t i = column->begin[document]; i < column->begin[document + 1]; ++i)
        ++bin->split[column->values[column->numbers[i]]];
    });
    return {};
  };
  VIGIE_TRY(visit(plan, now_unix_ms, collect));
  std::vector<TimelineBin> out;
  for (const auto& [begin, bin] : bins) out.push_back({begin, bin.count, sorted(bin.split)});
  return out;
}

Result<std::vector<std::pair<Facet, std::vector<Count>>>> LocalShard::facets(
    const query::Query& query, const std::vector<Facet>& fields, std::int64_t now_unix_ms) const {
  const Plan plan = make_plan(query);
  std::vector<Counts> counts(fields.size());
  const Visit collect = [&](Evaluator& evaluator, const segments::Source& source,
                            std::uint64_t) -> Result<void> {
    VIGIE_ASSIGN(const Bitmap documents, evaluator.run());
    std::vector<std::uint64_t> by_number;
    for (std::size_t field = 0; field < fields.size(); ++field) {
      VIGIE_ASSIGN(const auto column, source.facet(field_of(fields[field])));
      by_number.assign(column->values.size(), 0);
      const std::uint32_t* const begin = column->begin.data();
      const std::uint32_t* const numbers = column->numbers.data();
      std::uint64_t* const sums = by_number.data();
      documents.each([&](std::uint32_t document) {
        for (std::uint32_t i = begin[document]; i < begin[document + 1]; ++i) ++sums[numbers[i]];
      });
      for (std::size_t i = 0; i < by_number.size(); ++i) {
        if (by_number[i] > 0) counts[field][column->values[i]] += by_number[i];
      }
    }
    return {};
  };
  VIGIE_TRY(visit(plan, now_unix_ms, collect));
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
