// Matrix, the client-server API: PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}.
// Source: spec.matrix.org, Client-Server API v1.11, "Sending events to a room", "m.room.message
// msgtypes", "Rate limiting", "Size limits".
#include "indexer/delivery/adapter.h"
#include "indexer/delivery/wording.h"
#include "platform/json/json.h"
#include "platform/text/ascii.h"
#include "platform/text/xml.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kMostItems = 50;
constexpr std::size_t kMostBytes =
    48'000;  // an event has at most 65,536, the server's part included
constexpr std::size_t kSubjectBytes = 300;
constexpr std::size_t kHeadlineBytes = 300;
constexpr std::size_t kSentenceBytes = 500;
constexpr std::size_t kFooterBytes = 1'000;

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (text::ascii::is_alphanumeric(c) || std::string_view("-._~").find(c) != std::string::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return out;
}

struct Texts {
  std::string plain;
  std::string html;
};

void add_item(Texts& out, const NoticeItem& item, const Notice& notice) {
  const std::string headline = headline_of(item, kHeadlineBytes);
  const std::string link = link_of(item);
  out.plain += "\n\n" + headline + (link.empty() ? "" : "\n" + link);
  out.html += "<p>";
  out.html += link.empty()
                  ? "<b>" + text::xml(headline) + "</b>"
                  : "<a href=\"" + text::xml(link) + "\"><b>" + text::xml(headline) + "</b></a>";
  for (const std::string& line : {byline_of(item, notice), sentence_of(item, kSentenceBytes)}) {
    if (line.empty()) continue;
    out.plain += "\n" + line;
    out.html += "<br>" + text::xml(line);
  }
  out.html += "</p>";
}

std::string body_of(const Envelope& envelope, std::size_t shown) {
  const Notice& notice = envelope.notice;
  const std::string subject = subject_of(notice, kSubjectBytes);
  Texts texts{subject, "<h4>" + text::xml(subject) + "</h4>"};
  for (std::size_t i = 0; i < shown; ++i) add_item(texts, notice.items[i], notice);
  const std::string page = page_of(notice, envelope.options.pages_url);
  for (const std::string& line : {more_of(notice, shown), footer_of(notice, kFooterBytes)}) {
    if (line.empty()) continue;
    texts.plain += "\n\n" + line;
    texts.html += "<p>" + text::xml(line) + "</p>";
  }
  if (!page.empty()) {
    texts.plain += "\n" + page;
    texts.html += "<p><a href=\"" + text::xml(page) + "\">Open the alert</a></p>";
  }
  // m.notice: what programs say, to which other programs do not answer
  return Json::object({{"msgtype", "m.notice"},
                       {"body", std::move(texts.plain)},
                       {"format", "org.matrix.custom.html"},
                       {"formatted_body", std::move(texts.html)}})
      .dump();
}

class MatrixAdapter final : public Adapter {
 public:
  Result<Outgoing> compose(const Envelope& envelope) const override {
    const v1::Channel& channel = envelope.message.channel;
    std::string base = channel.url();
    while (base.ends_with('/')) base.pop_back();
    // The server takes a txnId of a token once: a repeat gets the event of before.
    net::HttpRequest request =
        json_post(base + "/_matrix/client/v3/rooms/" + percent_encoded(channel.recipient()) +
                      "/send/m.room.message/" + percent_encoded(envelope.message.delivery_id),
                  fitted_bytes(envelope.notice, kMostItems, kMostBytes,
                               [&](std::size_t shown) { return body_of(envelope, shown); }));
    request.method = "PUT";
    request.headers.emplace_back("authorization", "Bearer " + channel.secret());
    return Outgoing(std::move(request));
  }

  Attempt attempt_of(const ServiceResponse& response) const override {
    Attempt attempt = attempt_of_http(response);
    const Json body = parse_json(response.body).value_or(Json());
    const std::string& code = body["errcode"].as_string();
    const std::string why = code + ": " + body["error"].as_string();
    if (code == "M_UNKNOWN_TOKEN" || code == "M_MISSING_TOKEN" || code == "M_USER_DEACTIVATED" ||
        code == "M_FORBIDDEN" || code == "M_UNKNOWN_ROOM")
      return gone(std::move(attempt), why);
    if (code == "M_TOO_LARGE" || code == "M_BAD_JSON" || code == "M_NOT_JSON")
      return refused(std::move(attempt), why);
    // deprecated since v1.10, and what older servers say alone
    if (response.status == 429 && !attempt.retry_after && body["retry_after_ms"].is_number())
      set_retry_after(attempt, body["retry_after_ms"].as_double() / 1000.0);
    return attempt;
  }
};

}  // namespace

const Adapter& matrix_adapter() {
  static const MatrixAdapter kAdapter;
  return kAdapter;
}

}  // namespace vigie::indexer::delivery
