// Telegram, Bot API: sendMessage. Source: core.telegram.org/bots/api 9.2, "sendMessage", "HTML
// style", "ResponseParameters"; core.telegram.org/bots/faq, "My bot is hitting limits".
#include "indexer/delivery/adapter.h"
#include "indexer/delivery/wording.h"
#include "platform/json/json.h"
#include "platform/text/ascii.h"
#include "platform/text/xml.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kMostUnits = 4'096;  // UTF-16, "1-4096 characters after entities parsing"
constexpr std::size_t kMostItems = 30;
constexpr std::size_t kSubjectBytes = 300;
constexpr std::size_t kHeadlineBytes = 300;
constexpr std::size_t kSentenceBytes = 500;
constexpr std::size_t kFooterBytes = 600;

std::string item_text(const NoticeItem& item, const Notice& notice) {
  const std::string headline = text::xml(headline_of(item, kHeadlineBytes));
  const std::string link = link_of(item);
  std::string out = "\n\n";
  out += link.empty() ? "<b>" + headline + "</b>"
                      : "<a href=\"" + text::xml(link) + "\"><b>" + headline + "</b></a>";
  for (const std::string& line : {byline_of(item, notice), sentence_of(item, kSentenceBytes)})
    if (!line.empty()) out += "\n" + text::xml(line);
  return out;
}

std::string text_of(const Envelope& envelope, std::size_t shown) {
  const Notice& notice = envelope.notice;
  std::string out = "<b>" + text::xml(subject_of(notice, kSubjectBytes)) + "</b>";
  for (std::size_t i = 0; i < shown; ++i) out += item_text(notice.items[i], notice);
  if (const std::string more = more_of(notice, shown); !more.empty())
    out += "\n\n" + text::xml(more);
  out += "\n\n<i>" + text::xml(footer_of(notice, kFooterBytes)) + "</i>";
  if (const std::string page = page_of(notice, envelope.options.pages_url); !page.empty())
    out += "\n<a href=\"" + text::xml(page) + "\">Open the alert</a>";
  return out;
}

/// "@channel" stays a text; a number of a chat is one.
Json chat_id(const std::string& chat) {
  const auto number = parse_json(chat);
  return number && number->is_integer() ? *number : Json(chat);
}

class TelegramAdapter final : public Adapter {
 public:
  Result<Outgoing> compose(const Envelope& envelope) const override {
    const v1::Channel& channel = envelope.message.channel;
    std::string base = channel.url();
    while (base.ends_with('/')) base.pop_back();
    // Tags and entities are counted, too, so that what fits here fits there.
    std::string text = fitted_utf16(envelope.notice, kMostItems, kMostUnits,
                                    [&](std::size_t shown) { return text_of(envelope, shown); });
    return Outgoing(
        json_post(base + "/bot" + channel.secret() + "/sendMessage",
                  Json::object({{"chat_id", chat_id(channel.recipient())},
                                {"text", std::move(text)},
                                {"parse_mode", "HTML"},
                                {"link_preview_options", Json::object({{"is_disabled", true}})}})
                      .dump()));
  }

  Attempt attempt_of(const ServiceResponse& response) const override {
    Attempt attempt = attempt_of_http(response);
    if (attempt.outcome == Outcome::kDelivered) return attempt;
    const Json body = parse_json(response.body).value_or(Json());
    const std::string& why = body["description"].as_string();
    const Json& moved = body["parameters"]["migrate_to_chat_id"];
    if (moved.is_integer())
      return gone(std::move(attempt),
                  "the group has become a supergroup, whose chat is " + moved.dump());
    // 401: the token was revoked; 403: the bot was blocked or removed; 404: no such bot
    if (response.status == 401 || response.status == 403 || response.status == 404)
      return gone(std::move(attempt), why);
    if (response.status == 400) {
      return text::ascii::lower(why).find("chat not found") != std::string::npos
                 ? gone(std::move(attempt), why)
                 : refused(std::move(attempt), why);
    }
    if (const Json& wait = body["parameters"]["retry_after"]; wait.is_number())
      set_retry_after(attempt, wait.as_double());
    return attempt;
  }
};

}  // namespace

const Adapter& telegram_adapter() {
  static const TelegramAdapter kAdapter;
  return kAdapter;
}

}  // namespace vigie::indexer::delivery
