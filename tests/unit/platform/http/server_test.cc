// RFC 9112 over a raw socket: what a well-behaved client library would hide is what is tested here.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "platform/http/finite_body.h"
#include "platform/http/http.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

/// A client that sends exactly the bytes it is told to.
class RawClient {
 public:
  /// `from`: its own address. `window`: of what it does not read so much comes all the same.
  explicit RawClient(const std::string& address, const char* from = "127.0.0.1",
                     std::optional<int> window = {})
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (window) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &*window, sizeof *window);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    inet_pton(AF_INET, from, &own.sin_addr);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    inet_pton(AF_INET, "127.0.0.1", &peer.sin_addr);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer), 0);
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view text) {
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  void close_writing() { ::shutdown(socket_, SHUT_WR); }

  /// Reads until `end` is in what came, the server closes, or five seconds have gone.
  std::string read_until(std::string_view end) {
    const auto deadline = SteadyClock::now() + 5s;
    while (end.empty() || seen_.find(end) == std::string::npos) {
      pollfd waiting{socket_, POLLIN, 0};
      if (SteadyClock::now() > deadline || ::poll(&waiting, 1, 100) < 0) break;
      if ((waiting.revents & (POLLIN | POLLHUP)) == 0) continue;
      char bytes[16 * 1024];
      const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) {
        closed_ = true;
        break;
      }
      seen_.append(bytes, static_cast<std::size_t>(got));
    }
    return seen_;
  }
  std::string read_to_the_end() { return read_until(""); }
  /// Whether something has come that was not read.
  bool has_some() const {
    pollfd waiting{socket_, POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
  }
  bool closed_by_server() const { return closed_; }

 private:
  int socket_;
  std::string seen_;
  bool closed_ = false;
};

/// Says "tick" every 20 ms, from a thread of its own.
class Ticks final : public BodyStream {
 public:
  explicit Ticks(std::atomic<int>& open, int count = -1, std::string tick = "data: tick\n\n")
      : open_(open), left_(count), tick_(std::move(tick)) {
    ++open_;
  }
  ~Ticks() override { --open_; }
  std::optional<std::string> take() override {
    if (!due_.exchange(false)) return "";
    if (left_ == 0) return std::nullopt;
    if (left_ > 0) --left_;
    return tick_;
  }
  void on_ready(std::function<void()> wake) override {
    thread_ = std::jthread([this, wake = std::move(wake)](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        std::this_thread::sleep_for(20ms);
        due_ = true;
        wake();
      }
    });
  }

 private:
  std::atomic<int>& open_;
  int left_;
  const std::string tick_;
  std::atomic<bool> due_{false};
  std::jthread thread_;
};

/// One piece of a body that perhaps should have more.
class Piece final : public FiniteBody {
 public:
  explicit Piece(bool whole) : whole_(whole) {}
  std::optional<std::string> next(const std::stop_token&) override {
    if (std::exchange(given_, true)) return std::nullopt;
    return "a piece";
  }
  bool is_whole() const override { return whole_; }

 private:
  bool whole_;
  bool given_ = false;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    options_.listen = "127.0.0.1:0";
    options_.threads = 2;
    options_.max_body_bytes = 1000;
    options_.max_header_bytes = 4096;
    options_.header_timeout = 400ms;
    options_.body_grace = 600ms;
    options_.idle_timeout = 500ms;
    options_.max_streams = 2;
    router_->add("GET", "/hello", [](const Request& request) {
      return Response::text("hello " + request.parameter("name").value_or("you"), "text/plain");
    });
    router_->add(
        "POST", "/echo",
        [](const Request& request) {
          return Response::text(request.body, "application/octet-stream");
        },
        1'000'000);
    router_->add("GET", "/large", [](const Request&) {
      return Response::text(std::string(5000, 'x'), "text/plain");
    });
    router_->add("GET", "/split", [](const Request&) {
      Response response = Response::text("", "text/plain");
      response.headers.emplace_back("X-Note", "a\r\nSet-Cookie: evil=1");
      return response;
    });
    router_->add("GET", "/ticks", [this](const Request&) {
      Response response;
      response.headers.emplace_back("Content-Type", "text/event-stream");
      response.stream = std::make_unique<Ticks>(open_streams_);
      return response;
    });
    router_->add("GET", "/three", [this](const Request&) {
      Response response;
      response.stream = std::make_unique<Ticks>(open_streams_, 3);
      return response;
    });
    for (const bool whole : {true, false}) {
      router_->add("GET", whole ? "/whole" : "/broken", [whole](const Request&) {
        Response response;
        response.finite = std::make_shared<Piece>(whole);
        return response;
      });
    }
    router_->add("GET", "/slow", [](const Request&) {
      std::this_thread::sleep_for(300ms);
      return Response::text("slow", "text/plain");
    });
  }

  void start() {
    auto server = serve(options_, router_, clock_);
    ASSERT_TRUE(server.has_value()) << server.error().to_string();
    server_ = std::move(*server);
  }
  std::string exchange(const std::string& request) {
    RawClient client(server_->address());
    EXPECT_TRUE(client.send(request));
    return client.read_to_the_end();
  }
  static int status_of(const std::string& response) {
    return response.size() < 12 ? 0 : std::stoi(response.substr(9, 3));
  }

  std::atomic<int> open_streams_{0};
  FakeClock clock_;
  ServerOptions options_;
  std::shared_ptr<Router> router_ = std::make_shared<Router>();
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersARequest) {
  start();
  const std::string response =
      exchange("GET /hello?name=b%C3%BCcher+x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(response), 200) << response;
  EXPECT_NE(response.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_NE(response.find("Content-Length: 15\r\n"), std::string::npos) << response;
  EXPECT_NE(response.find("Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"), std::string::npos)
      << response;
  EXPECT_TRUE(
      response.ends_with("\r\n\r\nhello b\xC3\xBC"
                         "cher x"))
      << response;
}

// RFC 9112 §9.3.2
TEST_F(ServerTest, LeavesPathsToAnotherServer) {
  options_.without = {"/hello"};
  start();
  EXPECT_TRUE(exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(exchange("GET /%68ello?name=x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 404 "))
      << "however it is written";
  EXPECT_TRUE(exchange("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 200 "));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  const std::string response = exchange(
      "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /hello?name=2 HTTP/1.1\r\nHost: a\r\n\r\nPOST "
      "/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nthree");
  const std::size_t first = response.find("slow");
  const std::size_t second = response.find("hello 2");
  const std::size_t third = response.find("three");
  ASSERT_NE(third, std::string::npos) << response;
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

// RFC 9110 §9.3.2
TEST_F(ServerTest, AnswersHeadWithTheLengthAndNoBody) {
  start();
  const std::string response =
      exchange("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(response), 200);
  EXPECT_NE(response.find("Content-Length: 9\r\n"), std::string::npos) << response;
  EXPECT_TRUE(response.ends_with("\r\n\r\n")) << response;
}

TEST_F(ServerTest, RefusesWhatIsNoHttp) {
  start();
  EXPECT_EQ(status_of(exchange("NONSENSE\r\n\r\n")), 400);
  EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\nno colon\r\n\r\n")), 400);
  EXPECT_EQ(status_of(exchange("GET hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")), 400);
  EXPECT_EQ(status_of(exchange("GET /a%00b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
            400);
  // RFC 9112 §3.2: no Host; two of them.
  EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\n\r\n")), 400);
  EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")), 400);
  // … and one that is no host: several, a user, a port that is none.
  for (const char* host : {"a, b", "a b", "u@a", "a:80@b", "a/b", "a:8x", "[::1", "a\\b", "\"a\""})
    EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\nHost: " + std::string(host) +
                                 "\r\nConnection: close\r\n\r\n")),
              400)
        << host;
  // … and a target has no fragment.
  EXPECT_EQ(status_of(exchange("GET /hello#a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
            400);
  // RFC 9112 §6.1: both lengths, request smuggling.
  EXPECT_EQ(status_of(exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: "
                               "3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
            400);
  EXPECT_EQ(
      status_of(exchange(
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")),
      400);
}

TEST_F(ServerTest, RefusesABodyThatIsTooLarge) {
  start();
  EXPECT_EQ(status_of(exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" +
                               std::string(1001, 'x'))),
            413);
  EXPECT_EQ(status_of(exchange(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                std::string(1001, 'x') + "\r\n0\r\n\r\n")),
            413);
  const std::string at_the_limit = exchange(
      "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n" +
      std::string(1000, 'x'));
  EXPECT_EQ(status_of(at_the_limit), 200);
}

TEST_F(ServerTest, RefusesHeadersThatAreTooLarge) {
  start();
  EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\nHost: a\r\nX-Long: " +
                               std::string(5000, 'x') + "\r\n\r\n")),
            431);
}

TEST_F(ServerTest, RefusesAnEncodedBody) {
  start();
  EXPECT_EQ(status_of(exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Encoding: "
                               "gzip\r\nContent-Length: 1\r\n\r\nx")),
            415);
}

// RFC 9110 §10.1.1
TEST_F(ServerTest, AsksForTheBodyWhenTheClientExpectsIt) {
  start();
  RawClient client(server_->address());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: "
      "close\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_TRUE(client.read_to_the_end().ends_with("body"));
}

// Slowloris: a byte now and then must not keep a connection.
TEST_F(ServerTest, ClosesAConnectionWhoseHeaderTakesTooLong) {
  start();
  RawClient client(server_->address());
  const auto begin = SteadyClock::now();
  const std::string request = "GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: " + std::string(100, 'x');
  for (const char c : request) {
    if (!client.send(std::string_view(&c, 1))) break;
    std::this_thread::sleep_for(20ms);
    if (SteadyClock::now() - begin > 1500ms) break;
  }
  EXPECT_EQ(client.read_to_the_end(), "");
  EXPECT_LT(SteadyClock::now() - begin, 4s);
}

TEST_F(ServerTest, ClosesAnIdleConnection) {
  start();
  RawClient client(server_->address());
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto begin = SteadyClock::now();
  EXPECT_EQ(status_of(client.read_to_the_end()), 200);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_GT(SteadyClock::now() - begin, 300ms);
}

TEST_F(ServerTest, CompressesTextWhereTheClientTakesIt) {
  start();
  const std::string compressed = exchange(
      "GET /large HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip;q=0.5\r\nConnection: "
      "close\r\n\r\n");
  EXPECT_NE(compressed.find("Content-Encoding: gzip\r\n"), std::string::npos);
  EXPECT_LT(compressed.size(), 1000U);
  const std::string plain = exchange(
      "GET /large HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(plain.find("Content-Encoding"), std::string::npos);
  EXPECT_NE(plain.find("Vary: Accept-Encoding\r\n"), std::string::npos);
  EXPECT_GT(plain.size(), 5000U);
}

// What compresses a large response must not be what reads and writes for everybody.
TEST_F(ServerTest, CompressesWhereNobodyWaitsForIt) {
  std::atomic<bool> made = false;
  router_->add("GET", "/huge", [&made](const Request&) {
    std::string text(48 << 20, ' ');
    std::uint32_t chance = 1;
    for (char& c : text) {  // of 64 signs without a pattern: seconds for a compressor
      chance = chance * 1'664'525 + 1'013'904'223;
      c = static_cast<char>('0' + (chance >> 26));
    }
    made = true;
    return Response::text(std::move(text), "text/plain");
  });
  start();
  RawClient greedy(server_->address());
  greedy.send("GET /huge HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
  while (!made) std::this_thread::sleep_for(20ms);
  // From another address: one alone may not have all handlers.
  RawClient other(server_->address(), "127.0.0.2");
  other.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(other.read_to_the_end()), 200);
  EXPECT_FALSE(greedy.has_some()) << "the other was answered meanwhile";
}

TEST_F(ServerTest, KeepsHeadersOfHandlersFromBreakingTheFraming) {
  start();
  const std::string response =
      exchange("GET /split HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(response.find("\nSet-Cookie"), std::string::npos) << response;
}

TEST_F(ServerTest, WritesEachPieceOfAStreamAtOnceAndEndsIt) {
  start();
  RawClient client(server_->address());
  client.send("GET /three HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string response = client.read_to_the_end();
  EXPECT_NE(response.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_TRUE(response.ends_with(
      "c\r\ndata: tick\n\n\r\nc\r\ndata: tick\n\n\r\nc\r\ndata: tick\n\n\r\n0\r\n\r\n"))
      << response;
}

TEST_F(ServerTest, EndsAStreamWhoseClientIsGone) {
  start();
  {
    RawClient client(server_->address());
    client.send("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(client.read_until("tick").find("tick"), std::string::npos);
    EXPECT_EQ(open_streams_, 1);
  }
  const auto deadline = SteadyClock::now() + 5s;
  while (open_streams_ > 0 && SteadyClock::now() < deadline) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(open_streams_, 0);
}

TEST_F(ServerTest, RefusesMoreStreamsThanItMayHold) {
  start();
  RawClient first(server_->address());
  RawClient second(server_->address());
  for (RawClient* client : {&first, &second}) {
    client->send("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
    client->read_until("tick");
  }
  EXPECT_EQ(status_of(exchange("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n")), 503);
  EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
            200);
}

TEST_F(ServerTest, EndsAStreamWhoseClientDoesNotRead) {
  options_.write_timeout = 300ms;
  router_->add("GET", "/much", [this](const Request&) {
    Response response;
    response.stream = std::make_unique<Ticks>(open_streams_, -1, std::string(4 << 20, 'x'));
    return response;
  });
  start();
  RawClient client(server_->address());
  client.send("GET /much HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto deadline = SteadyClock::now() + 8s;
  bool opened = false;
  while ((!opened || open_streams_ > 0) && SteadyClock::now() < deadline) {
    opened = opened || open_streams_ > 0;
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_TRUE(opened);
  EXPECT_EQ(open_streams_, 0);
}

TEST_F(ServerTest, TellsManyStreamsOnOneThread) {
  constexpr int kStreams = 300;
  options_.max_streams = kStreams;
  options_.max_connections = 16;  // a stream is none of them
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < kStreams; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->address()));
    clients.back()->send("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_NE(clients.back()->read_until("tick").find("tick"), std::string::npos) << i;
  }
  EXPECT_EQ(open_streams_, kStreams);
}

TEST_F(ServerTest, HandlesWhatTakesLongOnceMoreWhereItMay) {
  std::atomic<int> calls{0};
  router_->add("GET", "/long", [&calls](const Request& request) {
    ++calls;
    if (!request.may_take_long) return Response::later();
    return Response::text("long of " + request.parameter("name").value_or(""), "text/plain");
  });
  std::atomic<int> seen{0};
  router_->observe([&seen](const std::string& route, int,
                           std::chrono::duration<double>) { seen += route == "/long" ? 1 : 0; },
                   clock_);
  start();
  const std::string request = "GET /long?name=it HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  EXPECT_TRUE(exchange(request).ends_with("long of it"));
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(exchange(request).ends_with("long of it"));
  EXPECT_EQ(calls, 3) << "a caller whose requests took long is not tried where others wait";
  EXPECT_EQ(seen, 2) << "what is put off is not answered yet";
}

/// To read a large body alone takes long; and it is there once more where its request was put off.
TEST_F(ServerTest, ARequestWithALargeBodyIsLongFromTheBeginning) {
  options_.max_body_bytes = 1'000'000;
  std::atomic<int> calls{0};
  router_->add(
      "POST", "/read",
      [&calls](const Request& request) {
        ++calls;
        if (!request.may_take_long) return Response::later();
        return Response::text(std::to_string(request.body.size()), "text/plain");
      },
      1'000'000);
  start();
  const auto post = [this](std::size_t bytes) {
    return exchange("POST /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
                    std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x'));
  };
  EXPECT_TRUE(post(100'000).ends_with("\r\n\r\n100000"));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(post(50'000).ends_with("\r\n\r\n50000"));
  EXPECT_EQ(calls, 3) << "put off, whole";
}

/// What takes long by its nature, in a lane of its own, says nothing of its caller elsewhere.
TEST_F(ServerTest, StandingIsOfALane) {
  options_.lanes = {{{"/work"}, 0, 1}};
  const auto say = [](const Request& request) {
    return Response::text(request.may_take_long ? "may" : "may not", "text/plain");
  };
  router_->add("GET", "/work", [say](const Request& request) {
    const std::clock_t begin = std::clock();
    while ((std::clock() - begin) * 10 < CLOCKS_PER_SEC) {
    }
    return say(request);
  });
  router_->add("GET", "/ask", say);
  start();
  const std::string rest = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(exchange("GET /work" + rest).ends_with("\r\n\r\nmay"));
    EXPECT_TRUE(exchange("GET /ask" + rest).ends_with("may not"));
  }
}

TEST_F(ServerTest, EndsSoonWithOpenStreamsAndConnections) {
  start();
  RawClient streaming(server_->address());
  streaming.send("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
  streaming.read_until("tick");
  RawClient idle(server_->address());
  RawClient slow(server_->address());
  slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  const auto begin = SteadyClock::now();
  server_.reset();
  EXPECT_LT(SteadyClock::now() - begin, 4s);
  EXPECT_EQ(open_streams_, 0);
  EXPECT_TRUE(slow.read_to_the_end().ends_with("slow"));  // what was begun is answered
  EXPECT_TRUE(streaming.read_to_the_end().ends_with("0\r\n\r\n"));
}

TEST_F(ServerTest, SaysWhatToDoWhenItCannotListen) {
  start();
  ServerOptions same = options_;
  same.listen = server_->address();
  const auto second = serve(same, router_, clock_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode("bind"));
  EXPECT_EQ(second.error().disposition, Disposition::kStop);
  for (const char* listen : {"", "nothing", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:x"}) {
    same.listen = listen;
    EXPECT_FALSE(serve(same, router_, clock_).has_value()) << listen;
  }
}

TEST_F(ServerTest, ServesManyClientsAtOnce) {
  start();
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        if (exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                .ends_with("hello you"))
          ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 320);
}

// A guard looks at the header alone: nobody makes the server hold a body by sending one.
TEST_F(ServerTest, RefusesBeforeTheBodyIsSent) {
  router_->guard([](Request& request) -> std::optional<Response> {
    if (request.header("authorization") == "Bearer good") return std::nullopt;
    return Response::problem(401, "key_needed", "Show a key.");
  });
  start();
  RawClient client(server_->address());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n");
  EXPECT_EQ(status_of(client.read_until("key_needed")), 401);
  RawClient expecting(server_->address());
  expecting.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 900\r\n\r\n");
  EXPECT_EQ(status_of(expecting.read_until("key_needed")), 401);
  RawClient known(server_->address());
  known.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Length: 2\r\n"
      "Connection: close\r\n\r\nok");
  EXPECT_TRUE(known.read_to_the_end().ends_with("ok"));
}

TEST_F(ServerTest, KeepsTheConnectionOfARefusedRequestWithoutABody) {
  start();
  RawClient client(server_->address());
  client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(client.read_until("not_found")), 404);
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read_to_the_end().ends_with("hello you"));
}

TEST_F(ServerTest, TakesTheBodyThatTheRouteTakes) {
  start();
  const auto get = [this](std::size_t bytes) {
    return status_of(
        exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                 "Content-Length: " +
                 std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, ' ')));
  };
  EXPECT_EQ(get(2), 200);
  EXPECT_EQ(get(65), 413);
  EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                               "\r\n50\r\n" +
                               std::string(80, ' ') + "\r\n0\r\n\r\n")),
            413);
}

TEST_F(ServerTest, ClosesAConnectionWhoseBodyStandsStill) {
  start();
  RawClient client(server_->address());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nx");
  const auto begin = SteadyClock::now();
  EXPECT_EQ(client.read_to_the_end(), "");
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_LT(SteadyClock::now() - begin, 3s);
}

TEST_F(ServerTest, TakesABodyThatComesAtAFairRate) {
  options_.body_bytes_per_second = 100;
  start();
  RawClient client(server_->address());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\nConnection: close\r\n\r\n");
  for (int i = 0; i < 10; ++i) {  // a second, longer than the grace
    std::this_thread::sleep_for(100ms);
    ASSERT_TRUE(client.send(std::string(40, 'x')));
  }
  EXPECT_EQ(status_of(client.read_to_the_end()), 200);
}

TEST_F(ServerTest, HoldsOnlySoManyBodies) {
  options_.max_bodies_bytes = 1500;
  start();
  RawClient first(server_->address());
  first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" +
             std::string(999, 'x'));
  std::this_thread::sleep_for(50ms);
  RawClient second(server_->address());
  second.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" +
              std::string(999, 'x'));
  EXPECT_EQ(status_of(second.read_until("busy")), 503);
  first.send("x");
  EXPECT_EQ(status_of(first.read_until("xxx")), 200);
}

// RFC 9112 §6.1: another coding than chunked, or a length beside it, has an end that two readers
// see in two places.
TEST_F(ServerTest, RefusesOtherTransferCodings) {
  start();
  for (const char* coding :
       {"xchunked", "gzip, chunked", "chunked, chunked", "identity", "chunke"}) {
    const std::string response =
        exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: " +
                 std::string(coding) + "\r\n\r\nabcdGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(status_of(response) == 400 || status_of(response) == 501) << coding << response;
    EXPECT_EQ(response.find("hello"), std::string::npos) << coding;
  }
}

// RFC 9112 §3.2.2
TEST_F(ServerTest, TakesTheAuthorityOfAnAbsoluteTarget) {
  router_->add("GET", "/host", [](const Request& request) {
    return Response::text(request.header("host"), "a/b");
  });
  start();
  EXPECT_TRUE(exchange("GET http://evil.example:80/host?x HTTP/1.1\r\nHost: localhost\r\n"
                       "Connection: close\r\n\r\n")
                  .ends_with("\r\n\r\nevil.example:80"));
}

TEST_F(ServerTest, MakesRoomForNewClientsAmongThoseThatAreSilent) {
  options_.max_connections = 8;
  options_.header_timeout = 20s;
  start();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<RawClient>(server_->address()));
  const auto begin = SteadyClock::now();
  EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
            200);
  EXPECT_LT(SteadyClock::now() - begin, 1s);
}

TEST_F(ServerTest, MakesRoomForNewClientsAmongThoseThatDoNotRead) {
  options_.max_connections = 4;
  router_->add("GET", "/huge", [](const Request&) {
    return Response::text(std::string(32 << 20, 'x'), "application/octet-stream");
  });
  start();
  std::vector<std::unique_ptr<RawClient>> stuck;
  for (const char* from : {"127.0.0.2", "127.0.0.3"}) {
    for (int i = 0; i < 2; ++i) {
      stuck.push_back(std::make_unique<RawClient>(server_->address(), from, 4096));
      EXPECT_TRUE(stuck.back()->send("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
  }
  for (const auto& one : stuck) one->read_until("200");
  std::this_thread::sleep_for(1'500ms);
  const auto begin = SteadyClock::now();
  EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
            200);
  EXPECT_LT(SteadyClock::now() - begin, 1s);
}

/// Requests that take their time are no reason to shut others out: one address has half.
TEST_F(ServerTest, AnAddressHasAtMostHalfOfTheConnections) {
  options_.max_connections = 8;
  options_.threads = 8;
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  std::atomic<int> begun{0};
  router_->add("GET", "/wait", [&](const Request&) {
    ++begun;
    ended.wait();
    return Response::text("done", "text/plain");
  });
  start();
  std::vector<std::unique_ptr<RawClient>> busy;
  for (int i = 0; i < 8; ++i) {
    busy.push_back(std::make_unique<RawClient>(server_->address(), "127.0.0.2"));
    busy.back()->send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    // One whose request was not read yet would make room.
    for (int wait = 0; i < 4 && begun <= i && wait < 500; ++wait) std::this_thread::sleep_for(10ms);
  }
  RawClient other(server_->address(), "127.0.0.3");
  EXPECT_TRUE(other.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(status_of(other.read_to_the_end()), 200);
  busy.back()->read_to_the_end();
  EXPECT_TRUE(busy.back()->closed_by_server());
  EXPECT_EQ(begun, 4);
  end.set_value();
}

TEST_F(ServerTest, AnswersWhileItsOtherThreadsAreBusy) {
  options_.threads = 1;
  options_.lanes = {{{"/hello"}, 1}};
  start();
  RawClient busy(server_->address());
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(50ms);
  const auto begin = SteadyClock::now();
  EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
            200);
  EXPECT_LT(SteadyClock::now() - begin, 200ms);
}

TEST_F(ServerTest, TellsTheHandlerThatItsClientIsGone) {
  std::atomic<int> seen{0};
  router_->add("GET", "/work", [&seen](const Request& request) {
    for (int i = 0; i < 200 && !request.gone.stop_requested(); ++i)
      std::this_thread::sleep_for(10ms);
    seen = request.gone.stop_requested() ? 1 : -1;
    return Response::text("done", "text/plain");
  });
  start();
  {
    RawClient client(server_->address());
    client.send("GET /work HTTP/1.1\r\nHost: a\r\n\r\n");
    std::this_thread::sleep_for(50ms);
  }
  const auto deadline = SteadyClock::now() + 5s;
  while (seen == 0 && SteadyClock::now() < deadline) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(seen, 1);
}

// A part of a file must not look like the file: RFC 9112 §8, an incomplete message.
TEST_F(ServerTest, ABodyThatBreaksOffHasNoEnd) {
  start();
  const std::string ask = " HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_TRUE(exchange("GET /whole" + ask).ends_with("7\r\na piece\r\n0\r\n\r\n"));
  EXPECT_TRUE(exchange("GET /broken" + ask).ends_with("7\r\na piece\r\n"));
}

}  // namespace
}  // namespace vigie::http
