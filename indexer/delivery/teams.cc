// Microsoft Teams, "When a Teams webhook request is received" of Workflows, with an Adaptive Card.
// Source: learn.microsoft.com, "Create incoming webhooks with Workflows for Microsoft Teams" and
// "Send Adaptive Cards using an Incoming Webhook"; "Rate limits" (a message has at most 28 KB);
// adaptivecards.io, schema 1.4, read 2026-11.
#include "indexer/delivery/adapter.h"
#include "indexer/delivery/wording.h"
#include "platform/json/json.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kMostItems = 25;
constexpr std::size_t kMostBytes = 26'000;  // 28 KB with what the service adds
constexpr std::size_t kSubjectBytes = 300;
constexpr std::size_t kHeadlineBytes = 300;
constexpr std::size_t kSentenceBytes = 500;
constexpr std::size_t kFooterBytes = 1'000;

/// A TextBlock reads Markdown, which a headline may hold by chance or design; the runs of a
/// RichTextBlock do not.
Json rich_text(const std::string& text, bool strong, bool subtle) {
  Json run = Json::object({{"type", "TextRun"}, {"text", text}});
  if (strong) run.set("weight", "Bolder");
  if (subtle) run.set("isSubtle", true);
  return Json::object({{"type", "RichTextBlock"}, {"inlines", Json(Json::Array{std::move(run)})}});
}

Json open_url(const std::string& url) {
  return Json::object({{"type", "Action.OpenUrl"}, {"url", url}});
}

Json item_container(const NoticeItem& item, const Notice& notice) {
  Json texts = Json::array();
  texts.push(rich_text(headline_of(item, kHeadlineBytes), true, false));
  if (const std::string by = byline_of(item, notice); !by.empty())
    texts.push(rich_text(by, false, true));
  if (const std::string sentence = sentence_of(item, kSentenceBytes); !sentence.empty())
    texts.push(rich_text(sentence, false, false));
  Json out =
      Json::object({{"type", "Container"}, {"separator", true}, {"items", std::move(texts)}});
  if (const std::string link = link_of(item); !link.empty())
    out.set("selectAction", open_url(link));
  return out;
}

std::string body_of(const Envelope& envelope, std::size_t shown) {
  const Notice& notice = envelope.notice;
  Json body = Json::array();
  Json title = rich_text(subject_of(notice, kSubjectBytes), true, false);
  title.mutable_object().back().second.mutable_array().front().set("size", "Large");
  body.push(std::move(title));
  for (std::size_t i = 0; i < shown; ++i) body.push(item_container(notice.items[i], notice));
  if (const std::string more = more_of(notice, shown); !more.empty())
    body.push(rich_text(more, false, true));
  body.push(rich_text(footer_of(notice, kFooterBytes), false, true));
  Json card = Json::object({{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                            {"type", "AdaptiveCard"},
                            {"version", "1.4"},
                            {"body", std::move(body)}});
  if (const std::string page = page_of(notice, envelope.options.pages_url); !page.empty()) {
    Json action = open_url(page);
    action.set("title", "Open the alert");
    card.set("actions", Json(Json::Array{std::move(action)}));
  }
  Json attachment = Json::object({{"contentType", "application/vnd.microsoft.card.adaptive"},
                                  {"contentUrl", Json()},
                                  {"content", std::move(card)}});
  return Json::object(
             {{"type", "message"}, {"attachments", Json(Json::Array{std::move(attachment)})}})
      .dump();
}

class TeamsAdapter final : public Adapter {
 public:
  Result<Outgoing> compose(const Envelope& envelope) const override {
    std::string body = fitted_bytes(envelope.notice, kMostItems, kMostBytes,
                                    [&](std::size_t shown) { return body_of(envelope, shown); });
    return Outgoing(json_post(envelope.message.channel.secret(), std::move(body)));
  }

  /// 202 is the usual "taken". A flow that was deleted is not found; one that is switched off for a
  /// while, or whose signature is refused while it is edited, may be there again.
  Attempt attempt_of(const ServiceResponse& response) const override {
    Attempt attempt = attempt_of_http(response);
    const Json body = parse_json(response.body).value_or(Json());
    const Json& error = body["error"];
    const std::string& code = error["code"].as_string();
    if (response.status == 404 && (code == "WorkflowNotFound" || code == "WorkflowTriggerNotFound"))
      return gone(std::move(attempt), code + ": " + error["message"].as_string());
    if (response.status == 413) return refused(std::move(attempt), "the message is too large");
    return attempt;
  }
};

}  // namespace

const Adapter& teams_adapter() {
  static const TeamsAdapter kAdapter;
  return kAdapter;
}

}  // namespace vigie::indexer::delivery
