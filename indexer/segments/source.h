#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/analysis/analysis.h"
#include "indexer/segments/columns.h"
#include "indexer/segments/postings.h"
#include "platform/result/result.h"
#include "proto/article.pb.h"

/// What a query is evaluated against: the live head and every sealed segment alike.
namespace vigie::indexer::segments {

/// Keys: of a word or a bigram, of a stem, and of the value of a filter (format.h).
std::string word_key(std::string_view form);
std::string stem_key(std::string_view stem);

/// What a filter posting says.
enum class Attribute : char {
  kTopicAbout = 'T',
  kTopicMention = 't',
  kActorAbout = 'A',
  kActorMention = 'a',
  kLanguage = 'l',
  kCountry = 'c',
  kSourceName = 'n',  // any words in a row of its name or id
  kSite = 'h',
  kAuthor = 'u',
  kSection = 'e',
  kKind = 'k',
  kAffiliation = 'f',
  kType = 'g',
};
std::string filter_key(Attribute attribute, std::string_view value);
/// Every filter key of an article.
std::vector<std::string> filter_keys(const analysis::Attributes& article);

/// A list that was found: packed where it lies in a segment, or the postings of a head.
struct OpenList {
  List packed;
  std::shared_ptr<const LooseList> loose;  // instead
  /// No document weighs more under the averages `average`.
  double weight = 0;
  double average[2] = {1, 1};
  std::uint32_t documents() const { return loose ? loose->documents : packed.documents; }
};

/// A stem in one source.
struct Stem {
  /// By language; none where no document holds a word of that stem.
  std::vector<StemGroup> groups;
  /// A term whose list has every document that holds any of the words in the language that names
  /// it, each with the sum of their frequencies; nothing where stems have no lists.
  std::optional<std::uint32_t> list;
};

/// Documents are numbered from 0 in order of arrival. All lists ascend. Errors: kStop io, corrupt.
class Source {
 public:
  virtual ~Source() = default;
  virtual Columns columns() const = 0;
  /// The number of a key's list or stem in this source, good until it is written to.
  virtual std::optional<std::uint32_t> term(std::string_view key) const = 0;
  virtual std::string_view key(std::uint32_t term) const = 0;
  virtual Result<std::uint32_t> document_frequency(std::uint32_t term) const = 0;
  /// `placed`: positions will be asked for.
  virtual Result<void> open(std::uint32_t term, bool placed, OpenList& out) const = 0;
  /// The same by key; 0, and false, where no document holds it.
  Result<std::uint32_t> document_frequency(std::string_view key) const;
  Result<bool> open(std::string_view key, bool placed, OpenList& out) const;
  /// Whether stems have lists.
  virtual bool lists_stems() const = 0;
  /// Replaces. `words`: whether those of the groups are wanted; without them groups of a stem that
  /// has a list name none that may be used.
  virtual Result<void> stem(std::string_view key, bool words, Stem& out) const = 0;
  /// Keys that begin with the prefix, in no order. Errors: kQuarantine prefix_too_broad beyond the
  /// limit.
  virtual Result<std::vector<std::string>> keys(std::string_view prefix,
                                                std::size_t limit) const = 0;
  /// Lives as long as the source.
  virtual Result<std::shared_ptr<const FacetColumn>> facet(FacetField field) const = 0;
};

/// An article ready to be added to a head; made outside its lock.
struct Analysed {
  /// A distinct word or bigram and where it stands: positions of title, then of text.
  struct Word {
    std::string form;
    Frequencies frequencies{};
    std::vector<std::uint32_t> positions;
  };
  std::vector<Word> words;
  std::uint32_t length[analysis::kFields] = {0, 0};  // tokens
  std::string stem_language;                         // empty: none
  analysis::Attributes attributes;
  std::string article_id;
};
Analysed analyse(const v1::ArticleRecord& article);
/// The same of what was prepared of it.
Analysed analyse(const v1::ArticleRecord& article, analysis::Prepared prepared);

}  // namespace vigie::indexer::segments
