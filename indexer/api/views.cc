#include "indexer/api/views.h"

#include <algorithm>

#include "indexer/api/channel_json.h"
#include "indexer/api/rhythm_members.h"
#include "indexer/delivery/parts.h"
#include "platform/dates/dates.h"
#include "platform/status/quiet.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::api {
namespace {

std::string_view origin_name(v1::Origin origin) {
  switch (origin) {
    case v1::ORIGIN_CRAWL: return "crawl";
    case v1::ORIGIN_INGEST: return "ingest";
    case v1::ORIGIN_REPLAY: return "replay";
    default: return "unknown";
  }
}

/// What it was; a list of alerts has the rest.
Json digest_json(const v1::Digest& digest) {
  return Json::object({{"slot", digest.slot()},
                       {"due", time_json(digest.due_unix_ms())},
                       {"alerts", static_cast<std::int64_t>(digest.alerts())},
                       {"articles", static_cast<std::int64_t>(digest.articles())}});
}

std::string_view state_name(v1::DeliveryState state) {
  switch (state) {
    case v1::DELIVERY_STATE_PENDING: return "pending";
    case v1::DELIVERY_STATE_DELIVERED: return "delivered";
    case v1::DELIVERY_STATE_FAILED: return "failed";
    case v1::DELIVERY_STATE_DISABLED: return "disabled";
    default: return "unknown";
  }
}

std::string_view truncation_name(v1::Truncation truncation) {
  switch (truncation) {
    case v1::TRUNCATION_LENGTH: return "length";
    case v1::TRUNCATION_TIME: return "time";
    case v1::TRUNCATION_DISCONNECT: return "disconnect";
    default: return "none";
  }
}

Json strings(const google::protobuf::RepeatedPtrField<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push(value);
  return out;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

/// What the publisher wrote, else null.
Json written_json(bool known, const v1::WrittenTime& time) {
  if (!known || time.precision() == v1::DATE_PRECISION_NONE) return {};
  return time.text().empty() ? time_json(time.unix_ms()) : Json(time.text());
}

Json carrier_json(bool known, const v1::WrittenTime& time) {
  return known && !time.carrier().empty() ? Json(time.carrier()) : Json();
}

Json image_json(const v1::Image& image) {
  if (image.url().empty()) return {};
  return Json::object({{"url", image.url()},
                       {"caption", text_or_null(image.caption())},
                       {"credit", text_or_null(image.credit())}});
}

std::string_view kind_name(v1::BlockKind kind) {
  switch (kind) {
    case v1::BLOCK_KIND_HEADING: return "heading";
    case v1::BLOCK_KIND_LIST_ITEM: return "list_item";
    case v1::BLOCK_KIND_QUOTE: return "quote";
    case v1::BLOCK_KIND_TABLE_CELL: return "table_cell";
    case v1::BLOCK_KIND_PREFORMATTED: return "preformatted";
    default: return "paragraph";
  }
}

/// What the page's markup says of the text and around it.
void set_structure(const v1::ArticleRecord& article, Json& out) {
  Json structure = Json::array();
  for (const v1::TextBlock& block : article.blocks()) {
    Json one = Json::object({{"kind", kind_name(block.kind())},
                             {"offset", block.offset()},
                             {"length", block.length()}});
    if (block.level() > 0) one.set("level", block.level());
    if (block.row() > 0) one.set("row", block.row());
    structure.push(std::move(one));
  }
  out.set("structure", std::move(structure));
  Json links = Json::array();
  for (const v1::TextLink& link : article.links())
    links.push(
        Json::object({{"offset", link.offset()}, {"length", link.length()}, {"url", link.url()}}));
  out.set("links", std::move(links));
  Json images = Json::array();
  for (const v1::Image& image : article.images()) images.push(image_json(image));
  out.set("images", std::move(images));
  Json alternates = Json::array();
  for (const v1::Alternate& alternate : article.alternates())
    alternates.push(Json::object({{"language", alternate.language()}, {"url", alternate.url()}}));
  out.set("alternates", std::move(alternates));
}

/// Where each member was read, by its name.
Json carriers_json(const v1::ArticleRecord& article) {
  const v1::Carriers& carriers = article.carriers();
  return Json::object({{"title", text_or_null(article.title_carrier())},
                       {"text", text_or_null(carriers.text())},
                       {"authors", text_or_null(article.authors_carrier())},
                       {"published", carrier_json(article.has_published(), article.published())},
                       {"modified", carrier_json(article.has_modified(), article.modified())},
                       {"url", text_or_null(carriers.canonical_url())},
                       {"site", text_or_null(carriers.site_name())},
                       {"description", text_or_null(carriers.description())},
                       {"section", text_or_null(carriers.section())},
                       {"tags", text_or_null(carriers.publisher_tags())},
                       {"image", text_or_null(carriers.image())},
                       {"image_caption", text_or_null(carriers.image_caption())},
                       {"image_credit", text_or_null(carriers.image_credit())},
                       {"declared_language", text_or_null(carriers.declared_language())},
                       {"page_type", text_or_null(carriers.page_type())},
                       {"genre", text_or_null(carriers.genre())},
                       {"licence", text_or_null(carriers.licence())},
                       {"paywall", text_or_null(carriers.paywall())}});
}

Json span_json(const v1::Span& span) {
  Json out = Json::object({{"field", span.field()},
                           {"offset", span.offset()},
                           {"length", span.length()},
                           {"rule", text_or_null(span.rule())}});
  if (span.together()) out.set("together", true);
  if (!span.child().empty()) out.set("child", span.child());
  return out;
}

}  // namespace

std::string rfc3339(std::int64_t unix_ms) { return dates::rfc3339(unix_ms); }

Json time_json(std::int64_t unix_ms) { return unix_ms == 0 ? Json() : Json(rfc3339(unix_ms)); }

std::string_view level_name(v1::TagLevel level) {
  return level == v1::TAG_LEVEL_ABOUT ? "about" : "mention";
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

Json source_json(const v1::Source& source) {
  return Json::object({{"id", source.id()},
                       {"name", source.name()},
                       {"homepage", text_or_null(source.homepage())},
                       {"country", text_or_null(source.country())},
                       {"language", text_or_null(source.language())},
                       {"kind", text_or_null(source.kind())},
                       {"affiliation", text_or_null(source.affiliation())}});
}

Json tags_json(const google::protobuf::RepeatedPtrField<v1::Tag>& tags, bool with_evidence) {
  Json out = Json::array();
  for (const v1::Tag& tag : tags) {
    Json entry = Json::object(
        {{"id", tag.id()}, {"level", level_name(tag.level())}, {"score", tag.score()}});
    if (with_evidence) {
      Json evidence = Json::array();
      for (const v1::Span& span : tag.evidence()) evidence.push(span_json(span));
      entry.set("evidence", std::move(evidence));
    }
    out.push(std::move(entry));
  }
  return out;
}

Json evidence_json(const google::protobuf::RepeatedPtrField<v1::Evidence>& evidence) {
  Json out = Json::array();
  for (const v1::Evidence& entry : evidence) {
    out.push(Json::object({{"field", entry.span().field()},
                           {"offset", entry.span().offset()},
                           {"length", entry.span().length()},
                           {"text", entry.text()},
                           {"sentence", entry.sentence()},
                           {"clause", entry.clause()}}));
  }
  return out;
}

Json hit_json(const v1::ArticleSummary& article) {
  Json published;
  if (!article.published().empty()) published = article.published();
  else published = time_json(article.published_unix_ms());
  return Json::object({{"id", article.article_id()},
                       {"url", article.url()},
                       {"title", article.title()},
                       {"published", std::move(published)},
                       {"discovered", time_json(article.discovered_at_unix_ms())},
                       {"source", source_json(article.source())},
                       {"language", article.language()},
                       {"genre", text_or_null(article.genre())},
                       {"topics", tags_json(article.topics(), false)},
                       {"actors", tags_json(article.actors(), false)},
                       {"snippet", article.snippet()},
                       {"story", text_or_null(article.story_id())},
                       {"event", text_or_null(article.event_id())}});
}

Json article_json(const v1::ArticleRecord& article) {
  const v1::OptOut& opt_out = article.opt_out();
  Json out = Json::object(
      {{"id", article.article_id()},
       {"url", article.canonical_url().empty() ? article.url() : article.canonical_url()},
       {"page_url", article.url()},
       {"version", hex(article.version_id())},
       {"title", article.title()},
       {"text", article.text()},
       {"authors", strings(article.authors())},
       {"published", written_json(article.has_published(), article.published())},
       {"modified", written_json(article.has_modified(), article.modified())},
       {"discovered", time_json(article.discovered_at_unix_ms())},
       {"fetched", time_json(article.fetched_at_unix_ms())},
       {"source", source_json(article.source())},
       {"site", text_or_null(article.site_name())},
       {"description", text_or_null(article.description())},
       {"section", text_or_null(article.section())},
       {"image", image_json(article.image())},
       {"language", article.language()},
       {"script", text_or_null(article.script())},
       {"declared_language", text_or_null(article.declared_language())},
       {"tags", strings(article.publisher_tags())},
       {"topics", tags_json(article.topics(), true)},
       {"actors", tags_json(article.actors(), true)}});
  out.set("provenance",
          Json::object({{"origin", origin_name(article.origin())},
                        {"title", text_or_null(article.title_carrier())},
                        {"authors", text_or_null(article.authors_carrier())},
                        {"published", carrier_json(article.has_published(), article.published())},
                        {"modified", carrier_json(article.has_modified(), article.modified())},
                        {"charset", text_or_null(article.charset())},
                        {"replaced_bytes", article.replaced_bytes()},
                        {"truncation", truncation_name(article.truncation())},
                        {"text_only", article.text_only_fallback()},
                        {"pack", text_or_null(article.pack())},
                        {"extractor", text_or_null(article.extractor_version())},
                        {"archive", text_or_null(article.archive_ref())},
                        {"ingest_id", text_or_null(article.ingest_id())},
                        {"paywall", text_or_null(article.paywall())}}));
  out.set("opt_out", Json::object({{"noindex", opt_out.noindex()},
                                   {"noarchive", opt_out.noarchive()},
                                   {"nosnippet", opt_out.nosnippet()},
                                   {"tdm_reserved", opt_out.tdm_reserved()},
                                   {"content_signal", text_or_null(opt_out.content_signal())}}));
  out.set("page_type", text_or_null(article.page_type()));
  out.set("genre", text_or_null(article.genre()));
  out.set("genre_evidence", text_or_null(article.genre_evidence()));
  out.set("licence", text_or_null(article.licence()));
  out.set("paywall", text_or_null(article.paywall()));
  set_structure(article, out);
  out.set("carriers", carriers_json(article));
  return out;
}

Json subscription_json(const v1::SubscriptionRecord& subscription, bool with_secrets) {
  Json channels = Json::array();
  for (const v1::Channel& channel : subscription.channels()) {
    channels.push(channel_json(channel, with_secrets));
  }
  Json out = Json::object({{"id", subscription.id()},
                           {"revision", static_cast<std::int64_t>(subscription.revision())},
                           {"name", subscription.name()},
                           {"query", subscription.query()},
                           {"channels", std::move(channels)}});
  set_when(subscription, out);
  out.set("owner", text_or_null(subscription.owner()));
  out.set("changed_by", text_or_null(subscription.changed_by()));
  out.set("changed_at", time_json(subscription.changed_at_unix_ms()));
  out.set("created", time_json(subscription.created_at_unix_ms()));
  out.set("updated", time_json(subscription.updated_at_unix_ms()));
  return out;
}

Json match_json(const v1::MatchRecord& match) {
  return Json::object(
      {{"id", match.match_id()},
       {"subscription", match.subscription_id()},
       {"matched", time_json(match.matched_at_unix_ms())},
       {"article", hit_json(match.article())},
       {"evidence", evidence_json(match.evidence())},
       {"spike", match.has_spike() ? delivery::spike_json(match.spike()) : Json()}});
}

Json delivery_json(const v1::DeliveryRecord& delivery) {
  return Json::object(
      {{"id", delivery.delivery_id()},
       {"channel", delivery.channel_id()},
       {"state", state_name(delivery.state())},
       {"attempts", delivery.attempts()},
       {"next_attempt", delivery.state() == v1::DELIVERY_STATE_PENDING
                            ? time_json(delivery.next_due_unix_ms())
                            : Json()},
       {"created", time_json(delivery.created_at_unix_ms())},
       {"ended", time_json(delivery.ended_at_unix_ms())},
       {"status", delivery.last_status() == 0 ? Json() : Json(delivery.last_status())},
       {"error", text_or_null(delivery.last_error())},
       {"article", delivery.has_match() ? Json(delivery.match().article().article_id()) : Json()},
       {"digest", delivery.has_digest() ? digest_json(delivery.digest()) : Json()}});
}

Json service_json(const v1::ServiceStatus& service) {
  Json rates = Json::array();
  for (const v1::Rate& rate : service.rates()) {
    rates.push(Json::object({{"name", rate.name()},
                             {"total", static_cast<std::int64_t>(rate.total())},
                             {"per_second", rate.per_second()}}));
  }
  Json lags = Json::array();
  for (const v1::TopicLag& lag : service.lags()) {
    lags.push(Json::object({{"topic", lag.topic()},
                            {"position", lag.position()},
                            {"end", lag.end()},
                            {"records", std::max<std::int64_t>(0, lag.end() - lag.position())}}));
  }
  return Json::object({{"service", service.service()},
                       {"instance", service.instance()},
                       {"version", service.version()},
                       {"state", service.state()},
                       {"started", time_json(service.started_at_unix_ms())},
                       {"reported", time_json(service.reported_at_unix_ms())},
                       {"rates", std::move(rates)},
                       {"lags", std::move(lags)},
                       {"last_error", text_or_null(service.last_error())},
                       {"resident_bytes", static_cast<std::int64_t>(service.resident_bytes())},
                       {"disk_bytes", static_cast<std::int64_t>(service.disk_bytes())},
                       {"disk_free_bytes", static_cast<std::int64_t>(service.disk_free_bytes())}});
}

Json source_status_json(const v1::SourceStatus& source, std::int64_t now_unix_ms) {
  Json errors = Json::array();
  for (const v1::ReasonCount& error : source.errors()) {
    errors.push(Json::object(
        {{"reason", error.reason()}, {"count", static_cast<std::int64_t>(error.count())}}));
  }
  Json moved = Json::array();
  for (const v1::MovedUrl& address : source.moved()) {
    moved.push(Json::object({{"from", address.from()},
                             {"to", address.to()},
                             {"since", time_json(address.since_unix_ms())}}));
  }
  Json pushed = Json::array();
  for (const v1::PushedUrl& feed : source.pushed()) {
    pushed.push(Json::object({{"url", feed.url()},
                              {"hub", feed.hub()},
                              {"state", feed.state()},
                              {"since", time_json(feed.since_unix_ms())},
                              {"last_push", time_json(feed.last_push_unix_ms())},
                              {"detail", text_or_null(feed.detail())}}));
  }
  const bool late = status::gone_quiet(source, now_unix_ms);
  return Json::object({{"id", source.source_id()},
                       {"name", source.name()},
                       {"homepage", text_or_null(source.homepage())},
                       {"country", text_or_null(source.country())},
                       {"language", text_or_null(source.language())},
                       {"kind", text_or_null(source.kind())},
                       {"affiliation", text_or_null(source.affiliation())},
                       {"feeds", source.feeds()},
                       {"state", source.state()},
                       {"reported", time_json(source.reported_at_unix_ms())},
                       {"last_poll", time_json(source.last_poll_unix_ms())},
                       {"next_poll", time_json(source.next_poll_unix_ms())},
                       {"last_article", time_json(source.last_article_unix_ms())},
                       {"articles", static_cast<std::int64_t>(source.articles())},
                       {"expected_interval_s", source.expected_interval_s()},
                       {"late", late},
                       {"errors", std::move(errors)},
                       {"last_error", text_or_null(source.last_error())},
                       {"moved", std::move(moved)},
                       {"pushed", std::move(pushed)},
                       {"robots", source.robots()}});
}

Json quarantine_json(const v1::QuarantineRecord& record) {
  return Json::object(
      {{"id", record.id()},
       {"stage", record.stage()},
       {"reason", record.reason()},
       {"detail", record.detail()},
       {"topic", text_or_null(record.topic())},
       {"partition", record.partition()},
       {"offset", record.offset()},
       {"key", text::is_valid_utf8(record.key()) ? record.key() : hex(record.key())},
       {"attempts", record.attempts()},
       {"failed", time_json(record.failed_at_unix_ms())},
       {"url", text_or_null(record.url())},
       {"replayable", !record.value_cut() && !record.topic().empty()},
       {"resolved", record.resolved()}});
}

Json by_reason_json(const std::map<std::pair<std::string, std::string>, std::uint64_t>& counts) {
  Json out = Json::array();
  for (const auto& [what, count] : counts) {
    out.push(Json::object({{"stage", what.first},
                           {"reason", what.second},
                           {"count", static_cast<std::int64_t>(count)}}));
  }
  return out;
}

}  // namespace vigie::indexer::api
