#pragma once

#include <cstdint>
#include <memory>
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

/// Key of a word, a bigram (kWordKey), or a stem (kStemKey), and of the value of a filter
/// (kFilterKey).
inline constexpr char kWordKey = '\1';
inline constexpr char kStemKey = '\2';
inline constexpr char kFilterKey = '\3';
std::string term_key(std::string_view term);

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
};
std::string filter_key(Attribute attribute, std::string_view value);
/// Every filter key of an article.
std::vector<std::string> filter_keys(const analysis::Attributes& article);

/// Documents are numbered from 0 in order of arrival. All lists ascend. Errors: kStop io, corrupt.
class Source {
 public:
  virtual ~Source() = default;
  virtual const Columns& columns() const = 0;
  virtual Result<std::uint32_t> document_frequency(std::string_view key) const = 0;
  /// Replaces `out`: the documents that hold the key, of those in `among` alone where it is given.
  virtual Result<void> postings(std::string_view key, const std::vector<std::uint32_t>* among,
                                Postings& out) const = 0;
  /// out[i], in size equal to documents: where documents[i] holds the key; appended.
  virtual Result<void> positions(std::string_view key, const std::vector<std::uint32_t>& documents,
                                 std::vector<Positions>& out) const = 0;
  /// Keys that begin with the prefix, in no order. Errors: kQuarantine prefix_too_broad beyond the
  /// limit.
  virtual Result<std::vector<std::string>> keys(std::string_view prefix,
                                                std::size_t limit) const = 0;
  /// Lives as long as the source.
  virtual Result<std::shared_ptr<const FacetColumn>> facet(FacetField field) const = 0;
  /// Whether any document is in that language (so that its stems are worth a look).
  virtual bool has_language(std::string_view language) const = 0;
};

/// An article ready to be added to a head; made outside its lock.
struct Analysed {
  std::vector<analysis::Posting> postings[analysis::kFields];
  std::uint32_t words[analysis::kFields] = {0, 0};
  analysis::Attributes attributes;
  std::string article_id;
};
Analysed analyse(const v1::ArticleRecord& article);

}  // namespace vigie::indexer::segments
