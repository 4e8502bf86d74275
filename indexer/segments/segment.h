#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "indexer/segments/head.h"
#include "indexer/segments/source.h"
#include "platform/storage/storage.h"

namespace vigie::indexer::segments {

/// Where segments live: two families of use kSegments. A key is the segment's number (u32), then
/// '\0' and the name of a column, or the term key, '\0' and, for chunks after the first, the
/// chunk's number (u32).
struct Home {
  storage::Database* database = nullptr;
  std::size_t postings_family = 0;
  std::size_t positions_family = 0;
};

using Dropped = std::function<bool(std::uint32_t document)>;

/// A sealed segment. Immutable; thread-safe. The database must outlive it.
class Segment final : public Source {
 public:
  static Result<std::shared_ptr<Segment>> open(const Home& home, std::uint32_t number);
  std::uint32_t number() const { return number_; }

  const Columns& columns() const override { return columns_; }
  Result<std::uint32_t> document_frequency(std::string_view key) const override;
  Result<void> postings(std::string_view key, const std::vector<std::uint32_t>* among,
                        Postings& out) const override;
  Result<void> positions(std::string_view key, const std::vector<std::uint32_t>& documents,
                         std::vector<Positions>& out) const override;
  Result<std::vector<std::string>> keys(std::string_view prefix, std::size_t limit) const override;
  Result<std::shared_ptr<const FacetColumn>> facet(FacetField field) const override;
  bool has_language(std::string_view language) const override;

 private:
  friend class Merger;  // of segment.cc
  Segment(const Home& home, std::uint32_t number) : home_(home), number_(number) {}
  std::string row_key(std::string_view key) const;
  /// False where no document holds the key.
  Result<bool> open_list(std::string_view key, PostingReader& out) const;
  Result<void> attach(std::string_view key, std::string first, PostingReader& out) const;

  Home home_;
  std::uint32_t number_;
  Columns columns_;
  std::vector<std::string> languages_;
  mutable std::mutex facets_mutex_;
  mutable std::array<std::shared_ptr<const FacetColumn>, kFacetFields> facets_;
};

/// Writes the head as segment `number`, without dropped documents. Returns bytes written.
Result<std::uint64_t> seal(const Home& home, std::uint32_t number, const Head& head,
                           const Dropped& dropped);

/// One of several segments to join: documents keep their order; `dropped` tells by the segment's
/// own numbers.
struct MergeInput {
  std::shared_ptr<const Segment> segment;
  Dropped dropped;
};
/// Joins segments, oldest first, as segment `number`. Returns bytes written.
Result<std::uint64_t> merge(const Home& home, std::uint32_t number,
                            const std::vector<MergeInput>& inputs);

/// Removes every row of a segment.
Result<void> remove(const Home& home, std::uint32_t number);
/// Numbers of all segments of which there is any row, ascending.
Result<std::vector<std::uint32_t>> numbers(const Home& home);

}  // namespace vigie::indexer::segments
