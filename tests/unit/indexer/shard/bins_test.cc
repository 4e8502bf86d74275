#include "indexer/shard/bins.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace vigie::indexer {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

/// Documents nearly in order of time, as articles come, or far apart.
segments::ColumnStore documents_of(std::size_t count, std::int64_t step_ms,
                                   std::mt19937_64& chance) {
  segments::ColumnStore out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto late = static_cast<std::int64_t>(chance() % (5 * kHourMs));
    out.add(static_cast<std::int64_t>(i) * step_ms - late, 1, 1, "en", "a" + std::to_string(i));
  }
  return out;
}

std::map<std::int64_t, std::uint64_t> counted_one_by_one(const segments::Columns& columns,
                                                         const Bitmap& documents,
                                                         std::int64_t interval) {
  std::map<std::int64_t, std::uint64_t> out;
  documents.each([&](std::uint32_t document) {
    const std::int64_t time = columns.time_unix_ms[document];
    std::int64_t number = time / interval;
    if (time < 0 && time % interval != 0) --number;
    ++out[number * interval];
  });
  return out;
}

TEST(Bins, CountEveryDocumentInItsInterval) {
  std::mt19937_64 chance(3);
  for (const std::int64_t step : {20'000, 400'000, 90'000'000}) {
    const segments::ColumnStore store = documents_of(2'000 + chance() % 64, step, chance);
    const segments::Columns columns = store.view();
    for (const std::int64_t interval : {kHourMs / 4, kHourMs, 24 * kHourMs, std::int64_t{7}}) {
      for (const std::uint64_t one_of : {1, 2, 40, 5'000}) {
        Bitmap documents(columns.documents());
        for (std::uint32_t i = 0; i < columns.documents(); ++i) {
          if (chance() % one_of == 0) documents.set(i);
        }
        Bins bins(interval);
        bins.add(columns, documents, nullptr);
        bins.add(columns, documents, nullptr);  // as of a second segment
        std::map<std::int64_t, std::uint64_t> found;
        for (const TimelineBin& bin : bins.take()) found[bin.begin_unix_ms] = bin.count / 2;
        EXPECT_EQ(found, counted_one_by_one(columns, documents, interval))
            << step << " ms apart, bins of " << interval << " ms, one of " << one_of;
      }
    }
  }
}

}  // namespace
}  // namespace vigie::indexer
