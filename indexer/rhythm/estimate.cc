#include "indexer/rhythm/estimate.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "indexer/rhythm/slots.h"
#include "platform/dates/dates.h"

namespace vigie::indexer::rhythm {
namespace {

constexpr std::int64_t kHalfHourMs = 1'800'000;
constexpr double kDaysPerWeek = 7;
constexpr double kNearlyOne = 0.95;
constexpr std::size_t kMostSlots = 100'000;  // empty ones of ten years, hourly

std::string plural(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string rounded(double rate) { return std::to_string(std::llround(rate)); }

}  // namespace

std::string Estimate::text() const {
  std::string rate = "nothing";
  if (messages > 0) rate = "fewer than one a week";
  if (messages_per_day * kDaysPerWeek >= kNearlyOne)
    rate = "about " + rounded(messages_per_day * kDaysPerWeek) + " a week";
  if (messages_per_day >= kNearlyOne) rate = "about " + rounded(messages_per_day) + " a day";
  return rate + ": " + plural(articles, "article", "articles") + ", " +
         plural(stories, "story", "stories");
}

Estimate estimate(const Rule& rule, const std::vector<HourCount>& hours, double stories_of_articles,
                  std::int64_t begin_unix_ms, std::int64_t end_unix_ms) {
  Rule lasting = rule;
  lasting.snooze_until_unix_ms = 0;
  lasting.pause_until_unix_ms = 0;
  const double share = std::clamp(stories_of_articles, 0.0, 1.0);
  Estimate out;
  double at_once = 0;
  std::set<std::int64_t> slots;
  std::int64_t slot_end = 0;  // of the slot found last, which holds all until it
  for (const HourCount& hour : hours) {
    if (hour.articles == 0) continue;
    out.articles += hour.articles;
    const std::int64_t middle = hour.begin_unix_ms + kHalfHourMs;
    const double stories = static_cast<double>(hour.articles) * share;
    // As the first of its hour: what most_per_hour holds back is a message of its own below.
    if (middle < slot_end) continue;
    if (telling_of(lasting, middle, 0) == Telling::kHeld) {
      slot_end = next_slot(lasting, middle, 0).due_unix_ms;
      slots.insert(slot_end);
    } else {
      at_once += lasting.most_per_hour == 0
                     ? stories
                     : std::min(stories, static_cast<double>(lasting.most_per_hour));
    }
  }
  if (lasting.empty_digests) {
    for (std::int64_t at = begin_unix_ms; slots.size() < kMostSlots;) {
      at = next_slot(lasting, 0, at).due_unix_ms;
      if (at > end_unix_ms) break;
      slots.insert(at);
    }
  }
  const double messages = at_once + static_cast<double>(slots.size());
  out.messages = static_cast<std::uint64_t>(std::llround(messages));
  if (messages > 0 && out.messages == 0) out.messages = 1;
  out.stories = static_cast<std::uint64_t>(std::llround(static_cast<double>(out.articles) * share));
  const double days = static_cast<double>(std::max<std::int64_t>(1, end_unix_ms - begin_unix_ms)) /
                      static_cast<double>(dates::kMsPerDay);
  out.messages_per_day = messages / days;
  return out;
}

}  // namespace vigie::indexer::rhythm
