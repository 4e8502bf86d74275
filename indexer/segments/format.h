#pragma once

#include <array>
#include <cstdint>

/// What stands in the files of a segment. Numbers are little-endian and read in place.
///
/// A segment is three files under its number: `.index` (a Header, then the sections), `.postings`
/// (packed blocks and bitmaps) and `.positions`.
namespace vigie::indexer::segments {

inline constexpr std::uint64_t kMagic = 0x6765736569676976;  // "vigieseg"
/// Another version is made again from the documents.
inline constexpr std::uint32_t kFormat = 4;

/// Documents of one segment: a step between two of them fits in 23 bits, so that the sums of a
/// block cannot run over 32.
inline constexpr std::uint32_t kMaxSegmentDocuments = 8'000'000;
inline constexpr unsigned kDocumentBits = 23;
/// A list of more than one document in so many is also kept as a bitmap.
inline constexpr std::uint32_t kDenseShare = 32;

enum class Section : std::uint32_t {
  kTermBegins,  // u32: where each term begins in kTerms, in order of the keys; and the end
  kTerms,       // see terms.h
  kSlots,       // u32: a term by the hash of its key (slot_of); 0: free
  kBlocks,      // Block
  kTimes,       // i64 a document
  kTitleWords,  // u32 a document
  kTextWords,   // u32 a document
  kLanguages,   // u16 a document
  kIdBegins,    // u32 a document, and the end
  kIds,
  kLanguageNames,
  kFacets,  // one for each FacetField from here on
};
inline constexpr std::size_t kFacetSections = 8;
inline constexpr std::size_t kSections =
    static_cast<std::size_t>(Section::kFacets) + kFacetSections;

struct SectionPlace {
  std::uint64_t begin = 0;  // a multiple of kAlignment
  std::uint64_t size = 0;
};
inline constexpr std::uint64_t kAlignment = 64;

struct Header {
  std::uint64_t magic = kMagic;
  std::uint32_t format = kFormat;
  std::uint32_t documents = 0;
  std::uint32_t terms = 0;
  std::uint32_t slots = 0;     // a power of two
  std::uint64_t seed = 0;      // of the hash
  double average[2] = {1, 1};  // words by field; Block::weight refers to them
  std::uint64_t postings_bytes = 0;
  std::uint64_t positions_bytes = 0;
  std::array<SectionPlace, kSections> sections;
  std::uint64_t checksum = 0;  // of all before it
};

/// 128 postings: steps between documents, then frequencies in title and text, each packed.
struct Block {
  std::uint32_t last = 0;    // document
  std::uint32_t packed = 0;  // where it begins in `.postings`, in kPackedUnit
  float weight = 0;          // greatest of its documents' (weight.h) under Header::average
  std::uint8_t document_bits = 0;
  std::uint8_t title_bits = 0;
  std::uint8_t text_bits = 0;
  std::uint8_t wide = 0;        // positions of 32 bits, not 16
  std::uint32_t positions = 0;  // behind where the list's begin in `.positions`, in 2 bytes
};
inline constexpr std::uint64_t kPackedUnit = 16;
static_assert(sizeof(Block) == 20);

/// Also an order of the entries: words before stems before filters.
inline constexpr char kWordKey = '\1';    // a word or a bigram
inline constexpr char kStemKey = '\2';    // a stem: the words it stands for, see postings.h
inline constexpr char kFilterKey = '\3';  // the value of a filter; has no positions

}  // namespace vigie::indexer::segments
