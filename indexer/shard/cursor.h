#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/segments/source.h"
#include "indexer/shard/bitmap.h"
#include "platform/result/result.h"

namespace vigie::indexer {

/// Walks one list forward, part by part: heads of blocks first, postings where they are asked for.
class Cursor {
 public:
  explicit Cursor(segments::OpenList list)
      : list_(std::move(list)), parts_(list_.loose ? list_.loose->parts() : list_.packed.parts()) {}

  std::uint32_t documents() const { return list_.documents(); }
  const segments::OpenList& list() const { return list_; }
  std::uint32_t parts() const { return parts_; }
  /// No document behind it is in the part; of the last part that may be any.
  std::uint32_t last(std::uint32_t part) const {
    if (list_.loose) return list_.loose->last_of(part);
    return part < list_.packed.blocks_count ? list_.packed.blocks[part].last : UINT32_MAX;
  }
  /// No document of the part weighs more, under the averages of the list.
  double weight(std::uint32_t part) const {
    if (list_.loose) return static_cast<double>(list_.loose->weight_of_part(part));
    return part < list_.packed.blocks_count ? static_cast<double>(list_.packed.blocks[part].weight)
                                            : list_.weight;
  }
  std::uint32_t part() const { return part_; }
  bool at_end() const { return part_ >= parts(); }
  /// To the first part that may hold `document` or one behind it; false at the end.
  bool skip_to(std::uint32_t document) {
    return (part_ < parts_ && last(part_) >= document) || skip_parts(document);
  }
  bool go_to(std::uint32_t part) {
    part_ = part;
    return ready();
  }
  void rewind() { part_ = 0; }
  /// False where a look at the bitmap tells that the document is not in the list.
  bool may_hold(std::uint32_t document) const {
    return list_.loose || list_.packed.bitmap == nullptr ||
           (list_.packed.bitmap[document / 64] >> (document % 64) & 1) != 0;
  }
  /// Unpacks the part that the cursor is at. Errors: kStop corrupt.
  Result<void> load() {
    if (loaded_ != part_) VIGIE_TRY(load(part_));
    return {};
  }
  Result<void> load(std::uint32_t part);
  Result<void> load_frequencies();
  /// The same without an error to carry: false for damaged bytes. For inner loops.
  bool ready() { return loaded_ == part_ || load(part_).has_value(); }
  bool frequencies_ready() { return frequencies_ || load_frequencies().has_value(); }
  const segments::Unpacked& unpacked() const { return unpacked_; }
  /// Place of `document` in the loaded part; where it is not there, false and the place of the
  /// next.
  bool find(std::uint32_t document, std::uint32_t& place);

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  bool skip_parts(std::uint32_t document);
  segments::OpenList list_;
  std::uint32_t parts_;
  std::uint32_t part_ = 0;
  std::uint32_t loaded_ = kNone;
  bool frequencies_ = false;  // of the loaded part
  std::uint32_t place_ = 0;   // where the last find ended
  segments::Unpacked unpacked_;
};

/// Reads positions of ascending documents.
class PlaceCursor {
 public:
  explicit PlaceCursor(segments::OpenList list) : cursor_(std::move(list)) {}
  /// Appends where the document holds the word. Errors: kStop corrupt.
  Result<void> read(std::uint32_t document, segments::Positions& out);

 private:
  void read_loose(std::uint32_t place, segments::Positions& out);
  static constexpr std::uint32_t kNone = UINT32_MAX;
  Cursor cursor_;
  std::uint32_t opened_ = kNone;
  segments::List::PositionReader reader_;
  // of a loose list: positions of the part, and where those of each of its documents begin
  std::vector<std::uint32_t> positions_;
  std::vector<std::uint32_t> begins_;
};

inline constexpr std::uint64_t kEveryStem = ~0ULL;
/// Which documents of a list are wanted.
struct Narrowing {
  const Bitmap* among = nullptr;  // of these alone
  bool title = false;             // where the title holds the word
  // Of these stem numbers alone, a bit each: by the column, and as sets, which a list with a bitmap
  // needs.
  std::uint64_t stems = kEveryStem;
  std::span<const std::uint8_t> stem_numbers;
  std::vector<Bitmap> speakers;
};
/// Adds documents of a list to `out`. Errors: kStop corrupt.
Result<void> collect(const segments::OpenList& list, const Narrowing& narrowing, Bitmap& out);

}  // namespace vigie::indexer
