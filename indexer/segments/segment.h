#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "indexer/segments/files.h"
#include "indexer/segments/head.h"
#include "indexer/segments/source.h"
#include "indexer/segments/terms.h"

namespace vigie::indexer::segments {

/// A sealed segment, read where it lies in its mapped files. Immutable; thread-safe.
class Segment final : public Source {
 public:
  static Result<std::shared_ptr<Segment>> open(const std::filesystem::path& folder,
                                               std::uint32_t number);
  std::uint32_t number() const { return number_; }

  Columns columns() const override { return columns_; }
  using Source::document_frequency;
  using Source::open;
  std::optional<std::uint32_t> term(std::string_view key) const override;
  std::string_view key(std::uint32_t term) const override;
  Result<std::uint32_t> document_frequency(std::uint32_t term) const override;
  Result<void> open(std::uint32_t term, bool placed, OpenList& out) const override;
  bool lists_stems() const override { return true; }
  Result<void> stem(std::string_view key, bool words, Stem& out) const override;
  Result<std::vector<std::string>> keys(std::string_view prefix, std::size_t limit) const override;
  Result<std::shared_ptr<const FacetColumn>> facet(FacetField field) const override;

  const Terms& terms() const { return terms_; }
  /// Of a stem: its own, where it has one. Errors: kStop corrupt.
  Result<List> list_of(std::uint32_t term) const;

 private:
  explicit Segment(std::uint32_t number) : number_(number) {}
  Result<void> read_header();
  Result<void> read_columns();
  std::string_view section(std::size_t number) const;

  std::uint32_t number_;
  MappedFile index_;
  MappedFile postings_;
  MappedFile positions_;
  Header header_;
  Terms terms_;
  ListPlace place_;
  Columns columns_;
  std::vector<std::string> languages_;
  std::vector<std::uint64_t> stem_bits_;
  StemIndex stems_;
  TimeIndex times_;
  mutable std::mutex facets_mutex_;
  mutable std::array<std::shared_ptr<const FacetColumn>, kFacetFields> facets_;
};

/// Writes the head as segment `number`, without dropped documents. On disk on return; bytes
/// written.
Result<std::uint64_t> seal(const std::filesystem::path& folder, std::uint32_t number,
                           const Head& head, const Dropped& dropped);

/// One of several segments to join: documents keep their order; `dropped` tells by the segment's
/// own numbers.
struct MergeInput {
  std::shared_ptr<const Segment> segment;
  Dropped dropped;
};
/// Joins segments, oldest first, as segment `number`. On disk on return; bytes written.
Result<std::uint64_t> merge(const std::filesystem::path& folder, std::uint32_t number,
                            const std::vector<MergeInput>& inputs);

/// Removes the files of a segment.
Result<void> remove(const std::filesystem::path& folder, std::uint32_t number);
/// Numbers of all segments of which there is any file, ascending; makes the folder where there is
/// none.
Result<std::vector<std::uint32_t>> numbers(const std::filesystem::path& folder);
/// Hard links, or copies, of a segment's files in another folder.
Result<void> copy(const std::filesystem::path& from, std::uint32_t number,
                  const std::filesystem::path& to);

}  // namespace vigie::indexer::segments
