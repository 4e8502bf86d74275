#include "crawler/service/subscriptions.h"

#include <gtest/gtest.h>

#include "crawler/websub/subscription.h"
#include "platform/secrets/hmac.h"
#include "platform/secrets/sealer.h"
#include "proto/status.pb.h"
#include "tests/unit/crawler/service/crawler_fixture.h"

namespace vigie::crawler::service {
namespace {

const std::string kFeed = "http://127.0.10.1/feed.xml";
const std::string kHub = "http://127.0.10.2/hub";

std::string percent_decoded(const std::string& form, const std::string& name) {
  const std::size_t at = ("&" + form).find("&" + name + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 1;
  return http::percent_decode(form.substr(begin, form.find('&', begin) - begin), true);
}

/// A crawler that takes pushes, a feed that names a hub, and the hub.
class SubscriptionsTest : public CrawlerTest {
 protected:
  void SetUp() override {
    CrawlerTest::SetUp();
    feed({{"One", "http://127.0.10.1/one"}});
    for (const char* page : {"one", "two", "three", "four"})
      web_.put(std::string("http://127.0.10.1/") + page, 200,
               "<html><body><p>" + std::string(page) + " is a page.</p></body></html>");
    web_.put(kHub, 202, "");
  }
  void begin_pushed() {
    hubs_ = websub::make_hubs("https://vigie.example/websub", std::string(64, 'k'), clock_);
    scheduler_ = make_crawler(options(), *log_);
  }
  void feed(const std::vector<std::pair<std::string, std::string>>& items) {
    web_.put(kFeed, 200, rss(items), "application/rss+xml",
             {{"link", "<" + kHub + ">; rel=hub, <" + kFeed + ">; rel=self"}});
  }
  /// The forms that the hub was sent.
  std::vector<std::string> forms(const std::string& mode) const {
    std::vector<std::string> out;
    for (const FakeWeb::Seen& one : web_.seen) {
      if (one.url == kHub && percent_decoded(one.body, "hub.mode") == mode) out.push_back(one.body);
    }
    return out;
  }
  std::string path_of(const std::string& form) const {
    const std::string callback = percent_decoded(form, "hub.callback");
    return callback.substr(std::string("https://vigie.example").size());
  }
  http::Response verify(const std::string& form, const std::string& lease = "3600") {
    http::Request request;
    request.path = path_of(form);
    request.query = {{"hub.mode", percent_decoded(form, "hub.mode")},
                     {"hub.topic", percent_decoded(form, "hub.topic")},
                     {"hub.challenge", "challenge"},
                     {"hub.lease_seconds", lease}};
    return hubs_->callbacks->verify(request);
  }
  http::Response push(const std::string& form, const std::string& body, bool sha1 = false) {
    http::Request request;
    request.method = "POST";
    request.path = path_of(form);
    request.body = body;
    const auto kind = sha1 ? secrets::HashKind::kSha1 : secrets::HashKind::kSha256;
    request.headers["x-hub-signature"] =
        std::string(sha1 ? "sha1=" : "sha256=") +
        secrets::to_hex(secrets::hmac(kind, percent_decoded(form, "hub.secret"), body));
    return hubs_->callbacks->push(request);
  }
  /// Subscribes; the form by which it did.
  std::string subscribed(const std::string& lease = "3600") {
    begin_pushed();
    pass(milliseconds(1'500));
    const auto sent = forms("subscribe");
    EXPECT_EQ(sent.size(), 1U);
    if (sent.empty()) return {};
    EXPECT_EQ(verify(sent.front(), lease).body, "challenge");
    pass(milliseconds(200));
    return sent.front();
  }
  v1::UrlState feed_state() {
    v1::UrlState newest;
    for (v1::UrlState& state : read<v1::UrlState>(proto::Topic::kFrontier)) {
      if (state.url() == kFeed && state.kind() == v1::URL_KIND_FEED) newest = std::move(state);
    }
    return newest;
  }
  std::vector<std::string> pages() {
    std::vector<std::string> out;
    for (const v1::PageRecord& page : read<v1::PageRecord>(proto::Topic::kPages))
      out.push_back(page.url());
    return out;
  }
  bool has_page(const std::string& url) {
    const auto all = pages();
    return std::find(all.begin(), all.end(), url) != all.end();
  }
};

TEST_F(SubscriptionsTest, WithoutACallbackUrlNoHubIsAsked) {
  begin();
  pass(milliseconds(5'000));
  EXPECT_EQ(web_.count(kHub), 0U);
  EXPECT_FALSE(feed_state().has_push());
}

TEST_F(SubscriptionsTest, AFeedThatNamesAHubIsSubscribedTo) {
  const std::string form = subscribed();
  EXPECT_EQ(percent_decoded(form, "hub.topic"), kFeed);
  EXPECT_GE(percent_decoded(form, "hub.secret").size(), 32U);
  EXPECT_EQ(feed_state().push().state(), websub::kActive);
  // No record of the log has the secret, or the name of the callback.
  const std::string id = path_of(form).substr(path_of(form).rfind('/') + 1);
  for (const v1::UrlState& state : read<v1::UrlState>(proto::Topic::kFrontier)) {
    EXPECT_EQ(state.SerializeAsString().find(percent_decoded(form, "hub.secret")),
              std::string::npos);
    EXPECT_EQ(state.SerializeAsString().find(id), std::string::npos);
  }
}

TEST_F(SubscriptionsTest, WhatIsPushedIsReadAtOnceWithoutAPoll) {
  const std::string form = subscribed();
  pass(milliseconds(30'000));  // the feed is known: polls are rare
  const std::size_t polls = web_.count(kFeed);
  const std::size_t asked = web_.seen.size();
  EXPECT_EQ(push(form, rss({{"Two", "http://127.0.10.1/two"}})).status, 202);
  pass(milliseconds(300));
  EXPECT_TRUE(has_page("http://127.0.10.1/two"));
  EXPECT_LE(web_.count(kFeed), polls + 1);
  EXPECT_GE(web_.seen.size(), asked + 1);
  // Once more is harmless.
  EXPECT_EQ(push(form, rss({{"Two", "http://127.0.10.1/two"}})).status, 202);
  pass(milliseconds(300));
  EXPECT_EQ(web_.count("http://127.0.10.1/two"), 1U);
}

TEST_F(SubscriptionsTest, APushWithoutContentPollsAtOnce) {
  const std::string form = subscribed();
  pass(milliseconds(30'000));
  feed({{"One", "http://127.0.10.1/one"}, {"Three", "http://127.0.10.1/three"}});
  EXPECT_EQ(push(form, "", true).status, 202);
  pass(milliseconds(700));
  EXPECT_TRUE(has_page("http://127.0.10.1/three"));
}

TEST_F(SubscriptionsTest, APushThatIsNoFeedPollsAtOnce) {
  const std::string form = subscribed();
  pass(milliseconds(30'000));
  feed({{"One", "http://127.0.10.1/one"}, {"Four", "http://127.0.10.1/four"}});
  EXPECT_EQ(push(form, "<html><body>moved</body></html>").status, 202);
  pass(milliseconds(700));
  EXPECT_TRUE(has_page("http://127.0.10.1/four"));
}

TEST_F(SubscriptionsTest, AForgedPushDoesNothing) {
  const std::string form = subscribed();
  pass(milliseconds(30'000));
  http::Request request;
  request.path = path_of(form);
  request.body = rss({{"Two", "http://127.0.10.1/two"}});
  request.headers["x-hub-signature"] = "sha256=" + std::string(64, '0');
  EXPECT_EQ(hubs_->callbacks->push(request).status, 202);
  pass(milliseconds(500));
  EXPECT_FALSE(has_page("http://127.0.10.1/two"));
}

TEST_F(SubscriptionsTest, ALeaseIsRenewedBeforeItEnds) {
  subscribed("20");
  pass(milliseconds(12'000));
  EXPECT_EQ(forms("subscribe").size(), 1U);
  pass(milliseconds(6'000));
  ASSERT_EQ(forms("subscribe").size(), 2U);
  EXPECT_EQ(feed_state().push().state(), websub::kActive);
  EXPECT_EQ(verify(forms("subscribe").back(), "20").status, 200);
  pass(milliseconds(10'000));
  EXPECT_EQ(feed_state().push().state(), websub::kActive);
  EXPECT_EQ(forms("subscribe").size(), 2U);
}

TEST_F(SubscriptionsTest, AHubThatRefusesLeavesTheFeedPolled) {
  web_.put(kHub, 403, "not <b>you</b>");
  begin_pushed();
  pass(milliseconds(4'000));
  EXPECT_EQ(web_.count(kHub), 1U);
  EXPECT_EQ(feed_state().push().state(), websub::kRefused);
  EXPECT_NE(feed_state().push().last_error().find("403"), std::string::npos);
  feed({{"One", "http://127.0.10.1/one"}, {"Two", "http://127.0.10.1/two"}});
  pass(milliseconds(4'000));
  EXPECT_TRUE(has_page("http://127.0.10.1/two"));
}

TEST_F(SubscriptionsTest, AHubThatNeverAsksBackIsSaidToBeSilent) {
  begin_pushed();
  pass(milliseconds(2'000));
  EXPECT_EQ(feed_state().push().state(), websub::kAsked);
  for (int minute = 0; minute < 11; ++minute) {
    clock_.advance(milliseconds(60'000));
    pass(milliseconds(100));
  }
  EXPECT_EQ(feed_state().push().state(), websub::kFailed);
  v1::SourceStatus newest;
  for (const v1::StatusRecord& record : read<v1::StatusRecord>(proto::Topic::kStatus)) {
    if (record.has_source()) newest = record.source();
  }
  ASSERT_EQ(newest.pushed_size(), 1);
  EXPECT_EQ(newest.pushed(0).hub(), kHub);
  EXPECT_EQ(newest.pushed(0).state(), websub::kFailed);
}

TEST_F(SubscriptionsTest, ASourceThatGoesIsUnsubscribed) {
  const std::string form = subscribed();
  sources(
      "sources:\n  - name: Other\n    homepage: http://127.0.10.3/\n    feeds: "
      "[http://127.0.10.3/feed.xml]\n");
  scheduler_->request_reload();
  pass(milliseconds(2'000));
  ASSERT_EQ(forms("unsubscribe").size(), 1U);
  EXPECT_EQ(push(form, rss({{"Two", "http://127.0.10.1/two"}})).status, 404);
  EXPECT_EQ(verify(forms("unsubscribe").front()).body, "challenge");
  EXPECT_EQ(verify(forms("unsubscribe").front()).status, 404);
  EXPECT_FALSE(has_page("http://127.0.10.1/two"));
}

TEST_F(SubscriptionsTest, ASubscriptionOutlivesARestart) {
  const std::string form = subscribed();
  scheduler_.reset();
  begin_pushed();
  pass(milliseconds(2'000));
  EXPECT_EQ(forms("subscribe").size(), 1U);
  EXPECT_EQ(push(form, rss({{"Two", "http://127.0.10.1/two"}})).status, 202);
  pass(milliseconds(500));
  EXPECT_TRUE(has_page("http://127.0.10.1/two"));
}

TEST_F(SubscriptionsTest, AHubIsAskedAtTheGapsOfItsHost) {
  std::string yaml = "sources:\n";
  for (int i = 1; i <= 6; ++i) {
    const std::string host = "127.0.11." + std::to_string(i);
    yaml += "  - name: S" + std::to_string(i) + "\n    homepage: http://" + host +
            "/\n    feeds: [http://" + host + "/feed.xml]\n";
    web_.put("http://" + host + "/feed.xml", 200, rss({}), "application/rss+xml",
             {{"link", "<" + kHub + ">; rel=hub"}});
  }
  sources(yaml);
  begin_pushed();
  pass(milliseconds(4'000));
  std::vector<FakeWeb::Seen> seen;
  for (const FakeWeb::Seen& one : web_.seen) {
    if (one.url == kHub) seen.push_back(one);
  }
  ASSERT_EQ(seen.size(), 6U);
  for (std::size_t i = 1; i < seen.size(); ++i)
    EXPECT_GE(seen[i].begin - seen[i - 1].end, milliseconds(200));
}

}  // namespace
}  // namespace vigie::crawler::service
