#include "indexer/matching/found.h"

#include <algorithm>
#include <numeric>

#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::matching {
namespace {

using analysis::kFields;
using query::Filter;
using query::Node;
using query::Query;
using Kind = query::Node::Kind;
using text::ascii::is_space;

// a longer one is cut around the words: a match record stays small
constexpr std::size_t kMaxSentenceBytes = 600;
constexpr std::size_t kMaxWordsBytes = 300;  // of one evidence
constexpr std::size_t kMaxClauseBytes = 200;

bool before(const Found& a, const Found& b) {
  if (a.field != b.field) return a.field < b.field;
  if (a.offset != b.offset) return a.offset < b.offset;
  return a.length > b.length;
}

bool inside(std::string_view field, const v1::Span& span) {
  const std::uint64_t end = std::uint64_t{span.offset()} + span.length();
  if (span.length() == 0 || end > field.size()) return false;
  const auto at_character = [&](std::size_t at) {
    return at == field.size() || (static_cast<unsigned char>(field[at]) & 0xC0) != 0x80;
  };
  return at_character(span.offset()) && at_character(end);
}

void add_tag_spans(const v1::Tag& tag, const Document::Impl& document, std::vector<Found>& out) {
  for (const v1::Span& span : tag.evidence()) {
    const std::uint32_t field = span.field() == "title" ? 0 : 1;
    if (span.field() != "title" && span.field() != "text") continue;
    if (inside(document.fields[field], span))
      out.push_back({field, span.offset(), span.length(), span.rule()});
  }
}

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

/// The span to show: where most parts of the query come together within one snippet.
const Found* best_of(std::span<const Chosen> chosen, std::size_t max_bytes) {
  const Found* best = nullptr;
  std::size_t most = 0;
  std::vector<std::uint32_t> parts;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const Found& first = *chosen[i].found;
    if (first.field != 1) continue;
    parts.clear();
    for (std::size_t j = i;
         j < chosen.size() &&
         chosen[j].found->offset + chosen[j].found->length <= first.offset + max_bytes;
         ++j) {
      if (std::find(parts.begin(), parts.end(), chosen[j].part) == parts.end())
        parts.push_back(chosen[j].part);
    }
    if (best == nullptr || parts.size() > most) {
      best = &first;
      most = parts.size();
    }
  }
  return best;
}

}  // namespace

void sort(std::vector<Found>& found) { std::sort(found.begin(), found.end(), before); }

std::vector<Found> spans_of_filter(Filter filter, std::string_view value,
                                   const v1::ArticleRecord& article,
                                   const Document::Impl& document) {
  std::vector<Found> out;
  const auto scan = [&](const auto& tags) {
    for (const v1::Tag& tag : tags) {
      const bool about = tag.level() == v1::TAG_LEVEL_ABOUT;
      const bool level = filter == Filter::kAbout     ? about
                         : filter == Filter::kMention ? !about
                                                      : true;
      if (level && analysis::is_tag_of(tag.id(), value)) add_tag_spans(tag, document, out);
    }
  };
  const bool topics =
      filter == Filter::kTopic || filter == Filter::kAbout || filter == Filter::kMention;
  const bool actors = filter == Filter::kActor ||
                      (value != "*" && (filter == Filter::kAbout || filter == Filter::kMention));
  if (topics) scan(article.topics());
  if (actors) scan(article.actors());
  sort(out);
  return out;
}

void add_spans(const std::vector<WordSpan>& words, std::size_t field,
               const Document::Impl& document, std::size_t limit, std::vector<Found>& out) {
  for (const WordSpan& span : words) {
    if (out.size() >= limit) return;
    const analysis::Token& first = document.tokens[field][span.first];
    const analysis::Token& last = document.tokens[field][span.last];
    out.push_back({static_cast<std::uint32_t>(field),
                   first.offset,
                   last.offset + last.length - first.offset,
                   {}});
  }
}

std::vector<Found> spans_of_words(const Query& query, const Node& node,
                                  const Document::Impl& document, std::size_t limit) {
  std::vector<Found> out;
  for (std::size_t field = 0; field < kFields && out.size() < limit; ++field) {
    add_spans(node.kind == Kind::kNear ? find_near(query, node, document, field, limit)
                                       : find_spans(query, node, document, field, limit),
              field, document, limit, out);
  }
  sort(out);
  return out;
}

std::vector<Chosen> choose(std::span<const Part> parts, std::size_t limit) {
  std::vector<Chosen> chosen;
  const auto overlaps = [&](const Found& candidate) {
    return std::any_of(chosen.begin(), chosen.end(), [&](const Chosen& one) {
      const Found& other = *one.found;
      return other.field == candidate.field && candidate.offset < other.offset + other.length &&
             other.offset < candidate.offset + candidate.length;
    });
  };
  for (std::size_t turn = 0, left = 1; left > 0 && chosen.size() < limit; ++turn) {
    left = 0;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (turn >= parts[part].found.size()) continue;
      ++left;
      const Found& candidate = parts[part].found[turn];
      if (chosen.size() < limit && !overlaps(candidate))
        chosen.push_back({&candidate, static_cast<std::uint32_t>(part)});
    }
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const Chosen& a, const Chosen& b) { return before(*a.found, *b.found); });
  return chosen;
}

std::string words_of(const Document::Impl& document, const Found& found) {
  return text::ellipsize(document.fields[found.field].substr(found.offset, found.length),
                         kMaxWordsBytes);
}

std::string sentence_of(const Document::Impl& document, const Found& found) {
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
  if (cut_before) out.insert(0, "… ");
  if (cut_behind) out += " …";
  return out;
}

std::string clause_of(std::string_view query_text, std::uint32_t begin, std::uint32_t end) {
  return text::ellipsize(query_text.substr(begin, end - begin), kMaxClauseBytes);
}

std::size_t snippet_begin(const Document::Impl& document, std::span<const Chosen> chosen,
                          std::size_t max_bytes) {
  const Found* const best = best_of(chosen, max_bytes);
  if (best == nullptr) return 0;
  const std::size_t begin = sentence_around(document, 1, best->offset).begin;
  if (best->offset + best->length <= begin + max_bytes) return begin;
  return std::min<std::size_t>(
      word_begin(document.fields[1],
                 best->offset - std::min<std::size_t>(max_bytes / 4, best->offset)),
      best->offset);
}

Snippet cut_snippet(const Document::Impl& document, std::size_t begin, std::size_t max_bytes,
                    std::span<const Chosen> highlighted) {
  const std::string_view field = document.fields[1];
  const std::size_t end = std::max(begin, word_end(field, begin + max_bytes));
  Snippet out;
  if (begin > 0) out.text = "… ";
  out.text.reserve(end - begin + 2 * sizeof("… "));
  std::vector<std::uint32_t> place(highlighted.empty() ? 0 : end - begin + 1);
  for (std::size_t i = begin; i < end;) {
    const std::size_t word = i;
    while (i < end && !is_space(field[i])) ++i;
    if (!place.empty())
      std::iota(&place[word - begin], &place[i - begin],
                static_cast<std::uint32_t>(out.text.size()));
    out.text.append(field, word, i - word);
    const bool behind_word = i > word;
    for (const std::size_t gap = i; i < end && is_space(field[i]); ++i) {
      if (!place.empty()) place[i - begin] = static_cast<std::uint32_t>(out.text.size());
      if (behind_word && i == gap) out.text += ' ';
    }
  }
  while (!out.text.empty() && out.text.back() == ' ') out.text.pop_back();
  if (!place.empty()) place[end - begin] = static_cast<std::uint32_t>(out.text.size());
  for (const Chosen& one : highlighted) {
    const Found& span = *one.found;
    if (span.field != 1 || span.offset < begin || span.offset + span.length > end) continue;
    const std::uint32_t from = place[span.offset - begin];
    const std::uint32_t to = std::min(place[span.offset + span.length - begin],
                                      static_cast<std::uint32_t>(out.text.size()));
    if (to > from) out.highlights.emplace_back(from, to - from);
  }
  if (end < field.size()) out.text += " …";
  return out;
}

}  // namespace vigie::indexer::matching
