#include "indexer/shard/evaluate.h"

#include <algorithm>
#include <cmath>

namespace vigie::indexer {
namespace {

using Kind = query::Node::Kind;

/// Documents whose positions are in memory at once.
constexpr std::size_t kPositionDocuments = 1'024;

Documents unite(const Documents& a, const Documents& b) {
  Documents out;
  out.reserve(a.size() + b.size());
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

Documents without(const Documents& a, const Documents& b) {
  Documents out;
  out.reserve(a.size());
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

Documents common(const Documents& a, const Documents& b) {
  Documents out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

/// First positions p of a run: every unit stands at p + its offset.
std::vector<std::uint32_t> run_starts(
    const std::vector<PlanUnit>& units,
    const std::vector<const std::vector<std::uint32_t>*>& positions) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t at : *positions[0]) {
    if (at < units[0].offset) continue;
    const std::uint32_t start = at - units[0].offset;
    bool all = true;
    for (std::size_t i = 1; i < units.size() && all; ++i)
      all = std::binary_search(positions[i]->begin(), positions[i]->end(), start + units[i].offset);
    if (all) out.push_back(start);
  }
  return out;
}

}  // namespace

Documents Evaluator::everything() const {
  Documents out;
  const std::uint32_t count = columns_.documents();
  out.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!world_.dropped(i)) out.push_back(i);
  }
  return out;
}

Result<Documents> Evaluator::run() {
  VIGIE_ASSIGN(Documents out,
               evaluate(static_cast<std::uint32_t>(plan_.nodes.size() - 1), nullptr));
  if (world_.any_dropped)
    out.erase(std::remove_if(out.begin(), out.end(), world_.dropped), out.end());
  return out;
}

Result<Documents> Evaluator::evaluate(std::uint32_t node, const Documents* among) {
  if (among != nullptr && among->empty()) return Documents();
  switch (plan_.query->nodes[node].kind) {
    case Kind::kAll: return among != nullptr ? *among : everything();
    case Kind::kAnd: return all_of(node, among);
    case Kind::kOr: return any_of(node, among);
    case Kind::kNot: return none_of(node, among);
    case Kind::kWord:
    case Kind::kPhrase: return sequence(node, among);
    case Kind::kPrefix: return prefix(node, among);
    case Kind::kNear: return near(node, among);
    case Kind::kFilter: return filter(node, among);
  }
  return Documents();
}

Result<std::uint64_t> Evaluator::cost(std::uint32_t index) {
  const query::Node& node = plan_.query->nodes[index];
  const PlanNode& plan = plan_.nodes[index];
  const std::uint64_t all = columns_.documents();
  const std::uint64_t text_penalty = plan.verify ? 2 * all : 0;
  switch (node.kind) {
    case Kind::kAll: return all;
    case Kind::kNot: return 8 * all;
    case Kind::kAnd: {
      std::uint64_t least = UINT64_MAX;
      for (std::uint32_t child : node.children) {
        VIGIE_ASSIGN(const std::uint64_t one, cost(child));
        least = std::min(least, one);
      }
      return least + 1;
    }
    case Kind::kNear:
    case Kind::kOr: {
      std::uint64_t sum = node.kind == Kind::kNear ? text_penalty : 0;
      for (std::uint32_t child : node.children) {
        VIGIE_ASSIGN(const std::uint64_t one, cost(child));
        sum += one;
      }
      return sum;
    }
    case Kind::kWord:
    case Kind::kPhrase: {
      std::uint64_t least = UINT64_MAX;
      for (const PlanUnit& unit : plan.units) {
        std::uint64_t sum = 0;
        VIGIE_ASSIGN(const UnitWords* words, words_of(unit));
        for (const UnitWord& word : *words) {
          VIGIE_ASSIGN(const std::uint32_t one, source_.document_frequency(word.key));
          sum += one;
        }
        least = std::min(least, sum);
      }
      return least * (plan.units.size() > 1 ? 4 : 1) + text_penalty;
    }
    case Kind::kPrefix: return all;
    case Kind::kFilter: {
      if (plan.filter_keys.empty()) return node.filter == query::Filter::kStory ? 1 : 2 * all;
      std::uint64_t sum = 0;
      for (const std::string& key : plan.filter_keys) {
        VIGIE_ASSIGN(const std::uint32_t one, source_.document_frequency(key));
        sum += one;
      }
      return sum;
    }
  }
  return all;
}

Result<Documents> Evaluator::all_of(std::uint32_t index, const Documents* among) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  for (std::uint32_t child : plan_.query->nodes[index].children) {
    VIGIE_ASSIGN(const std::uint64_t price, cost(child));
    order.emplace_back(price, child);
  }
  std::sort(order.begin(), order.end());
  Documents out;
  const Documents* left = among;
  for (const auto& step : order) {
    VIGIE_ASSIGN(Documents found, evaluate(step.second, left));
    out = std::move(found);
    left = &out;
    if (out.empty()) break;
  }
  return out;
}

Result<Documents> Evaluator::any_of(std::uint32_t index, const Documents* among) {
  Documents out;
  for (std::uint32_t child : plan_.query->nodes[index].children) {
    VIGIE_ASSIGN(const Documents found, evaluate(child, among));
    out = out.empty() ? found : unite(out, found);
  }
  return out;
}

Result<Documents> Evaluator::none_of(std::uint32_t index, const Documents* among) {
  Documents all;
  if (among == nullptr) {
    all = everything();
    among = &all;
  }
  VIGIE_ASSIGN(const Documents found, evaluate(plan_.query->nodes[index].children[0], among));
  return without(*among, found);
}

Evaluator::UnitWords Evaluator::everywhere(std::vector<std::string> keys) {
  UnitWords out;
  for (std::string& key : keys) out.push_back({std::move(key), true, {}});
  return out;
}

Result<const Evaluator::UnitWords*> Evaluator::words_of(const PlanUnit& unit) {
  const auto [place, fresh] = words_.try_emplace(&unit);
  UnitWords& out = place->second;
  if (!fresh) return &out;
  out.push_back({unit.key, true, {}});
  for (const auto& [stem, languages] : unit.stems) {
    VIGIE_ASSIGN(const auto groups, source_.stem(stem));
    for (const segments::StemWords& group : groups) {
      if (group.language >= columns_.languages->size() ||
          std::find(languages.begin(), languages.end(), (*columns_.languages)[group.language]) ==
              languages.end())
        continue;
      for (const std::string& key : group.keys) {
        auto known = std::find_if(out.begin(), out.end(),
                                  [&](const UnitWord& word) { return word.key == key; });
        if (known == out.end()) known = out.insert(out.end(), {key, false, {}});
        if (!known->everywhere) known->languages.push_back(group.language);
      }
    }
  }
  return &out;
}

bool Evaluator::counts(const UnitWord& word, std::uint32_t document) const {
  return word.everywhere || std::find(word.languages.begin(), word.languages.end(),
                                      columns_.language[document]) != word.languages.end();
}

Result<Documents> Evaluator::holders(const UnitWords& words, query::Scope scope,
                                     const Documents* among) {
  Documents out;
  segments::Postings found;
  std::vector<char> seen;
  const bool many = words.size() > 8;  // then marks are cheaper than repeated unions
  if (many) seen.resize(columns_.documents());
  for (const UnitWord& word : words) {
    VIGIE_TRY(source_.postings(word.key, among, found));
    if (scope == query::Scope::kTitle || !word.everywhere) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < found.documents.size(); ++i) {
        if ((scope != query::Scope::kTitle || found.frequencies[i][0] > 0) &&
            counts(word, found.documents[i]))
          found.documents[kept++] = found.documents[i];
      }
      found.documents.resize(kept);
    }
    if (many) {
      for (std::uint32_t document : found.documents) seen[document] = 1;
    } else if (out.empty()) {
      out = found.documents;
    } else if (!found.documents.empty()) {
      out = unite(out, found.documents);
    }
  }
  for (std::uint32_t i = 0; i < seen.size(); ++i) {
    if (seen[i] != 0) out.push_back(i);
  }
  return out;
}

Result<Documents> Evaluator::verified(std::uint32_t index, Documents candidates) {
  const auto& leaf = plan_.nodes[index].verify;
  if (!leaf) return candidates;
  Documents out;
  for (std::uint32_t document : candidates) {
    if (world_.dropped(document)) continue;
    VIGIE_ASSIGN(const bool holds, world_.verify(*leaf, document));
    if (holds) out.push_back(document);
  }
  return out;
}

Result<Documents> Evaluator::sequence(std::uint32_t index, const Documents* among) {
  const query::Node& node = plan_.query->nodes[index];
  const auto& units = plan_.nodes[index].units;
  if (units.empty()) return Documents();
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t i = 0; i < units.size(); ++i) {
    std::uint32_t price = 0;
    if (units.size() > 1) {
      VIGIE_ASSIGN(price, source_.document_frequency(units[i].key));
      if (price == 0) return Documents();
    }
    order.emplace_back(price, i);
  }
  std::sort(order.begin(), order.end());
  Documents candidates;
  for (const auto& step : order) {
    VIGIE_ASSIGN(const UnitWords* words, words_of(units[step.second]));
    VIGIE_ASSIGN(Documents found, holders(*words, node.scope, among));
    candidates = std::move(found);
    among = &candidates;
    if (candidates.empty()) return candidates;
  }
  if (units.size() > 1) {
    Documents in_order;
    for (std::size_t begin = 0; begin < candidates.size(); begin += kPositionDocuments) {
      const Documents part(
          candidates.begin() + static_cast<std::ptrdiff_t>(begin),
          candidates.begin() +
              static_cast<std::ptrdiff_t>(std::min(candidates.size(), begin + kPositionDocuments)));
      VIGIE_ASSIGN(const auto found, spans(index, part));
      for (std::size_t i = 0; i < part.size(); ++i) {
        if (!found[i][0].empty() || !found[i][1].empty()) in_order.push_back(part[i]);
      }
    }
    candidates = std::move(in_order);
  }
  return verified(index, std::move(candidates));
}

Result<std::vector<std::string>> Evaluator::prefix_keys(std::uint32_t index) const {
  return source_.keys(plan_.nodes[index].prefix_key, kMaxPrefixWords);
}

Result<Documents> Evaluator::prefix(std::uint32_t index, const Documents* among) {
  VIGIE_ASSIGN(auto keys, prefix_keys(index));
  return holders(everywhere(std::move(keys)), plan_.query->nodes[index].scope, among);
}

Result<std::vector<segments::Positions>> Evaluator::positions_of(const UnitWords& words,
                                                                 const Documents& documents) const {
  std::vector<segments::Positions> out(documents.size());
  for (const UnitWord& word : words) {
    if (word.everywhere) {
      VIGIE_TRY(source_.positions(word.key, documents, out));
      continue;
    }
    Documents counting;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      if (!counts(word, documents[i])) continue;
      counting.push_back(documents[i]);
      places.push_back(i);
    }
    std::vector<segments::Positions> found(counting.size());
    VIGIE_TRY(source_.positions(word.key, counting, found));
    for (std::size_t i = 0; i < places.size(); ++i) {
      for (std::size_t field = 0; field < 2; ++field)
        out[places[i]][field].insert(out[places[i]][field].end(), found[i][field].begin(),
                                     found[i][field].end());
    }
  }
  if (words.size() > 1) {
    for (auto& document : out) {
      for (auto& field : document) std::sort(field.begin(), field.end());
    }
  }
  return out;
}

Result<std::vector<Evaluator::Spans>> Evaluator::spans(std::uint32_t index,
                                                       const Documents& documents) {
  const query::Node& node = plan_.query->nodes[index];
  std::vector<Spans> out(documents.size());
  if (node.kind == Kind::kOr) {
    for (std::uint32_t child : node.children) {
      VIGIE_ASSIGN(const auto found, spans(child, documents));
      for (std::size_t i = 0; i < documents.size(); ++i) {
        for (std::size_t field = 0; field < 2; ++field)
          out[i][field].insert(out[i][field].end(), found[i][field].begin(), found[i][field].end());
      }
    }
  } else if (node.kind == Kind::kPrefix) {
    VIGIE_ASSIGN(auto keys, prefix_keys(index));
    VIGIE_ASSIGN(const auto found, positions_of(everywhere(std::move(keys)), documents));
    for (std::size_t i = 0; i < documents.size(); ++i) {
      for (std::size_t field = 0; field < 2; ++field) {
        for (std::uint32_t at : found[i][field]) out[i][field].push_back({at, at});
      }
    }
  } else {
    const PlanNode& plan = plan_.nodes[index];
    std::vector<std::vector<segments::Positions>> found;
    for (const PlanUnit& unit : plan.units) {
      VIGIE_ASSIGN(const UnitWords* words, words_of(unit));
      VIGIE_ASSIGN(auto one, positions_of(*words, documents));
      found.push_back(std::move(one));
    }
    for (std::size_t i = 0; i < documents.size() && !found.empty(); ++i) {
      for (std::size_t field = 0; field < 2; ++field) {
        std::vector<const std::vector<std::uint32_t>*> positions;
        for (const auto& unit : found) positions.push_back(&unit[i][field]);
        for (std::uint32_t start : run_starts(plan.units, positions))
          out[i][field].push_back({start, start + plan.words - 1});
      }
    }
  }
  for (Spans& document : out) {
    if (node.scope == query::Scope::kTitle && node.kind != Kind::kOr) document[1].clear();
    for (auto& field : document) {
      std::sort(field.begin(), field.end(), [](const Span& a, const Span& b) {
        return a.first != b.first ? a.first < b.first : a.last < b.last;
      });
    }
  }
  return out;
}

Result<Documents> Evaluator::near(std::uint32_t index, const Documents* among) {
  const query::Node& node = plan_.query->nodes[index];
  VIGIE_ASSIGN(const Documents left, evaluate(node.children[0], among));
  VIGIE_ASSIGN(const Documents both, evaluate(node.children[1], &left));
  const auto follows = [&](const std::vector<Span>& earlier, const std::vector<Span>& later) {
    return std::any_of(earlier.begin(), earlier.end(), [&](const Span& span) {
      const auto next = std::upper_bound(
          later.begin(), later.end(), span.last,
          [](std::uint32_t last, const Span& other) { return last < other.first; });
      return next != later.end() && next->first - span.last <= node.distance;
    });
  };
  Documents out;
  for (std::size_t begin = 0; begin < both.size(); begin += kPositionDocuments) {
    const Documents part(both.begin() + static_cast<std::ptrdiff_t>(begin),
                         both.begin() + static_cast<std::ptrdiff_t>(
                                            std::min(both.size(), begin + kPositionDocuments)));
    VIGIE_ASSIGN(const auto a, spans(node.children[0], part));
    VIGIE_ASSIGN(const auto b, spans(node.children[1], part));
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (follows(a[i][0], b[i][0]) || follows(b[i][0], a[i][0]) || follows(a[i][1], b[i][1]) ||
          follows(b[i][1], a[i][1]))
        out.push_back(part[i]);
    }
  }
  return verified(index, std::move(out));
}

Result<Documents> Evaluator::filter(std::uint32_t index, const Documents* among) {
  const query::Node& node = plan_.query->nodes[index];
  const auto& keys = plan_.nodes[index].filter_keys;
  if (!keys.empty()) return holders(everywhere(keys), query::Scope::kAnywhere, among);
  if (node.filter == query::Filter::kStory) {
    Documents found = world_.story(node.value);
    return among != nullptr ? common(found, *among) : found;
  }
  const auto times = columns_.time_unix_ms;
  const std::int64_t edge =
      node.filter == query::Filter::kWithin ? world_.now_unix_ms - node.value_ms : node.value_ms;
  const bool before = node.filter == query::Filter::kBefore;
  Documents out;
  if (among != nullptr) {
    std::copy_if(among->begin(), among->end(), std::back_inserter(out),
                 [&](std::uint32_t document) { return (times[document] < edge) == before; });
  } else {
    for (std::uint32_t i = 0; i < times.size(); ++i) {
      if ((times[i] < edge) == before) out.push_back(i);
    }
  }
  return out;
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
      VIGIE_ASSIGN(const auto keys, prefix_keys(i));
      for (const std::string& key : keys) {
        VIGIE_ASSIGN(const std::uint32_t one, source_.document_frequency(key));
        sum += one;
      }
      add(sum);
    }
    for (const PlanUnit& unit : plan.units) {
      VIGIE_ASSIGN(const std::uint32_t form, source_.document_frequency(unit.key));
      std::uint64_t stems = 0;
      for (const auto& [stem, languages] : unit.stems) {
        VIGIE_ASSIGN(const auto groups, source_.stem(stem));
        for (const segments::StemWords& group : groups) {
          if (group.language < columns_.languages->size() &&
              std::find(languages.begin(), languages.end(),
                        (*columns_.languages)[group.language]) != languages.end())
            stems += group.documents;
        }
      }
      add(form);
      add(stems);
    }
  }
  return {};
}

namespace {

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

}  // namespace

Result<void> Evaluator::count_words(const UnitWords& words, const Documents& documents,
                                    std::vector<segments::Frequencies>& counts) const {
  counts.assign(documents.size(), {0, 0});
  segments::Postings found;
  for (const UnitWord& word : words) {
    VIGIE_TRY(source_.postings(word.key, &documents, found));
    std::size_t at = 0;
    for (std::size_t j = 0; j < found.documents.size(); ++j) {
      while (documents[at] != found.documents[j]) ++at;
      if (!this->counts(word, documents[at])) continue;
      for (std::size_t field = 0; field < 2; ++field)
        counts[at][field] += found.frequencies[j][field];
    }
  }
  return {};
}

Result<void> Evaluator::count_leaf(std::uint32_t leaf, const Documents& documents,
                                   std::vector<segments::Frequencies>& counts) {
  const PlanNode& plan = plan_.nodes[leaf];
  if (!plan.prefix_key.empty()) {
    VIGIE_ASSIGN(auto keys, prefix_keys(leaf));
    return count_words(everywhere(std::move(keys)), documents, counts);
  }
  counts.assign(documents.size(), {0, 0});
  // A run of words counts as often as its rarest word.
  std::vector<segments::Frequencies> unit_counts;
  for (std::size_t unit = 0; unit < plan.units.size(); ++unit) {
    VIGIE_ASSIGN(const UnitWords* words, words_of(plan.units[unit]));
    VIGIE_TRY(count_words(*words, documents, unit_counts));
    if (unit == 0) {
      counts.swap(unit_counts);
      continue;
    }
    for (std::size_t j = 0; j < counts.size(); ++j) {
      for (std::size_t field = 0; field < 2; ++field)
        counts[j][field] = std::min(counts[j][field], unit_counts[j][field]);
    }
  }
  return {};
}

Result<void> Evaluator::score(const Documents& documents, const Statistics& statistics,
                              std::vector<double>& scores) {
  scores.assign(documents.size(), 0.0);
  const auto total = static_cast<double>(std::max<std::uint64_t>(statistics.documents, 1));
  const double average[2] = {std::max(1.0, static_cast<double>(statistics.length[0]) / total),
                             std::max(1.0, static_cast<double>(statistics.length[1]) / total)};
  LeafFrequencies frequencies(statistics);
  std::vector<segments::Frequencies> counts;
  for (std::uint32_t i = 0; i < plan_.nodes.size(); ++i) {
    const query::Node& node = plan_.query->nodes[i];
    if (!plan_.nodes[i].scored) continue;
    const double frequency = frequencies.next(plan_.nodes[i]);
    VIGIE_TRY(count_leaf(i, documents, counts));
    const double rarity = std::log(1.0 + (total - frequency + 0.5) / (frequency + 0.5));
    for (std::size_t j = 0; j < documents.size(); ++j) {
      if (node.scope == query::Scope::kTitle) counts[j][1] = 0;
      const double weight = segments::weight_of(
          counts[j], {columns_.length[0][documents[j]], columns_.length[1][documents[j]]}, average);
      if (weight > 0) scores[j] += rarity * weight * (kK1 + 1) / (kK1 + weight);
    }
  }
  return {};
}

}  // namespace vigie::indexer
