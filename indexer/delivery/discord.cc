// Discord, "Execute Webhook". Source: discord.com/developers/docs, "Webhook Resource", "Message
// Resource: Embed Limits", "Topics: Rate Limits", "JSON Error Codes", read 2026-11.
#include "indexer/delivery/adapter.h"
#include "indexer/delivery/wording.h"
#include "platform/json/json.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kTitleUnits = 256;
constexpr std::size_t kDescriptionUnits = 4'096;
constexpr std::size_t kFooterBytes = 1'000;  // at most 2,048, and 6,000 in all of an embed
constexpr std::size_t kMostItems = 25;
constexpr std::size_t kHeadlineBytes = 300;
constexpr std::size_t kSentenceBytes = 500;
constexpr std::int64_t kUnknownWebhook = 10'015;
constexpr std::int64_t kInvalidToken = 50'027;

/// Markdown as Discord reads it; a backslash takes its meaning from each sign.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\*_~`|>[]()<#-:@").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string description_of(const Notice& notice, std::size_t shown) {
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) {
    const NoticeItem& item = notice.items[i];
    const std::string headline = escaped(headline_of(item, kHeadlineBytes));
    const std::string link = link_of(item);
    out += link.empty() ? "**" + headline + "**" : "**[" + headline + "](" + link + ")**";
    for (const std::string& line : {byline_of(item, notice), sentence_of(item, kSentenceBytes)})
      if (!line.empty()) out += "\n" + escaped(line);
    out += "\n\n";
  }
  return out + escaped(more_of(notice, shown));
}

class DiscordAdapter final : public Adapter {
 public:
  Result<Outgoing> compose(const Envelope& envelope) const override {
    const Notice& notice = envelope.notice;
    Json embed = Json::object(
        {{"title", cut_utf16(subject_of(notice, kTitleUnits * 4), kTitleUnits)},
         {"description",
          fitted_utf16(notice, kMostItems, kDescriptionUnits,
                       [&](std::size_t shown) { return description_of(notice, shown); })},
         {"footer", Json::object({{"text", footer_of(notice, kFooterBytes)}})}});
    if (const std::string page = page_of(notice, envelope.options.pages_url); !page.empty())
      embed.set("url", page);
    // Nobody is called by what an article says.
    const Json body =
        Json::object({{"embeds", Json(Json::Array{std::move(embed)})},
                      {"allowed_mentions", Json::object({{"parse", Json::array()}})}});
    // Without `wait` the response comes before the message is made.
    std::string url = envelope.message.channel.secret();
    url += url.find('?') == std::string::npos ? "?wait=true" : "&wait=true";
    return Outgoing(json_post(std::move(url), body.dump()));
  }

  /// "Invalid requests": whoever goes on after 401, 403 and 404 is shut out, with everybody at its
  /// address.
  Attempt attempt_of(const ServiceResponse& response) const override {
    Attempt attempt = attempt_of_http(response);
    if (attempt.outcome == Outcome::kDelivered) return attempt;
    const Json body = parse_json(response.body).value_or(Json());
    const std::int64_t code = body["code"].as_integer();
    const std::string& why = body["message"].as_string();
    if (response.status == 401 || response.status == 403 || response.status == 404 ||
        code == kUnknownWebhook || code == kInvalidToken)
      return gone(std::move(attempt), why);
    if (response.status == 400) return refused(std::move(attempt), why);
    if (response.status == 429 && body["retry_after"].is_number())
      set_retry_after(attempt, body["retry_after"].as_double());
    return attempt;
  }
};

}  // namespace

const Adapter& discord_adapter() {
  static const DiscordAdapter kAdapter;
  return kAdapter;
}

}  // namespace vigie::indexer::delivery
