#include "indexer/api/alert_api.h"

#include <algorithm>

#include "indexer/alerting/alerts.h"
#include "indexer/api/alert_owners.h"
#include "indexer/api/feeds.h"
#include "indexer/api/problems.h"
#include "indexer/api/subscription_api.h"
#include "indexer/api/topic_views.h"
#include "indexer/api/views.h"
#include "indexer/delivery/parts.h"
#include "indexer/subscriptions/store.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kFeedEntries = 50;

std::int64_t last_matched(const v1::AlertGroup& alert) {
  return std::max(alert.first_matched_at_unix_ms(), alert.last_matched_at_unix_ms());
}

Feed alert_feed(const v1::SubscriptionRecord& subscription,
                const std::vector<v1::AlertGroup>& alerts, const std::string& base,
                std::string_view document) {
  Feed out;
  out.id = "urn:vigie:subscription:" + subscription.id();
  out.title = subscription.name();
  out.subtitle = subscription.query();
  out.self = base + "/v1/subscriptions/" + subscription.id() + "/" + std::string(document);
  out.alternate = base + "/alerts/" + subscription.id();
  out.updated_unix_ms = subscription.updated_at_unix_ms();
  for (const v1::AlertGroup& alert : alerts) {
    FeedEntry& entry = out.entries.emplace_back(entry_of(alerting::shown_article(alert)));
    entry.id = "urn:vigie:alert:" + alert.delivery_id();
    if (alert.has_spike()) entry.title = alert.spike().sentence();
    entry.updated_unix_ms = last_matched(alert);
    out.updated_unix_ms = std::max(out.updated_unix_ms, entry.updated_unix_ms);
  }
  return out;
}

Json alert_json(const v1::AlertGroup& alert, const std::vector<std::string>& copies) {
  Json articles = Json::array();
  for (const std::string& article : copies) articles.push(article);
  return Json::object({{"id", alert.delivery_id()},
                       {"matched", time_json(alert.first_matched_at_unix_ms())},
                       {"last_matched", time_json(last_matched(alert))},
                       {"article", hit_json(alerting::shown_article(alert))},
                       {"evidence", evidence_json(alerting::shown_evidence(alert))},
                       {"copies", std::move(articles)},
                       {"spike", alert.has_spike() ? delivery::spike_json(alert.spike()) : Json()},
                       {"reported", delivery::reported_json(alert.reach())}});
}

http::Response attempts_json(const std::vector<alerting::TestResult>& results) {
  Json out = Json::array();
  for (const alerting::TestResult& result : results) {
    out.push(Json::object(
        {{"channel", result.channel_id},
         {"delivered", result.attempt.outcome == delivery::Outcome::kDelivered},
         {"status", result.attempt.status == 0 ? Json() : Json(result.attempt.status)},
         {"error", result.attempt.error.empty() ? Json() : Json(result.attempt.error)}}));
  }
  return http::Response::json(Json::object({{"results", std::move(out)}}));
}

}  // namespace

Routes AlertApi::routes() {
  return {
      route("GET", "/v1/subscriptions/{id}/matches", "matches", this, &AlertApi::matches),
      route("GET", "/v1/subscriptions/{id}/feed.atom", "feed", this, &AlertApi::feed),
      route("GET", "/v1/subscriptions/{id}/feed.json", "feedJson", this, &AlertApi::feed),
      route("GET", "/v1/subscriptions/{id}/deliveries", "deliveries", this, &AlertApi::deliveries),
      route("POST", "/v1/subscriptions/{id}/test", "testSubscription", this, &AlertApi::test),
      route("POST", "/v1/subscriptions/{id}/matches/{match}/replay", "replayMatch", this,
            &AlertApi::replay),
  };
}

http::Response AlertApi::matches(const Call& call) {
  const std::string& id = call.capture(0);
  if (!store_.find(id)) return no_subscription(id);
  if (auto other = owners_.elsewhere(call)) return std::move(*other);
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  const auto alerts = alerter_->alerts(id, limit, call.text("cursor"));
  if (!alerts)
    return problem_of(
        alerts.error().code == "not_found"
            ? bad_parameter("cursor is not one of this list any more; begin anew").value()
            : alerts.error());
  Json out = Json::array();
  for (const v1::AlertGroup& alert : *alerts) {
    std::vector<std::string> copies;
    if (alert.match_ids_size() > 1) {
      auto articles =
          matches_.articles_of({alert.match_ids().begin() + 1, alert.match_ids().end()});
      if (!articles) return problem_of(articles.error());
      copies = std::move(*articles);
    }
    // Shown is the first in time, which need not be the one that was told.
    const std::string& shown = alerting::shown_article(alert).article_id();
    if (alert.article().article_id() != shown) {
      std::erase(copies, shown);
      copies.insert(copies.begin(), alert.article().article_id());
    }
    out.push(alert_json(alert, copies));
  }
  const bool full = alerts->size() == limit;
  return http::Response::json(
      Json::object({{"matches", std::move(out)},
                    {"cursor", full ? Json(alerting::cursor_of(alerts->back())) : Json()}}));
}

http::Response AlertApi::feed(const Call& call) {
  const std::string& id = call.capture(0);
  const auto subscription = store_.find(id);
  if (!subscription) return no_subscription(id);
  if (auto other = owners_.elsewhere(call)) return std::move(*other);
  const auto alerts = alerter_->alerts(id, kFeedEntries);
  if (!alerts) return problem_of(alerts.error());
  const bool json = call.operation.id == "feedJson";
  const Feed feed = alert_feed(*subscription, *alerts, base_url(call.request, public_url_),
                               json ? "feed.json" : "feed.atom");
  return feed_response(call.request, feed, json ? FeedForm::kJson : FeedForm::kAtom);
}

http::Response AlertApi::deliveries(const Call& call) {
  const std::string& id = call.capture(0);
  if (!store_.find(id)) return no_subscription(id);
  if (auto other = owners_.elsewhere(call)) return std::move(*other);
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  const auto deliveries = alerter_->deliveries(id, limit);
  if (!deliveries) return problem_of(deliveries.error());
  Json out = Json::array();
  for (const v1::DeliveryRecord& delivery : *deliveries) out.push(delivery_json(delivery));
  return http::Response::json(Json::object({{"deliveries", std::move(out)}}));
}

http::Response AlertApi::test(const Call& call) {
  const auto found = store_.find(call.capture(0));
  if (!found) return no_subscription(call.capture(0));
  // A sample needs no state, so that whoever can deliver sends it.
  if (!owners_.delivers_here()) return std::move(*owners_.elsewhere(call));
  return attempts_json(alerter_->send_test(*found));
}

http::Response AlertApi::replay(const Call& call) {
  const auto found = store_.find(call.capture(0));
  if (!found) return no_subscription(call.capture(0));
  if (auto other = owners_.elsewhere(call)) return std::move(*other);
  const auto sent = alerter_->send_again(*found, call.capture(1));
  return sent ? attempts_json(*sent) : problem_of(sent.error());
}

}  // namespace vigie::indexer::api
