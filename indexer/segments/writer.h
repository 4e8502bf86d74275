#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/segments/columns.h"
#include "indexer/segments/files.h"
#include "indexer/segments/format.h"
#include "indexer/segments/postings.h"

namespace vigie::indexer::segments {

/// The three files of a segment.
struct SegmentPaths {
  std::filesystem::path index;
  std::filesystem::path postings;
  std::filesystem::path positions;
};
SegmentPaths paths_of(const std::filesystem::path& folder, std::uint32_t number);

/// Writes a segment: words, stems and filters in ascending order of their keys, then facets, then
/// finish(). Lists and positions go to disk as they come; terms and heads of blocks stay in
/// memory until the end.
class SegmentWriter {
 public:
  /// The columns must outlive the writer.
  SegmentWriter(SegmentPaths paths, const Columns& columns);
  Result<void> open();

  static constexpr std::uint32_t kNoTerm = UINT32_MAX;
  /// Begins a list of at most `most` documents.
  void begin(std::string_view key, std::uint64_t most);
  /// Documents ascend; positions of title, then of text, as many as the frequencies say.
  void add(std::uint32_t document, const Frequencies& frequencies,
           std::span<const std::uint32_t> positions);
  /// Number of the term; kNoTerm where the list got no document.
  std::uint32_t end();
  /// Begins a stem; groups without words or documents are left out. Whether it needs a list: then
  /// its documents follow, with sums of frequencies and no positions, and end_stem().
  bool begin_stem(std::string_view key, std::vector<StemGroup> groups);
  void end_stem();
  void facet(FacetField field, std::string bytes) {
    facets_[static_cast<std::size_t>(field)] = std::move(bytes);
  }
  /// On disk on return. Bytes written.
  Result<std::uint64_t> finish();

 private:
  /// Of the first `count` postings at hand; raises the list's.
  double block_weight();
  void flush_block();
  void append_positions(std::uint8_t& wide, std::uint32_t& at);
  void append_tail(std::string& out, bool positioned);
  /// What stands with the term of the list at hand.
  std::string end_list();
  std::uint32_t documents_of(std::uint32_t term) const;
  std::uint32_t append_bitmap();
  std::uint32_t add_term(std::string_view key, std::string_view rest);
  std::string slots(std::uint64_t seed) const;
  void pad_postings();

  SegmentPaths paths_;
  const Columns& columns_;
  double average_[2] = {1, 1};
  FileWriter postings_;
  FileWriter positions_;
  std::string terms_;
  std::vector<std::uint32_t> term_begins_;
  std::vector<Block> blocks_;
  std::array<std::string, kFacetFields> facets_;

  // The list at hand.
  std::string key_;
  ListKind kind_ = ListKind::kFilter;
  std::vector<StemGroup> groups_;  // of a stem
  std::uint32_t outside_ = 0;      // List::outside
  std::uint32_t count_ = 0;
  std::uint32_t last_ = 0;  // of the block before
  std::size_t first_block_ = 0;
  std::uint64_t positions_begin_ = 0;
  Unpacked block_;
  double weight_ = 0;  // greatest of the list's
  std::vector<std::uint32_t> block_positions_;
  std::uint32_t greatest_position_ = 0;
  bool marks_ = false;  // whether it may be dense
  std::vector<std::uint64_t> bitmap_;
};

}  // namespace vigie::indexer::segments
