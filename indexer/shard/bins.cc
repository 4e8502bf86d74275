#include "indexer/shard/bins.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace vigie::indexer {

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
    if (next == i) {
      add_each(columns, words[i], i);
      ++i;
      continue;
    }
    if (const std::uint64_t count = documents.count(i, next); count > 0)
      bins_[begin].count += count;
    i = next;
  }
  if (split != nullptr) add_split(columns, documents, *split);
}

void Bins::add_each(const segments::Columns& columns, std::uint64_t word, std::size_t number) {
  // The bins that a word's documents mostly fall into are the two of its ends.
  const segments::TimeSpan& span = columns.spans[number];
  const std::int64_t first = begin_of(span.earliest);
  const std::int64_t last = begin_of(span.latest);
  std::uint64_t at_first = 0;
  std::uint64_t at_last = 0;
  for (; word != 0; word &= word - 1) {
    const std::int64_t time =
        columns.time_unix_ms[number * 64 + static_cast<std::size_t>(std::countr_zero(word))];
    if (time - first < interval_ms_) {
      ++at_first;
    } else if (time >= last) {
      ++at_last;
    } else {
      ++bins_[begin_of(time)].count;
    }
  }
  if (at_first > 0) bins_[first].count += at_first;
  if (at_last > 0) bins_[last].count += at_last;
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
