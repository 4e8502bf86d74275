#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/segments/arena.h"
#include "indexer/segments/format.h"
#include "indexer/segments/packing.h"
#include "indexer/segments/weight.h"
#include "platform/result/result.h"

/// The posting list of one term in one segment: documents with frequencies by field, and, beside
/// them, positions. Full blocks of 128 are packed; what is left over, the tail, stands with the
/// term.
namespace vigie::indexer::segments {

using Positions = std::array<std::vector<std::uint32_t>, 2>;  // by field, ascending

/// Up to 128 postings, unpacked.
struct Unpacked {
  alignas(16) std::uint32_t documents[kBlockPostings];
  alignas(16) std::uint32_t frequencies[2][kBlockPostings];
  std::uint32_t count = 0;
  Frequencies of(std::uint32_t i) const { return {frequencies[0][i], frequencies[1][i]}; }
};

/// A list of a head: parts of 128 postings and what is left, read where they lie. Good until the
/// head is written to.
struct LooseList {
  /// Of a full part, and where the next begins.
  struct Mark {
    float weight = 0;        // no document weighs more
    std::uint32_t last = 0;  // document
    Spot documents;
    Spot positions;
  };
  const Arena* arena = nullptr;
  std::uint32_t documents = 0;
  std::uint32_t last = 0;
  float tail_weight = 0;
  Spot documents_begin;
  Spot positions_begin;
  std::vector<Mark> marks;

  std::uint32_t parts() const { return (documents + kBlockPostings - 1) / kBlockPostings; }
  std::uint32_t last_of(std::uint32_t part) const {
    return part < marks.size() ? marks[part].last : last;
  }
  float weight_of_part(std::uint32_t part) const {
    return part < marks.size() ? marks[part].weight : tail_weight;
  }
  /// Documents and frequencies.
  void unpack(std::uint32_t part, Unpacked& out) const;
  /// Replaces: title's, then text's of each document of the part that was unpacked.
  void read_positions(std::uint32_t part, const Unpacked& unpacked,
                      std::vector<std::uint32_t>& out) const;
};

/// Where the parts of a list lie; made from the bytes of its term. A part is a block, or the tail,
/// which comes last.
struct List {
  std::uint32_t documents = 0;
  std::uint32_t blocks_count = 0;
  const Block* blocks = nullptr;
  const std::uint64_t* bitmap = nullptr;  // of a dense list: a bit a document, none behind
  std::string_view tail;
  std::uint32_t tail_count = 0;
  std::uint32_t tail_positions = 0;  // as Block::positions
  bool tail_wide = false;
  std::string_view packed;     // the whole of `.postings`
  std::string_view positions;  // of this list and those behind it
  std::uint32_t segment_documents = 0;
  float weight = 0;           // greatest of all documents'
  std::uint32_t outside = 0;  // of a word: documents in a language without a stemmer

  std::uint32_t parts() const { return blocks_count + (tail_count > 0 ? 1 : 0); }
  /// Last document of the part before.
  std::uint32_t base(std::uint32_t part) const { return part == 0 ? 0 : blocks[part - 1].last; }
  /// False for bytes that no writer made; then `out` holds nothing that may be used. Documents
  /// ascend and are of the segment.
  bool unpack_documents(std::uint32_t part, Unpacked& out) const;
  /// After unpack_documents of the same part.
  bool unpack_frequencies(std::uint32_t part, Unpacked& out) const;
  class PositionReader;

 private:
  bool unpack_tail(Unpacked& out, bool frequencies) const;
};

/// Positions of the documents of one unpacked part.
class List::PositionReader {
 public:
  /// False for damaged bytes.
  bool open(const List& list, std::uint32_t part, const Unpacked& unpacked);
  /// Appends the positions of document i.
  void read(std::uint32_t i, Positions& out) const;
  /// Replaces: title's, then text's.
  void read_flat(std::uint32_t i, std::vector<std::uint32_t>& out) const;

 private:
  std::uint32_t at(std::uint64_t index) const;
  const Unpacked* unpacked_ = nullptr;
  std::string_view bytes_;
  bool wide_ = false;
  std::array<std::uint32_t, kBlockPostings + 1> begin_{};
};

/// What a stem of one language stands for in one segment.
struct StemGroup {
  std::uint16_t language = 0;        // number in the segment's languages
  std::uint32_t documents = 0;       // of that language that hold any of the words
  std::vector<std::uint32_t> terms;  // numbers of the words, ascending
};

/// A stem: what it stands for in each language, and the list of all documents that hold any of its
/// words in the language that names it, with the sums of their frequencies.
struct StemEntry {
  std::vector<StemGroup> groups;
  /// Of a list of its own; empty where that of its one word is the same.
  std::string_view list;
};
/// The bytes of a term behind its key. `list`: as end_list() of a writer made it, or empty.
std::string encode_stem(const std::vector<StemGroup>& groups, std::string_view list);
/// `words`: whether those of a group are wanted; where the entry has no list, its first word stands
/// in the first group in any case. Errors: kStop corrupt.
Result<void> decode_stem(std::string_view bytes, std::uint32_t terms, bool words, StemEntry& out);
/// The list alone.
std::string_view stem_list(std::string_view bytes);

/// What stands in a list beside documents and frequencies.
enum class ListKind : std::uint8_t {
  kWord,    // weights and positions
  kStem,    // weights
  kFilter,  // neither
};
ListKind kind_of(std::string_view key);

/// Where a list's bytes refer to.
struct ListPlace {
  std::string_view packed;
  std::string_view positions;
  const Block* blocks = nullptr;
  std::uint64_t blocks_count = 0;
  std::uint32_t segment_documents = 0;
};
Result<List> decode_list(std::string_view bytes, ListKind kind, const ListPlace& place);

}  // namespace vigie::indexer::segments
