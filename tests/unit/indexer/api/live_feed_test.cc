// ops/spec/http_api.md, "Live stream": one reading of the log for all streams.
#include "indexer/api/live_feed.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "indexer/query/query.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

class Live : public Api {
 protected:
  using Stream = std::unique_ptr<http::BodyStream>;

  Stream open(const std::string& q, std::string last_event_id = {}, std::string caller = "me",
              std::string subscription = {}) {
    auto made =
        live_->open(wish(q, std::move(last_event_id), std::move(caller), std::move(subscription)));
    EXPECT_TRUE(made) << made.error().to_string();
    return made ? std::move(*made) : nullptr;
  }
  static LiveFeed::Wish wish(const std::string& q, std::string last_event_id = {},
                             std::string caller = "me", std::string subscription = {}) {
    return {*query::parse(q), std::move(subscription), std::move(caller), std::move(last_event_id)};
  }
  /// Makes the feed anew, with other limits.
  void limit(LiveFeed::Limits limits) {
    live_limits_ = limits;
    live_ = std::make_unique<LiveFeed>(LiveFeed::Seams{*log_, *index_, clock_, *metrics_}, limits);
  }
  void append(const std::string& title, std::string text = {}) {
    const auto one = article("https://example.org/" + std::to_string(++articles_), title,
                             std::move(text), clock_.now_unix_ms());
    shard_->put(one);
    ASSERT_TRUE(
        log::append(*log_, {{proto::Topic::kArticles, one.article_id(), one.SerializeAsString()}}));
  }
  void turns(int count = 5) {
    for (int i = 0; i < count; ++i) live_->turn(std::chrono::milliseconds(5));
  }
  double metric(const std::string& name) const {
    const std::string all = metrics_->expose();
    const std::size_t at = all.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(all.substr(at + name.size() + 2));
  }

  int articles_ = 0;
};

struct Told {
  std::vector<std::string> events;
  std::vector<std::string> titles;
  std::string last_id;
  bool ended = false;
};

Told everything(http::BodyStream& stream) {
  Told out;
  for (;;) {
    const auto piece = stream.take();
    out.ended = !piece.has_value();
    if (!piece || piece->empty()) return out;
    std::istringstream lines(*piece);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("event: ")) out.events.push_back(line.substr(7));
      if (line.starts_with("id: ")) out.last_id = line.substr(4);
      if (!line.starts_with("data: ")) continue;
      const auto data = parse_json(line.substr(6));
      EXPECT_TRUE(data) << line;
      out.titles.push_back((*data)["title"].as_string());
    }
  }
}

TEST_F(Live, EachRecordIsReadOnceHoweverManyStreamsThereAre) {
  std::vector<Stream> streams;
  for (int i = 0; i < 40; ++i) streams.push_back(open(i % 2 == 0 ? "chips" : "bread OR water"));
  turns();
  const double before = metric("vigie_streams_records_total");
  for (int i = 0; i < 10; ++i) append(i % 2 == 0 ? "Chips" : "Bread");
  turns();
  EXPECT_EQ(metric("vigie_streams_records_total") - before, 10);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const Told told = everything(*streams[i]);
    EXPECT_EQ(told.titles, std::vector<std::string>(5, i % 2 == 0 ? "Chips" : "Bread"));
  }
}

/// Whatever a query may ask of an article, a stream answers as a search does.
TEST_F(Live, TellsWhatTheQueryMeans) {
  const std::vector<std::pair<std::string, bool>> rows{
      {"", true},
      {"-bread", true},
      {"-chips", false},
      {"NOT (chips OR bread)", false},
      {"\"export controls\"", true},
      {"\"controls export\"", false},
      {"chips NEAR/3 controls", true},
      {"=Chips", true},
      {"=chips", false},
      {"topic:export-controls", true},
      {"within:1h", true},
      {"chips within:1h", true},
      {"before:2001-01-01", false},
      {"chips OR before:2001-01-01", true},
      {"after:2001-01-01 -bread", true},
      {"story:abc", false},
  };
  std::vector<Stream> streams;
  for (const auto& [q, met] : rows) streams.push_back(open(q));
  append("Chips and export controls");
  turns();
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(everything(*streams[i]).titles.size(), rows[i].second ? 1U : 0U) << rows[i].first;
}

TEST_F(Live, GoesOnFromAnIdWithoutRepeatsOrGapsWhileMoreArrives) {
  auto first = open("chips");
  for (int i = 0; i < 30; ++i) append("Chips " + std::to_string(i));
  turns();
  std::multiset<std::string> seen;
  Told told = everything(*first);
  for (const std::string& title : told.titles) seen.insert(title);
  std::string id = told.last_id;
  first.reset();
  for (int i = 30; i < 700; ++i) append("Chips " + std::to_string(i));
  auto live = open("chips");  // the feed reads on for others meanwhile
  auto again = open("chips", id);
  for (int round = 0; round < 20; ++round) {
    append("Chips " + std::to_string(700 + round));
    live_->turn(std::chrono::milliseconds(0));
    told = everything(*again);
    for (const std::string& title : told.titles) seen.insert(title);
    if (told.last_id.empty()) continue;
    // A client that loses its connection in the middle of it all.
    again = open("chips", told.last_id);
  }
  turns(40);
  for (const std::string& title : everything(*again).titles) seen.insert(title);
  std::multiset<std::string> wanted;
  for (int i = 0; i < 720; ++i) wanted.insert("Chips " + std::to_string(i));
  EXPECT_EQ(seen, wanted);
}

TEST_F(Live, StreamsThatComeBackTogetherAreCaughtUpTogether) {
  auto first = open("chips");
  append("Chips");
  turns();
  const std::string id = everything(*first).last_id;
  for (int i = 0; i < 50; ++i) append("Chips");
  turns();
  const double before = metric("vigie_streams_records_total");
  std::vector<Stream> back;
  for (int i = 0; i < 100; ++i) back.push_back(open("chips", id));
  turns();
  EXPECT_EQ(metric("vigie_streams_records_total") - before, 50);
  for (const Stream& stream : back) EXPECT_EQ(everything(*stream).titles.size(), 50U);
}

TEST_F(Live, AStreamThatIsNotReadEndsWithAnIdToGoOnFrom) {
  LiveFeed::Limits limits;
  limits.queued_bytes = 8'000;
  limit(limits);
  auto slow = open("chips");
  auto quick = open("chips");
  std::size_t quick_seen = 0;
  for (int i = 0; i < 200; ++i) {
    append("Chips " + std::to_string(i));
    live_->turn(std::chrono::milliseconds(5));
    quick_seen += everything(*quick).titles.size();
  }
  turns();
  quick_seen += everything(*quick).titles.size();
  EXPECT_EQ(quick_seen, 200U) << "others are told everything";
  Told told = everything(*slow);
  EXPECT_TRUE(told.ended);
  ASSERT_FALSE(told.events.empty());
  EXPECT_EQ(told.events.back(), "slow");
  const std::size_t got = told.titles.size() - 1;
  EXPECT_GT(got, 0U);
  EXPECT_LT(got, 200U);
  EXPECT_NE(metrics_->expose().find("vigie_streams_ended_total{reason=\"slow\"} 1"),
            std::string::npos);
  std::set<std::string> seen(told.titles.begin(), told.titles.end() - 1);
  auto again = open("chips", told.last_id);
  for (int i = 0; i < 200; ++i) {
    live_->turn(std::chrono::milliseconds(0));
    told = everything(*again);
    seen.insert(told.titles.begin(), told.titles.end());
    if (!told.ended) continue;
    seen.erase("");
    again = open("chips", told.last_id);
  }
  seen.erase("");
  EXPECT_EQ(seen.size(), 200U) << "with that id nothing is lost";
}

TEST_F(Live, WhatAllHaveWaitingIsBounded) {
  LiveFeed::Limits limits;
  limits.all_queued_bytes = 500'000;
  limit(limits);
  std::vector<Stream> streams;
  for (int i = 0; i < 40; ++i) streams.push_back(open("chips"));
  for (int i = 0; i < 400; ++i) append("Chips");
  turns(20);
  std::size_t bytes = 0;
  for (const Stream& stream : streams) {
    for (auto piece = stream->take(); piece && !piece->empty(); piece = stream->take())
      bytes += piece->size();
  }
  EXPECT_LT(bytes, 500'000U + 40 * 17'000U);
  EXPECT_GT(bytes, 400'000U);
}

TEST_F(Live, CallersHaveLimitsOfTheirOwn) {
  LiveFeed::Limits limits;
  limits.streams_of_caller = 3;
  limits.clauses_of_caller = 4;
  limits.clauses = 6;
  limit(limits);
  std::vector<Stream> mine;
  for (int i = 0; i < 3; ++i) mine.push_back(open("chips"));
  const auto refused = live_->open(wish("chips"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode("over_quota"));
  auto other = open("chips", {}, "other");
  EXPECT_NE(other, nullptr) << "never the others";
  mine.pop_back();
  turns();
  mine.push_back(open("\"a b\" =C", {}, "me"));
  mine.clear();
  turns();
  mine.push_back(open("\"a b\" =C \"d e\" \"f g\""));
  const auto dear = live_->open(wish("\"a b\""));
  ASSERT_FALSE(dear);
  EXPECT_EQ(dear.error().code, ErrorCode("too_expensive"));
  auto two = open("=A =B", {}, "other");
  const auto too_many = live_->open(wish("=A", {}, "third"));
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().code, ErrorCode("over_quota"));
  EXPECT_NE(open("plain words", {}, "third"), nullptr);
}

TEST_F(Live, FromTooFarBackItGoesOnFromNowAndSaysSo) {
  LiveFeed::Limits limits;
  limits.missed_records = 20;
  limit(limits);
  for (int i = 0; i < 21; ++i) append("Chips");
  auto far = open("chips", "A0.0.0M0.0.0");
  turns();
  const Told told = everything(*far);
  EXPECT_EQ(told.events, std::vector<std::string>{"restart"});
  append("Chips anew");
  turns();
  EXPECT_EQ(everything(*far).titles, std::vector<std::string>{"Chips anew"});
}

TEST_F(Live, TellsAlertsOfOneSubscriptionAlone) {
  auto all = open("");
  auto one = open("", {}, "me", "s1");
  auto matching = open("chips");
  auto other = open("bread");
  append("Chips");
  for (const char* subscription : {"s1", "s2"}) {
    v1::MatchRecord match;
    match.set_match_id(std::string("m") + subscription);
    match.set_subscription_id(subscription);
    match.mutable_article()->set_article_id(proto::article_id("https://example.org/1"));
    ASSERT_TRUE(
        log::append(*log_, {{proto::Topic::kMatches, subscription, match.SerializeAsString()}}));
  }
  turns();
  const auto alerts = [](http::BodyStream& stream) {
    const Told told = everything(stream);
    return std::count(told.events.begin(), told.events.end(), "alert");
  };
  EXPECT_EQ(alerts(*all), 2);
  EXPECT_EQ(alerts(*one), 1);
  EXPECT_EQ(alerts(*matching), 2);
  EXPECT_EQ(alerts(*other), 0);
}

}  // namespace
}  // namespace vigie::indexer::api
