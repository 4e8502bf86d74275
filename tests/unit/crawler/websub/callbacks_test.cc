#include "crawler/websub/callbacks.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "crawler/websub/signature.h"
#include "platform/secrets/hmac.h"
#include "platform/secrets/sealer.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::crawler::websub {
namespace {

constexpr const char* kFeed = "https://news.example/feed.xml";
constexpr const char* kTopic = "https://news.example/feed";

std::string signed_by(const std::string& method, secrets::HashKind kind, const std::string& secret,
                      const std::string& body) {
  return method + "=" + secrets::to_hex(secrets::hmac(kind, secret, body));
}

class CallbacksTest : public testing::Test {
 protected:
  void SetUp() override {
    callbacks_.connect([this](HubCall call) { told_.push_back(std::move(call)); },
                       [this](Callbacks::Outcome outcome) { ++counted_[outcome]; });
  }
  void expect(bool subscribes = true, bool reads_body = true) {
    callbacks_.expect(id_, {kFeed, kTopic, secret_, subscribes, reads_body});
  }
  http::Response ask(std::vector<std::pair<std::string, std::string>> query,
                     const std::string& id) {
    http::Request request;
    request.path = "/websub/" + id;
    request.query = std::move(query);
    return callback_router({std::shared_ptr<void>(), &callbacks_}, "https://vigie.example/websub")
        ->handle(std::move(request));
  }
  http::Response verify(const std::string& mode, const std::string& topic = kTopic,
                        const std::string& challenge = "c<b>") {
    return ask({{"hub.mode", mode},
                {"hub.topic", topic},
                {"hub.challenge", challenge},
                {"hub.lease_seconds", "3600"}},
               id_);
  }
  http::Response push(const std::string& body, const std::string& signature,
                      const std::string& id) {
    http::Request request;
    request.method = "POST";
    request.path = "/websub/" + id;
    request.body = body;
    request.headers = {{"x-hub-signature", signature},
                       {"content-type", "application/atom+xml; charset=utf-8"}};
    return callback_router({std::shared_ptr<void>(), &callbacks_}, "https://vigie.example/websub")
        ->handle(std::move(request));
  }
  http::Response push(const std::string& body) {
    return push(body, signed_by("sha256", secrets::HashKind::kSha256, secret_, body), id_);
  }

  FakeClock clock_;
  std::vector<HubCall> told_;
  std::map<Callbacks::Outcome, int> counted_;
  Callbacks callbacks_{clock_};
  CallbackNames names_{std::string(32, 'k'), "https://vigie.example/websub/"};
  const std::string id_ = names_.id(kFeed, "https://hub.example/", kTopic);
  const std::string secret_ = names_.secret(id_);
};

TEST_F(CallbacksTest, NamesAndSecretsFollowFromTheKeyAlone) {
  EXPECT_EQ(names_.url(id_), "https://vigie.example/websub/" + id_);
  EXPECT_EQ(id_.size(), 26U);
  EXPECT_LE(secret_.size(), 200U);  // WebSub §5.1
  EXPECT_NE(secret_, id_);
  EXPECT_EQ(CallbackNames(std::string(32, 'k'), "https://vigie.example/websub")
                .id(kFeed, "https://hub.example/", kTopic),
            id_);
  const CallbackNames other(std::string(32, 'l'), "https://vigie.example/websub");
  EXPECT_NE(other.id(kFeed, "https://hub.example/", kTopic), id_);
  EXPECT_NE(names_.id(kFeed, "https://hub.example/", "https://news.example/other"), id_);
}

// WebSub §5.3: the challenge is echoed for what was asked for, else 404.
TEST_F(CallbacksTest, IntentIsVerifiedForWhatWasAskedForAlone) {
  EXPECT_EQ(verify("subscribe").status, 404);
  expect();
  const http::Response good = verify("subscribe");
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.body, "c<b>");
  ASSERT_FALSE(good.headers.empty());
  EXPECT_EQ(good.headers.front().second, "text/plain; charset=utf-8");
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_.front().kind, HubCall::Kind::kVerified);
  EXPECT_EQ(told_.front().feed, kFeed);
  EXPECT_EQ(told_.front().lease, std::chrono::seconds(3'600));
  EXPECT_EQ(verify("subscribe", "https://news.example/other").status, 404);
  EXPECT_EQ(verify("unsubscribe").status, 404);
  EXPECT_EQ(verify("").status, 404);
  EXPECT_EQ(verify("subscribe", kTopic, "").status, 400);
  EXPECT_EQ(verify("subscribe", kTopic, std::string(5'000, 'c')).status, 400);
  EXPECT_EQ(told_.size(), 1U);
}

TEST_F(CallbacksTest, AHubThatIsToStopIsToldSoOnce) {
  expect(false);
  EXPECT_EQ(verify("subscribe").status, 404);
  EXPECT_EQ(push("<feed/>").status, 404);
  EXPECT_EQ(verify("unsubscribe", kTopic, "").status, 400);
  EXPECT_EQ(verify("unsubscribe").body, "c<b>");
  EXPECT_EQ(verify("unsubscribe").status, 404);
  EXPECT_TRUE(told_.empty());
}

TEST_F(CallbacksTest, ADenialIsTold) {
  expect();
  EXPECT_EQ(ask({{"hub.mode", "denied"}, {"hub.topic", kTopic}, {"hub.reason", "no"}}, id_).status,
            200);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_.front().kind, HubCall::Kind::kDenied);
  EXPECT_EQ(told_.front().reason, "no");
}

TEST_F(CallbacksTest, WhatIsSignedIsTakenByEachHashThatHolds) {
  expect();
  using secrets::HashKind;
  const std::pair<const char*, HashKind> methods[] = {
      {"sha256", HashKind::kSha256}, {"SHA384", HashKind::kSha384}, {"sha512", HashKind::kSha512}};
  for (const auto& [method, kind] : methods) {
    const std::string body = std::string("<feed>") + method + "</feed>";
    EXPECT_EQ(push(body, signed_by(method, kind, secret_, body), id_).status, 202);
    ASSERT_FALSE(told_.empty());
    EXPECT_EQ(told_.back().body, body) << method;
    EXPECT_EQ(told_.back().charset, "utf-8");
  }
  EXPECT_EQ(told_.size(), 3U);
}

// SHA-1 is in the Recommendation and many hubs have no other: it brings a poll, and no content.
TEST_F(CallbacksTest, Sha1BringsAPollAlone) {
  expect();
  EXPECT_EQ(
      push("<feed/>", signed_by("sha1", secrets::HashKind::kSha1, secret_, "<feed/>"), id_).status,
      202);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_.front().body, "");
}

TEST_F(CallbacksTest, WhatMayHaveBeenChangedOnItsWayBringsAPollAlone) {
  expect(true, false);
  EXPECT_EQ(push("<feed/>").status, 202);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_.front().body, "");
}

// WebSub §7.1: acknowledged, and passed over.
TEST_F(CallbacksTest, AWrongSignatureIsAcknowledgedAndPassedOver) {
  expect();
  const std::string body = "<feed/>";
  const std::string right = signed_by("sha256", secrets::HashKind::kSha256, secret_, body);
  for (const std::string& signature :
       {std::string(), std::string("sha256"), std::string("sha256="), right.substr(0, 70),
        right + "00", std::string("md5=") + right.substr(7), right.substr(7),
        signed_by("sha256", secrets::HashKind::kSha256, "another", body),
        signed_by("sha256", secrets::HashKind::kSha256, "", body),
        signed_by("sha512", secrets::HashKind::kSha256, secret_, body)})
    EXPECT_EQ(push(body, signature, id_).status, 202) << signature;
  EXPECT_EQ(push(body + " ", right, id_).status, 202);
  EXPECT_TRUE(told_.empty());
  EXPECT_EQ(counted_[Callbacks::Outcome::kBadSignature], 11);
}

TEST_F(CallbacksTest, AnUnknownCallbackIsNotFound) {
  expect();
  for (const std::string& id : {std::string("x"), std::string(), id_ + "a", id_.substr(1)}) {
    EXPECT_EQ(
        push("<feed/>", signed_by("sha256", secrets::HashKind::kSha256, secret_, "<feed/>"), id)
            .status,
        404);
  }
  callbacks_.forget(id_);
  EXPECT_EQ(push("<feed/>").status, 404);
  EXPECT_TRUE(told_.empty());
}

TEST_F(CallbacksTest, TheSameOnceMoreDoesNothing) {
  expect();
  EXPECT_EQ(push("<feed>1</feed>").status, 202);
  EXPECT_EQ(push("<feed>1</feed>").status, 202);
  EXPECT_EQ(told_.size(), 1U);
  EXPECT_EQ(push("<feed>2</feed>").status, 202);
  EXPECT_EQ(told_.size(), 2U);
  EXPECT_EQ(push("").status, 202);
  EXPECT_EQ(push("").status, 202);  // a ping without content means each time that there is more
  EXPECT_EQ(told_.size(), 4U);
  EXPECT_EQ(counted_[Callbacks::Outcome::kRepeated], 1);
}

TEST_F(CallbacksTest, TooManyInAMinuteAreRefusedUntilItIsOver) {
  expect();
  for (std::uint32_t i = 0; i < Callbacks::kMostAMinute; ++i)
    ASSERT_EQ(push(std::to_string(i)).status, 202);
  EXPECT_EQ(push("one more").status, 429);
  EXPECT_EQ(told_.size(), Callbacks::kMostAMinute);
  clock_.advance(std::chrono::milliseconds(60'000));
  EXPECT_EQ(push("one more").status, 202);
}

TEST_F(CallbacksTest, WhatWaitsIsBounded) {
  expect();
  const std::string body(Callbacks::kMaxBodyBytes - 8, 'x');
  int taken = 0;
  for (int i = 10; i < 50; ++i) taken += push(body + std::to_string(i)).status == 202 ? 1 : 0;
  EXPECT_EQ(taken, 8);
  callbacks_.done(body.size() + 2);
  EXPECT_EQ(push(body + "99").status, 202);
}

}  // namespace
}  // namespace vigie::crawler::websub
