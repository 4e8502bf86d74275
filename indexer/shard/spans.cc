#include "indexer/shard/spans.h"

#include <algorithm>

namespace vigie::indexer {

using Kind = query::Node::Kind;

Result<SpanReader> SpanReader::open(Evaluator& evaluator, std::uint32_t node) {
  SpanReader out;
  out.columns_ = evaluator.columns();
  VIGIE_TRY(out.add(evaluator, node));
  return out;
}

Result<void> SpanReader::add(Evaluator& evaluator, std::uint32_t node) {
  const query::Node& said = evaluator.plan().query->nodes[node];
  const PlanNode& plan = evaluator.plan().nodes[node];
  title_ = said.scope == query::Scope::kTitle;
  length_ = plan.words;
  if (said.kind == Kind::kOr) {
    for (std::uint32_t child : said.children) {
      VIGIE_ASSIGN(auto reader, open(evaluator, child));
      children_.push_back(std::move(reader));
    }
    return {};
  }
  const auto unit = [&](std::uint32_t offset, const UnitWords& words) {
    units_.emplace_back();
    units_.back().offset = offset;
    for (const UnitWord& word : words.lists)
      units_.back().words.push_back({PlaceCursor(word.list), word.stems});
  };
  if (said.kind == Kind::kPrefix) {
    VIGIE_ASSIGN(const UnitWords* words, evaluator.prefix_words(node));
    unit(0, *words);
  }
  for (const PlanUnit& one : plan.units) {
    VIGIE_ASSIGN(const UnitWords* words, evaluator.words_of(one));
    unit(one.offset, *words);
  }
  return {};
}

Result<void> SpanReader::read_leaf(std::uint32_t document, Spans& out) {
  for (Unit& unit : units_) {
    for (auto& field : unit.found) field.clear();
    for (Word& word : unit.words) {
      if ((word.stems >> columns_.stem_numbers[document] & 1) != 0)
        VIGIE_TRY(word.places.read(document, unit.found));
    }
    if (unit.words.size() > 1) {
      for (auto& field : unit.found) std::sort(field.begin(), field.end());
    }
  }
  // First positions p of a run: every unit stands at p + its offset.
  for (std::size_t field = 0; field < (title_ ? 1U : 2U); ++field) {
    for (std::uint32_t at : units_[0].found[field]) {
      if (at < units_[0].offset) continue;
      const std::uint32_t start = at - units_[0].offset;
      const bool all = std::all_of(units_.begin() + 1, units_.end(), [&](const Unit& unit) {
        return std::binary_search(unit.found[field].begin(), unit.found[field].end(),
                                  start + unit.offset);
      });
      if (all) out[field].push_back({start, start + length_ - 1});
    }
  }
  return {};
}

Result<void> SpanReader::read(std::uint32_t document, Spans& out) {
  for (auto& field : out) field.clear();
  if (!units_.empty()) return read_leaf(document, out);
  Spans found;
  for (SpanReader& child : children_) {
    VIGIE_TRY(child.read(document, found));
    for (std::size_t field = 0; field < 2; ++field)
      out[field].insert(out[field].end(), found[field].begin(), found[field].end());
  }
  for (auto& field : out) {
    std::sort(field.begin(), field.end(), [](const Span& a, const Span& b) {
      return a.first != b.first ? a.first < b.first : a.last < b.last;
    });
  }
  return {};
}

}  // namespace vigie::indexer
