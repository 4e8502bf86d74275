#include <algorithm>

#include "indexer/matching/prepared.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::matching {
namespace {

using analysis::kFields;
using query::Filter;
using query::Node;
using query::Query;
using Kind = query::Node::Kind;

// a longer one is cut around the words: a match record stays small
constexpr std::size_t kMaxSentenceBytes = 600;
constexpr std::size_t kMaxWordsBytes = 300;  // of one evidence
constexpr std::size_t kMaxClauseBytes = 200;

/// A span of a stored field and the part of the query it answers.
struct Found {
  std::size_t field = 0;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::uint32_t node = 0;
  std::string rule;
};

bool before(const Found& a, const Found& b) {
  if (a.field != b.field) return a.field < b.field;
  if (a.offset != b.offset) return a.offset < b.offset;
  return a.length > b.length;
}

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

bool inside(std::string_view field, const v1::Span& span) {
  const std::uint64_t end = std::uint64_t{span.offset()} + span.length();
  if (span.length() == 0 || end > field.size()) return false;
  const auto at_character = [&](std::size_t at) {
    return at == field.size() || (static_cast<unsigned char>(field[at]) & 0xC0) != 0x80;
  };
  return at_character(span.offset()) && at_character(end);
}

void add_tag_spans(const v1::Tag& tag, std::uint32_t node, const Document::Impl& document,
                   std::vector<Found>& out) {
  for (const v1::Span& span : tag.evidence()) {
    const std::size_t field = span.field() == "title" ? 0 : 1;
    if (span.field() != "title" && span.field() != "text") continue;
    if (inside(document.fields[field], span))
      out.push_back({field, span.offset(), span.length(), node, span.rule()});
  }
}

std::vector<Found> spans_of_filter(const Node& node, std::uint32_t index,
                                   const Document& document) {
  std::vector<Found> out;
  const auto scan = [&](const auto& tags) {
    for (const v1::Tag& tag : tags) {
      const bool about = tag.level() == v1::TAG_LEVEL_ABOUT;
      const bool level = node.filter == Filter::kAbout     ? about
                         : node.filter == Filter::kMention ? !about
                                                           : true;
      if (level && analysis::is_tag_of(tag.id(), node.value))
        add_tag_spans(tag, index, document.impl(), out);
    }
  };
  const bool topics = node.filter == Filter::kTopic || node.filter == Filter::kAbout ||
                      node.filter == Filter::kMention;
  const bool actors =
      node.filter == Filter::kActor ||
      (node.value != "*" && (node.filter == Filter::kAbout || node.filter == Filter::kMention));
  if (topics) scan(document.article().topics());
  if (actors) scan(document.article().actors());
  return out;
}

std::vector<Found> spans_of_words(const Query& query, std::uint32_t index,
                                  const Document::Impl& document, std::size_t limit) {
  const Node& node = query.nodes[index];
  std::vector<Found> out;
  for (std::size_t field = 0; field < kFields && out.size() < limit; ++field) {
    const auto spans = node.kind == Kind::kNear ? find_near(query, node, document, field, limit)
                                                : find_spans(query, node, document, field, limit);
    for (const WordSpan& span : spans) {
      const analysis::Token& first = document.tokens[field][span.first];
      const analysis::Token& last = document.tokens[field][span.last];
      out.push_back({field, first.offset, last.offset + last.length - first.offset, index, {}});
      if (out.size() >= limit) break;
    }
  }
  return out;
}

/// Takes from each part of the query in turn, so that a frequent word does not push out the others;
/// overlapping spans count once.
std::vector<Found> choose(std::vector<std::vector<Found>> parts, std::size_t limit) {
  std::vector<Found> chosen;
  const auto overlaps = [&](const Found& candidate) {
    return std::any_of(chosen.begin(), chosen.end(), [&](const Found& other) {
      return other.field == candidate.field && candidate.offset < other.offset + other.length &&
             other.offset < candidate.offset + candidate.length;
    });
  };
  for (std::size_t turn = 0, left = 1; left > 0 && chosen.size() < limit; ++turn) {
    left = 0;
    for (std::vector<Found>& part : parts) {
      if (turn >= part.size()) continue;
      ++left;
      if (chosen.size() < limit && !overlaps(part[turn])) chosen.push_back(std::move(part[turn]));
    }
  }
  std::sort(chosen.begin(), chosen.end(), before);
  return chosen;
}

/// For each part of the query the spans that answer it, at most `limit`.
std::vector<std::vector<Found>> answers(const Query& query, const Document& document,
                                        std::size_t limit) {
  const auto truth = truths(query, document.impl(), 0, kAnyStory, kAnyStory);
  std::vector<std::vector<Found>> parts;
  for (std::uint32_t leaf : answering_leaves(query, truth)) {
    auto spans = query.nodes[leaf].kind == Kind::kFilter
                     ? spans_of_filter(query.nodes[leaf], leaf, document)
                     : spans_of_words(query, leaf, document.impl(), limit);
    std::sort(spans.begin(), spans.end(), before);
    if (!spans.empty()) parts.push_back(std::move(spans));
  }
  return parts;
}

using text::ascii::is_space;

std::size_t character_begin(std::string_view field, std::size_t at) {
  while (at > 0 && at < field.size() && (static_cast<unsigned char>(field[at]) & 0xC0) == 0x80)
    --at;
  return at;
}

/// The beginning of a word near `at`, searching forward at most 40 bytes; else the beginning of the
/// character.
std::size_t word_begin(std::string_view field, std::size_t at) {
  for (std::size_t i = at; i < field.size() && i < at + 40; ++i) {
    if (is_space(field[i])) return i + 1;
  }
  return character_begin(field, at);
}

/// The end of a word at or before `at`, searching back at most 40 bytes; else the beginning of the
/// character there.
std::size_t word_end(std::string_view field, std::size_t at) {
  if (at >= field.size()) return field.size();
  for (std::size_t i = at; i > 0 && i + 40 > at; --i) {
    if (is_space(field[i])) return i;
  }
  return character_begin(field, at);
}

text::Sentence sentence_around(const Document::Impl& document, std::size_t field,
                               std::uint32_t offset) {
  const auto& all = document.sentences(field);
  const auto next =
      std::upper_bound(all.begin(), all.end(), offset,
                       [](std::uint32_t at, const text::Sentence& s) { return at < s.begin; });
  if (next == all.begin()) return {0, static_cast<std::uint32_t>(document.fields[field].size())};
  const text::Sentence& sentence = *std::prev(next);
  return offset < sentence.end
             ? sentence
             : text::Sentence{sentence.begin,
                              static_cast<std::uint32_t>(document.fields[field].size())};
}

std::string sentence_text(const Document::Impl& document, const Found& found) {
  const std::string_view field = document.fields[found.field];
  const text::Sentence sentence = sentence_around(document, found.field, found.offset);
  std::size_t begin = sentence.begin;
  std::size_t end = sentence.end;
  bool cut_before = false;
  bool cut_behind = false;
  if (end - begin > kMaxSentenceBytes) {
    if (found.offset > begin + kMaxSentenceBytes / 3) {
      begin = std::min<std::size_t>(word_begin(field, found.offset - kMaxSentenceBytes / 3),
                                    found.offset);
      cut_before = true;
    }
    if (end > begin + kMaxSentenceBytes) {
      end = word_end(field, begin + kMaxSentenceBytes);
      cut_behind = true;
    }
  }
  std::string out = text::collapse_spaces(field.substr(begin, end - begin));
  return (cut_before ? "… " : "") + out + (cut_behind ? " …" : "");
}

std::string clause_text(const Query& query, const Found& found) {
  const Node& node = query.nodes[found.node];
  return text::ellipsize(std::string_view(query.text).substr(node.begin, node.end - node.begin),
                         kMaxClauseBytes);
}

/// Copies [begin, end) of the text, white space collapsed, with the spans that lie inside.
Snippet cut(std::string_view field, std::size_t begin, std::size_t end,
            const std::vector<Found>& found) {
  Snippet out;
  if (begin > 0) out.text = "… ";
  std::vector<std::uint32_t> place(end - begin + 1);
  bool space = true;
  for (std::size_t i = begin; i < end; ++i) {
    place[i - begin] = static_cast<std::uint32_t>(out.text.size());
    if (!is_space(field[i])) {
      out.text += field[i];
      space = false;
    } else if (!space) {
      out.text += ' ';
      space = true;
    }
  }
  while (!out.text.empty() && out.text.back() == ' ') out.text.pop_back();
  place[end - begin] = static_cast<std::uint32_t>(out.text.size());
  for (const Found& span : found) {
    if (span.field != 1 || span.offset < begin || span.offset + span.length > end) continue;
    const std::uint32_t from = place[span.offset - begin];
    const std::uint32_t to = std::min(place[span.offset + span.length - begin],
                                      static_cast<std::uint32_t>(out.text.size()));
    if (to > from) out.highlights.emplace_back(from, to - from);
  }
  if (end < field.size()) out.text += " …";
  return out;
}

/// The span to show: where most parts of the query come together within one snippet.
const Found* best_of(const std::vector<Found>& found, std::size_t max_bytes) {
  const Found* best = nullptr;
  std::size_t most = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].field != 1) continue;
    std::vector<std::uint32_t> parts;
    for (std::size_t j = i;
         j < found.size() && found[j].offset + found[j].length <= found[i].offset + max_bytes;
         ++j) {
      if (std::find(parts.begin(), parts.end(), found[j].node) == parts.end())
        parts.push_back(found[j].node);
    }
    if (best == nullptr || parts.size() > most) {
      best = &found[i];
      most = parts.size();
    }
  }
  return best;
}

}  // namespace

namespace {

constexpr std::size_t kSpansOfSnippet = 64;

std::vector<v1::Evidence> evidence_of(const Query& query, const Document& document,
                                      std::vector<Found> chosen) {
  std::vector<v1::Evidence> out;
  out.reserve(chosen.size());
  for (Found& found : chosen) {
    v1::Evidence& entry = out.emplace_back();
    entry.mutable_span()->set_field(found.field == 0 ? "title" : "text");
    entry.mutable_span()->set_offset(found.offset);
    entry.mutable_span()->set_length(found.length);
    entry.mutable_span()->set_rule(std::move(found.rule));
    entry.set_text(text::ellipsize(
        document.impl().fields[found.field].substr(found.offset, found.length), kMaxWordsBytes));
    entry.set_sentence(sentence_text(document.impl(), found));
    entry.set_clause(clause_text(query, found));
  }
  return out;
}

Snippet snippet_of(const Document& document, const std::vector<Found>& found,
                   std::size_t max_bytes) {
  const std::string_view field = document.impl().fields[1];
  std::size_t begin = 0;
  if (const Found* best = best_of(found, max_bytes)) {
    begin = sentence_around(document.impl(), 1, best->offset).begin;
    if (best->offset + best->length > begin + max_bytes) {
      begin = std::min<std::size_t>(
          word_begin(field, best->offset - std::min<std::size_t>(max_bytes / 4, best->offset)),
          best->offset);
    }
  }
  return cut(field, begin, std::max(begin, word_end(field, begin + max_bytes)), found);
}

}  // namespace

std::vector<v1::Evidence> evidence(const Query& query, const Document& document,
                                   std::size_t limit) {
  return evidence_of(query, document, choose(answers(query, document, limit), limit));
}

Snippet snippet(const Query& query, const Document& document, std::size_t max_bytes) {
  return snippet_of(document, choose(answers(query, document, kSpansOfSnippet), kSpansOfSnippet),
                    max_bytes);
}

Explanation explain(const Query& query, const Document& document, std::size_t evidence_limit,
                    std::size_t snippet_bytes) {
  const auto parts = answers(query, document, kSpansOfSnippet);
  return {evidence_of(query, document, choose(parts, evidence_limit)),
          snippet_of(document, choose(parts, kSpansOfSnippet), snippet_bytes)};
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
