#include "indexer/peers/http_peers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "platform/http/http.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::indexer::peers {
namespace {

using std::chrono::milliseconds;

/// Another indexer, as far as the wire goes.
class FakePeer {
 public:
  explicit FakePeer(std::string instance, const std::string& listen = "127.0.0.1:0")
      : instance_(std::move(instance)) {
    auto router = std::make_shared<http::Router>();
    router->add(
        "POST", "/v1/peer",
        [this](const http::Request& request) {
          authorization = request.header("authorization");
          if (delay.load().count() > 0) std::this_thread::sleep_for(delay.load());
          if (status != 200) return http::Response::problem(status, "no", "no");
          v1::LeafRequest question;
          EXPECT_TRUE(question.ParseFromString(request.body));
          v1::LeafResponse response;
          if (question.kind() == v1::LeafRequest::KIND_CLAIMS) {
            response.mutable_claims()->set_instance(instance_);
            response.mutable_claims()->add_shards()->set_partition(7);
            response.mutable_claims()->add_alert_partitions(3);
          } else {
            response.set_total(static_cast<std::uint64_t>(question.limit()));
          }
          return http::Response::text(response.SerializeAsString(), "application/x-protobuf");
        },
        1 << 20);
    http::ServerOptions options;
    options.listen = listen;
    server_ = std::move(http::serve(options, router, clock_).value());
  }
  std::string url() const { return "http://" + server_->address(); }
  std::string port() const { return server_->address().substr(server_->address().rfind(':') + 1); }
  void stop() { server_.reset(); }
  std::atomic<int> status{200};
  std::atomic<milliseconds> delay{milliseconds(0)};
  std::string authorization;

 private:
  FakeClock clock_;
  std::string instance_;
  std::unique_ptr<http::Server> server_;
};

class HttpPeersTest : public ::testing::Test {
 protected:
  std::unique_ptr<HttpPeers> make(PeerOptions options) {
    options.instance = "me";
    if (options.timeout == milliseconds(2000)) options.timeout = milliseconds(5000);
    auto made = HttpPeers::make(*client_, clock_, *registry_, std::move(options));
    EXPECT_TRUE(made) << made.error().to_string();
    return made ? std::move(*made) : nullptr;
  }
  static net::CurlOptions local() {
    net::CurlOptions options;
    options.allow_networks = {net::parse_network("127.0.0.0/8").value()};
    return options;
  }

  FakeClock clock_;
  std::unique_ptr<metrics::Registry> registry_ = metrics::make_registry();
  std::unique_ptr<net::HttpClient> client_ = net::make_curl_client(local());
};

TEST_F(HttpPeersTest, KnowsWhatEachPeerHasAndIsNoPeerOfItself) {
  FakePeer other("other");
  FakePeer self("me");
  PeerOptions options;
  options.peers = {other.url(), self.url() + "/"};
  options.key = "0123456789abcdef";
  const auto peers = make(options);
  EXPECT_TRUE(peers->claims().empty()) << "nobody was asked yet";
  peers->look();
  ASSERT_EQ(peers->claims().size(), 1U);
  EXPECT_EQ(peers->claims()[0].peer, other.url());
  EXPECT_EQ(peers->claims()[0].shard.partition(), 7);
  EXPECT_EQ(peers->alerter_of(3), other.url());
  EXPECT_EQ(peers->alerter_of(4), std::nullopt);
  EXPECT_EQ(other.authorization, "Bearer 0123456789abcdef");
  EXPECT_EQ(registry_->gauge("vigie_indexer_peers", "").value(), 1);
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_FIND);
  question.set_limit(5);
  const auto response = peers->ask_and_wait(other.url(), question);
  ASSERT_TRUE(response) << response.error().to_string();
  EXPECT_EQ(response->total(), 5U);
}

TEST_F(HttpPeersTest, AProcessWithTwoAddressesIsOnePeer) {
  FakePeer other("other");
  PeerOptions options;
  options.peers = {other.url(), "http://localhost:" + other.port()};
  const auto peers = make(options);
  peers->look();
  EXPECT_EQ(peers->claims().size(), 1U);
}

TEST_F(HttpPeersTest, WhoIsGoneIsForgottenAtOnceAndFoundAgain) {
  auto other = std::make_unique<FakePeer>("other");
  const std::string address = other->url().substr(7);
  PeerOptions options;
  options.peers = {other->url()};
  const auto peers = make(options);
  peers->look();
  ASSERT_EQ(peers->claims().size(), 1U);
  other.reset();
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_FIND);
  const auto response = peers->ask_and_wait(options.peers[0], question);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().disposition, Disposition::kRetry);
  EXPECT_TRUE(peers->claims().empty()) << response.error().to_string();
  FakePeer again("other", address);
  peers->look();
  EXPECT_EQ(peers->claims().size(), 1U);
}

TEST_F(HttpPeersTest, AHiccupIsForgivenAndSilenceIsNot) {
  FakePeer other("other");
  PeerOptions options;
  options.peers = {other.url()};
  const auto peers = make(options);
  peers->look();
  other.status = 503;
  clock_.advance(milliseconds(1000));
  peers->look();
  EXPECT_EQ(peers->claims().size(), 1U);
  clock_.advance(milliseconds(3000));
  peers->look();
  EXPECT_TRUE(peers->claims().empty());
  other.status = 401;
  const auto response = peers->ask_and_wait(other.url(), v1::LeafRequest());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode("peer_refuses"));
}

TEST_F(HttpPeersTest, ASlowPeerCostsNoMoreThanTheTimeOut) {
  FakePeer other("other");
  other.delay = milliseconds(3000);
  PeerOptions options;
  options.peers = {other.url()};
  options.timeout = milliseconds(300);
  const auto peers = make(options);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(peers->ask_and_wait(other.url(), v1::LeafRequest()));
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(2500));
}

TEST_F(HttpPeersTest, ANameIsResolvedAgainAndAgain) {
  FakePeer first("first");
  std::vector<std::string> addresses{"127.0.0.1"};
  PeerOptions options;
  options.peers = {"dns:indexers.example:" + first.port()};
  options.resolve = [&](const std::string& name) {
    EXPECT_EQ(name, "indexers.example");
    return addresses;
  };
  const auto peers = make(options);
  peers->look();
  ASSERT_EQ(peers->claims().size(), 1U);
  EXPECT_EQ(peers->claims()[0].peer, "http://127.0.0.1:" + first.port());
  FakePeer second("second", "127.0.0.2:" + first.port());
  addresses = {"127.0.0.2"};
  peers->look();
  EXPECT_EQ(peers->claims()[0].peer, "http://127.0.0.1:" + first.port())
      << "not yet time to ask for the name again";
  clock_.advance(milliseconds(5000));
  peers->look();
  ASSERT_EQ(peers->claims().size(), 1U);
  EXPECT_EQ(peers->claims()[0].peer, "http://127.0.0.2:" + first.port());
  addresses.clear();
  clock_.advance(milliseconds(5000));
  peers->look();
  EXPECT_TRUE(peers->claims().empty());
}

TEST_F(HttpPeersTest, AnEntryThatIsNoAddressIsRefusedByName) {
  for (const char* bad : {"", "indexer-2:8080", "http://", "http://host/path", "http://user@host:1",
                          "dns:name", "dns::80", "dns:name:http"}) {
    PeerOptions options;
    options.peers = {bad};
    const auto made = HttpPeers::make(*client_, clock_, *registry_, options);
    ASSERT_FALSE(made) << bad;
    EXPECT_EQ(made.error().code, ErrorCode("bad_peer"));
    EXPECT_EQ(made.error().where, bad);
  }
}

}  // namespace
}  // namespace vigie::indexer::peers
