#include "indexer/api/alert_api.h"

#include <algorithm>

#include "indexer/alerting/alerts.h"
#include "indexer/api/alert_owners.h"
#include "indexer/api/problems.h"
#include "indexer/api/subscription_api.h"
#include "indexer/api/topic_views.h"
#include "indexer/api/views.h"
#include "indexer/subscriptions/store.h"
#include "platform/text/xml.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kFeedEntries = 50;

using text::xml;

std::int64_t last_matched(const v1::AlertGroup& alert) {
  return std::max(alert.first_matched_at_unix_ms(), alert.last_matched_at_unix_ms());
}

std::string entry_xml(const v1::AlertGroup& alert) {
  const v1::ArticleSummary& article = alerting::shown_article(alert);
  std::string out = "  <entry>\n    <id>urn:vigie:alert:" + xml(alert.delivery_id()) + "</id>\n";
  const std::string language =
      article.language().empty() ? "" : " xml:lang=\"" + xml(article.language()) + "\"";
  out += "    <title" + language + ">" +
         xml(article.title().empty() ? article.url() : article.title()) + "</title>\n";
  out += "    <link rel=\"alternate\" href=\"" + xml(article.url()) + "\"/>\n";
  out += "    <updated>" + rfc3339(last_matched(alert)) + "</updated>\n";
  if (article.published_unix_ms() != 0)
    out += "    <published>" + rfc3339(article.published_unix_ms()) + "</published>\n";
  out += "    <author><name>" +
         xml(article.source().name().empty() ? "unknown" : article.source().name()) +
         "</name></author>\n";
  for (const v1::Tag& topic : article.topics())
    out += "    <category term=\"" + xml(topic.id()) + "\"/>\n";
  if (!article.snippet().empty())
    out += "    <summary" + language + ">" + xml(article.snippet()) + "</summary>\n";
  return out + "  </entry>\n";
}

/// Source: RFC 4287.
std::string feed_xml(const v1::SubscriptionRecord& subscription,
                     const std::vector<v1::AlertGroup>& alerts) {
  std::int64_t updated = subscription.updated_at_unix_ms();
  for (const v1::AlertGroup& alert : alerts) updated = std::max(updated, last_matched(alert));
  std::string out =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n";
  out += "  <id>urn:vigie:subscription:" + xml(subscription.id()) + "</id>\n  <title>" +
         xml(subscription.name()) + "</title>\n";
  out += "  <subtitle>" + xml(subscription.query()) + "</subtitle>\n  <updated>" +
         rfc3339(updated) + "</updated>\n";
  out += "  <author><name>vigie</name></author>\n  <generator>vigie</generator>\n";
  out += "  <link rel=\"self\" type=\"application/atom+xml\" href=\"/v1/subscriptions/" +
         xml(subscription.id()) + "/feed.atom\"/>\n";
  for (const v1::AlertGroup& alert : alerts) out += entry_xml(alert);
  return out + "</feed>\n";
}

Json alert_json(const v1::AlertGroup& alert, const std::vector<std::string>& copies) {
  Json articles = Json::array();
  for (const std::string& article : copies) articles.push(article);
  return Json::object({{"id", alert.delivery_id()},
                       {"matched", time_json(alert.first_matched_at_unix_ms())},
                       {"last_matched", time_json(last_matched(alert))},
                       {"article", hit_json(alerting::shown_article(alert))},
                       {"evidence", evidence_json(alerting::shown_evidence(alert))},
                       {"copies", std::move(articles)}});
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
  std::string body = feed_xml(*subscription, *alerts);
  const std::string tag = "\"" + proto::base32(proto::to_bytes(proto::digest128(body))) + "\"";
  http::Response response;
  if (call.request.header("if-none-match") == tag) {
    response.status = 304;
  } else {
    response = http::Response::text(std::move(body), "application/atom+xml; charset=utf-8");
  }
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", "private, no-cache");
  return response;
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
