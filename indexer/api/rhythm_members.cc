#include "indexer/api/rhythm_members.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "indexer/api/problems.h"
#include "indexer/api/views.h"
#include "indexer/rhythm/estimate.h"
#include "indexer/subscriptions/kind.h"
#include "platform/dates/dates.h"

namespace vigie::indexer::api {
namespace {

constexpr double kTenths = 10;

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

/// 0 where it is null or not there.
Result<std::int64_t> instant_of(const Json& body, const std::string& member) {
  const std::string& text = body[member].as_string();
  if (text.empty()) return std::int64_t{0};
  const auto instant = dates::parse_rfc3339(text);
  if (!instant || *instant <= 0 || text.size() <= std::string("2026-01-31").size())
    return bad_parameter("\"" + member +
                         "\" must be an instant of RFC 3339 such as 2026-01-31T08:00:00Z, or null");
  return *instant;
}

}  // namespace

Result<v1::SubscriptionRecord> when_of(const Json& body) {
  v1::SubscriptionRecord out;
  out.set_rhythm(body["rhythm"].as_string());
  out.set_quiet(body["quiet"].as_string());
  const std::int64_t most = body["most_per_hour"].as_integer();
  if (most < 0 || most > rhythm::kMaxPerHour)
    return bad_parameter("\"most_per_hour\" is 1 to " + std::to_string(rhythm::kMaxPerHour) +
                         ", or null for no limit");
  out.set_most_per_hour(static_cast<std::uint32_t>(most));
  VIGIE_ASSIGN(const std::int64_t snooze, instant_of(body, "snooze_until"));
  VIGIE_ASSIGN(const std::int64_t pause, instant_of(body, "pause_until"));
  out.set_snooze_until_unix_ms(snooze);
  out.set_pause_until_unix_ms(pause);
  out.set_empty_digests(body["empty"].as_bool());
  out.set_kind(body["kind"].as_string());
  out.set_sensitivity(body["sensitivity"].as_string());
  out.set_drops(body["drops"].as_bool());
  out.set_one_per_event(body["one_per_event"].as_bool());
  return out;
}

void set_when(const v1::SubscriptionRecord& subscription, Json& out) {
  const std::string& rhythm = subscription.rhythm();
  out.set("rhythm", rhythm.empty() ? std::string("instant") : rhythm);
  out.set("quiet", text_or_null(subscription.quiet()));
  out.set("most_per_hour", subscription.most_per_hour() == 0
                               ? Json()
                               : Json(static_cast<std::int64_t>(subscription.most_per_hour())));
  out.set("snooze_until", time_json(subscription.snooze_until_unix_ms()));
  out.set("pause_until", time_json(subscription.pause_until_unix_ms()));
  out.set("empty", subscription.empty_digests());
  const bool spike = subscription.kind() == subscriptions::kSpike;
  out.set("kind", spike ? subscriptions::kSpike : subscriptions::kArticles);
  out.set("sensitivity", text_or_null(subscription.sensitivity()));
  out.set("drops", subscription.drops());
  out.set("one_per_event", subscription.one_per_event());
}

Json estimate_json(const rhythm::Rule& rule, const std::vector<TimelineBin>& hours,
                   double stories_of_articles, bool exact, std::int64_t begin_unix_ms,
                   std::int64_t end_unix_ms) {
  std::vector<rhythm::HourCount> counts;
  for (const TimelineBin& hour : hours) counts.push_back({hour.begin_unix_ms, hour.count});
  const rhythm::Estimate found =
      rhythm::estimate(rule, counts, stories_of_articles, begin_unix_ms, end_unix_ms);
  return Json::object(
      {{"text", found.text()},
       {"messages", static_cast<std::int64_t>(found.messages)},
       {"per_day", static_cast<double>(std::llround(found.messages_per_day * kTenths)) / kTenths},
       {"articles", static_cast<std::int64_t>(found.articles)},
       {"stories", static_cast<std::int64_t>(found.stories)},
       {"exact", exact}});
}

Json spike_estimate_json(std::uint64_t days, std::uint64_t articles, std::int64_t begin_unix_ms,
                         std::int64_t end_unix_ms) {
  const auto count = static_cast<std::int64_t>(days);
  const std::int64_t looked =
      std::max<std::int64_t>(1, (end_unix_ms - begin_unix_ms) / dates::kMsPerDay);
  const double per_day = static_cast<double>(count) / static_cast<double>(looked);
  const std::string text = std::to_string(count) + (count == 1 ? " time" : " times") + " in " +
                           std::to_string(looked) + (looked == 1 ? " day" : " days");
  return Json::object({{"text", text},
                       {"messages", count},
                       {"per_day", static_cast<double>(std::llround(per_day * kTenths)) / kTenths},
                       {"articles", static_cast<std::int64_t>(articles)},
                       {"stories", std::int64_t{0}},
                       {"exact", true}});
}

}  // namespace vigie::indexer::api
