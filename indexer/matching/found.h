#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/matching/prepared.h"

/// Where an article answers the parts of a query, and what is shown of that. Private to
/// indexer/matching.
namespace vigie::indexer::matching {

/// A span of a stored field that answers a part of a query.
struct Found {
  std::uint32_t field = 0;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::string_view rule;  // of the article's tag
};

/// A part of a query and the spans that answer it, in order of field and offset.
struct Part {
  std::uint32_t node = 0;
  std::span<const Found> found;
};

/// A span that is shown, and the part that it answers.
struct Chosen {
  const Found* found = nullptr;
  std::uint32_t part = 0;
};

// Of these the snippet is chosen, whatever is asked of evidence.
inline constexpr std::size_t kSpansOfSnippet = 64;

/// Spans of a kFilter over topics and actors, in order; none of any other.
std::vector<Found> spans_of_filter(query::Filter filter, std::string_view value,
                                   const v1::ArticleRecord& article,
                                   const Document::Impl& document);
/// Spans of any other leaf, at most `limit`, in order.
std::vector<Found> spans_of_words(const query::Query& query, const query::Node& node,
                                  const Document::Impl& document, std::size_t limit);
/// The same of words that were found already.
void add_spans(const std::vector<WordSpan>& words, std::size_t field,
               const Document::Impl& document, std::size_t limit, std::vector<Found>& out);
/// In order of field and offset, the longer first.
void sort(std::vector<Found>& found);

/// Takes from each part of the query in turn, so that a frequent word does not push out the others;
/// overlapping spans count once. In order of field and offset.
std::vector<Chosen> choose(std::span<const Part> parts, std::size_t limit);

/// The text of a span, cut.
std::string words_of(const Document::Impl& document, const Found& found);
/// The sentence around a span; of a long one what lies around the span.
std::string sentence_of(const Document::Impl& document, const Found& found);
/// What a user typed, cut.
std::string clause_of(std::string_view query_text, std::uint32_t begin, std::uint32_t end);

/// Where in the text the snippet begins that shows most parts of the query.
std::size_t snippet_begin(const Document::Impl& document, std::span<const Chosen> chosen,
                          std::size_t max_bytes);
/// The snippet from there on.
Snippet cut_snippet(const Document::Impl& document, std::size_t begin, std::size_t max_bytes,
                    std::span<const Chosen> highlighted);

}  // namespace vigie::indexer::matching
