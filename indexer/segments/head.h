#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/segments/arena.h"
#include "indexer/segments/source.h"

namespace vigie::indexer::segments {

class SegmentWriter;
using Dropped = std::function<bool(std::uint32_t document)>;

/// The newest documents, in memory, searchable at once. Not thread-safe: nobody may read it while
/// it is written to. A copy shares nothing with it.
class Head final : public Source {
 public:
  /// `average`: words of a document by field, as far as is known; the nearer, the tighter are the
  /// weights of lists.
  explicit Head(const std::array<double, 2>& average = {10, 400});
  void add(const Analysed& article);
  /// A number that is taken by a document nobody may find.
  void add_none();
  std::uint32_t documents() const { return columns_.documents(); }
  /// Of memory.
  std::size_t bytes() const;
  /// Writes terms and facets, without documents for which `dropped` is true.
  void write(SegmentWriter& out, const Dropped& dropped) const;

  Columns columns() const override { return columns_.view(); }
  using Source::document_frequency;
  using Source::open;
  std::optional<std::uint32_t> term(std::string_view key) const override;
  std::string_view key(std::uint32_t term) const override;
  Result<std::uint32_t> document_frequency(std::uint32_t term) const override;
  Result<void> open(std::uint32_t term, bool placed, OpenList& out) const override;
  bool lists_stems() const override { return false; }
  Result<void> stem(std::string_view key, bool words, Stem& out) const override;
  Result<std::vector<std::string>> keys(std::string_view prefix, std::size_t limit) const override;
  Result<std::shared_ptr<const FacetColumn>> facet(FacetField field) const override;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// A list, or a stem, whose lists are those of its words.
  struct Entry {
    std::uint32_t key_at = 0;
    std::uint32_t key_size = 0;
    Chain documents;  // varints: step, frequencies
    Chain positions;  // varints: steps by field
    std::uint32_t count = 0;
    std::uint32_t last = 0;       // document
    std::uint32_t first = kNone;  // of a word: its first Link; of a stem: its first Group
    Chain marks;                  // LooseList::Mark of each 128 documents
    float block_weight = 0;       // greatest since the last of these
    float weight = 0;             // of all
  };
  /// A stem in one language.
  struct Group {
    std::uint32_t next = kNone;  // of the same stem
    std::uint32_t first_link = kNone;
    std::uint32_t documents = 0;
    std::uint32_t last = kNone;  // document that was counted
    std::uint16_t language = 0;
  };
  /// That a word has a stem.
  struct Link {
    std::uint32_t word = 0;
    std::uint32_t group = 0;
    std::uint32_t next_of_word = kNone;
    std::uint32_t next_of_group = kNone;
    std::uint16_t language = 0;  // of the group
  };

  std::string_view key_of(const Entry& entry) const {
    return {arena_.data(entry.key_at), entry.key_size};
  }
  const Entry* find(std::string_view key) const;
  std::uint32_t entry(std::string_view key);
  void grow();
  /// Number of the entry.
  std::uint32_t add_word(const Analysed::Word& word, std::uint32_t document,
                         const Frequencies& length);
  void add_filter(std::string_view key, std::uint32_t document);
  /// Counts a document; marks the end of each 128.
  void count(Entry& list, std::uint32_t document);
  /// Counts the document for the stem of the word that was added last.
  void add_stem(std::uint32_t word, std::string_view form, const std::string& language,
                std::uint16_t number, std::uint32_t document);
  std::uint32_t group_of(std::uint32_t word, std::string_view form, const std::string& language,
                         std::uint16_t number);
  template <class Call>
  void each(const Entry& entry, const Call& call) const;
  std::vector<std::uint32_t> sorted() const;
  /// The list of a stem, from those of its words.
  void write_stem(const Entry& entry, SegmentWriter& out, const Dropped& dropped) const;
  void write_list(const Entry& entry, SegmentWriter& out, const Dropped& dropped,
                  std::vector<std::uint32_t>& dropped_documents) const;

  Arena arena_;
  std::vector<Entry> entries_;
  // An open table: upper half of the hash, lower half the number of the entry + 1; 0: free.
  std::vector<std::uint64_t> slots_;
  std::vector<Group> groups_;
  std::vector<Link> links_;
  ColumnStore columns_;
  std::vector<FacetColumn> facets_;
  std::uint64_t seed_;
  double average_[2];
  std::string key_;  // of the word at hand
  std::size_t column_bytes_ = 0;
};

}  // namespace vigie::indexer::segments
