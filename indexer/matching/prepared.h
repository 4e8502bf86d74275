#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/analysis/analysis.h"
#include "indexer/matching/matcher.h"
#include "indexer/matching/text_table.h"
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
  /// `prepared` must outlive it.
  Impl(const v1::ArticleRecord& article, const analysis::Prepared& prepared);

  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// One distinct form and where it stands: positions[field][begin, end).
  struct Form {
    std::string_view form;
    std::uint64_t hash = 0;  // TextTable::hash_of
    std::string stem;        // in the language of the article; empty where none
    std::uint32_t begin[analysis::kFields] = {0, 0};
    std::uint32_t end[analysis::kFields] = {0, 0};
  };

 private:
  const std::optional<analysis::Prepared> own_;  // where nobody else has it

 public:
  std::string_view fields[analysis::kFields];
  const analysis::Attributes& attributes;
  std::string stems_in;
  std::span<const analysis::Token> tokens[analysis::kFields];
  std::vector<std::uint32_t> positions[analysis::kFields];
  std::vector<Form> forms;

  /// The number of a form; kNone.
  std::uint32_t form_id(std::string_view form) const {
    return slots_[slot_of(form, TextTable::hash_of(form))];
  }
  /// Forms that a word of a query stands for: itself and, with stems, those of the same stem.
  std::vector<std::uint32_t> forms_for(std::string_view form, bool with_stems) const;
  /// Sentences of a field; found once.
  const std::vector<text::Sentence>& sentences(std::size_t field) const;

 private:
  Impl(const v1::ArticleRecord& article, std::optional<analysis::Prepared> own,
       const analysis::Prepared* prepared);
  void number_forms();
  /// Of the form, or the free one where it belongs.
  std::size_t slot_of(std::string_view form, std::uint64_t hash) const;
  /// Forms that have a stem, in the order of stems; found once.
  const std::vector<std::uint32_t>& by_stem() const;

  std::vector<std::uint32_t> slots_;  // a power of two, at most half of them taken

  mutable std::once_flag by_stem_once_;
  mutable std::vector<std::uint32_t> by_stem_;
  mutable std::once_flag sentences_once_[analysis::kFields];
  mutable std::vector<text::Sentence> sentences_[analysis::kFields];
};

/// Where forms stand in a field, in order, each place once.
std::vector<WordSpan> positions_of(const std::vector<std::uint32_t>& forms,
                                   const Document::Impl& document, std::size_t field);
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
/// The truth of every node.
std::vector<char> truths(const query::Query& query, const Document::Impl& document,
                         std::int64_t now_unix_ms, std::string_view story_id,
                         std::string_view event_id);

}  // namespace vigie::indexer::matching
