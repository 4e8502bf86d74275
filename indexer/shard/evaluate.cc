#include "indexer/shard/evaluate.h"

#include <algorithm>
#include <set>

#include "indexer/query/budget.h"
#include "indexer/shard/spans.h"

namespace vigie::indexer {

using Kind = query::Node::Kind;

namespace {

/// What the positions of a document cost beside its posting.
constexpr std::uint64_t kPositionsCost = 8;
/// What it costs to ask a stored text.
constexpr std::uint64_t kTextCost = 64;
/// Documents whose positions are read between two looks at the budget: a millisecond or so.
constexpr std::uint32_t kDocumentsOfALook = 1'024;

bool is_group(query::Filter filter) {
  return filter == query::Filter::kStory || filter == query::Filter::kEvent;
}

}  // namespace

Evaluator::Evaluator(const Plan& plan, const segments::Source& source, const World& world)
    : plan_(plan), source_(source), world_(world), columns_(source.columns()) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    near_ = near_ || plan.query->nodes[i].kind == Kind::kNear;
    placed_ = placed_ || near_ || plan.nodes[i].units.size() > 1;
  }
  listed_ = source.lists_stems() && !near_;  // a stem's list has no positions
}

Bitmap Evaluator::everything() const {
  Bitmap out(columns_.documents());
  out.fill();
  return out;
}

void Evaluator::leave_out_dropped(Bitmap& documents) const {
  if (world_.leaves_out()) world_.leave_out(documents);
}

Result<void> Evaluator::check() const {
  return plan_.query->budget != nullptr ? plan_.query->budget->check() : Result<void>();
}

std::vector<std::uint32_t> Evaluator::distinct_children(std::uint32_t index) const {
  std::vector<std::uint32_t> out;
  std::set<std::uint32_t> seen;
  for (std::uint32_t child : plan_.query->nodes[index].children) {
    if (seen.insert(plan_.nodes[child].same_as).second) out.push_back(child);
  }
  return out;
}

Result<std::uint64_t> Evaluator::price() {
  if (columns_.documents() == 0) return 0;
  counts_alone_ = true;
  auto out = cost(static_cast<std::uint32_t>(plan_.nodes.size() - 1));
  counts_alone_ = false;
  return out;
}

Result<Bitmap> Evaluator::run() {
  if (columns_.documents() == 0) return Bitmap();
  VIGIE_ASSIGN(Bitmap out, evaluate(static_cast<std::uint32_t>(plan_.nodes.size() - 1), nullptr));
  leave_out_dropped(out);
  return out;
}

Result<Bitmap> Evaluator::evaluate(std::uint32_t node, const Bitmap* among) {
  VIGIE_TRY(check());
  switch (plan_.query->nodes[node].kind) {
    case Kind::kAll: return among != nullptr ? *among : everything();
    case Kind::kAnd: return all_of(node, among);
    case Kind::kOr: return any_of(node, among);
    case Kind::kNot: return none_of(node, among);
    case Kind::kWord:
    case Kind::kPhrase: return sequence(node, among);
    case Kind::kPrefix: {
      VIGIE_ASSIGN(const UnitWords* words, prefix_words(node));
      return holders(*words, plan_.query->nodes[node].scope, among);
    }
    case Kind::kNear: return near(node, among);
    case Kind::kFilter: return filter(node, among);
  }
  return Bitmap(columns_.documents());
}

Result<std::uint64_t> Evaluator::unit_cost(const PlanUnit& unit) {
  std::uint64_t sum = 0;
  if (counts_alone_) {
    VIGIE_ASSIGN(const std::uint32_t form, source_.document_frequency(unit.key));
    return std::uint64_t{form};
  }
  VIGIE_ASSIGN(const UnitWords* words, words_of(unit));
  for (const UnitWord& word : words->lists) sum += word.list.documents();
  return sum;
}

Result<std::uint64_t> Evaluator::filter_cost(std::uint32_t index) {
  const PlanNode& plan = plan_.nodes[index];
  const std::uint64_t all = columns_.documents();
  if (plan.filter_keys.empty()) return is_group(plan_.query->nodes[index].filter) ? 1 : 2 * all;
  std::uint64_t sum = 0;
  for (const std::string& key : plan.filter_keys) {
    VIGIE_ASSIGN(const std::uint32_t one, source_.document_frequency(key));
    sum += one;
  }
  return sum;
}

Result<std::uint64_t> Evaluator::cost(std::uint32_t index) {
  const query::Node& node = plan_.query->nodes[index];
  const PlanNode& plan = plan_.nodes[index];
  const std::uint64_t all = columns_.documents();
  const std::uint64_t text_penalty = plan.verify ? kTextCost * all : 0;
  std::uint64_t sum = 0;
  std::uint64_t least = UINT64_MAX;
  switch (node.kind) {
    case Kind::kAll: return all;
    case Kind::kNot: return 8 * all;
    case Kind::kPrefix: return all;
    case Kind::kFilter: return filter_cost(index);
    case Kind::kAnd:
    case Kind::kNear:
    case Kind::kOr:
      for (std::uint32_t child : distinct_children(index)) {
        VIGIE_ASSIGN(const std::uint64_t one, cost(child));
        least = std::min(least, one);
        sum += one;
      }
      if (node.kind == Kind::kAnd) return least + 1;
      return node.kind == Kind::kNear ? kPositionsCost * sum + text_penalty : sum;
    case Kind::kWord:
    case Kind::kPhrase:
      for (const PlanUnit& unit : plan.units) {
        VIGIE_ASSIGN(const std::uint64_t one, unit_cost(unit));
        least = std::min(least, one);
      }
      return least == UINT64_MAX
                 ? 0
                 : least * (plan.units.size() > 1 ? kPositionsCost : 1) + text_penalty;
  }
  return all;
}

Result<Bitmap> Evaluator::all_of(std::uint32_t index, const Bitmap* among) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  for (std::uint32_t child : distinct_children(index)) {
    VIGIE_ASSIGN(const std::uint64_t price, cost(child));
    order.emplace_back(price, child);
  }
  std::sort(order.begin(), order.end());
  Bitmap out(columns_.documents());
  for (const auto& step : order) {
    VIGIE_ASSIGN(out, evaluate(step.second, among));
    among = &out;
    if (out.empty()) break;
  }
  return out;
}

Result<Bitmap> Evaluator::any_of(std::uint32_t index, const Bitmap* among) {
  std::optional<Bitmap> out;
  for (std::uint32_t child : distinct_children(index)) {
    VIGIE_ASSIGN(Bitmap found, evaluate(child, among));
    if (out) {
      out->unite(found);
    } else {
      out = std::move(found);
    }
  }
  return out ? std::move(*out) : Bitmap(columns_.documents());
}

Result<Bitmap> Evaluator::none_of(std::uint32_t index, const Bitmap* among) {
  Bitmap out = among != nullptr ? *among : everything();
  VIGIE_ASSIGN(const Bitmap found, evaluate(plan_.query->nodes[index].children[0], &out));
  out.subtract(found);
  return out;
}

Result<Evaluator::Unit*> Evaluator::look_up(const PlanUnit& unit) {
  const auto [place, fresh] = units_.try_emplace(&unit);
  Unit& out = place->second;
  if (!fresh) return &out;
  out.form = source_.term(unit.key);
  if (out.form) {
    VIGIE_ASSIGN(out.form_documents, source_.document_frequency(*out.form));
  }
  if (unit.stems != nullptr) {
    for (const PlanStem& stem : *unit.stems) {
      if ((stem.languages & columns_.all_stem_bits) != 0) VIGIE_TRY(look_up(stem, out));
    }
  }
  return &out;
}

Result<void> Evaluator::look_up(const PlanStem& stem, Unit& out) {
  VIGIE_TRY(source_.stem(stem.key, !listed_, stem_));
  out.covered |= stem.languages;
  Unit::Related all;
  bool whole = true;
  for (const segments::StemGroup& group : stem_.groups) {
    const std::uint64_t bit =
        group.language < columns_.stem_bits.size() ? columns_.stem_bits[group.language] : 0;
    if ((bit & stem.languages) == 0) {
      whole = false;
      continue;
    }
    all.stems |= bit;
    all.documents += group.documents;
    if (listed_) continue;
    for (const std::uint32_t term : group.terms) {
      if (out.form == term) continue;
      auto known = std::find_if(out.related.begin(), out.related.end(),
                                [&](const auto& one) { return one.term == term; });
      if (known == out.related.end()) known = out.related.insert(known, {term, 0, 0});
      known->stems |= bit;
    }
  }
  out.stem_documents += all.documents;
  if (all.stems == 0 || !listed_ || !stem_.list) return {};
  if (whole) all.stems = kEveryStem;
  all.term = *stem_.list;
  out.related.push_back(all);
  return {};
}

/// The form itself: with lists of stems, where no stem stands for it.
Result<void> Evaluator::open_form(Unit& found) {
  UnitWord word;
  VIGIE_TRY(source_.open(*found.form, placed_, word.list));
  word.documents = word.list.documents();
  if (listed_ && found.covered != 0) {
    const std::uint64_t uncovered = columns_.all_stem_bits & ~found.covered;
    if (uncovered == 0 && word.list.packed.outside == 0) return {};
    if (word.list.packed.outside < word.documents || uncovered != 0)
      word.stems = 1ULL << segments::kNoStems | uncovered;
    word.documents = word.list.packed.outside;
    found.words.apart = uncovered == 0;  // then how many it has is not known
  }
  found.words.lists.push_back(std::move(word));
  return {};
}

Result<const UnitWords*> Evaluator::words_of(const PlanUnit& unit) {
  VIGIE_ASSIGN(Unit* const found, look_up(unit));
  if (found->opened) return &found->words;
  found->opened = true;
  found->words.lists.reserve(found->related.size() + 1);
  if (found->form) VIGIE_TRY(open_form(*found));
  for (const Unit::Related& related : found->related) {
    UnitWord& word = found->words.lists.emplace_back();
    word.stems = related.stems;
    word.documents = related.documents;
    VIGIE_TRY(source_.open(related.term, placed_, word.list));
  }
  if (!listed_ && !found->related.empty()) found->words.apart = false;
  return &found->words;
}

Result<Evaluator::Plain> Evaluator::plain() {
  Plain out;
  if (world_.leaves_out() || plan_.nodes.size() != 1) return out;
  const query::Node& node = plan_.query->nodes[0];
  const PlanNode& plan = plan_.nodes[0];
  if (node.kind == Kind::kAll) {
    out.all = true;
    out.documents = columns_.documents();
  }
  // a phrase of one word is that form
  if ((node.kind == Kind::kWord || node.kind == Kind::kPhrase) &&
      node.scope == query::Scope::kAnywhere && !plan.verify && plan.units.size() == 1) {
    VIGIE_ASSIGN(const UnitWords* words, words_of(plan.units[0]));
    if (!words->apart) return out;
    out.lists = words;
    for (const UnitWord& word : words->lists) out.documents += word.documents;
  }
  return out;
}

Result<const UnitWords*> Evaluator::prefix_words(std::uint32_t leaf) {
  const auto [place, fresh] = prefixes_.try_emplace(leaf);
  if (!fresh) return &place->second;
  VIGIE_ASSIGN(const auto keys, source_.keys(plan_.nodes[leaf].prefix_key, kMaxPrefixWords));
  for (const std::string& key : keys) {
    UnitWord word;
    VIGIE_ASSIGN(const bool there, source_.open(key, placed_, word.list));
    if (there) place->second.lists.push_back(std::move(word));
  }
  place->second.apart = place->second.lists.size() <= 1;
  return &place->second;
}

Result<const Bitmap*> Evaluator::language(std::uint16_t number) {
  const auto [place, fresh] = languages_.try_emplace(number);
  if (!fresh) return &place->second;
  segments::OpenList list;
  VIGIE_ASSIGN(const bool there, source_.open(segments::filter_key(segments::Attribute::kLanguage,
                                                                   (*columns_.languages)[number]),
                                              false, list));
  if (auto whole = there ? lent(list, nullptr) : std::nullopt) {
    place->second = std::move(*whole);
    return &place->second;
  }
  place->second = Bitmap(columns_.documents());
  if (there) VIGIE_TRY(collect(list, {}, place->second));
  return &place->second;
}

Result<void> Evaluator::speakers(std::uint64_t stems, std::vector<Bitmap>& out) {
  if ((stems >> segments::kNoStems & 1) != 0)
    out.push_back(Bitmap::of(columns_.documents(), columns_.outside.data()));
  for (std::uint16_t number = 0; number < columns_.stem_bits.size(); ++number) {
    if ((columns_.stem_bits[number] & stems) == 0) continue;
    VIGIE_ASSIGN(const Bitmap* its, language(number));
    out.push_back(Bitmap::of(columns_.documents(), its->words()));
  }
  return {};
}

Result<Bitmap> Evaluator::holders(const UnitWords& words, query::Scope scope, const Bitmap* among) {
  Narrowing narrowing;
  narrowing.among = among;
  narrowing.title = scope == query::Scope::kTitle;
  if (words.lists.size() == 1 && words.lists[0].everywhere() && !narrowing.title) {
    if (auto out = lent(words.lists[0].list, among)) return std::move(*out);
  }
  narrowing.stem_numbers = columns_.stem_numbers;
  Bitmap out(columns_.documents());
  for (const UnitWord& word : words.lists) {
    VIGIE_TRY(check());
    narrowing.stems = word.stems;
    narrowing.speakers.clear();
    if (word.list.packed.bitmap != nullptr && !word.everywhere())
      VIGIE_TRY(speakers(word.stems, narrowing.speakers));
    VIGIE_TRY(collect(word.list, narrowing, out));
  }
  return out;
}

std::optional<Bitmap> Evaluator::lent(const segments::OpenList& list, const Bitmap* among) const {
  if (list.loose || list.packed.bitmap == nullptr) return std::nullopt;
  Bitmap all = Bitmap::of(columns_.documents(), list.packed.bitmap);
  return among != nullptr ? Bitmap::common(*among, all) : std::move(all);
}

Result<void> Evaluator::verified(std::uint32_t index, Bitmap& candidates) {
  const auto& leaf = plan_.nodes[index].verify;
  if (!leaf) return {};
  leave_out_dropped(candidates);
  std::vector<std::uint32_t> documents;
  candidates.each([&](std::uint32_t document) { documents.push_back(document); });
  for (std::uint32_t document : documents) {
    VIGIE_TRY(check());
    VIGIE_ASSIGN(const bool holds, world_.verify(*leaf, document));
    if (!holds) candidates.clear(document);
  }
  return {};
}

Result<Bitmap> Evaluator::sequence(std::uint32_t index, const Bitmap* among) {
  const query::Node& node = plan_.query->nodes[index];
  const auto& units = plan_.nodes[index].units;
  Bitmap candidates(columns_.documents());
  if (units.empty()) return candidates;
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t i = 0; i < units.size(); ++i) {
    VIGIE_ASSIGN(const std::uint64_t price, unit_cost(units[i]));
    if (price == 0) return candidates;
    order.emplace_back(price, i);
  }
  std::sort(order.begin(), order.end());
  for (const auto& step : order) {
    VIGIE_ASSIGN(const UnitWords* words, words_of(units[step.second]));
    VIGIE_ASSIGN(candidates, holders(*words, node.scope, among));
    among = &candidates;
  }
  if (units.size() > 1) {
    leave_out_dropped(candidates);
    VIGIE_ASSIGN(SpanReader reader, SpanReader::open(*this, index));
    Spans spans;
    Result<void> failed;
    Bitmap in_order(columns_.documents());
    std::uint32_t read = 0;
    candidates.each([&](std::uint32_t document) {
      if (failed && ++read % kDocumentsOfALook == 0) failed = check();
      if (failed) failed = reader.read(document, spans);
      if (!failed) return;
      if (!spans[0].empty() || !spans[1].empty()) in_order.set(document);
    });
    VIGIE_TRY(failed);
    candidates = std::move(in_order);
  }
  VIGIE_TRY(verified(index, candidates));
  return candidates;
}

namespace {

/// Whether a span of `later` begins at most so many words behind the end of one of `earlier`.
bool follows(const std::vector<Span>& earlier, const std::vector<Span>& later,
             std::uint32_t distance) {
  return std::any_of(earlier.begin(), earlier.end(), [&](const Span& span) {
    const auto next =
        std::upper_bound(later.begin(), later.end(), span.last,
                         [](std::uint32_t last, const Span& other) { return last < other.first; });
    return next != later.end() && next->first - span.last <= distance;
  });
}

}  // namespace

Result<Bitmap> Evaluator::near(std::uint32_t index, const Bitmap* among) {
  const query::Node& node = plan_.query->nodes[index];
  VIGIE_ASSIGN(const Bitmap left, evaluate(node.children[0], among));
  VIGIE_ASSIGN(Bitmap both, evaluate(node.children[1], &left));
  leave_out_dropped(both);
  VIGIE_ASSIGN(SpanReader one, SpanReader::open(*this, node.children[0]));
  VIGIE_ASSIGN(SpanReader other, SpanReader::open(*this, node.children[1]));
  Spans a;
  Spans b;
  Result<void> failed;
  Bitmap out(columns_.documents());
  std::uint32_t read = 0;
  both.each([&](std::uint32_t document) {
    if (failed && ++read % kDocumentsOfALook == 0) failed = check();
    if (failed) failed = one.read(document, a);
    if (failed) failed = other.read(document, b);
    if (!failed) return;
    if (follows(a[0], b[0], node.distance) || follows(b[0], a[0], node.distance) ||
        follows(a[1], b[1], node.distance) || follows(b[1], a[1], node.distance))
      out.set(document);
  });
  VIGIE_TRY(failed);
  VIGIE_TRY(verified(index, out));
  return out;
}

Result<Bitmap> Evaluator::filter(std::uint32_t index, const Bitmap* among) {
  const query::Node& node = plan_.query->nodes[index];
  const auto& keys = plan_.nodes[index].filter_keys;
  Bitmap out(columns_.documents());
  if (!keys.empty()) {
    Narrowing narrowing;
    narrowing.among = among;
    for (const std::string& key : keys) {
      segments::OpenList list;
      VIGIE_ASSIGN(const bool there, source_.open(key, false, list));
      if (!there) continue;
      if (auto whole = keys.size() == 1 ? lent(list, among) : std::nullopt)
        return std::move(*whole);
      VIGIE_TRY(collect(list, narrowing, out));
    }
    return out;
  }
  if (is_group(node.filter)) {
    for (std::uint32_t document : world_.group(node)) out.set(document);
    if (among != nullptr) out.intersect(*among);
    return out;
  }
  within_time(node, among, out);
  return out;
}

void Evaluator::within_time(const query::Node& node, const Bitmap* among, Bitmap& out) const {
  const std::int64_t edge =
      node.filter == query::Filter::kWithin ? world_.now_unix_ms() - node.value_ms : node.value_ms;
  const bool before = node.filter == query::Filter::kBefore;
  // All of a span, none of it, or each by its time.
  const auto wholly = [&](const segments::TimeSpan& span, bool wanted) {
    return before == wanted ? span.latest < edge : span.earliest >= edge;
  };
  std::uint64_t* const words = out.words();
  if (wholly(columns_.all_times, false)) return;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const segments::TimeSpan& span = columns_.spans[i];
    std::uint64_t word = among != nullptr ? among->words()[i] : ~0ULL;
    if (word == 0 || wholly(span, false)) continue;
    if (wholly(span, true)) {
      words[i] = word;
      continue;
    }
    const std::size_t first = i * segments::kTimeSpan;
    for (std::size_t j = first; j < std::min<std::size_t>(first + 64, columns_.documents()); ++j)
      if ((columns_.time_unix_ms[j] < edge) != before) word &= ~(1ULL << (j - first));
    words[i] = word;
  }
  out.trim();
}

Result<void> Evaluator::frequencies(std::vector<std::uint64_t>& out) {
  std::size_t place = 0;
  const auto add = [&](std::uint64_t frequency) {
    if (out.size() <= place) out.resize(place + 1);
    out[place++] += frequency;
  };
  for (std::uint32_t i = 0; i < plan_.nodes.size(); ++i) {
    const PlanNode& plan = plan_.nodes[i];
    if (!plan.scored) continue;
    if (!plan.prefix_key.empty()) {
      std::uint64_t sum = 0;
      VIGIE_ASSIGN(const auto keys, source_.keys(plan.prefix_key, kMaxPrefixWords));
      for (const std::string& key : keys) {
        VIGIE_ASSIGN(const std::uint32_t one, source_.document_frequency(key));
        sum += one;
      }
      add(sum);
    }
    for (const PlanUnit& unit : plan.units) {
      VIGIE_ASSIGN(const Unit* found, look_up(unit));
      add(found->form_documents);
      add(found->stem_documents);
    }
  }
  return {};
}

}  // namespace vigie::indexer
