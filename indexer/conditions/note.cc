#include "indexer/conditions/note.h"

#include "indexer/conditions/course.h"
#include "indexer/conditions/kinds.h"
#include "platform/dates/dates.h"
#include "proto/identity.h"

namespace vigie::indexer::conditions {
namespace {

constexpr std::string_view kIdPrefix = "condition-";
constexpr std::string_view kClausePrefix = "system:";
constexpr std::string_view kBegun = "begun";
constexpr std::string_view kEnded = "ended";

std::string id_of(const v1::ConditionRecord& condition, std::string_view phase) {
  const std::string all =
      key_of(condition) + "\n" + std::to_string(condition.episode()) + "\n" + std::string(phase);
  return std::string(kIdPrefix) + proto::base32(proto::to_bytes(proto::digest128(all)));
}

}  // namespace

std::string title_of(const v1::ConditionRecord& condition) {
  const std::string& name = condition.name();
  const auto kind = kind_named(condition.kind());
  if (!kind) return name;
  switch (*kind) {
    case Kind::kQuiet: return name + " has gone quiet";
    case Kind::kFailing: return name + " fails";
    case Kind::kFlooding: return name + " floods";
    case Kind::kDeliveries: return "Not delivered: " + name;
    case Kind::kQuarantine: return "Many records are set aside by " + name;
    case Kind::kDisk: return "Nearly full: " + name;
    case Kind::kLag: break;
  }
  return "Falls behind: " + name;
}

std::string page_of(const v1::ConditionRecord& condition) {
  const auto kind = kind_named(condition.kind());
  if (kind == Kind::kQuiet || kind == Kind::kFailing || kind == Kind::kFlooding)
    return "/s/" + condition.subject();
  if (kind == Kind::kDeliveries)
    return "/alerts?id=" + condition.subject().substr(0, condition.subject().find('/'));
  return "/ingestion";
}

v1::MatchRecord match_of(const v1::ConditionRecord& condition,
                         const v1::SubscriptionRecord& subscription, std::string_view pages_url) {
  const bool begins = is_on(condition);
  const std::int64_t at = begins ? condition.begun_unix_ms() : condition.ended_unix_ms();
  v1::MatchRecord out;
  v1::ArticleSummary& summary = *out.mutable_article();
  summary.set_article_id(id_of(condition, begins ? kBegun : kEnded));
  out.set_match_id(proto::match_id(subscription.id(), summary.article_id()));
  out.set_subscription_id(subscription.id());
  out.set_subscription_revision(subscription.revision());
  out.set_matched_at_unix_ms(at);
  if (!pages_url.empty()) {
    if (pages_url.ends_with('/')) pages_url.remove_suffix(1);
    summary.set_url(std::string(pages_url) + page_of(condition));
  }
  summary.set_title((begins ? "" : "Over: ") + title_of(condition));
  summary.set_snippet(begins
                          ? condition.detail()
                          : "It was so from " + dates::rfc3339_seconds(condition.since_unix_ms()) +
                                " on. " + condition.detail());
  summary.set_language("en");
  summary.set_published_unix_ms(begins ? condition.since_unix_ms() : at);
  summary.set_discovered_at_unix_ms(at);
  summary.mutable_source()->set_id(condition.subject());
  summary.mutable_source()->set_name(condition.name());
  v1::Evidence& evidence = *out.add_evidence();
  evidence.mutable_span()->set_field("title");
  evidence.set_text(std::string(begins ? kBegun : kEnded));
  evidence.set_sentence(summary.snippet());
  evidence.set_clause(std::string(kClausePrefix) + condition.kind());
  return out;
}

bool is_condition(const v1::ArticleSummary& article) {
  return article.article_id().starts_with(kIdPrefix);
}

std::optional<Note> note_of(const v1::MatchRecord& match) {
  const v1::ArticleSummary& summary = match.article();
  if (!is_condition(summary) || match.evidence().empty()) return std::nullopt;
  const v1::Evidence& evidence = match.evidence(0);
  if (!evidence.clause().starts_with(kClausePrefix)) return std::nullopt;
  Note out;
  out.kind = evidence.clause().substr(kClausePrefix.size());
  out.phase = evidence.text();
  out.subject = summary.source().id();
  out.name = summary.source().name();
  out.detail = summary.snippet();
  out.since_unix_ms = summary.published_unix_ms();
  out.at_unix_ms = match.matched_at_unix_ms();
  return out;
}

}  // namespace vigie::indexer::conditions
