#include <set>

#include "proto/log_topics.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

/// A peer whose responses are those of another router.
class RouterPeer final : public search::Peers {
 public:
  std::vector<Claim> claims() const override { return {}; }
  std::optional<std::string> alerter_of(std::int32_t) const override {
    return knows_alerter ? std::optional<std::string>("other") : std::nullopt;
  }
  void ask(const std::string&, const v1::LeafRequest& question, Done done) override {
    if (router == nullptr) return done(failure(Disposition::kRetry, "connect", "nobody is there"));
    http::Request request;
    request.method = "POST";
    request.path = "/v1/peer";
    request.body = question.SerializeAsString();
    const http::Response response = router->handle(std::move(request));
    v1::LeafResponse leaf;
    if (response.status != 200 || !leaf.ParseFromString(response.body))
      return done(failure(Disposition::kRetry, "peer_failed", response.body));
    done(std::move(leaf));
  }
  bool knows_alerter = true;
  std::shared_ptr<http::Router> router;
};

class PeerApi : public Api {
 protected:
  void SetUp() override {
    Api::SetUp();
    // The other process delivers the alerts; this one asks it.
    other_.router = router_;
    alerter_.partitions = {0, 1, 2};
    ApiDependencies dependencies{.settings = settings_,
                                 .log = *log_,
                                 .index = *index_,
                                 .alerter = &idle_,
                                 .subscriptions = *store_,
                                 .sessions = *sessions_,
                                 .keys = *keys_,
                                 .collections = *collections_,
                                 .saved = *saved_,
                                 .clock = clock_,
                                 .random = random_,
                                 .metrics = *metrics_,
                                 .data_dir = dir_,
                                 .peers = &other_,
                                 .instance = "here"};
    auto made = make_router(std::move(dependencies));
    ASSERT_TRUE(made);
    here_ = std::move(*made);
    subscriptions::Draft draft;
    draft.name = "Chips";
    draft.query = "chips";
    subscription_ = store_->create(draft)->id();
    v1::AlertGroup group;
    group.set_delivery_id("d1");
    group.set_subscription_id(subscription_);
    group.set_first_matched_at_unix_ms(1'767'225'600'000);
    group.add_match_ids("d1");
    group.mutable_article()->set_title("Chips\xC3\xA9");
    alerter_.groups.push_back(group);
  }
  http::Response ask(const std::string& method, const std::string& path,
                     std::vector<std::pair<std::string, std::string>> query = {},
                     std::vector<std::pair<std::string, std::string>> headers = {}) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = std::move(query);
    for (auto& [name, value] : headers) request.headers.insert_or_assign(name, value);
    return here_->handle(std::move(request));
  }

  FakeAlerter idle_;  // owns nothing
  RouterPeer other_;
  std::shared_ptr<http::Router> here_;
  std::string subscription_;
};

TEST_F(PeerApi, AlertsAreAnsweredByWhoDeliversThem) {
  const std::string base = "/v1/subscriptions/" + subscription_;
  EXPECT_EQ(ask("GET", base + "/matches").body, call("GET", base + "/matches").body);
  EXPECT_EQ(json_of(ask("GET", base + "/matches"))["matches"].as_array().size(), 1U);
  EXPECT_EQ(ask("GET", base + "/matches", {{"limit", "0"}}).status, 400)
      << "what the owner refuses is refused";
  const http::Response feed = ask("GET", base + "/feed.atom");
  EXPECT_EQ(feed.status, 200);
  EXPECT_NE(feed.body.find("urn:vigie:alert:d1"), std::string::npos);
  std::string tag;
  for (const auto& [name, value] : feed.headers) {
    if (name == "ETag") tag = value;
  }
  EXPECT_EQ(ask("GET", base + "/feed.atom", {}, {{"if-none-match", tag}}).status, 304);
  EXPECT_EQ(ask("GET", base + "/deliveries").status, 200);
  EXPECT_EQ(ask("POST", base + "/matches/d1/replay").status, 200);
  EXPECT_EQ(ask("POST", base + "/matches/unknown/replay").status, 404);
  const Json list = json_of(ask("GET", "/v1/subscriptions"));
  EXPECT_FALSE(list["partial"].as_bool());
  EXPECT_EQ(list["subscriptions"].as_array()[0]["alerts_per_day"].as_array().size(), 7U);
  EXPECT_FALSE(list["subscriptions"].as_array()[0]["last_match"].is_null());
}

TEST_F(PeerApi, WhereNobodyDeliversForAMomentItIsSaid) {
  const std::string base = "/v1/subscriptions/" + subscription_;
  other_.knows_alerter = false;
  EXPECT_EQ(json_of(ask("GET", base + "/matches"))["code"].as_string(), "alerts_moving");
  EXPECT_EQ(ask("GET", base + "/feed.atom").status, 503);
  EXPECT_TRUE(json_of(ask("GET", "/v1/subscriptions"))["partial"].as_bool());
  other_.knows_alerter = true;
  other_.router = nullptr;
  EXPECT_EQ(ask("GET", base + "/matches").status, 503);
  EXPECT_TRUE(json_of(ask("GET", "/v1/subscriptions"))["partial"].as_bool());
  // Two that each think the other delivers do not ask each other for ever.
  other_.router = here_;
  EXPECT_EQ(json_of(ask("GET", base + "/matches"))["code"].as_string(), "alerts_moving");
}

TEST_F(PeerApi, AnArticleOfAMissingShardIsNotSaidToBeUnknown) {
  index_->remove_shard(0);
  index_->expect_shards(3);
  index_->add_shard(1, shard_, v1::PeerShard::STATE_RESTORING);
  std::map<std::string, int> codes;
  for (int i = 0; i < 30; ++i) {
    const std::string id = proto::article_id("https://example.org/" + std::to_string(i));
    const http::Response response = call("GET", "/v1/articles/" + id);
    EXPECT_EQ(response.status, 503);
    ++codes[json_of(response)["code"].as_string()];
  }
  EXPECT_EQ(codes.size(), 2U);
  EXPECT_GT(codes["shard_missing"], 0);
  EXPECT_GT(codes["shard_restoring"], 0);
  for (const char* path : {"/v1/search", "/v1/timeline", "/v1/facets"}) {
    const Json response = get(path);
    EXPECT_TRUE(response["partial"].as_bool()) << path;
    EXPECT_EQ(response["shards"]["total"].as_integer(), 3);
    EXPECT_EQ(response["shards"]["missing"].as_array().size(), 2U);
    EXPECT_EQ(response["shards"]["restoring"].as_array()[0].as_integer(), 1);
  }
  const Json index = get("/v1/pipeline")["index"];
  EXPECT_EQ(index["missing"].as_array().size(), 2U);
  EXPECT_EQ(index["shards"].as_integer(), 1);
}

TEST_F(PeerApi, ThePeerEndpointSaysWhatIsHereAndRefusesTheRest) {
  v1::LeafRequest question;
  http::Request request;
  request.method = "POST";
  request.path = "/v1/peer";
  request.body = question.SerializeAsString();
  v1::LeafResponse response;
  ASSERT_TRUE(response.ParseFromString(here_->handle(request).body));
  EXPECT_EQ(response.claims().instance(), "here");
  EXPECT_EQ(response.claims().shards_size(), 1);
  EXPECT_EQ(response.claims().alert_partitions_size(), 0);
  request.body = "\xff\xff\xff";
  EXPECT_EQ(here_->handle(request).status, 400);
  question.set_kind(v1::LeafRequest::KIND_REQUEST);
  question.mutable_request()->set_operation("deleteSubscription");
  question.mutable_request()->add_captures(subscription_);
  request.body = question.SerializeAsString();
  EXPECT_EQ(here_->handle(request).status, 400);
  // Whoever has no key asks nothing.
  request.peer = "192.0.2.1";
  request.peer_is_loopback = false;
  EXPECT_EQ(here_->handle(request).status, 403);
}

}  // namespace
}  // namespace vigie::indexer::api
