#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/segments/columns.h"
#include "indexer/shard/bitmap.h"
#include "indexer/shard/shard.h"

namespace vigie::indexer {

struct ValueHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view value) const {
    return std::hash<std::string_view>()(value);
  }
};
/// How many documents had each value.
using Counts = std::unordered_map<std::string, std::uint64_t, ValueHash, std::equal_to<>>;
void add_count(Counts& counts, std::string_view value, std::uint64_t count);
/// Greatest count first, then value.
std::vector<Count> sorted(const Counts& counts);

/// Counts documents of many sources by the interval that their time falls into.
class Bins {
 public:
  explicit Bins(std::int64_t interval_ms) : interval_ms_(interval_ms) {}
  /// `split`: the column whose values each bin is counted by; nullptr: none.
  void add(const segments::Columns& columns, const Bitmap& documents,
           const segments::FacetColumn* split);
  /// Ascending; bins without documents are left out.
  std::vector<TimelineBin> take() const;

 private:
  struct Bin {
    std::uint64_t count = 0;
    Counts split;
  };
  std::int64_t begin_of(std::int64_t time) const {
    return (time >= 0 ? time / interval_ms_ : (time + 1) / interval_ms_ - 1) * interval_ms_;
  }
  /// The bins of one source side by side, from that of its earliest document on.
  struct Row {
    std::int64_t begin = 0;
    double per_ms = 0;  // bins a millisecond
    std::vector<std::uint64_t> counts;
  };
  /// False where they would be too many.
  bool make_row(const segments::Columns& columns, Row& row) const;
  std::size_t number_of(const Row& row, std::int64_t time) const;
  /// Counts the documents of one word of the bitmap one by one.
  void add_each(const segments::Columns& columns, std::uint64_t word, std::size_t number, Row& row);
  void add_each(const segments::Columns& columns, std::uint64_t word, std::size_t number);
  void add_split(const segments::Columns& columns, const Bitmap& documents,
                 const segments::FacetColumn& split);

  std::int64_t interval_ms_;
  std::map<std::int64_t, Bin> bins_;
};

}  // namespace vigie::indexer
