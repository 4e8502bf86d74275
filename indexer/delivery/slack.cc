// Slack, incoming webhooks. Source: docs.slack.dev, "Sending messages using incoming webhooks",
// "Rate limits", "Rich text block", read 2026-11.
#include "indexer/delivery/adapter.h"
#include "indexer/delivery/wording.h"
#include "platform/json/json.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kMostItems = 20;     // a message has at most 50 blocks
constexpr std::size_t kHeaderUnits = 150;  // of a header block
constexpr std::size_t kHeadlineBytes = 300;
constexpr std::size_t kSentenceBytes = 500;
constexpr std::size_t kFooterBytes = 1'000;
constexpr std::size_t kFallbackBytes = 1'000;  // of `text`; beyond 40,000 Slack cuts
constexpr std::size_t kMostBytes = 30'000;

/// The three characters that Slack's markup takes for its own ("Formatting text", "Escaping text").
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else out += c;
  }
  return out;
}

Json text_element(std::string text) {
  return Json::object({{"type", "text"}, {"text", std::move(text)}});
}

Json plain_text(std::string text) {
  return Json::object({{"type", "plain_text"}, {"text", std::move(text)}, {"emoji", false}});
}

/// Rich text has no markup in its texts: a headline cannot turn into a mention or a link.
Json item_block(const NoticeItem& item, const Notice& notice) {
  Json elements = Json::array();
  const std::string headline = headline_of(item, kHeadlineBytes);
  const std::string link = link_of(item);
  Json head = link.empty() ? text_element(headline)
                           : Json::object({{"type", "link"}, {"url", link}, {"text", headline}});
  head.set("style", Json::object({{"bold", true}}));
  elements.push(std::move(head));
  if (const std::string by = byline_of(item, notice); !by.empty())
    elements.push(text_element("\n" + by));
  if (const std::string sentence = sentence_of(item, kSentenceBytes); !sentence.empty())
    elements.push(text_element("\n" + sentence));
  return Json::object(
      {{"type", "rich_text"},
       {"elements", Json(Json::Array{Json::object(
                        {{"type", "rich_text_section"}, {"elements", std::move(elements)}})})}});
}

Json context_block(std::string text) {
  return Json::object(
      {{"type", "context"}, {"elements", Json(Json::Array{plain_text(std::move(text))})}});
}

std::string body_of(const Envelope& envelope, std::size_t shown) {
  const Notice& notice = envelope.notice;
  Json blocks = Json::array();
  blocks.push(Json::object(
      {{"type", "header"},
       {"text", plain_text(cut_utf16(subject_of(notice, kHeaderUnits * 4), kHeaderUnits))}}));
  for (std::size_t i = 0; i < shown; ++i) blocks.push(item_block(notice.items[i], notice));
  if (const std::string more = more_of(notice, shown); !more.empty())
    blocks.push(context_block(more));
  blocks.push(context_block(footer_of(notice, kFooterBytes)));
  if (const std::string page = page_of(notice, envelope.options.pages_url); !page.empty()) {
    blocks.push(Json::object(
        {{"type", "actions"},
         {"elements", Json(Json::Array{Json::object({{"type", "button"},
                                                     {"action_id", "open_alert"},
                                                     {"text", plain_text("Open the alert")},
                                                     {"url", page}})})}}));
  }
  return Json::object({{"text", escaped(subject_of(notice, kFallbackBytes))},
                       {"blocks", std::move(blocks)},
                       {"unfurl_links", false},
                       {"unfurl_media", false}})
      .dump();
}

class SlackAdapter final : public Adapter {
 public:
  Result<Outgoing> compose(const Envelope& envelope) const override {
    std::string body = fitted_bytes(envelope.notice, kMostItems, kMostBytes,
                                    [&](std::size_t shown) { return body_of(envelope, shown); });
    return Outgoing(json_post(envelope.message.channel.secret(), std::move(body)));
  }

  /// "Handling errors": what the body says is why; of a webhook that was revoked, and of a channel
  /// that is archived or gone, nothing will ever be taken; a payload that is wrong stays wrong.
  Attempt attempt_of(const ServiceResponse& response) const override {
    Attempt attempt = attempt_of_http(response);
    switch (response.status) {
      case 400: return refused(std::move(attempt), response.body);
      case 403:  // action_prohibited, invalid_token
      case 404:  // channel_not_found, no_service, no_team
      case 410:  // channel_is_archived
        return gone(std::move(attempt), response.body);
      default: return attempt;
    }
  }
};

}  // namespace

const Adapter& slack_adapter() {
  static const SlackAdapter kAdapter;
  return kAdapter;
}

}  // namespace vigie::indexer::delivery
