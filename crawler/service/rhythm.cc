#include "crawler/service/rhythm.h"

#include <algorithm>
#include <array>

#include "crawler/service/options.h"

namespace vigie::crawler {
namespace {

using std::chrono::milliseconds;

constexpr int kPollsRemembered = 10;
constexpr milliseconds kTestFloor{2'000};
constexpr std::int64_t kOldPageMs = 3LL * 24 * 3600 * 1000;
constexpr std::array<std::int64_t, 4> kRevisitsMs{600'000, 3'600'000, 6 * 3'600'000,
                                                  24 * 3'600'000};
constexpr std::array<std::int64_t, 4> kTestRevisitsMs{20'000, 60'000, 120'000, 240'000};

}  // namespace

void note_poll(v1::UrlState& state, bool had_new) {
  auto* recent = state.mutable_recent_new();
  recent->Add(had_new);
  if (recent->size() > kPollsRemembered)
    recent->erase(recent->begin(), recent->end() - kPollsRemembered);
}

milliseconds poll_pause(const v1::UrlState& state, milliseconds floor, double rhythm_s,
                        milliseconds last_pause) {
  const milliseconds least = state.kind() == v1::URL_KIND_SECTION ? floor * 5 : floor;
  const auto& recent = state.recent_new();
  if (recent.size() < kPollsRemembered ||
      std::find(recent.begin(), recent.end(), true) != recent.end())
    return least;
  milliseconds most = CrawlerOptions::kMaxPollPause;
  if (rhythm_s > 0)
    most = std::min(most, milliseconds(static_cast<std::int64_t>(std::min(rhythm_s, 1e6) * 500)));
  return std::max(least, std::min(most, last_pause + last_pause / 2));
}

milliseconds failure_pause(std::uint32_t failures, milliseconds floor) {
  const milliseconds base = std::clamp(floor, milliseconds(1'000), milliseconds(30'000));
  const auto doublings = std::min<std::uint32_t>(failures == 0 ? 0 : failures - 1, 12);
  const milliseconds most =
      std::clamp(floor * 10, milliseconds(10'000), CrawlerOptions::kMaxPollPause);
  return std::min(most, milliseconds(base.count() * (1LL << doublings)));
}

std::int64_t next_revisit(const v1::UrlState& state, milliseconds floor,
                          std::int64_t claimed_unix_ms, std::int64_t now_unix_ms) {
  if (claimed_unix_ms > 0 && claimed_unix_ms < state.discovered_at_unix_ms() - kOldPageMs) return 0;
  if (floor <= kTestFloor) {
    for (const std::int64_t delay : kTestRevisitsMs) {
      if (state.discovered_at_unix_ms() + delay > now_unix_ms)
        return state.discovered_at_unix_ms() + delay;
    }
  }
  for (const std::int64_t delay : kRevisitsMs) {
    if (state.discovered_at_unix_ms() + delay > now_unix_ms)
      return state.discovered_at_unix_ms() + delay;
  }
  return 0;
}

}  // namespace vigie::crawler
