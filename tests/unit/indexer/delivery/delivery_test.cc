#include "indexer/delivery/delivery.h"

#include <gtest/gtest.h>

#include "platform/json/json.h"
#include "platform/text/base64.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::delivery {
namespace {

/// Keeps the request and answers as told.
class FakeClient final : public net::HttpClient {
 public:
  void start(net::HttpRequest request, Done done) override {
    last = std::move(request);
    ++requests;
    done(response);
  }
  std::string header(const std::string& name) const {
    for (const auto& [key, value] : last.headers) {
      if (key == name) return value;
    }
    return {};
  }
  net::HttpRequest last;
  int requests = 0;
  Result<net::HttpResponse> response = net::HttpResponse{};
};

class DeliveryTest : public testing::Test {
 protected:
  DeliveryTest()
      : registry_(metrics::make_registry()), sender_(make_sender(client_, clock_, *registry_)) {
    message_.delivery_id = "msg_1";
    message_.channel.set_type("webhook");
    message_.channel.set_url("https://receiver.example/hook");
    message_.channel.set_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    message_.subscription_id = "sub";
    message_.subscription_name = "Chips";
    message_.match.set_matched_at_unix_ms(1'767'225'600'000);
    v1::ArticleSummary& article = *message_.match.mutable_article();
    article.set_article_id("article");
    article.set_genre("opinion");
    article.set_title("Nvidia „Chips“");
    article.set_published("2026-01-01T08:00:00+02:00");
    article.set_discovered_at_unix_ms(1'767'225'600'000);
    article.mutable_source()->set_name("Le Monde");
    v1::Tag& topic = *article.add_topics();
    topic.set_id("export-controls");
    topic.set_level(v1::TAG_LEVEL_ABOUT);
    v1::Evidence& evidence = *message_.match.add_evidence();
    evidence.set_sentence("The sentence.");
    evidence.mutable_span()->set_field("text");
    evidence.mutable_span()->set_offset(7);
  }

  Attempt send() {
    Attempt result;
    int calls = 0;
    sender_->send(message_, [&](const Attempt& attempt) {
      result = attempt;
      ++calls;
    });
    EXPECT_EQ(calls, 1);
    return result;
  }
  Attempt send_answered(int status) {
    net::HttpResponse response;
    response.status = status;
    client_.response = response;
    return send();
  }

  FakeClock clock_;
  FakeClient client_;
  std::unique_ptr<metrics::Registry> registry_;
  std::unique_ptr<Sender> sender_;
  Message message_;
};

TEST(Signature, GivesTheKnownAnswerOfTheStandardWebhooksLibraries) {
  const auto signature =
      sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
           R"({"test": 2432232314})");
  ASSERT_TRUE(signature.has_value());
  EXPECT_EQ(*signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, HmacGivesTheAnswersOfRfc4231) {
  const auto hex = [](const std::string& bytes) {
    std::string out;
    for (const char byte : bytes) {
      out.push_back("0123456789abcdef"[static_cast<unsigned char>(byte) >> 4]);
      out.push_back("0123456789abcdef"[static_cast<unsigned char>(byte) & 15]);
    }
    return out;
  };
  // §4.2
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  // §4.3
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");  // §4.7
}

TEST(Signature, RefusesSecretsThatAreNone) {
  for (const char* secret :
       {"", "whsec_", "whsec_!!!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_QQ=="}) {
    const auto signature = sign(secret, "id", 0, "");
    ASSERT_FALSE(signature.has_value()) << secret;
    EXPECT_EQ(signature.error().code, ErrorCode("bad_secret"));
  }
}

TEST(Secret, IsRandomAndUsable) {
  SeededRandom random(1);
  const std::string first = make_secret(random);
  EXPECT_NE(first, make_secret(random));
  EXPECT_EQ(text::base64_decode(first.substr(6))->size(), 32U);
  EXPECT_TRUE(sign(first, "id", 0, "").has_value());
}

TEST(CheckChannel, TakesWebhooksAndNamesWhatItRefuses) {
  v1::Channel channel;
  channel.set_id("c-1");
  channel.set_type("webhook");
  channel.set_url("https://receiver.example/");
  channel.set_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  EXPECT_TRUE(check_channel(channel).has_value());
  channel.set_secret("whsec_AAAAAAAAAAA=");  // 8 bytes: what sign() takes, a subscription takes
  EXPECT_TRUE(check_channel(channel).has_value());
  for (const char* secret : {"", "secret", "whsec_short"}) {
    channel.set_secret(secret);
    EXPECT_EQ(check_channel(channel).error().code, ErrorCode("bad_secret")) << secret;
  }
  channel.set_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  channel.set_id("a/b");
  EXPECT_EQ(check_channel(channel).error().code, ErrorCode("bad_subscription"));
  channel.set_id("c-1");
  channel.set_url("https://user:word@receiver.example/");
  EXPECT_EQ(check_channel(channel).error().code, ErrorCode("bad_channel_url"));
  channel.set_url("file:///etc/passwd");
  EXPECT_EQ(check_channel(channel).error().code, ErrorCode("bad_channel_url"));
  channel.set_type("pager");
  EXPECT_EQ(check_channel(channel).error().code, ErrorCode("unsupported_channel"));
}

class ChannelOfKind : public testing::Test {
 protected:
  ErrorCode verdict(const AllowedNetworks& allowed = AllowedNetworks(std::in_place)) {
    channel_.set_id("c-1");
    const auto checked = check_channel(channel_, allowed);
    if (!checked) said_ = checked.error().detail;
    return checked ? ErrorCode() : checked.error().code;
  }
  v1::Channel channel_;
  std::string said_;
};

TEST_F(ChannelOfKind, SecretUrlsAreHttpsPublicAndNotToldInErrors) {
  for (const char* type : {"slack", "teams", "discord"}) {
    channel_.set_type(type);
    channel_.set_secret("https://hooks.example/services/T1/B1/hush");
    EXPECT_EQ(verdict(), ErrorCode()) << type;
    for (const char* url : {"http://hooks.example/services/hush", "https://10.0.0.1/services/hush",
                            "https://localhost/services/hush", "services/hush", ""}) {
      channel_.set_secret(url);
      EXPECT_EQ(verdict(), ErrorCode("bad_channel_url")) << type << " " << url;
      EXPECT_EQ(said_.find("hush"), std::string::npos) << said_;
    }
    channel_.set_secret("http://127.0.0.1:8080/services/hush");
    EXPECT_EQ(verdict({{net::parse_network("127.0.0.0/8").value()}}), ErrorCode()) << type;
  }
}

TEST_F(ChannelOfKind, ARefusalNamesTheUrl) {
  channel_.set_type("webhook");
  channel_.set_url("http://10.0.0.7:8080/hook");
  EXPECT_EQ(verdict(), ErrorCode("bad_channel_url"));
  EXPECT_NE(said_.find("http://10.0.0.7:8080/hook"), std::string::npos) << said_;
}

TEST_F(ChannelOfKind, RecipientsAndTokensAreWhatTheServicesTake) {
  channel_.set_url("https://server.example");
  channel_.set_secret("123:token");
  const auto verdict_of = [&](const char* type, const std::string& recipient) {
    channel_.set_type(type);
    channel_.set_recipient(recipient);
    return verdict();
  };
  EXPECT_EQ(verdict_of("matrix", "!abc:example.org"), ErrorCode());
  for (const char* none : {"", "#alias:example.org", "!a b", "!a\n"})
    EXPECT_EQ(verdict_of("matrix", none), ErrorCode("bad_subscription")) << none;
  for (const char* chat : {"12345", "-1001234567890", "@vigie_alerts"})
    EXPECT_EQ(verdict_of("telegram", chat), ErrorCode()) << chat;
  for (const char* none : {"", "-", "@", "chat", "1.5", "99999999999999999999"})
    EXPECT_EQ(verdict_of("telegram", none), ErrorCode("bad_subscription")) << none;
  EXPECT_EQ(verdict_of("ntfy", "chips_1"), ErrorCode());
  for (const std::string& none : {std::string(""), std::string("a/b"), std::string(65, 'x')})
    EXPECT_EQ(verdict_of("ntfy", none), ErrorCode("bad_subscription")) << none;
  channel_.set_secret("");
  EXPECT_EQ(verdict_of("ntfy", "chips"), ErrorCode()) << "a topic may be open to all";
  EXPECT_EQ(verdict_of("matrix", "!abc:example.org"), ErrorCode("bad_secret"));
  for (const char* none : {"a b", "a\nb", "a/../b"}) {
    channel_.set_secret(none);
    EXPECT_EQ(verdict_of("telegram", "1"), ErrorCode("bad_secret")) << none;
  }
}

TEST(Kinds, HaveTheirMembersAlone) {
  EXPECT_TRUE(has_member(*kind_of("matrix"), "room"));
  EXPECT_FALSE(has_member(*kind_of("matrix"), "chat"));
  EXPECT_FALSE(has_member(*kind_of("slack"), "token"));
  EXPECT_FALSE(has_member(*kind_of("email"), "url"));
  EXPECT_FALSE(has_member(*kind_of("email"), "secret"));
  EXPECT_EQ(masked_url("https://hooks.example:8443/T/B/hush"),
            "https://hooks.example:8443/••••••••");
}

class ChannelUrl : public testing::Test {
 protected:
  ErrorCode verdict(const std::string& url, const AllowedNetworks& allowed) {
    v1::Channel channel;
    channel.set_id("c-1");
    channel.set_type("webhook");
    channel.set_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    channel.set_url(url);
    const auto checked = check_channel(channel, allowed);
    return checked ? ErrorCode() : checked.error().code;
  }
  const AllowedNetworks none_{std::in_place};
};

// What a parser of URLs takes away in silence would be stored and shown as it was typed.
TEST_F(ChannelUrl, IsRefusedWhereItIsNotWhatItLooksLike) {
  for (const char* url :
       {"https://receiver.example/\r\nX-Injected: 1", " https://receiver.example/",
        "https://receiver.example/a b", "https://recei\tver.example/", "https:\\\\receiver.example",
        "https://receiver.example/\x1b[31m", "https://receiver.example/\x7f",
        "https://receiver.example/<script>", "https://receiver.example/\u202Eexe.txt",
        "https://receiver.example/\u2066a", "https://receiver.example/\u200B",
        "https:receiver.example", "https:/receiver.example/", "https:///receiver.example/",
        "https://receiver.example/\xFF"})
    EXPECT_EQ(verdict(url, none_), ErrorCode("bad_channel_url")) << url;
  for (const char* url : {"https://receiver.example/a%20b?c=%0D%0A", "HTTPS://receiver.example/",
                          "https://b\u00FCcher.example/\u00E9"})
    EXPECT_EQ(verdict(url, none_), ErrorCode()) << url;
}

TEST_F(ChannelUrl, IsRefusedAtOnceWhereNothingWouldBeSent) {
  for (const char* url :
       {"http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://10.0.0.7:8080/hook",
        "http://192.168.1.1/", "http://169.254.169.254/latest", "http://[::1]/",
        "http://[::ffff:10.0.0.1]/", "http://[fd00::1]/", "http://0.0.0.0/", "http://localhost/",
        "http://a.localhost:8080/", "https://receiver.example:0/",
        "https://receiver.example:00000/"})
    EXPECT_EQ(verdict(url, none_), ErrorCode("bad_channel_url")) << url;
  for (const char* url : {"https://receiver.example/", "https://93.184.216.34/hook",
                          "https://[2606:2800:220:1::1]/", "https://receiver.example:8443/"})
    EXPECT_EQ(verdict(url, none_), ErrorCode()) << url;
}

TEST_F(ChannelUrl, MayBeInANetworkThatTheOperatorAllows) {
  const AllowedNetworks allowed{{net::parse_network("10.0.0.0/8").value()}};
  EXPECT_EQ(verdict("http://10.0.0.7:8080/hook", allowed), ErrorCode());
  EXPECT_EQ(verdict("http://192.168.1.1/", allowed), ErrorCode("bad_channel_url"));
  EXPECT_EQ(verdict("http://192.168.1.1/", std::nullopt), ErrorCode())
      << "where nobody says what is allowed, it is judged when it is sent";
}

TEST_F(DeliveryTest, SendsHeadersThatVerifyAndACloudEvent) {
  EXPECT_EQ(send_answered(204).outcome, Outcome::kDelivered);
  EXPECT_EQ(client_.last.method, "POST");
  EXPECT_EQ(client_.last.url, "https://receiver.example/hook");
  EXPECT_EQ(client_.header("webhook-id"), "msg_1");
  EXPECT_EQ(client_.header("webhook-timestamp"), std::to_string(clock_.now_unix_ms() / 1000));
  EXPECT_EQ(client_.header("webhook-signature"),
            sign(message_.channel.secret(), "msg_1", clock_.now_unix_ms() / 1000, client_.last.body)
                .value());
  const auto body = parse_json(client_.last.body);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ((*body)["specversion"].as_string(), "1.0");
  EXPECT_EQ((*body)["type"].as_string(), "vigie.alert.v1");
  EXPECT_EQ((*body)["id"].as_string(), "msg_1");
  EXPECT_EQ((*body)["source"].as_string(), "/v1/subscriptions/sub");
  EXPECT_EQ((*body)["time"].as_string(), "2026-01-01T00:00:00Z");
  const Json& data = (*body)["data"];
  EXPECT_EQ(data["subscription"]["name"].as_string(), "Chips");
  EXPECT_EQ(data["article"]["title"].as_string(), "Nvidia „Chips“");
  EXPECT_EQ(data["article"]["genre"].as_string(), "opinion");
  EXPECT_EQ(data["article"]["published"].as_string(), "2026-01-01T08:00:00+02:00");
  EXPECT_EQ(data["article"]["topics"].as_array().at(0)["level"].as_string(), "about");
  EXPECT_EQ(data["evidence"].as_array().at(0)["offset"].as_integer(), 7);
  EXPECT_TRUE(data["story"].is_null());
}

TEST_F(DeliveryTest, ARepeatHasTheSameIdAndBodyAndItsOwnTimestamp) {
  send_answered(500);
  const net::HttpRequest first = client_.last;
  clock_.advance(std::chrono::seconds(5));
  send_answered(200);
  EXPECT_EQ(client_.last.body, first.body);
  EXPECT_EQ(client_.header("webhook-id"), "msg_1");
  EXPECT_NE(client_.last.headers, first.headers);
}

TEST_F(DeliveryTest, JudgesAnswersAsTheContractSays) {
  EXPECT_EQ(send_answered(200).outcome, Outcome::kDelivered);
  EXPECT_EQ(send_answered(299).outcome, Outcome::kDelivered);
  EXPECT_EQ(send_answered(410).outcome, Outcome::kGone);
  for (const int status : {302, 400, 404, 429, 500, 503}) {
    const Attempt attempt = send_answered(status);
    EXPECT_EQ(attempt.outcome, Outcome::kFailed) << status;
    EXPECT_EQ(attempt.status, static_cast<std::uint32_t>(status));
    EXPECT_FALSE(attempt.error.empty());
  }
  client_.response =
      Result<net::HttpResponse>(failure(Disposition::kRetry, "connect", "nobody listens"));
  EXPECT_EQ(send().outcome, Outcome::kFailed);
  EXPECT_EQ(send().status, 0U);
}

TEST_F(DeliveryTest, WhileASecretIsChangedBothSign) {  // Standard Webhooks 1.0.0
  message_.channel.set_previous_secret("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  message_.channel.set_previous_until_unix_ms(clock_.now_unix_ms() + 1'000);
  send_answered(200);
  const std::int64_t at = clock_.now_unix_ms() / 1000;
  const std::string now = sign(message_.channel.secret(), "msg_1", at, client_.last.body).value();
  const std::string before =
      sign(message_.channel.previous_secret(), "msg_1", at, client_.last.body).value();
  EXPECT_EQ(client_.header("webhook-signature"), now + " " + before);
  clock_.advance(std::chrono::seconds(2));
  send_answered(200);
  EXPECT_EQ(client_.header("webhook-signature").find(' '), std::string::npos);
}

TEST_F(DeliveryTest, EMailThatIsNotSetUpFailsAndSaysSo) {
  message_.channel.set_type("email");
  message_.channel.set_address("ana@example.org");
  EXPECT_EQ(send().outcome, Outcome::kFailed);
  EXPECT_NE(send().error.find("email.smtp_url"), std::string::npos);
  EXPECT_EQ(client_.requests, 0);
}

TEST_F(DeliveryTest, TakesRetryAfterInSecondsAndBoundsIt) {
  net::HttpResponse response;
  response.status = 503;
  response.headers = {{"retry-after", "120"}};
  client_.response = response;
  EXPECT_EQ(send().retry_after, std::chrono::seconds(120));
  response.headers = {{"retry-after", "99999999999"}};
  client_.response = response;
  EXPECT_EQ(send().retry_after, kMaxRetryAfter);
  response.headers = {{"retry-after", "soon"}};
  client_.response = response;
  EXPECT_EQ(send().retry_after, std::nullopt);
}

TEST_F(DeliveryTest, ASecretThatCannotSignSendsNothingAndTellsNothingOfIt) {
  message_.channel.set_secret("my own secret");
  const Attempt attempt = send();
  EXPECT_EQ(attempt.outcome, Outcome::kGone);
  EXPECT_EQ(client_.requests, 0);
  EXPECT_EQ(attempt.error.find("my own secret"), std::string::npos);
}

TEST_F(DeliveryTest, ASampleSaysThatItIsOne) {
  message_.sample = true;
  send_answered(200);
  EXPECT_EQ(parse_json(client_.last.body).value()["type"].as_string(), "vigie.test.v1");
}

}  // namespace
}  // namespace vigie::indexer::delivery
