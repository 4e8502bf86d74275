#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Whether a day of articles is unusual beside the days before it. Pure; no I/O, no clock.
namespace vigie::indexer::trend {

/// Days that a day is judged by.
inline constexpr std::size_t kDaysBefore = 28;

/// 24 hours. Days follow each other without a hole; the seventh before another is of its weekday.
struct Day {
  std::uint64_t count = 0;     // articles that answer the query
  std::uint64_t coverage = 0;  // articles of the whole collection, these among them
};

enum class Direction : std::uint8_t { kNone, kUp, kDown };

enum class Verdict : std::uint8_t {
  kUnknown,  // see Judgement::why_unknown
  kUsual,
  kUnusual,      // chance alone brings so many, or so few, on one day in 1,000
  kVeryUnusual,  // on one day in 100,000
};

enum class Unknown : std::uint8_t {
  kNone,
  kTooFewDays,   // fewer than seven usable days before
  kCoverageGap,  // the whole collection collapsed on the day itself
};

struct Judgement {
  Verdict verdict = Verdict::kUnknown;
  Unknown why_unknown = Unknown::kNone;
  Direction direction = Direction::kNone;  // none unless (very) unusual
  double expected = 0;                     // articles of such a day
  std::uint64_t low = 0;                   // 5 of 100 such days have fewer
  std::uint64_t high = 0;                  // 5 of 100 such days have more
  double surprise_up = 0;                  // -log10 of the chance of so many or more, 0..300
  double surprise_down = 0;                // -log10 of the chance of so few or fewer, 0..300
  double share = 0;                        // of all coverage, 0..1
  double usual_share = 0;                  // median of the usable days before, 0..1
  std::vector<bool> gaps;                  // by day: its coverage collapsed, so it was left out
};

/// Judges the last of `days` (oldest first, at most kDaysBefore + 1 are looked at).
///
/// The level is a mean of the days before, each cut where it would be an outlier, so that
/// a burst of last week does not hide one of today. Its weekdays are those of the whole collection
/// to a power that the query's days decide, and each its own as far as it differs from that by more
/// than chance explains. Counts are taken as negative binomial: days vary beyond chance, by how
/// much is known with a probability, and level and weekday are known no better than so many days
/// tell (`baseline.h`); the chance of a day is the mean over all of that. Where the rest of the
/// collection grew or shrank by more than it varies, the expectation moves with it, but only away
/// from an alarm; where it was short on a day before, so was the query. Days on which the
/// collection collapsed are no evidence.
Judgement judge_days(std::span<const Day> days);

/// How much it takes to raise an alarm.
enum class Sensitivity : std::uint8_t { kLow, kMedium, kHigh };

/// The direction in which the day is a spike (or, with `drops`, a drop), else none. A spike also
/// has at least one and a half times as many articles as expected, and three more; a drop at most
/// half of them. Needs a surprise of: high 2, medium 3, low 5.
Direction spike_of(const Judgement& judgement, std::uint64_t count, Sensitivity sensitivity,
                   bool drops);

}  // namespace vigie::indexer::trend
