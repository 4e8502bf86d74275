#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/analysis/analysis.h"
#include "platform/result/result.h"

/// What a segment keeps of each document beside its words.
namespace vigie::indexer::segments {

/// Fields that facets and splits count; the same order as indexer::Facet.
enum class FacetField : std::uint8_t {
  kTopic,
  kActor,
  kLanguage,
  kCountry,
  kSource,
  kKind,
  kAffiliation
};
inline constexpr std::size_t kFacetFields = 7;

/// Values of one field by document: a dictionary and, for each document, numbers in it (none, one,
/// or for topics and actors several).
struct FacetColumn {
  std::vector<std::string> values;
  std::vector<std::uint32_t> begin{0};  // documents + 1
  std::vector<std::uint32_t> numbers;

  /// Values of the next document.
  void add(const std::vector<std::string>& document_values);
  void add_none() { begin.push_back(static_cast<std::uint32_t>(numbers.size())); }
  std::string encode() const;
  static Result<FacetColumn> decode(std::string_view bytes, std::uint32_t documents);

 private:
  std::unordered_map<std::string, std::uint32_t> known_;  // only while it grows
};

/// Values of a field in an article.
std::vector<std::string> facet_values(const analysis::Attributes& article, FacetField field);

/// What every search needs; kept in memory: some 45 bytes a document.
struct Columns {
  std::vector<std::int64_t> time_unix_ms;
  std::array<std::vector<std::uint32_t>, 2> length;  // words by field
  std::vector<std::uint32_t> id_begin{0};
  std::string ids;

  std::uint32_t documents() const { return static_cast<std::uint32_t>(time_unix_ms.size()); }
  std::string_view article_id(std::uint32_t document) const {
    return std::string_view(ids).substr(id_begin[document],
                                        id_begin[document + 1] - id_begin[document]);
  }
  void add(std::int64_t time, std::uint32_t title_words, std::uint32_t text_words,
           std::string_view article_id);
  /// A document that nobody may find: superseded or hidden.
  void add_none() { add(0, 0, 0, {}); }
  std::string encode() const;
  static Result<Columns> decode(std::string_view bytes);
};

}  // namespace vigie::indexer::segments
