#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
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
  kAffiliation,
  kType
};
inline constexpr std::size_t kFacetFields = 8;

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

/// Language number of a document that has none.
inline constexpr std::uint16_t kNoLanguage = UINT16_MAX;

/// Documents whose greatest time is known.
inline constexpr std::uint32_t kTimeGroup = 1'024;
/// Documents whose least and greatest time are known: those of one word of a bitmap.
inline constexpr std::uint32_t kTimeSpan = 64;

/// Of documents that may be found; of none, latest < earliest.
struct TimeSpan {
  std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
  std::int64_t latest = std::numeric_limits<std::int64_t>::min();
  void add(std::int64_t time) {
    earliest = std::min(earliest, time);
    latest = std::max(latest, time);
  }
};

/// Stem number of a document in a language without a stemmer.
inline constexpr std::uint8_t kNoStems = 63;
/// Of a language: the place of its analysis::stem_bit.
std::uint8_t stem_number(std::uint64_t stem_bit);

/// Which stemmer serves each document: what the lists of stems and words are told apart by.
class StemIndex {
 public:
  /// `bits` of the languages by number.
  void add(std::uint16_t language, std::span<const std::uint64_t> bits);
  const std::vector<std::uint8_t>& numbers() const { return numbers_; }
  const std::vector<std::uint64_t>& outside() const { return outside_; }

 private:
  std::vector<std::uint8_t> numbers_;
  std::vector<std::uint64_t> outside_;
};

/// What is known of the times of documents side by side.
class TimeIndex {
 public:
  /// `there`: it may be found.
  void add(std::int64_t time, bool there);
  const std::vector<std::int64_t>& latest() const { return latest_; }
  const std::vector<std::int64_t>& newest() const { return newest_; }
  const std::vector<TimeSpan>& spans() const { return spans_; }
  TimeSpan all() const { return all_; }

 private:
  std::uint32_t documents_ = 0;
  std::vector<std::int64_t> latest_;
  std::vector<std::int64_t> newest_;
  std::vector<TimeSpan> spans_;
  TimeSpan all_;
};

/// What every search needs of each document, read where it lies: in a ColumnStore or in a mapped
/// file. Good while that is.
struct Columns {
  std::span<const std::int64_t> time_unix_ms;
  std::array<std::span<const std::uint32_t>, 2> length;  // words by field
  std::span<const std::uint16_t> language;               // number in `languages`
  std::span<const std::uint32_t> id_begin;               // documents + 1
  std::string_view ids;
  const std::vector<std::string>* languages = nullptr;
  std::span<const std::uint64_t> stem_bits;    // of each of them: analysis::stem_bit
  std::uint64_t all_stem_bits = 0;             // of any
  std::span<const std::uint8_t> stem_numbers;  // of each document: stem_number, or kNoStems
  std::span<const std::uint64_t> outside;      // a bit for each document that has kNoStems
  std::span<const std::int64_t> latest;        // greatest time of each kTimeGroup documents
  std::span<const std::int64_t> newest;        // the same, of these and all before them
  std::span<const TimeSpan> spans;             // of each kTimeSpan documents
  TimeSpan all_times;

  std::uint32_t documents() const { return static_cast<std::uint32_t>(time_unix_ms.size()); }
  /// Empty for a document that nobody may find, and for one whose place is damaged.
  std::string_view article_id(std::uint32_t document) const {
    const std::uint32_t begin = id_begin[document];
    const std::uint32_t end = id_begin[document + 1];
    return begin <= end && end <= ids.size() ? ids.substr(begin, end - begin) : std::string_view();
  }
  std::string_view language_of(std::uint32_t document) const {
    const std::uint16_t number = language[document];
    return number < languages->size() ? std::string_view((*languages)[number]) : std::string_view();
  }
};

/// Columns that grow.
class ColumnStore {
 public:
  void add(std::int64_t time, std::uint32_t title_words, std::uint32_t text_words,
           std::string_view language, std::string_view article_id);
  /// The same document of other columns.
  void add(const Columns& from, std::uint32_t document);
  /// Gives a language the next number.
  void name(const std::string& language);
  /// A document that nobody may find: superseded or hidden.
  void add_none() { add(0, 0, 0, {}, {}); }
  Columns view() const;
  /// Number of a language; kNoLanguage where no document is in it.
  std::uint16_t language_number(std::string_view language) const;
  std::uint32_t documents() const { return static_cast<std::uint32_t>(time_unix_ms_.size()); }

 private:
  std::vector<std::int64_t> time_unix_ms_;
  std::array<std::vector<std::uint32_t>, 2> length_;
  std::vector<std::uint16_t> language_;
  std::vector<std::uint32_t> id_begin_{0};
  std::string ids_;
  std::vector<std::string> languages_;
  std::vector<std::uint64_t> stem_bits_;
  std::uint64_t all_stem_bits_ = 0;
  StemIndex stems_;
  TimeIndex times_;
};

}  // namespace vigie::indexer::segments
