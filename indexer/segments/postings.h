#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

/// The posting lists of one term in one segment: documents with frequencies by field, and, beside
/// them, positions.
///
/// A list is cut into chunks of at most kChunkPostings (so that no value is huge), a chunk into
/// blocks of kBlockPostings, each with its last document and sizes: a reader that wants few
/// documents decodes few blocks.
namespace vigie::indexer::segments {

inline constexpr std::size_t kBlockPostings = 128;
inline constexpr std::size_t kChunkPostings = 128 * kBlockPostings;
/// Documents of one segment: local numbers stay far below 2^32 and a column below some 100 MB.
inline constexpr std::uint32_t kMaxSegmentDocuments = 8'000'000;

using Frequencies = std::array<std::uint32_t, 2>;             // by field: title, text
using Positions = std::array<std::vector<std::uint32_t>, 2>;  // by field, ascending

/// Parallel arrays, ascending by document.
struct Postings {
  std::vector<std::uint32_t> documents;
  std::vector<Frequencies> frequencies;
  void clear() {
    documents.clear();
    frequencies.clear();
  }
};

/// Appends the positions of one document; frequencies tell how many there are.
void append_positions(std::string& out, const Positions& positions);

/// Collects the postings of one term and gives its chunks.
class PostingWriter {
 public:
  /// document must be greater than the last; `positions` as append_positions made it, empty for
  /// terms without positions.
  void add(std::uint32_t document, const Frequencies& frequencies, std::string_view positions);
  bool empty() const { return documents_.empty(); }
  struct Chunk {
    std::string postings;
    std::string positions;
  };
  /// In order; clears the writer.
  std::vector<Chunk> finish();

 private:
  std::vector<std::uint32_t> documents_;
  std::vector<Frequencies> frequencies_;
  std::vector<std::uint32_t> position_ends_;
  std::string positions_;
};

/// Reads the chunks of one term. `load(n)` gives chunk n of the postings or of the positions.
/// Errors: kStop corrupt for bytes that no writer made.
class PostingReader {
 public:
  PostingReader() = default;
  PostingReader(const PostingReader&) = delete;  // views point into its own bytes
  PostingReader& operator=(const PostingReader&) = delete;
  using Load = std::function<Result<std::string>(std::uint32_t chunk)>;
  /// `first` is chunk 0 of the postings.
  Result<void> open(std::string first, Load load_postings, Load load_positions);

  std::uint32_t document_frequency() const { return document_frequency_; }
  /// Appends to `out` the postings, of documents in `among` (ascending) alone where it is given.
  Result<void> read(const std::vector<std::uint32_t>* among, Postings& out) const;
  /// out[i]: positions in documents[i] (ascending); appended to what is there, untouched for
  /// documents without the term.
  Result<void> read_positions(const std::vector<std::uint32_t>& documents,
                              std::vector<Positions>& out) const;
  /// Every posting with its encoded positions, in order.
  using Each = std::function<void(std::uint32_t document, const Frequencies& frequencies,
                                  std::string_view positions)>;
  Result<void> each(bool with_positions, const Each& call) const;

 private:
  struct Block {
    std::uint32_t first_base = 0;  // last document of the block before
    std::uint32_t last = 0;
    std::uint32_t count = 0;
    std::string_view bytes;
    std::uint64_t positions_begin = 0;
    std::uint64_t positions_size = 0;
  };
  static Result<std::vector<Block>> blocks(std::string_view chunk, std::uint32_t base);
  static Result<void> decode(const Block& block, Postings& out);
  using VisitBlock = std::function<Result<void>(const Block& block, std::string_view positions)>;
  Result<void> visit(const std::vector<std::uint32_t>* among, bool with_positions,
                     const VisitBlock& call) const;

  std::string first_;
  std::string_view first_body_;
  std::uint32_t document_frequency_ = 0;
  std::vector<std::uint32_t> chunk_last_;
  Load load_postings_;
  Load load_positions_;
};

}  // namespace vigie::indexer::segments
