#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/analysis/analysis.h"
#include "indexer/matching/matcher.h"
#include "platform/text/words.h"

/// What Document keeps of an article: its words by form and by stem. Private to indexer/matching.
namespace vigie::indexer::matching {

/// Stands for whichever story or event a query names: evidence is looked for in articles that were
/// found already.
inline constexpr std::string_view kAnyStory = "*";

/// Consecutive words of one field, by position.
struct WordSpan {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  friend bool operator==(const WordSpan&, const WordSpan&) = default;
};

struct Document::Impl {
  explicit Impl(const v1::ArticleRecord& article);

  /// One distinct form and where it stands: positions_[field][begin, end).
  struct Form {
    std::string_view form;
    std::string stem;  // in the language of the article; empty where none
    std::uint32_t begin[analysis::kFields] = {0, 0};
    std::uint32_t end[analysis::kFields] = {0, 0};
  };

  std::string_view fields[analysis::kFields];
  analysis::Attributes attributes;
  std::string stems_in;
  std::vector<analysis::Token> tokens[analysis::kFields];
  std::vector<std::uint32_t> positions[analysis::kFields];
  std::vector<Form> forms;
  std::unordered_map<std::string_view, std::uint32_t> form_ids;

  /// Forms that a word of a query stands for: itself and, with stems, those of the same stem.
  std::vector<std::uint32_t> forms_for(std::string_view form, bool with_stems) const;
  /// Sentences of a field; found once.
  const std::vector<text::Sentence>& sentences(std::size_t field) const;

 private:
  /// Forms that have a stem, in the order of stems; found once.
  const std::vector<std::uint32_t>& by_stem() const;

  mutable std::once_flag by_stem_once_;
  mutable std::vector<std::uint32_t> by_stem_;
  mutable std::once_flag sentences_once_[analysis::kFields];
  mutable std::vector<text::Sentence> sentences_[analysis::kFields];
};

/// Where a kWord, kPhrase, kPrefix or a kOr of these stands in a field, in order of the first
/// position; at most `limit`.
std::vector<WordSpan> find_spans(const query::Query& query, const query::Node& node,
                                 const Document::Impl& document, std::size_t field,
                                 std::size_t limit);
/// The spans that make a kNear true.
std::vector<WordSpan> find_near(const query::Query& query, const query::Node& node,
                                const Document::Impl& document, std::size_t field,
                                std::size_t limit);
/// Whether a leaf (kWord, kPhrase, kPrefix, kNear, kFilter) holds.
bool leaf_holds(const query::Query& query, const query::Node& node, const Document::Impl& document,
                std::int64_t now_unix_ms, std::string_view story_id, std::string_view event_id);
/// evidence() and snippet() in one go, for less than the two apart.
struct Explanation {
  std::vector<v1::Evidence> evidence;
  Snippet snippet;
};
Explanation explain(const query::Query& query, const Document& document, std::size_t evidence_limit,
                    std::size_t snippet_bytes);
/// The truth of every node.
std::vector<char> truths(const query::Query& query, const Document::Impl& document,
                         std::int64_t now_unix_ms, std::string_view story_id,
                         std::string_view event_id);

}  // namespace vigie::indexer::matching
