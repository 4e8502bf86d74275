#include <algorithm>

#include "indexer/api/handlers.h"
#include "indexer/api/views.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kDefaultAlerts = 50;
constexpr std::int64_t kMaxAlerts = 200;
constexpr std::size_t kFeedEntries = 50;

http::Response no_subscription(const std::string& id) {
  return http::Response::problem(
      404, "not_found", "There is no subscription " + id + "; GET /v1/subscriptions lists them.");
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default:
        // XML 1.0 §2.2 has no other control characters
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

std::string entry_xml(const v1::AlertGroup& alert) {
  const v1::ArticleSummary& article = alert.article();
  std::string out = "  <entry>\n    <id>urn:vigie:alert:" + xml(alert.delivery_id()) + "</id>\n";
  const std::string language =
      article.language().empty() ? "" : " xml:lang=\"" + xml(article.language()) + "\"";
  out += "    <title" + language + ">" +
         xml(article.title().empty() ? article.url() : article.title()) + "</title>\n";
  out += "    <link rel=\"alternate\" href=\"" + xml(article.url()) + "\"/>\n";
  out += "    <updated>" + rfc3339(alert.first_matched_at_unix_ms()) + "</updated>\n";
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
  for (const v1::AlertGroup& alert : alerts)
    updated = std::max(updated, alert.first_matched_at_unix_ms());
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

}  // namespace

http::Response Handlers::matches(const http::Request& request) {
  const std::string& id = request.captures[0];
  if (!dependencies_.subscriptions.find(id)) return no_subscription(id);
  if (auto other = elsewhere(request, "matches")) return std::move(*other);
  const auto limit = number_parameter(request, "limit", kDefaultAlerts, 1, kMaxAlerts);
  if (!limit) return problem_of(limit.error());
  const auto alerts = dependencies_.alerter->alerts(id, static_cast<std::size_t>(*limit),
                                                    request.parameter("cursor").value_or(""));
  if (!alerts)
    return problem_of(
        alerts.error().code == "not_found"
            ? bad_parameter("cursor is not one of this list any more; begin anew").value()
            : alerts.error());
  Json out = Json::array();
  for (const v1::AlertGroup& alert : *alerts) {
    Json copies = Json::array();
    if (alert.match_ids_size() > 1) {
      const auto articles =
          matches_.articles_of({alert.match_ids().begin() + 1, alert.match_ids().end()});
      if (!articles) return problem_of(articles.error());
      for (const std::string& article : *articles) copies.push(article);
    }
    out.push(Json::object({{"id", alert.delivery_id()},
                           {"matched", time_json(alert.first_matched_at_unix_ms())},
                           {"last_matched", time_json(std::max(alert.first_matched_at_unix_ms(),
                                                               alert.last_matched_at_unix_ms()))},
                           {"article", hit_json(alert.article())},
                           {"evidence", evidence_json(alert.evidence())},
                           {"copies", std::move(copies)}}));
  }
  const bool full = alerts->size() == static_cast<std::size_t>(*limit);
  return http::Response::json(
      Json::object({{"matches", std::move(out)},
                    {"cursor", full ? Json(alerts->back().delivery_id()) : Json()}}));
}

http::Response Handlers::feed(const http::Request& request) {
  const std::string& id = request.captures[0];
  const auto subscription = dependencies_.subscriptions.find(id);
  if (!subscription) return no_subscription(id);
  if (auto other = elsewhere(request, "feed")) return std::move(*other);
  const auto alerts = dependencies_.alerter->alerts(id, kFeedEntries);
  if (!alerts) return problem_of(alerts.error());
  std::string body = feed_xml(*subscription, *alerts);
  const std::string tag = "\"" + proto::base32(proto::to_bytes(proto::digest128(body))) + "\"";
  http::Response response;
  if (request.header("if-none-match") == tag) {
    response.status = 304;
  } else {
    response = http::Response::text(std::move(body), "application/atom+xml; charset=utf-8");
  }
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", "private, no-cache");
  return response;
}

http::Response Handlers::deliveries(const http::Request& request) {
  const std::string& id = request.captures[0];
  if (!dependencies_.subscriptions.find(id)) return no_subscription(id);
  if (auto other = elsewhere(request, "deliveries")) return std::move(*other);
  const auto limit = number_parameter(request, "limit", kDefaultAlerts, 1, kMaxAlerts);
  if (!limit) return problem_of(limit.error());
  const auto deliveries = dependencies_.alerter->deliveries(id, static_cast<std::size_t>(*limit));
  if (!deliveries) return problem_of(deliveries.error());
  Json out = Json::array();
  for (const v1::DeliveryRecord& delivery : *deliveries) out.push(delivery_json(delivery));
  return http::Response::json(Json::object({{"deliveries", std::move(out)}}));
}

}  // namespace vigie::indexer::api
