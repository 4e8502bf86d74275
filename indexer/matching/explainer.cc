#include "indexer/matching/explainer.h"

#include <algorithm>

#include "indexer/matching/packed_query.h"
#include "indexer/matching/wire.h"

namespace vigie::indexer::matching {
namespace {

using analysis::kFields;

constexpr std::size_t kMaxEvidence = 16;
constexpr std::size_t kSnippetBytes = 280;

std::uint64_t key_of(const Step& step) {
  return static_cast<std::uint64_t>(step.operation) << 40 |
         static_cast<std::uint64_t>(step.fields) << 32 | step.argument;
}

}  // namespace

std::vector<Found> Explainer::look(const Step& step) {
  const Document::Impl& document = document_.impl();
  if (step.operation == Step::Operation::kComplex) {
    const query::Query& query = compiler_.complex_leaves()[step.argument]->query;
    return query.root().kind == query::Node::Kind::kFilter
               ? std::vector<Found>()
               : spans_of_words(query, query.root(), document, kSpansOfSnippet);
  }
  for (const Presence::FilterHit& hit : presence_.filters()) {
    if (hit.atom == step.argument)
      return spans_of_filter(hit.filter, hit.value, document_.article(), document);
  }
  std::vector<Found> out;
  const std::vector<std::uint32_t> forms = presence_.forms_of(step.argument);
  for (std::size_t field = 0; field < kFields; ++field) {
    if ((step.fields >> field & 1) != 0)
      add_spans(positions_of(forms, document, field), field, document, kSpansOfSnippet, out);
  }
  sort(out);
  return out;
}

const Explainer::Spans& Explainer::spans_of(const Step& step) {
  const auto [place, fresh] = spans_.try_emplace(key_of(step));
  Spans& spans = place->second;
  if (fresh) {
    spans.found = look(step);
    spans.first_shown = static_cast<std::uint32_t>(shown_.size());
    shown_.resize(shown_.size() + spans.found.size());
  }
  return spans;
}

std::string_view Explainer::shown(const Spans& spans, const Found& found) {
  Shown& shown = shown_[spans.first_shown + static_cast<std::size_t>(&found - spans.found.data())];
  if (shown.size == 0) {
    const Document::Impl& document = document_.impl();
    std::string span;
    wire::text(v1::Span::kFieldFieldNumber, found.field == 0 ? "title" : "text", span);
    wire::number(v1::Span::kOffsetFieldNumber, found.offset, span);
    wire::number(v1::Span::kLengthFieldNumber, found.length, span);
    wire::text(v1::Span::kRuleFieldNumber, found.rule, span);
    shown.begin = static_cast<std::uint32_t>(bytes_.size());
    wire::message(v1::Evidence::kSpanFieldNumber, span, bytes_);
    wire::text(v1::Evidence::kTextFieldNumber, words_of(document, found), bytes_);
    wire::text(v1::Evidence::kSentenceFieldNumber, sentence_of(document, found), bytes_);
    shown.size = static_cast<std::uint32_t>(bytes_.size()) - shown.begin;
  }
  return std::string_view(bytes_).substr(shown.begin, shown.size);
}

const std::string& Explainer::snippet_from(std::size_t begin) {
  const auto [place, fresh] = snippets_.try_emplace(begin);
  if (fresh) place->second = cut_snippet(document_.impl(), begin, kSnippetBytes, {}).text;
  return place->second;
}

void Explainer::write(const std::vector<AnsweringLeaf>& leaves, std::string_view packed,
                      std::string& out) {
  parts_.clear();
  of_part_.clear();
  for (const AnsweringLeaf& leaf : leaves) {
    const Spans& spans = spans_of(leaf.step);
    if (spans.found.empty()) continue;
    parts_.push_back({leaf.node, spans.found});
    of_part_.push_back(&spans);
  }
  auto chosen = choose(parts_, kSpansOfSnippet);
  entry_.clear();
  wire::text(v1::ArticleSummary::kSnippetFieldNumber,
             snippet_from(snippet_begin(document_.impl(), chosen, kSnippetBytes)), entry_);
  wire::message(v1::MatchRecord::kArticleFieldNumber, entry_, out);
  if (chosen.size() > kMaxEvidence) chosen = choose(parts_, kMaxEvidence);
  const Clauses clauses(packed);
  for (const Chosen& one : chosen) {
    entry_ = shown(*of_part_[one.part], *one.found);
    const auto [begin, end] = clauses.of(parts_[one.part].node);
    wire::text(v1::Evidence::kClauseFieldNumber, clause_of(clauses.text(), begin, end), entry_);
    wire::message(v1::MatchRecord::kEvidenceFieldNumber, entry_, out);
  }
}

}  // namespace vigie::indexer::matching
