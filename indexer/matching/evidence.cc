#include <algorithm>

#include "indexer/matching/found.h"
#include "indexer/matching/matcher.h"

namespace vigie::indexer::matching {
namespace {

using query::Node;
using query::Query;
using Kind = query::Node::Kind;

/// The true leaves that make the query true: everything under AND, the true branches of OR, nothing
/// under NOT.
std::vector<std::uint32_t> answering_leaves(const Query& query, const std::vector<char>& truth) {
  std::vector<char> active(query.nodes.size(), 0);
  std::vector<std::uint32_t> leaves;
  if (query.nodes.empty() || truth.back() == 0) return leaves;
  active.back() = 1;
  for (std::size_t i = query.nodes.size(); i-- > 0;) {
    const Node& node = query.nodes[i];
    if (active[i] == 0 || truth[i] == 0) continue;
    if (node.kind == Kind::kAnd || node.kind == Kind::kOr) {
      for (std::uint32_t child : node.children) active[child] = 1;
    } else if (node.kind != Kind::kNot && node.kind != Kind::kAll) {
      leaves.push_back(static_cast<std::uint32_t>(i));
    }
  }
  std::reverse(leaves.begin(), leaves.end());
  return leaves;
}

/// For each part of a query the spans that answer it.
class Answers {
 public:
  Answers(const Query& query, const Document& document, std::size_t limit) {
    const auto truth = truths(query, document.impl(), 0, kAnyStory, kAnyStory);
    for (std::uint32_t leaf : answering_leaves(query, truth)) {
      const Node& node = query.nodes[leaf];
      auto spans = node.kind == Kind::kFilter ? spans_of_filter(node.filter, node.value,
                                                                document.article(), document.impl())
                                              : spans_of_words(query, node, document.impl(), limit);
      if (spans.empty()) continue;
      nodes_.push_back(leaf);
      spans_.push_back(std::move(spans));
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) parts_.push_back({nodes_[i], spans_[i]});
  }
  std::span<const Part> parts() const { return parts_; }

 private:
  std::vector<std::uint32_t> nodes_;
  std::vector<std::vector<Found>> spans_;
  std::vector<Part> parts_;
};

}  // namespace

std::vector<v1::Evidence> evidence(const Query& query, const Document& document,
                                   std::size_t limit) {
  const Answers answers(query, document, limit);
  std::vector<v1::Evidence> out;
  for (const Chosen& chosen : choose(answers.parts(), limit)) {
    const Found& found = *chosen.found;
    const Node& node = query.nodes[answers.parts()[chosen.part].node];
    v1::Evidence& entry = out.emplace_back();
    entry.mutable_span()->set_field(found.field == 0 ? "title" : "text");
    entry.mutable_span()->set_offset(found.offset);
    entry.mutable_span()->set_length(found.length);
    entry.mutable_span()->set_rule(std::string(found.rule));
    entry.set_text(words_of(document.impl(), found));
    entry.set_sentence(sentence_of(document.impl(), found));
    entry.set_clause(clause_of(query.text, node.begin, node.end));
  }
  return out;
}

Snippet snippet(const Query& query, const Document& document, std::size_t max_bytes) {
  const Answers answers(query, document, kSpansOfSnippet);
  const auto chosen = choose(answers.parts(), kSpansOfSnippet);
  return cut_snippet(document.impl(), snippet_begin(document.impl(), chosen, max_bytes), max_bytes,
                     chosen);
}

v1::ArticleSummary summarize(const v1::ArticleRecord& article, std::string_view snippet_text,
                             std::string_view story_id, std::string_view event_id) {
  v1::ArticleSummary out;
  out.set_article_id(article.article_id());
  out.set_url(article.canonical_url().empty() ? article.url() : article.canonical_url());
  out.set_title(article.title());
  out.set_snippet(std::string(snippet_text));
  out.set_language(article.language());
  out.set_genre(article.genre());
  *out.mutable_source() = article.source();
  if (article.has_published() && article.published().precision() != v1::DATE_PRECISION_NONE) {
    out.set_published_unix_ms(article.published().unix_ms());
    out.set_published(article.published().text());
  }
  out.set_discovered_at_unix_ms(article.discovered_at_unix_ms());
  const auto without_evidence = [](const auto& from, auto* to) {
    for (const v1::Tag& tag : from) {
      v1::Tag* copy = to->Add();
      copy->set_id(tag.id());
      copy->set_level(tag.level());
      copy->set_score(tag.score());
    }
  };
  without_evidence(article.topics(), out.mutable_topics());
  without_evidence(article.actors(), out.mutable_actors());
  out.set_story_id(std::string(story_id));
  out.set_event_id(std::string(event_id));
  return out;
}

}  // namespace vigie::indexer::matching
