#include "indexer/shard/bins.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>

namespace vigie::indexer {
namespace {

/// Bins of a source that lie side by side: quarters of an hour of two years.
constexpr std::int64_t kMostBins = 65'536;
/// Documents of a word of a bitmap from which on all 64 are compared at once.
constexpr int kMany = 20;

#if defined(__x86_64__)
#define VIGIE_SHARD_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define VIGIE_SHARD_WIDE
#endif

constexpr int kLanes = 4;
using FourTimes = std::int64_t __attribute__((vector_size(kLanes * sizeof(std::int64_t))));

/// Which of 64 times are before an edge; four at once where the processor can.
VIGIE_SHARD_WIDE std::uint64_t before(const std::int64_t* times, std::int64_t edge) {
  const FourTimes edges = {edge, edge, edge, edge};
  FourTimes bits = {1, 2, 4, 8};
  FourTimes found = {0, 0, 0, 0};
  for (int i = 0; i < 64; i += kLanes) {
    FourTimes four;
    std::memcpy(&four, times + i, sizeof four);
    found |= (four < edges) & bits;
    bits <<= kLanes;
  }
  return static_cast<std::uint64_t>(found[0] | found[1] | found[2] | found[3]);
}

}  // namespace

void add_count(Counts& counts, std::string_view value, std::uint64_t count) {
  const auto place = counts.find(value);
  if (place != counts.end()) {
    place->second += count;
  } else {
    counts.emplace(value, count);
  }
}

std::vector<Count> sorted(const Counts& counts) {
  std::vector<Count> out;
  out.reserve(counts.size());
  for (const auto& [value, count] : counts) out.push_back({value, count});
  std::sort(out.begin(), out.end(), [](const Count& a, const Count& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  });
  return out;
}

void Bins::add(const segments::Columns& columns, const Bitmap& documents,
               const segments::FacetColumn* split) {
  const auto spans = columns.spans;
  const std::uint64_t* const words = documents.words();
  Row row;
  const bool side_by_side = make_row(columns, row);
  for (std::size_t i = 0; i < documents.size();) {
    if (words[i] == 0) {
      ++i;
      continue;
    }
    // Arrival is nearly the order of time, so that many words in a row fall into one bin.
    const std::int64_t begin = begin_of(spans[i].earliest);
    std::size_t next = i;
    while (next < documents.size() && spans[next].earliest >= begin &&
           (spans[next].latest < begin || spans[next].latest - begin < interval_ms_))
      ++next;
    if (next > i) {
      if (const std::uint64_t count = documents.count(i, next); count > 0)
        bins_[begin].count += count;
      i = next;
      continue;
    }
    if (side_by_side) {
      add_each(columns, words[i], i, row);
    } else {
      add_each(columns, words[i], i);
    }
    ++i;
  }
  for (std::size_t i = 0; i < row.counts.size(); ++i) {
    if (row.counts[i] > 0)
      bins_[row.begin + static_cast<std::int64_t>(i) * interval_ms_].count += row.counts[i];
  }
  if (split != nullptr) add_split(columns, documents, *split);
}

bool Bins::make_row(const segments::Columns& columns, Row& row) const {
  const segments::TimeSpan& all = columns.all_times;
  if (all.latest < all.earliest) return false;
  row.begin = begin_of(all.earliest);
  const std::int64_t last = begin_of(all.latest);
  if (last / interval_ms_ - row.begin / interval_ms_ >= kMostBins) return false;
  row.per_ms = 1.0 / static_cast<double>(interval_ms_);
  row.counts.resize(static_cast<std::size_t>((last - row.begin) / interval_ms_) + 1);
  return true;
}

/// Without a division; at least the number of bins for a time of no bin.
std::size_t Bins::number_of(const Row& row, std::int64_t time) const {
  if (time < row.begin) return row.counts.size();
  auto number = static_cast<std::int64_t>(static_cast<double>(time - row.begin) * row.per_ms);
  if (number * interval_ms_ > time - row.begin) --number;  // rounding
  if ((number + 1) * interval_ms_ <= time - row.begin) ++number;
  return static_cast<std::size_t>(number);
}

void Bins::add_each(const segments::Columns& columns, std::uint64_t word, std::size_t number,
                    Row& row) {
  const std::int64_t* const times = columns.time_unix_ms.data() + number * 64;
  const segments::TimeSpan& span = columns.spans[number];
  const std::size_t first = number_of(row, span.earliest);
  const std::size_t last = number_of(row, span.latest);
  const bool whole = (number + 1) * 64 <= columns.documents();
  if (last == first + 1 && last < row.counts.size() && whole && std::popcount(word) >= kMany) {
    const std::uint64_t early =
        before(times, row.begin + static_cast<std::int64_t>(last) * interval_ms_);
    row.counts[first] += static_cast<std::uint64_t>(std::popcount(word & early));
    row.counts[last] += static_cast<std::uint64_t>(std::popcount(word & ~early));
    return;
  }
  for (; word != 0; word &= word - 1) {
    const std::int64_t time = times[std::countr_zero(word)];
    const std::size_t bin = number_of(row, time);
    if (bin < row.counts.size()) {
      ++row.counts[bin];
    } else {
      ++bins_[begin_of(time)].count;
    }
  }
}

void Bins::add_each(const segments::Columns& columns, std::uint64_t word, std::size_t number) {
  for (; word != 0; word &= word - 1)
    ++bins_[begin_of(columns.time_unix_ms[number * 64 +
                                          static_cast<std::size_t>(std::countr_zero(word))])]
          .count;
}

void Bins::add_split(const segments::Columns& columns, const Bitmap& documents,
                     const segments::FacetColumn& split) {
  std::unordered_map<std::uint32_t, std::uint64_t> counts;  // of the bin at hand
  std::int64_t begin = 0;
  const auto flush = [&] {
    for (const auto& [number, count] : counts)
      add_count(bins_[begin].split, split.values[number], count);
    counts.clear();
  };
  documents.each([&](std::uint32_t document) {
    const std::int64_t time = columns.time_unix_ms[document];
    if (counts.empty() || time < begin || time - begin >= interval_ms_) {
      flush();
      begin = begin_of(time);
    }
    for (std::uint32_t i = split.begin[document]; i < split.begin[document + 1]; ++i)
      ++counts[split.numbers[i]];
  });
  flush();
}

std::vector<TimelineBin> Bins::take() const {
  std::vector<TimelineBin> out;
  for (const auto& [begin, bin] : bins_) out.push_back({begin, bin.count, sorted(bin.split)});
  return out;
}

}  // namespace vigie::indexer
