// What people say of sources while the crawler runs: it is taken up without a restart.
#include "proto/source_edit.pb.h"
#include "proto/status.pb.h"
#include "tests/unit/crawler/service/crawler_fixture.h"

namespace vigie::crawler::service {
namespace {

using std::chrono::seconds;

class PeopleSources : public CrawlerTest {
 protected:
  void say(const std::string& key, std::optional<std::string> value) {
    ASSERT_TRUE(log::append(*log_, {{proto::Topic::kSourceEdits, key, std::move(value)}}));
  }
  v1::SourceEdit harbour() {
    v1::SourceEdit edit;
    edit.set_id("harbour");
    edit.set_revision(1);
    edit.set_own(true);
    edit.mutable_source()->set_id("harbour");
    edit.mutable_source()->set_name("Harbour Ledger");
    edit.mutable_source()->set_homepage("http://127.0.10.2/");
    edit.add_feeds("http://127.0.10.2/feed.xml");
    edit.set_created_at_unix_ms(1);
    return edit;
  }
  void add(const v1::SourceEdit& edit) { say("source/" + edit.id(), edit.SerializeAsString()); }
  /// What the log holds of a source; nothing where its status was removed.
  std::optional<v1::SourceStatus> status(const std::string& id) {
    std::optional<v1::SourceStatus> out;
    EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kStatus,
                                 [&](const log::Record& record) -> Result<void> {
                                   v1::StatusRecord parsed;
                                   if (record.key != "source/" + id) return {};
                                   out.reset();
                                   if (record.value && parsed.ParseFromString(*record.value))
                                     out = parsed.source();
                                   return {};
                                 }));
    return out;
  }
  v1::DiscoveryResponse discover(const std::string& url, bool guessed = false) {
    v1::DiscoveryRequest request;
    request.set_id("q" + std::to_string(++asked_));
    request.set_url(url);
    request.set_asked_at_unix_ms(clock_.now_unix_ms());
    request.set_guessed_scheme(guessed);
    say("discover/" + request.id(), request.SerializeAsString());
    pass(seconds(8));
    v1::DiscoveryResponse out;
    EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kSourceEdits,
                                 [&](const log::Record& record) -> Result<void> {
                                   if (record.key == "found/" + request.id() && record.value)
                                     EXPECT_TRUE(out.ParseFromString(*record.value));
                                   return {};
                                 }));
    EXPECT_EQ(out.id(), request.id()) << "no response to " << url;
    return out;
  }
  int asked_ = 0;
};

TEST_F(PeopleSources, AnAddedSourceIsCrawledWithinSecondsAndToldOf) {
  web_.put("http://127.0.10.2/feed.xml", 200, rss({{"One", "http://127.0.10.2/one"}}), "text/xml");
  web_.put("http://127.0.10.2/one", 200, "<html><title>One</title><p>Text.</p>");
  begin();
  pass(seconds(2));
  EXPECT_EQ(web_.count("http://127.0.10.2/feed.xml"), 0U);
  add(harbour());
  pass(seconds(3));
  EXPECT_GE(web_.count("http://127.0.10.2/feed.xml"), 1U);
  const auto pages = read<v1::PageRecord>(proto::Topic::kPages);
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages[0].source().id(), "harbour");
  EXPECT_EQ(pages[0].source().name(), "Harbour Ledger");
  pass(seconds(6));
  const auto told = status("harbour");
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->own());
  EXPECT_EQ(told->edit_revision(), 1U);
  EXPECT_EQ(told->state(), "ok");
  ASSERT_EQ(told->feed_urls_size(), 1);
}

TEST_F(PeopleSources, ASourceThatWasAddedBeforeTheStartIsCrawledAfterIt) {
  add(harbour());
  begin();
  pass(seconds(2));
  EXPECT_GE(web_.count("http://127.0.10.2/feed.xml"), 1U);
}

TEST_F(PeopleSources, ARemovedSourceIsAskedNoMoreAndItsStatusGoes) {
  web_.put("http://127.0.10.2/feed.xml", 200, rss({}), "text/xml");
  add(harbour());
  begin();
  pass(seconds(8));
  ASSERT_TRUE(status("harbour"));
  say("source/harbour", std::nullopt);
  pass(seconds(7));
  EXPECT_FALSE(status("harbour"));
  const std::size_t polls = web_.count("http://127.0.10.2/feed.xml");
  pass(seconds(20));
  EXPECT_EQ(web_.count("http://127.0.10.2/feed.xml"), polls);
}

TEST_F(PeopleSources, APausedSourceOfPeopleIsNotAsked) {
  web_.put("http://127.0.10.2/feed.xml", 200, rss({}), "text/xml");
  add(harbour());
  begin();
  pass(seconds(2));
  v1::ControlRecord pause;
  pause.set_command_id("1");
  pause.set_action(v1::CONTROL_ACTION_PAUSE);
  pause.set_target("harbour");
  ASSERT_TRUE(
      log::append(*log_, {{proto::Topic::kControl, "source/harbour", pause.SerializeAsString()}}));
  pass(seconds(1));
  const std::size_t polls = web_.count("http://127.0.10.2/feed.xml");
  pass(seconds(20));
  EXPECT_EQ(web_.count("http://127.0.10.2/feed.xml"), polls);
}

TEST_F(PeopleSources, AFilesSourceIsChangedAndTheFileStays) {
  v1::SourceEdit edit;
  edit.set_id("example");
  edit.set_revision(3);
  edit.mutable_source()->set_country("BE");
  edit.add_fields("country");
  edit.add_fields("feeds");
  edit.add_feeds("http://127.0.10.1/other.xml");
  web_.put("http://127.0.10.1/other.xml", 200, rss({}), "text/xml");
  begin();
  pass(seconds(1));
  add(edit);
  pass(seconds(8));
  EXPECT_GE(web_.count("http://127.0.10.1/other.xml"), 1U);
  const auto told = status("example");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->country(), "BE");
  EXPECT_FALSE(told->own());
  EXPECT_EQ(told->edit_revision(), 3U);
  say("source/example", std::nullopt);
  pass(seconds(8));
  EXPECT_EQ(status("example")->country(), "FR");
  EXPECT_EQ(status("example")->edit_revision(), 0U);
}

TEST_F(PeopleSources, ASourceWhoseAddressesOthersHaveIsToldOfAsRefused) {
  v1::SourceEdit edit = harbour();
  edit.clear_feeds();
  edit.add_feeds("http://127.0.10.1/feed.xml");
  add(edit);
  begin();
  pass(seconds(8));
  const auto told = status("harbour");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->state(), "refused");
  EXPECT_NE(told->note().find("belongs to Example already"), std::string::npos) << told->note();
}

TEST_F(PeopleSources, APollThatIsAskedForComesBeforeItIsDue) {
  web_.put("http://127.0.10.2/feed.xml", 200, rss({}), "text/xml");
  v1::SourceEdit edit = harbour();
  edit.set_poll_every_s(3'600);
  add(edit);
  begin();
  pass(seconds(60));
  EXPECT_EQ(web_.count("http://127.0.10.2/feed.xml"), 1U) << "poll_every_s does not hold";
  v1::PollRequest asked;
  asked.set_source_id("harbour");
  asked.set_asked_at_unix_ms(clock_.now_unix_ms());
  say("poll/harbour", asked.SerializeAsString());
  pass(seconds(2));
  EXPECT_EQ(web_.count("http://127.0.10.2/feed.xml"), 2U);
  pass(seconds(60));
  EXPECT_EQ(web_.count("http://127.0.10.2/feed.xml"), 2U) << "asked once, polled once";
}

TEST_F(PeopleSources, ARequestForAPollThatWasMetIsNotMetAgain) {
  web_.put("http://127.0.10.2/feed.xml", 200, rss({}), "text/xml");
  v1::PollRequest asked;
  asked.set_source_id("harbour");
  asked.set_asked_at_unix_ms(clock_.now_unix_ms());
  v1::SourceEdit edit = harbour();
  edit.set_poll_every_s(3'600);
  add(edit);
  begin();
  pass(seconds(3));
  EXPECT_EQ(web_.count("http://127.0.10.2/feed.xml"), 1U);
  say("poll/harbour", asked.SerializeAsString());
  pass(seconds(3));
  EXPECT_EQ(web_.count("http://127.0.10.2/feed.xml"), 1U) << "it was polled after that was asked";
}

TEST_F(PeopleSources, AnAddressIsLookedAtThroughTheGate) {
  web_.put("http://127.0.10.3/", 200,
           "<html lang=\"de\"><head><title>Kurier</title><link rel=\"alternate\" "
           "type=\"application/rss+xml\" href=\"/news.xml\"></head><body></body></html>");
  web_.put("http://127.0.10.3/news.xml", 200, rss({{"Eins", "http://127.0.10.3/eins"}}),
           "text/xml");
  begin();
  pass(seconds(1));
  const v1::DiscoveryResponse response = discover("http://127.0.10.3/");
  EXPECT_EQ(response.name(), "Kurier");
  EXPECT_EQ(response.language(), "de");
  EXPECT_EQ(response.robots(), "allowed");
  ASSERT_EQ(response.found_size(), 1);
  ASSERT_EQ(response.found(0).latest_size(), 1);
  EXPECT_EQ(response.found(0).latest(0).title(), "Eins");
  EXPECT_EQ(web_.count("http://127.0.10.3/robots.txt"), 1U);
  milliseconds last{0};
  for (const FakeWeb::Seen& one : web_.seen) {
    if (one.url.find("127.0.10.3") == std::string::npos) continue;
    if (last.count() > 0) EXPECT_GE(one.begin - last, milliseconds(200)) << one.url;
    last = one.end;
  }
}

TEST_F(PeopleSources, APrivateAddressIsRefused) {
  web_.refused_hosts.insert("10.0.0.5");
  begin();
  pass(seconds(1));
  const v1::DiscoveryResponse response = discover("http://10.0.0.5/");
  EXPECT_EQ(response.reason(), "address_refused");
  EXPECT_EQ(response.found_size(), 0);
}

TEST_F(PeopleSources, ARequestThatNobodyWaitsForIsDropped) {
  begin();
  pass(seconds(1));
  v1::DiscoveryRequest request;
  request.set_id("q");
  request.set_url("http://127.0.10.3/");
  request.set_asked_at_unix_ms(clock_.now_unix_ms());
  say("discover/q", request.SerializeAsString());
  say("discover/q", std::nullopt);
  pass(seconds(5));
  EXPECT_EQ(web_.count("http://127.0.10.3/"), 0U);
}

}  // namespace
}  // namespace vigie::crawler::service
