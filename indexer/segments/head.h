#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/segments/source.h"

namespace vigie::indexer::segments {

/// The newest documents, in memory, searchable at once. Not thread-safe: the shard lets many
/// readers or one writer in.
class Head final : public Source {
 public:
  Head();
  void add(const Analysed& article);
  /// A number that is taken by a document nobody may find.
  void add_none();
  std::size_t bytes() const { return bytes_; }

  /// Every key, ascending.
  std::vector<std::string_view> sorted_keys() const;
  /// Adds the postings of a key to a writer, without documents for which `dropped` is true.
  Result<void> write(std::string_view key, const std::function<bool(std::uint32_t)>& dropped,
                     PostingWriter& out) const;

  const Columns& columns() const override { return columns_; }
  const FacetColumn& facet_column(FacetField field) const {
    return facets_[static_cast<std::size_t>(field)];
  }
  Result<std::uint32_t> document_frequency(std::string_view key) const override;
  Result<void> postings(std::string_view key, const std::vector<std::uint32_t>* among,
                        Postings& out) const override;
  Result<void> positions(std::string_view key, const std::vector<std::uint32_t>& documents,
                         std::vector<Positions>& out) const override;
  Result<std::vector<std::string>> keys(std::string_view prefix, std::size_t limit) const override;
  Result<std::shared_ptr<const FacetColumn>> facet(FacetField field) const override;
  bool has_language(std::string_view language) const override;

 private:
  /// One growing posting list. The last document stays open (in `current`) until another comes.
  struct List {
    std::string documents;  // varints: step, title frequency, text frequency
    std::string positions;
    std::uint32_t count = 0;    // closed documents
    std::uint32_t last = 0;     // the last closed one
    std::uint32_t current = 0;  // + 1; 0: none
    Frequencies frequencies{};
    std::uint32_t position = 0;
    std::size_t field = 0;
  };
  struct Entry {
    std::string key;
    List list;
  };

  const List* find(std::string_view key) const;
  List& list(std::string_view key);
  void open(List& list, std::uint32_t document);
  static void close(List& list);
  template <class Call>
  static void each(const List& list, const Call& call);

  void grow();

  // An open table of hash and place: with chains, walking them through memory was a third of all
  // indexing.
  std::deque<Entry> entries_;
  // upper half: of the hash; lower half: number of the entry + 1; 0: free
  std::vector<std::uint64_t> slots_;
  Columns columns_;
  std::vector<FacetColumn> facets_;
  std::size_t bytes_ = 0;
  std::string key_;  // of the word at hand
};

}  // namespace vigie::indexer::segments
