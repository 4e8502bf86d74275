// libs: platform/clock platform/http
// A whole connection to the HTTP server: the input is what a client sends; 0xFF parts two writes,
// so that a request comes in pieces. Whatever came, the bytes that come back are whole responses of
// HTTP/1.1, one for each request at most, nothing follows one that ends the connection, a handler
// sees the body that its headers announce, and the server answers the next client.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "platform/clock/clock.h"
#include "platform/http/http.h"

namespace {

using namespace vigie;
using namespace std::chrono_literals;

constexpr char kPause = '\xFF';
constexpr std::size_t kMaxBody = 4'096;
/// Of a machine that does much else, at the lowest priority; the time limits of the server are 2 s.
constexpr int kLongestWaitMs = 60'000;

void require(bool holds, std::string_view what, std::string_view response) {
  if (holds) return;
  std::fprintf(stderr, "%.*s:\n%.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(response.size()), response.data());
  std::abort();
}

/// Two pieces, then the end.
class Pieces final : public http::BodyStream {
 public:
  std::optional<std::string> take() override {
    return left_-- > 0 ? std::optional<std::string>("piece") : std::nullopt;
  }
  void on_ready(std::function<void()>) override {}

 private:
  int left_ = 2;
};

class Fuzzed {
 public:
  Fuzzed() {
    router_->add(
        "POST", "/body",
        [this](const http::Request& request) {
          ++handled_;
          const std::string announced = request.header("content-length");
          if (!announced.empty())
            require(announced == std::to_string(request.body.size()) ||
                        std::strtoull(announced.c_str(), nullptr, 10) == request.body.size(),
                    "a handler sees another body than was announced", announced);
          require(request.body.size() <= kMaxBody, "a body beyond the limit", request.path);
          return http::Response::text(request.body, "application/octet-stream");
        },
        kMaxBody);
    router_->add("GET", "/{rest*}", [this](const http::Request& request) {
      ++handled_;
      require(request.path.find('\0') == std::string::npos, "a NUL in a path", request.path);
      if (request.path == "/later" && !request.may_take_long) return http::Response::later();
      http::Response response = http::Response::text(request.path, "text/plain");
      response.headers.emplace_back("X-Told", request.header("x-tell"));
      if (request.path == "/stream") response.stream = std::make_unique<Pieces>();
      return response;
    });
    http::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.threads = 2;
    options.patient_threads = 1;
    options.max_header_bytes = 8'192;
    options.header_timeout = options.body_grace = options.idle_timeout = 2s;
    auto server = http::serve(options, router_, clock_);
    VIGIE_INVARIANT(server.has_value());
    server_ = std::move(*server);
    const std::string address = server_->address();
    peer_.sin_family = AF_INET;
    peer_.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    inet_pton(AF_INET, "127.0.0.1", &peer_.sin_addr);
  }

  /// What comes back until the server closes.
  std::string exchange(std::string_view sent) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    VIGIE_INVARIANT(socket >= 0);
    VIGIE_INVARIANT(::connect(socket, reinterpret_cast<const sockaddr*>(&peer_), sizeof peer_) ==
                    0);
    std::string response;
    for (std::size_t at = 0; at < sent.size();) {
      const std::size_t end = std::min(sent.find(kPause, at), sent.size());
      const std::string_view part = sent.substr(at, end - at);
      at = end + 1;
      if (!part.empty() && ::send(socket, part.data(), part.size(), MSG_NOSIGNAL) < 0) break;
    }
    ::shutdown(socket, SHUT_WR);
    read_all(socket, response);
    ::close(socket);
    return response;
  }
  std::size_t handled() const { return handled_; }

 private:
  static void read_all(int socket, std::string& response) {
    char bytes[16 * 1024];
    for (;;) {
      pollfd waiting{socket, POLLIN, 0};
      int ready = -1;
      do {  // libFuzzer's own timer interrupts
        ready = ::poll(&waiting, 1, kLongestWaitMs);
      } while (ready < 0 && errno == EINTR);
      require(ready > 0, "the server neither answers nor closes", response);
      const ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
      if (got <= 0) return;  // closed, or reset where bytes came that nobody read
      response.append(bytes, static_cast<std::size_t>(got));
    }
  }

  SystemClock clock_;
  std::shared_ptr<http::Router> router_ = std::make_shared<http::Router>();
  std::atomic<std::size_t> handled_{0};
  sockaddr_in peer_{};
  std::unique_ptr<http::Server> server_;  // goes first
};

/// Takes one response off the front; false where it is not whole (the client closed meanwhile).
/// `heads`: HEAD is among the requests, whose responses have a length and no body.
bool take_response(std::string_view& rest, bool& closes, bool heads) {
  const std::size_t end = rest.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  const std::string_view head = rest.substr(0, end + 2);
  require(head.starts_with("HTTP/1.1 ") && head.size() > 12, "no status line", rest);
  int status = 0;
  std::from_chars(head.data() + 9, head.data() + 12, status);
  require(status >= 100 && status <= 599, "no status", rest);
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t line_end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, line_end - at);
    require(line.find(':') != std::string_view::npos && line.find('\n') == std::string_view::npos &&
                line.find('\r') == std::string_view::npos && line.find('\0') == line.npos,
            "no header line", rest);
    at = line_end + 2;
  }
  closes = head.find("\r\nConnection: close\r\n") != std::string_view::npos;
  rest.remove_prefix(end + 4);
  if (status < 200 || status == 204 || status == 304) return true;
  if (head.find("\r\nTransfer-Encoding: chunked\r\n") != std::string_view::npos) {
    if (heads) return true;
    require(
        std::string_view("5\r\npiece\r\n5\r\npiece\r\n0\r\n\r\n").starts_with(rest.substr(0, 25)),
        "no chunks of ours", rest);
    rest.remove_prefix(std::min<std::size_t>(rest.size(), 25));
    closes = true;  // a stream is the last thing on a connection
    return true;
  }
  const std::size_t at = head.find("\r\nContent-Length: ");
  if (at == std::string_view::npos) {  // a stream on HTTP/1.0 ends with the connection
    rest = {};
    closes = true;
    return true;
  }
  std::size_t length = 0;
  std::from_chars(head.data() + at + 18, head.data() + head.size(), length);
  if (heads) return true;
  if (rest.size() < length) return false;
  rest.remove_prefix(length);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Fuzzed server;
  const std::string_view sent(reinterpret_cast<const char*>(data), size);
  if (size > 64 << 10) return 0;
  const std::size_t before = server.handled();
  const std::string response = server.exchange(sent);
  const bool heads = sent.find("HEAD") != std::string_view::npos;
  std::string_view rest = response;
  std::size_t responses = 0;
  for (bool closes = false; !rest.empty(); ++responses) {
    require(!closes, "something follows the end of a connection", response);
    if (!take_response(rest, closes, heads)) break;
    if (heads) break;  // whether a body follows the next one is not known from here
  }
  const auto lines = static_cast<std::size_t>(std::count(sent.begin(), sent.end(), '\n'));
  // The least request is a line and an empty one; /later is handled twice; 100 Continue is extra.
  require(responses <= lines + 1, "more responses than requests", response);
  require(server.handled() - before <= 2 * (lines + 1), "more requests than were sent", response);
  static std::size_t executions = 0;
  if (++executions % 64 == 0) {
    const std::string alive = server.exchange("GET /alive HTTP/1.1\r\nHost: a\r\n\r\n");
    require(alive.starts_with("HTTP/1.1 200 ") && alive.ends_with("/alive"),
            "the next client is not answered", alive);
  }
  return 0;
}
