// ntfy: publishing as JSON. Source: docs.ntfy.sh/publish, "Publish as JSON", "Click action",
// "Authentication", "Limitations" (a message has at most 4,096 bytes, else it becomes a file);
// docs.ntfy.sh/config, "Rate limiting"; read 2026-11.
#include "indexer/delivery/adapter.h"
#include "indexer/delivery/wording.h"
#include "platform/json/json.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kMessageBytes = 4'096;
constexpr std::size_t kMostItems = 30;
constexpr std::size_t kTitleBytes = 200;
constexpr std::size_t kHeadlineBytes = 300;
constexpr std::size_t kSentenceBytes = 500;
constexpr std::size_t kFooterBytes = 500;

std::string message_of(const Notice& notice, std::size_t shown) {
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) {
    const NoticeItem& item = notice.items[i];
    // of one item the title says the headline, and a press opens it
    const bool alone = notice.items.size() == 1;
    for (const std::string& line :
         {alone ? std::string() : headline_of(item, kHeadlineBytes), byline_of(item, notice),
          sentence_of(item, kSentenceBytes), alone ? std::string() : link_of(item)})
      if (!line.empty()) out += line + "\n";
    out += "\n";
  }
  if (const std::string more = more_of(notice, shown); !more.empty()) out += more + "\n\n";
  return out + footer_of(notice, kFooterBytes);
}

class NtfyAdapter final : public Adapter {
 public:
  Result<Outgoing> compose(const Envelope& envelope) const override {
    const v1::Channel& channel = envelope.message.channel;
    const Notice& notice = envelope.notice;
    Json body = Json::object(
        {{"topic", channel.recipient()},
         {"title", subject_of(notice, kTitleBytes)},
         {"message", fitted_bytes(notice, kMostItems, kMessageBytes,
                                  [&](std::size_t shown) { return message_of(notice, shown); })}});
    const std::string page = page_of(notice, envelope.options.pages_url);
    const std::string click = notice.items.size() == 1 ? link_of(notice.items.front()) : page;
    if (!click.empty()) body.set("click", click);
    if (!page.empty() && page != click) {
      body.set("actions", Json(Json::Array{Json::object(
                              {{"action", "view"}, {"label", "Open the alert"}, {"url", page}})}));
    }
    net::HttpRequest request = json_post(channel.url(), body.dump());
    if (!channel.secret().empty())
      request.headers.emplace_back("authorization", "Bearer " + channel.secret());
    return Outgoing(std::move(request));
  }

  Attempt attempt_of(const ServiceResponse& response) const override {
    Attempt attempt = attempt_of_http(response);
    const Json body = parse_json(response.body).value_or(Json());
    const std::string& why = body["error"].as_string();
    if (response.status == 401 || response.status == 403) return gone(std::move(attempt), why);
    if (response.status == 400 || response.status == 413) return refused(std::move(attempt), why);
    return attempt;
  }
};

}  // namespace

const Adapter& ntfy_adapter() {
  static const NtfyAdapter kAdapter;
  return kAdapter;
}

}  // namespace vigie::indexer::delivery
