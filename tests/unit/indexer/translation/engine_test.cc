#include "indexer/translation/engine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/http/http.h"
#include "platform/json/json.h"
#include "platform/net/http_client.h"

namespace vigie::indexer::translation {
namespace {

using namespace std::chrono_literals;

/// As LibreTranslate answers: "[de] text" of each text. Source: its OpenAPI description.
class FakeLibreTranslate {
 public:
  FakeLibreTranslate() {
    auto router = std::make_shared<http::Router>();
    router->add(
        "POST", "/translate", [this](const http::Request& request) { return answer(request); },
        1 << 20);
    http::ServerOptions options;
    options.listen = "127.0.0.1:0";
    server_ = std::move(http::serve(options, router, clock_).value());
  }
  std::string url() const { return "http://" + server_->address(); }
  Json last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  int status = 200;
  std::string body;  // said instead of a response
  std::chrono::milliseconds delay{0};

 private:
  http::Response answer(const http::Request& request) {
    std::this_thread::sleep_for(delay);
    const Json asked = parse_json(request.body).value();
    const std::lock_guard lock(mutex_);
    last_ = asked;
    if (!body.empty() || status != 200) {
      http::Response response = http::Response::text(body, "application/json");
      response.status = status;
      return response;
    }
    const std::string mark = "[" + asked["target"].as_string() + "] ";
    if (asked["q"].is_string())
      return http::Response::json(
          Json::object({{"translatedText", mark + asked["q"].as_string()}}));
    Json all = Json::array();
    for (const Json& one : asked["q"].as_array()) all.push(mark + one.as_string());
    return http::Response::json(Json::object({{"translatedText", std::move(all)}}));
  }
  SystemClock clock_;
  mutable std::mutex mutex_;
  Json last_;
  std::unique_ptr<http::Server> server_;
};

class HttpEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    net::CurlOptions options;
    options.allow_networks.push_back(net::parse_network("127.0.0.0/8").value());
    client_ = net::make_curl_client(std::move(options));
  }
  Result<std::vector<std::string>> translate(const Batch& batch,
                                             std::chrono::milliseconds timeout = 5s) {
    return make_http_engine(*client_, fake_.url() + "/", "k3y", timeout)
        ->translate(batch, stop_.get_token());
  }
  FakeLibreTranslate fake_;
  std::unique_ptr<net::HttpClient> client_;
  std::stop_source stop_;
};

TEST_F(HttpEngineTest, OneTextIsAStringAndSeveralAreAList) {
  const auto one = translate({"zh", "de", {"华为"}});
  ASSERT_TRUE(one) << one.error().to_string();
  EXPECT_EQ(*one, std::vector<std::string>{"[de] 华为"});
  EXPECT_EQ(fake_.last().dump(),
            R"({"q":"华为","source":"zh","target":"de","format":"text","api_key":"k3y"})");
  const auto two = translate({"", "de", {"a", "b"}});
  ASSERT_TRUE(two);
  EXPECT_EQ(*two, (std::vector<std::string>{"[de] a", "[de] b"}));
  EXPECT_EQ(fake_.last()["source"].as_string(), "auto");
}

TEST_F(HttpEngineTest, ARefusalIsOfTheTextsAndAFailureOfTheTranslator) {
  struct Case {
    int status;
    Disposition disposition;
    const char* code;
  };
  const Case cases[] = {{400, Disposition::kQuarantine, "bad_argument"},
                        {403, Disposition::kRetry, "not_authorized"},
                        {429, Disposition::kRetry, "too_many_requests"},
                        {500, Disposition::kRetry, "bad_answer"}};
  for (const Case& one : cases) {
    fake_.status = one.status;
    fake_.body = R"({"error":"xx is\nnot supported"})";
    const auto failed = translate({"xx", "de", {"a"}});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().disposition, one.disposition) << one.status;
    EXPECT_EQ(failed.error().code.text(), one.code);
    EXPECT_EQ(failed.error().detail,
              "the translator answered " + std::to_string(one.status) + ": xx is not supported");
    EXPECT_EQ(failed.error().detail.find("k3y"), std::string::npos);
  }
}

TEST_F(HttpEngineTest, WhatIsNoAnswerIsNone) {
  for (const char* body : {"<html>", "{}", R"({"translatedText":["a","b"]})",
                           R"({"translatedText":[1]})", R"({"translatedText":null})"}) {
    fake_.body = body;
    const auto failed = translate({"en", "de", {"a"}});
    ASSERT_FALSE(failed) << body;
    EXPECT_EQ(failed.error().code, ErrorCode("bad_answer")) << body;
    EXPECT_EQ(failed.error().disposition, Disposition::kRetry);
  }
}

TEST_F(HttpEngineTest, TakesNoLongerThanItMay) {
  fake_.delay = 700ms;
  const auto failed = translate({"en", "de", {"a"}}, 200ms);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().disposition, Disposition::kRetry);
  EXPECT_NE(failed.error().detail.find("does not answer"), std::string::npos);
}

TEST_F(HttpEngineTest, AStopDoesNotWait) {
  fake_.delay = 2s;
  const auto began = std::chrono::steady_clock::now();
  std::jthread stopper([this] {
    std::this_thread::sleep_for(100ms);
    stop_.request_stop();
  });
  EXPECT_FALSE(translate({"en", "de", {"a"}}));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1500ms);
}

class CommandEngineTest : public testing::Test {
 protected:
  Result<std::vector<std::string>> translate(const std::string& script) {
    return make_command_engine({"sh", "-c", script}, clock_, 5s)
        ->translate({"zh", "de", {"eins", "zwei"}}, {});
  }
  SystemClock clock_;
};

TEST_F(CommandEngineTest, SpeaksTheSameJson) {
  const auto out = translate(
      R"sh(test "$(cat)" = '{"q":["eins","zwei"],"source":"zh","target":"de","format":"text"}' &&
         echo '{"translatedText":["one","two"]}')sh");
  ASSERT_TRUE(out) << out.error().to_string();
  EXPECT_EQ(*out, (std::vector<std::string>{"one", "two"}));
}

TEST_F(CommandEngineTest, MayRefuseOrFail) {
  const auto refused = translate(R"(echo '{"error":"no zh"}')");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().disposition, Disposition::kQuarantine);
  EXPECT_EQ(refused.error().detail, "the translator refused: no zh");
  const auto failed = translate("exit 2");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().disposition, Disposition::kRetry);
  EXPECT_EQ(failed.error().detail, "the translator failed: sh: exit code 2");
}

}  // namespace
}  // namespace vigie::indexer::translation
