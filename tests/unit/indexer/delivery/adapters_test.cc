// What each service is sent, and what its responses mean. The bodies stand in bodies/*.json; tests/
// channels holds the same files to the types and schemas that the services' own packages carry.
#include "indexer/delivery/adapter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "indexer/delivery/wording.h"
#include "platform/json/json.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::int64_t kAt = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
const char* const kServices[] = {"slack", "teams", "matrix", "telegram", "ntfy", "discord"};

/// A headline that means something in every markup, and one that is not there.
Notice digest() {
  Notice notice;
  notice.kind = Notice::Kind::kDigest;
  notice.subscription_id = "sub1";
  notice.subscription_name = "Chips & <controls>";
  notice.why = "topic:export-controls OR \"data center\"";
  notice.at_unix_ms = kAt;
  notice.begin_unix_ms = kAt - 86'400'000;
  notice.end_unix_ms = kAt;
  notice.time_zone = "Europe/Paris";
  notice.further = 12;
  notice.items = {
      {"*Nvidia* _halts_ [sales](https://evil.example) <!here> @everyone `x` & more",
       "https://news.example/a_(b)?x=1&y=<2>", "Le Monde", "fr",
       "Les exportations de puces *s'arrêtent* <b>demain</b>.", kAt - 3'600'000, 3, 0, 0, "a1"},
      {"", "https://news.example/untitled", "", "", "", 0, 0, 0, 0, "a2"},
      {"没有链接", "javascript:alert(1)", "新华社", "zh", "芯片出口管制。", kAt - 7'200'000, 0, 0,
       0, "a3"},
  };
  return notice;
}

Message message_to(const std::string& type, const Notice& notice) {
  Message message;
  message.delivery_id = "DELIVERY1";
  message.subscription_id = notice.subscription_id;
  message.subscription_name = notice.subscription_name;
  message.notice = notice;
  v1::Channel& channel = message.channel;
  channel.set_id("c1");
  channel.set_type(type);
  const Kind& kind = *kind_of(type);
  if (kind.secret == Secret::kIsUrl) channel.set_secret("https://hooks.example/T1/B1/secret");
  if (kind.secret == Secret::kToken) channel.set_secret("123:token");
  if (kind.has_url && kind.secret != Secret::kIsUrl) channel.set_url("https://server.example");
  if (type == "matrix") channel.set_recipient("!room:example.org");
  if (type == "telegram") channel.set_recipient("-100123");
  if (type == "ntfy") channel.set_recipient("chips");
  return message;
}

net::HttpRequest request_of(const std::string& type, const Notice& notice,
                            const std::string& pages = "https://vigie.example/") {
  const Message message = message_to(type, notice);
  SendOptions options;
  options.pages_url = pages;
  const auto outgoing = adapter_of(type)->compose({message, notice, options, kAt});
  EXPECT_TRUE(outgoing.has_value()) << type;
  return std::get<net::HttpRequest>(*outgoing);
}

std::string header(const net::HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return {};
}

Attempt judged(const std::string& type, std::uint32_t status, const std::string& body = "",
               const std::string& retry_after = "", const std::string& stage = "") {
  return adapter_of(type)->attempt_of({status, body, retry_after, stage, kAt});
}

Notice many(std::size_t count) {
  Notice notice = digest();
  notice.items.clear();
  notice.further = 5;
  for (std::size_t i = 0; i < count; ++i) {
    NoticeItem item;
    item.headline = std::to_string(i) + " " + std::string(400, 'h');
    item.url = "https://news.example/" + std::to_string(i);
    item.source = "Source";
    item.sentence = "芯 " + std::string(700, 's');
    notice.items.push_back(item);
  }
  return notice;
}

TEST(Adapters, ThereIsOneForEachKind) {
  for (const Kind& kind : kinds()) EXPECT_NE(adapter_of(kind.type), nullptr) << kind.type;
  EXPECT_EQ(adapter_of("pager"), nullptr);
}

TEST(Adapters, SendTheBodiesThatTheServicesTake) {
  const std::filesystem::path folder("tests/unit/indexer/delivery/bodies");
  for (const std::string type : kServices) {
    const auto body = parse_json(request_of(type, digest()).body);
    ASSERT_TRUE(body.has_value()) << type;
    if (const char* out = std::getenv("VIGIE_WRITE_BODIES"))
      std::ofstream(std::filesystem::path(out) / (type + ".json")) << body->pretty() << "\n";
    std::stringstream kept;
    kept << std::ifstream(folder / (type + ".json")).rdbuf();
    const auto expected = parse_json(kept.str());
    ASSERT_TRUE(expected.has_value()) << type << ": " << kept.str();
    EXPECT_EQ(body->pretty(), expected->pretty()) << type;
  }
}

TEST(Adapters, SendWhereTheServiceTakesIt) {
  EXPECT_EQ(request_of("slack", digest()).url, "https://hooks.example/T1/B1/secret");
  EXPECT_EQ(request_of("teams", digest()).url, "https://hooks.example/T1/B1/secret");
  EXPECT_EQ(request_of("discord", digest()).url, "https://hooks.example/T1/B1/secret?wait=true");
  const net::HttpRequest matrix = request_of("matrix", digest());
  EXPECT_EQ(matrix.method, "PUT");
  EXPECT_EQ(matrix.url,
            "https://server.example/_matrix/client/v3/rooms/%21room%3Aexample.org/send/"
            "m.room.message/DELIVERY1");
  EXPECT_EQ(header(matrix, "authorization"), "Bearer 123:token");
  EXPECT_EQ(request_of("telegram", digest()).url,
            "https://server.example/bot123:token/sendMessage");
  EXPECT_EQ(header(request_of("ntfy", digest()), "authorization"), "Bearer 123:token");
  for (const std::string type : kServices) {
    const net::HttpRequest request = request_of(type, digest());
    EXPECT_EQ(request.limits.total, std::chrono::seconds(15)) << type;
    EXPECT_EQ(request.limits.stall, std::chrono::seconds(15)) << type;
  }
}

// Limits of the services, each with its clause in the adapter.
TEST(Adapters, KeepToTheLimitsAndSayHowManyAreLeftOut) {
  for (const std::string type : kServices) {
    const net::HttpRequest request = request_of(type, many(200));
    const Json body = parse_json(request.body).value_or(Json());
    const std::size_t left = request.body.find(" more");
    ASSERT_NE(left, std::string::npos) << type << ": says how many are left out";
    EXPECT_NE(request.body.find("and "), std::string::npos) << type;
    if (type == "slack") {
      EXPECT_LE(body["blocks"].as_array().size(), 50U);
      EXPECT_LE(utf16_units(body["blocks"].as_array()[0]["text"]["text"].as_string()), 150U);
    }
    if (type == "teams") EXPECT_LE(request.body.size(), 28'000U);
    if (type == "matrix") EXPECT_LE(request.body.size(), 65'536U);
    if (type == "telegram") EXPECT_LE(utf16_units(body["text"].as_string()), 4'096U);
    if (type == "ntfy") EXPECT_LE(body["message"].as_string().size(), 4'096U);
    if (type == "discord") {
      const Json& embed = body["embeds"].as_array()[0];
      EXPECT_LE(utf16_units(embed["description"].as_string()), 4'096U);
      EXPECT_LE(utf16_units(embed["title"].as_string()), 256U);
    }
  }
}

/// The number that stands before " more" counts what is not shown and what was further anyway.
TEST(Adapters, CountsWhatIsLeftOut) {
  const Json body = parse_json(request_of("slack", many(30)).body).value_or(Json());
  std::size_t shown = 0;
  std::string more;
  for (const Json& block : body["blocks"].as_array()) {
    if (block["type"].as_string() == "rich_text") ++shown;
    const std::string& text = block["elements"].as_array().empty()
                                  ? more
                                  : block["elements"].as_array()[0]["text"].as_string();
    if (text.ends_with(" more")) more = text;
  }
  EXPECT_GT(shown, 0U);
  EXPECT_EQ(more, "and " + std::to_string(30 + 5 - shown) + " more");
}

TEST(Adapters, WhatAnArticleSaysIsNoMarkup) {
  const std::string slack = request_of("slack", digest()).body;
  EXPECT_EQ(slack.find("\"mrkdwn\""), std::string::npos);
  const Json discord = parse_json(request_of("discord", digest()).body).value_or(Json());
  const std::string& text = discord["embeds"].as_array()[0]["description"].as_string();
  EXPECT_NE(text.find("\\[sales\\]\\(https\\://evil.example\\)"), std::string::npos) << text;
  EXPECT_TRUE(discord["allowed_mentions"]["parse"].as_array().empty());
  const Json telegram = parse_json(request_of("telegram", digest()).body).value_or(Json());
  const Json matrix = parse_json(request_of("matrix", digest()).body).value_or(Json());
  for (const std::string& html_text :
       {telegram["text"].as_string(), matrix["formatted_body"].as_string()}) {
    EXPECT_EQ(html_text.find("<b>demain</b>"), std::string::npos) << html_text;
    EXPECT_NE(html_text.find("&lt;b&gt;demain&lt;/b&gt;"), std::string::npos) << html_text;
  }
  for (const std::string type : kServices)
    EXPECT_EQ(request_of(type, digest()).body.find("javascript:alert(1)\""), std::string::npos)
        << type << ": no link but to the web";
}

TEST(Adapters, WithoutAnAddressOfThePagesThereIsNoLinkToThem) {
  for (const std::string type : kServices) {
    EXPECT_NE(request_of(type, digest()).body.find("https://vigie.example/alerts?id=sub1"),
              std::string::npos)
        << type;
    EXPECT_EQ(request_of(type, digest(), "").body.find("/alerts?id"), std::string::npos) << type;
  }
}

TEST(Adapters, A2xxIsDeliveredAnd5xxIsTriedAgain) {
  for (const Kind& kind : kinds()) {
    const std::string type(kind.type);
    EXPECT_EQ(judged(type, type == "email" ? 250 : 200).outcome, Outcome::kDelivered) << type;
    const Attempt attempt = judged(type, type == "email" ? 451 : 503, "", "13");
    EXPECT_EQ(attempt.outcome, Outcome::kFailed) << type;
    EXPECT_FALSE(attempt.error.empty()) << type;
    if (type != "email") EXPECT_EQ(attempt.retry_after, std::chrono::seconds(13)) << type;
  }
  EXPECT_EQ(judged("webhook", 503, "", "Thu, 01 Jan 2026 00:00:13 GMT").retry_after,
            std::chrono::seconds(13))
      << "RFC 9110 §10.2.3, the other form";
}

TEST(Adapters, ReadTheWaitThatEachServiceAsksFor) {
  EXPECT_EQ(judged("slack", 429, "", "30").retry_after, std::chrono::seconds(30));
  // Discord, "Rate Limits": a float in the body, which is exacter than the header
  EXPECT_EQ(judged("discord", 429, R"({"message":"…","retry_after":64.57,"global":false})", "65")
                .retry_after,
            std::chrono::milliseconds(64'570));
  // Bot API, "ResponseParameters"
  EXPECT_EQ(
      judged("telegram", 429, R"({"ok":false,"error_code":429,"parameters":{"retry_after":7}})")
          .retry_after,
      std::chrono::seconds(7));
  // Matrix, "Rate limiting": the body of before v1.10
  EXPECT_EQ(
      judged("matrix", 429, R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500})").retry_after,
      std::chrono::milliseconds(2'500));
  EXPECT_EQ(judged("discord", 429, R"({"retry_after":1e300})").retry_after, kMaxRetryAfter);
  EXPECT_EQ(judged("discord", 429, R"({"retry_after":-5})").retry_after, std::nullopt);
}

TEST(Adapters, KnowARefusalForGoodFromOneForNow) {
  struct Case {
    const char* type;
    std::uint32_t status;
    const char* body;
    Outcome outcome;
  };
  const Case cases[] = {
      {"slack", 404, "no_service", Outcome::kGone},
      {"slack", 410, "channel_is_archived", Outcome::kGone},
      {"slack", 403, "action_prohibited", Outcome::kGone},
      {"slack", 400, "invalid_blocks", Outcome::kRefused},
      {"slack", 500, "rollup_error", Outcome::kFailed},
      {"teams", 404, R"({"error":{"code":"WorkflowNotFound","message":"gone"}})", Outcome::kGone},
      {"teams", 404, "a proxy says so", Outcome::kFailed},
      {"teams", 401, "", Outcome::kFailed},
      {"teams", 413, "", Outcome::kRefused},
      {"matrix", 401, R"({"errcode":"M_UNKNOWN_TOKEN","error":"logged out"})", Outcome::kGone},
      {"matrix", 403, R"({"errcode":"M_FORBIDDEN","error":"not in the room"})", Outcome::kGone},
      {"matrix", 413, R"({"errcode":"M_TOO_LARGE"})", Outcome::kRefused},
      {"matrix", 404, "a proxy says so", Outcome::kFailed},
      {"telegram", 403, R"({"description":"Forbidden: bot was blocked by the user"})",
       Outcome::kGone},
      {"telegram", 401, R"({"description":"Unauthorized"})", Outcome::kGone},
      {"telegram", 400, R"({"description":"Bad Request: chat not found"})", Outcome::kGone},
      {"telegram", 400, R"({"description":"Bad Request: can't parse entities"})",
       Outcome::kRefused},
      {"ntfy", 403, R"({"code":40301,"error":"forbidden"})", Outcome::kGone},
      {"ntfy", 400, R"({"error":"invalid"})", Outcome::kRefused},
      {"discord", 404, R"({"message":"Unknown Webhook","code":10015})", Outcome::kGone},
      {"discord", 400, R"({"message":"Invalid Form Body","code":50035})", Outcome::kRefused},
      {"webhook", 404, "", Outcome::kFailed},
      {"webhook", 410, "", Outcome::kGone},
  };
  for (const Case& one : cases) {
    const Attempt attempt = judged(one.type, one.status, one.body);
    EXPECT_EQ(attempt.outcome, one.outcome) << one.type << " " << one.status << " " << one.body;
    EXPECT_LE(attempt.error.size(), 256U);
  }
  const Attempt moved =
      judged("telegram", 400,
             R"({"description":"group upgraded","parameters":{"migrate_to_chat_id":-1009}})");
  EXPECT_EQ(moved.outcome, Outcome::kGone);
  EXPECT_NE(moved.error.find("-1009"), std::string::npos);
}

// RFC 5321 §4.2.1 and RFC 3463: whose fault it is decides.
TEST(Adapters, AMailServerSpeaksOfTheMailboxTheMessageOrUs) {
  const auto outcome = [](std::uint32_t status, const char* reply, const char* stage) {
    return judged("email", status, reply, "", stage).outcome;
  };
  EXPECT_EQ(outcome(550, "550 5.1.1 no such user", "RCPT"), Outcome::kGone);
  EXPECT_EQ(outcome(550, "550 no such user", "RCPT"), Outcome::kGone);
  EXPECT_EQ(outcome(550, "550 5.7.1 relaying denied", "RCPT"), Outcome::kFailed);
  EXPECT_EQ(outcome(450, "450 4.2.0 greylisted", "RCPT"), Outcome::kFailed);
  EXPECT_EQ(outcome(550, "550 5.7.1 sender refused", "MAIL"), Outcome::kFailed);
  EXPECT_EQ(outcome(530, "530 5.7.0 sign in first", "MAIL"), Outcome::kFailed);
  EXPECT_EQ(outcome(554, "554 5.6.0 looks like spam", "."), Outcome::kRefused);
  EXPECT_EQ(outcome(421, "421 4.3.2 closing", "EHLO"), Outcome::kFailed);
}

TEST(Wording, OfAnAlertIsItsHeadlineAndOfADigestItsCount) {
  Notice notice = digest();
  EXPECT_EQ(subject_of(notice, 200), "Chips & <controls>: 15 articles");
  notice.items.resize(1);
  notice.further = 0;
  notice.kind = Notice::Kind::kAlert;
  notice.items[0].headline = "Line one\nand two";
  EXPECT_EQ(subject_of(notice, 200), "Chips & <controls>: Line one and two");
  EXPECT_LE(subject_of(notice, 20).size(), 20U);
  notice.kind = Notice::Kind::kDigest;
  notice.items.clear();
  EXPECT_EQ(subject_of(notice, 200), "Chips & <controls>: nothing new");
  EXPECT_EQ(more_of(notice, 0), "");
}

TEST(Wording, TimesAreOfTheZoneOfThePerson) {
  EXPECT_EQ(time_text(kAt, "Europe/Paris"), "1 Jan 2026, 01:00 Europe/Paris");
  EXPECT_EQ(time_text(kAt, ""), "1 Jan 2026, 00:00 UTC");
  EXPECT_EQ(time_text(0, ""), "");
}

TEST(Wording, CutsAtWholeSigns) {
  EXPECT_EQ(cut_utf16("abc", 3), "abc");
  EXPECT_EQ(cut_utf16("abcd", 3), "ab…");
  EXPECT_EQ(cut_utf16("😀😀", 3), "😀…");
  EXPECT_EQ(utf16_units("a😀"), 3U);
}

TEST(Wording, LinksGoToTheWebAloneAndEndNoMarkup) {
  NoticeItem item;
  for (const char* none : {"", "javascript:alert(1)", "data:text/html,x", "no url"}) {
    item.url = none;
    EXPECT_EQ(link_of(item), "") << none;
  }
  item.url = "http://[2606:2800:220:1::1]/a(b)[c]|d";
  EXPECT_EQ(link_of(item), "http://[2606:2800:220:1::1]/a%28b%29%5Bc%5D%7Cd");
}

}  // namespace
}  // namespace vigie::indexer::delivery
