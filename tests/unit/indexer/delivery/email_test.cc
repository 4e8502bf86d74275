#include <gtest/gtest.h>

#include <sstream>

#include "indexer/delivery/adapter.h"
#include "indexer/delivery/mime.h"
#include "platform/text/base64.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::int64_t kAt = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

Message message() {
  Message out;
  out.delivery_id = "DELIVERY1";
  out.subscription_id = "sub1";
  out.subscription_name = "Contrôles à l'export";
  out.subscription_query = "topic:export-controls";
  out.channel.set_id("c1");
  out.channel.set_type("email");
  out.channel.set_address("ana@example.org");
  out.channel.set_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  out.match.set_matched_at_unix_ms(kAt);
  v1::ArticleSummary& article = *out.match.mutable_article();
  article.set_title("Nvidia halts <sales>");
  article.set_url("https://news.example/a?b=1&c=2");
  article.set_snippet(".A line that begins with a dot, and one = sign");
  article.set_published_unix_ms(kAt - 60'000);
  article.mutable_source()->set_name("Le Monde");
  return out;
}

net::MailRequest mail_of(const Message& of, const std::string& pages = "https://vigie.example") {
  SendOptions options;
  options.mail_from = "vigie <alerts@example.org>";
  options.pages_url = pages;
  const Notice notice = notice_of(of);
  return std::get<net::MailRequest>(
      email_adapter().compose({of, notice, options, kAt + 5'000}).value());
}

std::string header(const std::string& data, const std::string& name) {
  const std::size_t at = data.find("\r\n" + name + ": ");
  if (at == std::string::npos || at > data.find("\r\n\r\n")) return {};
  const std::size_t begin = at + name.size() + 4;
  return data.substr(begin, data.find("\r\n", begin) - begin);
}

TEST(Email, HasTheHeadersByWhichItIsKnownAndEnded) {
  const net::MailRequest mail = mail_of(message());
  EXPECT_EQ(mail.from, "alerts@example.org");
  EXPECT_EQ(mail.to, "ana@example.org");
  EXPECT_EQ(header(mail.data, "Message-ID"), "<DELIVERY1.c1@example.org>");
  EXPECT_EQ(header(mail.data, "From"), "\"vigie\" <alerts@example.org>");
  EXPECT_EQ(header(mail.data, "Auto-Submitted"), "auto-generated") << "RFC 3834 §5";
  EXPECT_TRUE(mail.data.starts_with("Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"));
  const std::string url = "https://vigie.example/unsubscribe?subscription=sub1&channel=c1&token=" +
                          unsubscribe_token("sub1", message().channel);
  EXPECT_EQ(header(mail.data, "List-Unsubscribe"), "<" + url + ">");
  EXPECT_EQ(header(mail.data, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click")
      << "RFC 8058 §3.1";
}

TEST(Email, OneClickIsOfferedByHttpsAloneAndNothingWithoutAnAddress) {
  EXPECT_EQ(header(mail_of(message(), "http://vigie.example").data, "List-Unsubscribe-Post"), "");
  EXPECT_NE(header(mail_of(message(), "http://vigie.example").data, "List-Unsubscribe"), "");
  EXPECT_EQ(header(mail_of(message(), "").data, "List-Unsubscribe"), "");
}

TEST(Email, ARepeatIsTheSameMail) {
  EXPECT_EQ(mail_of(message()).data, mail_of(message()).data);
  Message other = message();
  other.channel.set_id("c2");
  EXPECT_NE(header(mail_of(other).data, "Message-ID"),
            header(mail_of(message()).data, "Message-ID"))
      << "two channels to one mailbox are two mails";
}

TEST(Email, LinesAreOfTheLengthAndTheSignsThatMailTakes) {
  Message of = message();
  of.match.mutable_article()->set_title(std::string(400, 'x') + "芯片 " + std::string(300, 'y'));
  const std::string data = mail_of(of).data;
  std::istringstream lines(data);
  for (std::string line; std::getline(lines, line);) {
    ASSERT_TRUE(line.ends_with('\r')) << line;
    EXPECT_LE(line.size(), 999U);
    for (const char c : line) EXPECT_LT(static_cast<unsigned char>(c), 0x80) << line;
  }
  EXPECT_NE(data.find("Content-Type: text/plain; charset=utf-8"), std::string::npos);
  EXPECT_NE(data.find("Content-Type: text/html; charset=utf-8"), std::string::npos);
  EXPECT_NE(data.find("Nvidia"), 0U);
}

TEST(Email, ATokenIsOfItsChannelAlone) {
  v1::Channel channel = message().channel;
  const std::string token = unsubscribe_token("sub1", channel);
  EXPECT_EQ(token.size(), 52U);
  EXPECT_NE(token, unsubscribe_token("sub2", channel));
  channel.set_id("c2");
  EXPECT_NE(token, unsubscribe_token("sub1", channel));
}

TEST(Mailbox, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(read_mailbox("ana@example.org")->address, "ana@example.org");
  const auto named = read_mailbox(" \"vigie, alerts\" <alerts@example.org> ");
  EXPECT_EQ(named->name, "vigie, alerts");
  EXPECT_EQ(named->address, "alerts@example.org");
  EXPECT_EQ(read_mailbox("ana+x@bücher.example")->address, "ana+x@xn--bcher-kva.example");
}

TEST(Mailbox, RefusesWhatWouldBeSentElsewhereOrNowhere) {
  for (const std::string& none :
       {std::string(""), std::string("ana"), std::string("ana@"), std::string("@example.org"),
        std::string("ana@localhost"), std::string("a b@example.org"),
        std::string("ana@example.org\r\nRCPT TO:<x@example.org>"), std::string("ana.@example.org"),
        std::string("a<b@example.org"), std::string("ana@example.org, bob@example.org"),
        std::string("ana@exa mple.org"), "x@" + std::string(300, 'd') + ".org"})
    EXPECT_FALSE(read_mailbox(none).has_value()) << none;
}

// RFC 2047 §2: an encoded word has at most 75 characters; §5: of whole characters.
TEST(Mime, EncodesHeadersInWholeSigns) {
  EXPECT_EQ(encoded_words("plain text"), "plain text");
  EXPECT_EQ(encoded_words("é"), "=?UTF-8?B?w6k=?=");
  std::string all;
  std::istringstream lines(encoded_words(std::string(40, 'a') + "芯片出口管制芯片出口管制芯片"));
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with(' ')) line.erase(0, 1);
    EXPECT_LE(line.size(), 75U);
    all += text::base64_decode(line.substr(10, line.size() - 12)).value();
  }
  EXPECT_EQ(all, std::string(40, 'a') + "芯片出口管制芯片出口管制芯片");
  EXPECT_EQ(encoded_words("=?UTF-8?B?w6k=?="), "=?UTF-8?B?PT9VVEYtOD9CP3c2az0/PQ==?=")
      << "what looks encoded is not taken for it";
}

// RFC 2045 §6.7
TEST(Mime, WritesQuotedPrintable) {
  EXPECT_EQ(quoted_printable("a=b"), "a=3Db");
  EXPECT_EQ(quoted_printable("é\nx \ny"), "=C3=A9\r\nx=20\r\ny");
  std::istringstream lines(quoted_printable(std::string(200, 'x')));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 77U);
}

}  // namespace
}  // namespace vigie::indexer::delivery
