// E-mail: multipart/alternative by the operator's mail server. Source: RFC 5322, RFC 2369 and 8058
// (List-Unsubscribe and its one click), RFC 2919 (List-Id), RFC 3834 (Auto-Submitted); replies by
// RFC 5321 §4.2 and the enhanced codes of RFC 3463.
#include <algorithm>
#include <array>

#include "indexer/delivery/adapter.h"
#include "indexer/delivery/mime.h"
#include "indexer/delivery/wording.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/text/xml.h"
#include "proto/identity.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kMostItems = 200;
constexpr std::size_t kSubjectBytes = 200;
constexpr std::size_t kHeadlineBytes = 500;
constexpr std::size_t kSentenceBytes = 1'000;
constexpr std::size_t kFooterBytes = 2'000;
constexpr std::size_t kMostBytes = 500'000;  // far below what servers take

struct Around {
  std::string subject;
  std::string more;
  std::string footer;
  std::string page;         // "" : not known
  std::string unsubscribe;  // "" : not known
};

std::string plain_text(const Notice& notice, const Around& around, std::size_t shown) {
  std::string out = around.subject + "\n";
  for (std::size_t i = 0; i < shown; ++i) {
    const NoticeItem& item = notice.items[i];
    out += "\n";
    for (const std::string& line : {headline_of(item, kHeadlineBytes), byline_of(item, notice),
                                    sentence_of(item, kSentenceBytes), link_of(item)})
      if (!line.empty()) out += line + "\n";
  }
  if (!around.more.empty()) out += "\n" + around.more + "\n";
  out += "\n-- \n" + around.footer + "\n";
  if (!around.page.empty()) out += "The alert: " + around.page + "\n";
  if (!around.unsubscribe.empty()) out += "No more of it: " + around.unsubscribe + "\n";
  return out;
}

std::string item_html(const NoticeItem& item, const Notice& notice) {
  const std::string headline = text::xml(headline_of(item, kHeadlineBytes));
  const std::string link = link_of(item);
  std::string out = "<div dir=\"auto\"";
  if (!item.language.empty()) out += " lang=\"" + text::xml(item.language) + "\"";
  out += " style=\"margin:0 0 18px\"><b>";
  out += link.empty() ? headline : "<a href=\"" + text::xml(link) + "\">" + headline + "</a>";
  out += "</b>";
  if (const std::string by = byline_of(item, notice); !by.empty())
    out += "<br>\n<span style=\"color:#666\">" + text::xml(by) + "</span>";
  if (const std::string sentence = sentence_of(item, kSentenceBytes); !sentence.empty())
    out += "<br>\n" + text::xml(sentence);
  return out + "</div>\n";
}

std::string html_text(const Notice& notice, const Around& around, std::size_t shown) {
  std::string out =
      "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>" + text::xml(around.subject) +
      "</title></head>\n<body style=\"font-family:sans-serif;max-width:40em\">\n<h2 dir=\"auto\">" +
      text::xml(around.subject) + "</h2>\n";
  for (std::size_t i = 0; i < shown; ++i) out += item_html(notice.items[i], notice);
  if (!around.more.empty()) out += "<p>" + text::xml(around.more) + "</p>\n";
  out += "<hr>\n<p style=\"color:#666\">" + text::xml(around.footer);
  if (!around.page.empty()) out += "<br>\n<a href=\"" + text::xml(around.page) + "\">The alert</a>";
  if (!around.unsubscribe.empty())
    out += "<br>\n<a href=\"" + text::xml(around.unsubscribe) + "\">No more of it</a>";
  return out + "</p>\n</body></html>\n";
}

std::string unsubscribe_url(const Message& message, std::string_view pages_url) {
  if (pages_url.empty()) return {};
  std::string out(pages_url);
  if (!out.ends_with('/')) out += '/';
  return out + "unsubscribe?subscription=" + message.subscription_id +
         "&channel=" + message.channel.id() +
         "&token=" + unsubscribe_token(message.subscription_id, message.channel);
}

/// "5.1.1" of "550 5.1.1 no such user"; "" where there is none.
std::string_view enhanced_code(std::string_view reply) {
  if (reply.size() < 5) return {};
  reply.remove_prefix(4);
  const std::string_view code = reply.substr(0, reply.find(' '));
  const bool is_code = code.size() >= 5 && code[1] == '.' &&
                       code.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_code ? code : std::string_view();
}

/// Whether a refusal of RCPT says that the mailbox is none: bad address (X.1.1 to X.1.3), moved
/// (X.1.6), a domain that takes no mail (X.1.10), switched off (X.2.1). Others, such as a relay
/// that is denied (5.7.1), speak of us.
bool is_no_mailbox(const ServiceResponse& response) {
  const std::string_view code = enhanced_code(response.body);
  if (code.empty())
    return response.status == 550 || response.status == 551 || response.status == 553;
  constexpr std::array<std::string_view, 6> kNone{"5.1.1", "5.1.2",  "5.1.3",
                                                  "5.1.6", "5.1.10", "5.2.1"};
  return std::ranges::find(kNone, code) != kNone.end();
}

class EmailAdapter final : public Adapter {
 public:
  Result<Outgoing> compose(const Envelope& envelope) const override {
    const Message& message = envelope.message;
    const Notice& notice = envelope.notice;
    VIGIE_ASSIGN(Mailbox from, read_mailbox(envelope.options.mail_from));
    VIGIE_ASSIGN(const Mailbox to, read_mailbox(message.channel.address()));
    Around around;
    around.subject = subject_of(notice, kSubjectBytes);
    around.footer = footer_of(notice, kFooterBytes);
    around.page = page_of(notice, envelope.options.pages_url);
    around.unsubscribe = unsubscribe_url(message, envelope.options.pages_url);
    Mail mail;
    mail.from = std::move(from);
    mail.to = to.address;
    mail.subject = around.subject;
    const std::string domain = domain_of(mail.from.address);
    mail.message_id = message.delivery_id + "." + message.channel.id() + "@" + domain;
    mail.unix_ms = notice.at_unix_ms > 0 ? notice.at_unix_ms : notice.end_unix_ms;
    mail.headers = {{"Auto-Submitted", "auto-generated"},
                    {"List-Id", "<" + message.subscription_id + ".vigie." + domain + ">"}};
    if (!around.unsubscribe.empty()) {
      mail.headers.emplace_back("List-Unsubscribe", "<" + around.unsubscribe + ">");
      // RFC 8058 §3.1: the URL of one click is https
      if (text::ascii::lower(around.unsubscribe.substr(0, 6)) == "https:")
        mail.headers.emplace_back("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
    std::string data = fitted(
        notice, kMostItems,
        [&](std::size_t shown) {
          around.more = more_of(notice, shown);
          mail.plain = plain_text(notice, around, shown);
          mail.html = html_text(notice, around, shown);
          return written_mail(mail);
        },
        [](const std::string& written) { return written.size() <= kMostBytes; });
    return Outgoing(net::MailRequest{mail.from.address, mail.to, std::move(data)});
  }

  /// 4yz may do later. 5yz of RCPT that says that the mailbox is none ends the channel; 5yz of the
  /// message itself ends the message, since the same is not to be sent again (RFC 5321 §4.2.1); 5yz
  /// of signing in or of the sender is the operator's matter, and is tried again.
  Attempt attempt_of(const ServiceResponse& response) const override {
    Attempt attempt;
    attempt.status = response.status;
    if (response.status >= 200 && response.status < 300) {
      attempt.outcome = Outcome::kDelivered;
      return attempt;
    }
    if (response.status >= 500 && response.stage == "RCPT" && is_no_mailbox(response))
      return gone(std::move(attempt), response.body);
    if (response.status >= 500 && (response.stage == "DATA" || response.stage == "."))
      return refused(std::move(attempt), response.body);
    Attempt words = gone(attempt, response.body);
    attempt.error = std::move(words.error);
    return attempt;
  }
};

}  // namespace

std::string unsubscribe_token(const std::string& subscription_id, const v1::Channel& channel) {
  return proto::base32(
      hmac_sha256(channel.secret(), "unsubscribe/" + subscription_id + "/" + channel.id()));
}

const Adapter& email_adapter() {
  static const EmailAdapter kAdapter;
  return kAdapter;
}

}  // namespace vigie::indexer::delivery
