// Outgoing HTTP against our own server and against sockets that say whatever they like.
#include "platform/net/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "platform/clock/clock.h"
#include "platform/http/http.h"

namespace vigie::net {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr char kTlsHandshake = 0x16;  // RFC 8446 §5.1

/// A server that reads a request's header and then does what the test says with the socket.
class RawServer {
 public:
  using Behaviour = std::function<void(int socket, const std::atomic<bool>& stopping)>;
  explicit RawServer(Behaviour behaviour)
      : behaviour_(std::move(behaviour)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    inet_pton(AF_INET, "127.0.0.1", &here.sin_addr);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof here;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~RawServer() {
    stopping_ = true;
    thread_.join();
    for (std::thread& connection : connections_) connection.join();
    ::close(listener_);
  }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int accepted() const { return accepted_; }

 private:
  void run() {
    while (!stopping_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) continue;
      ++accepted_;
      connections_.emplace_back([this, socket] {
        std::string seen;
        while (!stopping_ && seen.find("\r\n\r\n") == std::string::npos) {
          pollfd readable{socket, POLLIN, 0};
          if (::poll(&readable, 1, 20) <= 0) continue;
          char bytes[4096];
          const ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
          if (got <= 0) break;
          seen.append(bytes, static_cast<std::size_t>(got));
          if (seen[0] == kTlsHandshake) break;
        }
        behaviour_(socket, stopping_);
        ::close(socket);
      });
    }
  }

  Behaviour behaviour_;
  int listener_;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> accepted_{0};
  std::vector<std::thread> connections_;
  std::thread thread_;
};

bool say(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

RawServer::Behaviour saying(std::string text) {
  return [text = std::move(text)](int socket, const std::atomic<bool>&) { say(socket, text); };
}

void wait_for_stop(const std::atomic<bool>& stopping) {
  while (!stopping) std::this_thread::sleep_for(5ms);
}

CurlOptions local_options() {
  CurlOptions options;
  options.user_agent = "vigie-test";
  options.allow_networks = {*parse_network("127.0.0.0/8")};
  return options;
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

std::string code_of(const Result<HttpResponse>& response) {
  return response ? "status " + std::to_string(response->status)
                  : std::string(response.error().code);
}

std::string gzip_of_zeros(std::size_t size) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string zeros(1 << 20, '\0');
  std::string out(size / 500 + 4096, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  for (std::size_t done = 0; done < size; done += zeros.size()) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = static_cast<uInt>(zeros.size());
    deflate(&stream, done + zeros.size() >= size ? Z_FINISH : Z_NO_FLUSH);
  }
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(HttpClient, FetchesFromOurServer) {
  auto router = std::make_shared<http::Router>();
  router->add("GET", "/page", [](const http::Request& request) {
    http::Response response =
        http::Response::text(std::string(5000, 'x') + request.header("user-agent"), "text/html");
    response.headers.emplace_back("ETag", "\"1\"");
    return response;
  });
  router->add(
      "POST", "/post",
      [](const http::Request& request) {
        return http::Response::text(request.header("x-name") + request.body, "text/plain");
      },
      1 << 20);
  router->add("GET", "/moved", [](const http::Request&) {
    http::Response response;
    response.status = 302;
    response.headers.emplace_back("Location", "/page");
    return response;
  });
  http::ServerOptions server_options;
  server_options.listen = "127.0.0.1:0";
  const SystemClock clock;
  const auto server = http::serve(server_options, router, clock);
  ASSERT_TRUE(server.has_value());
  const std::string base = "http://" + (*server)->address();
  const auto client = make_curl_client(local_options());

  const auto page = client->fetch(get(base + "/page"));
  ASSERT_TRUE(page.has_value()) << page.error().to_string();
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->body, std::string(5000, 'x') + "vigie-test");
  EXPECT_EQ(page->body_bytes, 5010U);
  EXPECT_EQ(page->header("content-encoding"), "gzip");
  EXPECT_EQ(page->header("etag"), "\"1\"");
  EXPECT_EQ(page->header("absent"), "");
  EXPECT_EQ(page->peer, "127.0.0.1");
  EXPECT_EQ(page->truncation, HttpTruncation::kNone);

  HttpRequest post = get(base + "/post");
  post.method = "POST";
  post.headers = {{"X-Name", "n:"}};
  post.body = std::string("a\0b", 3);
  const auto posted = client->fetch(post);
  ASSERT_TRUE(posted.has_value());
  EXPECT_EQ(posted->body, std::string("n:a\0b", 5));

  const auto moved = client->fetch(get(base + "/moved"));
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->status, 302);  // never followed
  EXPECT_EQ(moved->header("location"), "/page");

  HttpRequest head = get(base + "/page");
  head.method = "HEAD";
  const auto headed = client->fetch(head);
  ASSERT_TRUE(headed.has_value());
  EXPECT_EQ(headed->body, "");
}

TEST(HttpClient, RefusesAPrivateAddressUnlessItIsAllowed) {
  RawServer server(saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  CurlOptions options = local_options();
  options.allow_networks.clear();
  const auto client = make_curl_client(options);
  const auto by_number = client->fetch(get(server.url()));
  EXPECT_EQ(code_of(by_number), "address_refused");
  EXPECT_EQ(by_number.error().disposition, Disposition::kQuarantine);
  // By a name, where only the open-socket callback can see it.
  std::string by_name = server.url();
  by_name.replace(by_name.find("127.0.0.1"), 9, "localhost");
  EXPECT_EQ(code_of(client->fetch(get(by_name))), "address_refused");
  EXPECT_EQ(server.accepted(), 0);
  EXPECT_EQ(code_of(make_curl_client(local_options())->fetch(get(by_name))), "status 200");
}

TEST(HttpClient, AsksNothingOfAPortOfAnotherService) {
  const auto client = make_curl_client(local_options());
  for (const char* url :
       {"http://127.0.0.1:25/", "https://127.0.0.1:22/x", "http://127.0.0.1:6667/"})
    EXPECT_EQ(code_of(client->fetch(get(url))), "address_refused") << url;
}

TEST(HttpClient, RefusesWhatIsNoHttpUrl) {
  const auto client = make_curl_client(local_options());
  for (const char* url : {"", "file:///etc/passwd", "gopher://127.0.0.1/", "http://", "nonsense"}) {
    EXPECT_EQ(code_of(client->fetch(get(url))), "bad_url") << url;
  }
  HttpRequest split = get("http://127.0.0.1/");
  split.headers = {{"X-A", "b\r\nX-C: d"}};
  EXPECT_EQ(code_of(client->fetch(split)), "bad_url");
}

// One gigabyte of zeros is one megabyte on the wire.
TEST(HttpClient, CutsAGzipBombAtTheLimit) {
  const std::string bomb = gzip_of_zeros(256 << 20);
  RawServer server(saying("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                          std::to_string(bomb.size()) + "\r\n\r\n" + bomb));
  const auto client = make_curl_client(local_options());
  HttpRequest request = get(server.url());
  request.limits.decoded_bytes = 100'000;
  const auto begin = SteadyClock::now();
  const auto response = client->fetch(request);
  ASSERT_TRUE(response.has_value()) << response.error().to_string();
  EXPECT_EQ(response->truncation, HttpTruncation::kLength);
  EXPECT_EQ(response->body.size(), 100'000U);
  EXPECT_LT(response->body_bytes, 1'000'000U);
  EXPECT_LT(SteadyClock::now() - begin, 2s);
}

TEST(HttpClient, TakesABodyOfExactlyTheLimitWhole) {
  RawServer server(
      saying("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x')));
  HttpRequest request = get(server.url());
  request.limits.decoded_bytes = 1000;
  const auto response = make_curl_client(local_options())->fetch(request);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->truncation, HttpTruncation::kNone);
  EXPECT_EQ(response->body.size(), 1000U);
}

TEST(HttpClient, GivesUpOnAServerThatSaysNothing) {
  RawServer server([](int, const std::atomic<bool>& stopping) { wait_for_stop(stopping); });
  HttpRequest request = get(server.url());
  request.limits.stall = 400ms;
  const auto begin = SteadyClock::now();
  const auto response = make_curl_client(local_options())->fetch(request);
  EXPECT_EQ(code_of(response), "timeout_stall");
  EXPECT_EQ(response.error().disposition, Disposition::kRetry);
  EXPECT_GE(SteadyClock::now() - begin, 400ms);
  EXPECT_LT(SteadyClock::now() - begin, 2s);
}

TEST(HttpClient, KeepsWhatCameBeforeAStallAsTruncated) {
  RawServer server([](int socket, const std::atomic<bool>& stopping) {
    say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin");
    wait_for_stop(stopping);
  });
  HttpRequest request = get(server.url());
  request.limits.stall = 400ms;
  const auto response = make_curl_client(local_options())->fetch(request);
  ASSERT_TRUE(response.has_value()) << response.error().to_string();
  EXPECT_EQ(response->body, "begin");
  EXPECT_EQ(response->truncation, HttpTruncation::kTime);
}

TEST(HttpClient, EndsADripAtTheTotalClock) {
  RawServer server([](int socket, const std::atomic<bool>& stopping) {
    say(socket, "HTTP/1.1 200 OK\r\n");
    // Fast enough for the stall clock, without end.
    while (!stopping && say(socket, "X-Drip: x\r\n")) std::this_thread::sleep_for(20ms);
  });
  HttpRequest request = get(server.url());
  request.limits.stall = 400ms;
  request.limits.total = 1200ms;
  const auto begin = SteadyClock::now();
  EXPECT_EQ(code_of(make_curl_client(local_options())->fetch(request)), "timeout_total");
  EXPECT_GE(SteadyClock::now() - begin, 1100ms);
  EXPECT_LT(SteadyClock::now() - begin, 4s);
}

TEST(HttpClient, CutsADrippingBodyAtTheTotalClock) {
  RawServer server([](int socket, const std::atomic<bool>& stopping) {
    say(socket, "HTTP/1.1 200 OK\r\n\r\n");
    while (!stopping && say(socket, "xxxxxxxxxx")) std::this_thread::sleep_for(20ms);
  });
  HttpRequest request = get(server.url());
  request.limits.total = 800ms;
  const auto response = make_curl_client(local_options())->fetch(request);
  ASSERT_TRUE(response.has_value()) << response.error().to_string();
  EXPECT_EQ(response->truncation, HttpTruncation::kTime);
  EXPECT_FALSE(response->body.empty());
}

TEST(HttpClient, TellsHowAConnectionFailed) {
  const auto client = make_curl_client(local_options());
  std::string closed_port;
  {
    RawServer gone(saying(""));
    closed_port = gone.url();
  }
  EXPECT_EQ(code_of(client->fetch(get(closed_port))), "connect");
  RawServer hangs_up(saying(""));
  EXPECT_EQ(code_of(client->fetch(get(hangs_up.url()))), "reset");
  EXPECT_EQ(code_of(client->fetch(get("http://does-not-exist.invalid/"))), "dns");
  std::string secure = hangs_up.url();
  secure.replace(0, 4, "https");
  EXPECT_EQ(code_of(client->fetch(get(secure))), "tls");
  RawServer breaks_off(saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"));
  const auto half = client->fetch(get(breaks_off.url()));
  ASSERT_TRUE(half.has_value());
  EXPECT_EQ(half->truncation, HttpTruncation::kDisconnect);
  EXPECT_EQ(half->body, "five!");
  RawServer bad_chunk(
      saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n"));
  const auto broken = client->fetch(get(bad_chunk.url()));
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken->truncation, HttpTruncation::kDisconnect);
  EXPECT_EQ(broken->body, "ok");
}

TEST(HttpClient, CallsInvalidBytesAProtocolError) {
  const auto client = make_curl_client(local_options());
  for (const char* bytes : {"\x16\x03\x01\x02garbage\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"}) {
    RawServer server(saying(bytes));
    HttpRequest request = get(server.url());
    request.limits.stall = 500ms;
    const auto response = client->fetch(request);
    EXPECT_EQ(code_of(response), "protocol") << bytes;
  }
}

/// Asks twice: libcurl refuses the first response, and the second is read by hand.
TEST(HttpClient, ReadsTheSecondAnswerOfAMalformedServer) {
  const auto client = make_curl_client(local_options());
  const std::string body = "<p>The body of a page</p>";
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  for (const std::string& head :
       {"X-XSS-Protection=1;\r\n" + length, " begins with a blank\r\n" + length,
        std::string("Content-Length: many\r\n"), std::string("Transfer-Encoding: utf-8\r\n")}) {
    RawServer server(saying("HTTP/1.1 200 OK\r\n" + head + "ETag: \"x\"\r\n\r\n" + body));
    EXPECT_EQ(code_of(client->fetch(get(server.url()))), "protocol") << head;
    const auto second = client->fetch(get(server.url("/again?x=1")));
    ASSERT_TRUE(second.has_value()) << head << second.error().to_string();
    EXPECT_EQ(second->status, 200);
    EXPECT_EQ(second->body, body);
    EXPECT_EQ(second->header("etag"), "\"x\"");
    EXPECT_EQ(second->peer, "127.0.0.1");
    EXPECT_EQ(second->truncation, HttpTruncation::kNone);
  }
}

TEST(HttpClient, KeepsLimitsAndJudgementWhileItReadsByHand) {
  const auto client = make_curl_client(local_options());
  std::atomic<int> asked{0};
  RawServer server([&](int socket, const std::atomic<bool>& stopping) {
    const int turn = ++asked;
    say(socket, "HTTP/1.1 200 OK\r\nno colon here\r\n\r\nbody");
    if (turn == 2) say(socket, std::string(100'000, 'x'));
    if (turn == 3) wait_for_stop(stopping);
  });
  EXPECT_EQ(code_of(client->fetch(get(server.url()))), "protocol");
  HttpRequest request = get(server.url());
  request.limits.decoded_bytes = 50'000;
  const auto cut = client->fetch(request);
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->truncation, HttpTruncation::kLength);
  EXPECT_EQ(cut->body.size(), 50'000U);
  request.limits.stall = 300ms;
  const auto stalled = client->fetch(request);
  ASSERT_TRUE(stalled.has_value());
  EXPECT_EQ(stalled->truncation, HttpTruncation::kTime);
  EXPECT_EQ(stalled->body, "body");
}

TEST(HttpClient, StopsAFloodOfHeaders) {
  RawServer server([](int socket, const std::atomic<bool>& stopping) {
    say(socket, "HTTP/1.1 200 OK\r\n");
    while (!stopping && say(socket, "X-Flood: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  HttpRequest request = get(server.url());
  request.limits.header_bytes = 20'000;
  EXPECT_EQ(code_of(make_curl_client(local_options())->fetch(request)), "too_many_headers");
}

TEST(HttpClient, LeavesInformationalAnswersOut) {
  RawServer server(
      saying("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: "
             "1\r\nContent-Length: 0\r\n\r\n"));
  const auto response = make_curl_client(local_options())->fetch(get(server.url()));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->header("x-real"), "1");
  EXPECT_EQ(response->header("link"), "");
}

TEST(HttpClient, NamesThePeerBeforeEachRequestGoesOut) {
  http::ServerOptions server_options;
  server_options.listen = "127.0.0.1:0";
  auto router = std::make_shared<http::Router>();
  std::atomic<int> served{0};
  router->add("GET", "/a", [&](const http::Request&) {
    ++served;
    return http::Response::text("a", "text/plain");
  });
  const SystemClock clock;
  const auto server = http::serve(server_options, router, clock);
  ASSERT_TRUE(server.has_value());
  std::mutex mutex;
  std::vector<std::string> peers;
  CurlOptions options = local_options();
  options.on_peer = [&](const std::string& url, const std::string& peer) {
    const std::lock_guard lock(mutex);
    peers.push_back(url + " " + peer + " " + std::to_string(served));
  };
  const auto client = make_curl_client(options);
  const std::string url = "http://" + (*server)->address() + "/a";
  ASSERT_TRUE(client->fetch(get(url)).has_value());
  ASSERT_TRUE(client->fetch(get(url)).has_value());  // on the kept connection too
  EXPECT_EQ(peers, (std::vector<std::string>{url + " 127.0.0.1 0", url + " 127.0.0.1 1"}));
}

TEST(HttpClient, EndsWhatIsInFlightWhenItIsDestroyed) {
  RawServer server([](int, const std::atomic<bool>& stopping) { wait_for_stop(stopping); });
  auto client = make_curl_client(local_options());
  std::atomic<int> stopped{0};
  for (int i = 0; i < 20; ++i) {  // more than go to one host at once: some wait
    client->start(get(server.url()), [&](Result<HttpResponse> response) {
      if (code_of(response) == "stopped") ++stopped;
    });
  }
  std::this_thread::sleep_for(100ms);
  const auto begin = SteadyClock::now();
  client.reset();
  EXPECT_EQ(stopped, 20);
  EXPECT_LT(SteadyClock::now() - begin, 2s);
}

TEST(HttpClient, KeepsToItsConnectionsPerHostAndAnswersAll) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  RawServer server([&](int socket, const std::atomic<bool>&) {
    const int count = ++now;
    int seen = most;
    while (count > seen && !most.compare_exchange_weak(seen, count)) {
    }
    std::this_thread::sleep_for(20ms);
    --now;
    say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  CurlOptions options = local_options();
  options.max_per_host = 3;
  const auto client = make_curl_client(options);
  std::atomic<int> good{0};
  std::promise<void> all;
  for (int i = 0; i < 30; ++i) {
    client->start(get(server.url()), [&](Result<HttpResponse> response) {
      EXPECT_EQ(code_of(response), "status 200");
      if (++good == 30) all.set_value();
    });
  }
  EXPECT_EQ(all.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_LE(most, 3);
}

}  // namespace
}  // namespace vigie::net
