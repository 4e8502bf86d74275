// The only file that includes Beast: it parses requests and waits for sockets. One thread does all
// input and output, so that nothing of a session needs a lock; handlers run in a pool; a stream
// gets a thread of its own, because a BodyStream blocks.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <list>
#include <mutex>
#include <set>
#include <thread>

#include "platform/http/http.h"
#include "platform/http/stream_writer.h"
#include "platform/http/wire.h"
#include "platform/logging/logging.h"
#include "platform/text/ascii.h"

namespace vigie::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

// one read; also what may be read ahead of the header limit
constexpr std::size_t kReadBytes = 64 * 1024;
// one write: the time-out counts for each, so that a slow reader of a large response is not cut
constexpr std::size_t kWriteBytes = 256 * 1024;
// read and thrown away after an early response, so that the client sees it instead of a reset
constexpr std::size_t kLingerBytes = 4ULL << 20;
constexpr auto kLingerTime = 2s;
constexpr auto kDrainTime = 3s;       // for responses under way when the server ends
constexpr auto kAcceptPause = 100ms;  // after "too many open files"

class Session;

class BeastServer final : public Server {
 public:
  BeastServer(const ServerOptions& options, std::shared_ptr<const Router> router,
              const Clock& clock)
      : options_(options),
        router_(std::move(router)),
        clock_(clock),
        acceptor_(io_),
        accept_again_(io_),
        pool_(static_cast<std::size_t>(std::max(1, options.threads))),
        reserved_pool_(static_cast<std::size_t>(
            options.reserved_prefix.empty() ? 1 : std::max(1, options.reserved_threads))) {}
  ~BeastServer() override;

  Result<void> open();
  std::string address() const override { return address_; }

  // For sessions, on the thread of io_.
  const ServerOptions& options() const { return options_; }
  const Clock& clock() const { return clock_; }
  bool is_stopping() const { return stopping_; }
  void run_handler(Request request, std::shared_ptr<Session> session);
  void start_stream(int socket, std::string head, std::unique_ptr<BodyStream> body, bool chunked);
  bool has_room_for_stream();
  void forget(const std::shared_ptr<Session>& session);

 private:
  struct RunningStream {
    std::atomic<bool> done{false};
    std::thread thread;
  };

  void accept();
  void accepted(error_code error, tcp::socket socket);
  void reap_streams();

  const ServerOptions options_;
  // shared: the caller may keep it to answer without a socket
  const std::shared_ptr<const Router> router_;
  const Clock& clock_;
  asio::io_context io_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{
      io_.get_executor()};
  tcp::acceptor acceptor_;
  asio::steady_timer accept_again_;
  std::string address_;
  // shared: each waiting operation of asio keeps its session
  std::set<std::shared_ptr<Session>> sessions_;
  bool accepting_ = false;
  bool stopping_ = false;
  std::list<RunningStream> streams_;
  std::stop_source stop_;
  std::mutex drained_mutex_;
  std::condition_variable drained_;
  bool is_drained_ = false;
  asio::thread_pool pool_;
  asio::thread_pool reserved_pool_;  // for paths that begin with options_.reserved_prefix
  std::thread io_thread_;
};

/// One connection: request after request.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(BeastServer& server, tcp::socket socket)
      : server_(server),
        stream_(std::move(socket)),
        buffer_(server.options().max_header_bytes + kReadBytes) {
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    const tcp::endpoint peer = stream_.socket().remote_endpoint(ignored);
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
      address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    peer_ = address.to_string();
    peer_is_loopback_ = !ignored && address.is_loopback();
  }

  void start() { wait_for_request(server_.options().header_timeout); }

  /// The server ends: a connection that waits for a request is closed; a response under way is
  /// finished.
  void stop() {
    if (reading_) close();
  }

  void answer(Response response) {
    reading_ = false;
    const bool stays_open = keep_alive_ && !server_.is_stopping();
    if (response.stream != nullptr) return answer_stream(std::move(response));
    compress_if_accepted(request_, response);
    Framing framing;
    framing.head = request_.method == "HEAD";
    framing.keep_alive = stays_open;
    framing.now_unix_ms = server_.clock().now_unix_ms();
    const bool without_body =
        framing.head || response.status < 200 || response.status == 204 || response.status == 304;
    outgoing_ = serialise_head(response, framing);
    if (!without_body) outgoing_ += response.body;
    written_ = 0;
    closes_after_ = !stays_open;
    write_next();
  }

 private:
  void wait_for_request(std::chrono::milliseconds timeout) {
    reading_ = true;
    if (server_.is_stopping()) return close();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(server_.options().max_header_bytes));
    parser_->body_limit(server_.options().max_body_bytes);
    if (buffer_.size() > 0) return read_header();  // pipelined
    stream_.expires_after(timeout);
    stream_.async_read_some(buffer_.prepare(4096),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              if (error) return self->close();
                              self->buffer_.commit(bytes);
                              self->read_header();
                            });
  }

  void read_header() {
    // Set once for the whole header: a client that sends a byte a second does not get more time.
    stream_.expires_after(server_.options().header_timeout);
    beast::http::async_read_header(stream_, buffer_, *parser_,
                                   [self = shared_from_this()](error_code error, std::size_t) {
                                     if (error) return self->refuse(error);
                                     self->header_read();
                                   });
  }

  void header_read() {
    const auto& message = parser_->get();
    if (message.version() == 11 && message.count(beast::http::field::host) != 1) {
      // RFC 9112 §3.2
      return refuse(400, "bad_request", "A request of HTTP/1.1 needs exactly one Host header.");
    }
    if (message.find(beast::http::field::content_encoding) != message.end() &&
        message[beast::http::field::content_encoding] != "identity") {
      return refuse(415, "unsupported_encoding", "Send the body without a content-encoding.");
    }
    const auto expectation = message[beast::http::field::expect];
    if (expectation.empty()) return read_body();
    if (!beast::iequals(expectation, "100-continue"))
      return refuse(417, "unknown_expectation",
                    "The only expectation that is met is 100-continue.");
    stream_.expires_after(server_.options().body_timeout);
    outgoing_ = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(outgoing_),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->close();
                        self->read_body();
                      });
  }

  void read_body() {
    stream_.expires_after(server_.options().body_timeout);
    beast::http::async_read(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->refuse(error);
                              self->request_read();
                            });
  }

  void request_read() {
    auto message = parser_->release();
    keep_alive_ = message.keep_alive();
    is_http_1_1_ = message.version() >= 11;
    fill_request(message);
    request_.body = std::move(message.body());
    if (!read_target(std::string_view(message.target().data(), message.target().size()),
                     request_)) {
      keep_alive_ = false;
      return answer(Response::problem(400, "bad_request", "The request target is no path."));
    }
    reading_ = false;
    stream_.expires_never();
    // The session keeps what it needs to frame the response.
    Request request = std::move(request_);
    request_ = Request{};
    request_.method = request.method;
    if (const auto found = request.headers.find("accept-encoding"); found != request.headers.end())
      request_.headers.insert(*found);
    server_.run_handler(std::move(request), shared_from_this());
  }

  template <class Message>
  void fill_request(const Message& message) {
    request_ = Request{};
    request_.method = std::string(message.method_string());
    request_.peer = peer_;
    request_.peer_is_loopback = peer_is_loopback_;
    for (const auto& field : message) {
      const std::string name = text::ascii::lower(
          std::string_view(field.name_string().data(), field.name_string().size()));
      const std::string value(field.value());
      if (const auto place = request_.headers.emplace(name, value); !place.second) {
        place.first->second += (name == "cookie" ? "; " : ", ") + value;  // RFC 9110 §5.3
      }
    }
  }

  void refuse(error_code error) {
    using Code = beast::http::error;
    if (error == Code::body_limit)
      return refuse(413, "too_large", "The body is larger than this server takes.");
    if (error == Code::header_limit || error == Code::buffer_overflow)
      return refuse(431, "too_large", "The headers are larger than this server takes.");
    if (error == beast::error::timeout) return close();
    static const error_code kSomeHttpError = beast::http::make_error_code(Code::bad_method);
    if (error.category() == kSomeHttpError.category() && error != Code::end_of_stream &&
        error != Code::partial_message) {
      return refuse(400, "bad_request", "This is no request of HTTP/1.1: " + error.message() + ".");
    }
    close();
  }

  /// A response before the request was read to its end: the connection is of no more use.
  void refuse(int status, std::string_view code, std::string_view detail) {
    keep_alive_ = false;
    request_ = Request{};
    lingers_ = true;
    answer(Response::problem(status, code, detail));
  }

  void write_next() {
    if (written_ == outgoing_.size()) return answered();
    stream_.expires_after(server_.options().body_timeout);
    const std::size_t length = std::min(kWriteBytes, outgoing_.size() - written_);
    asio::async_write(stream_, asio::buffer(outgoing_.data() + written_, length),
                      [self = shared_from_this(), length](error_code error, std::size_t) {
                        if (error) return self->close();
                        self->written_ += length;
                        self->write_next();
                      });
  }

  void answered() {
    outgoing_ = {};
    if (!closes_after_) return wait_for_request(server_.options().idle_timeout);
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (!lingers_) return close();
    stream_.expires_after(kLingerTime);
    linger(0);
  }

  void linger(std::size_t seen) {
    if (seen > kLingerBytes) return close();
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this(), seen](error_code error, std::size_t bytes) {
                              if (error) return self->close();
                              self->linger(seen + bytes);
                            });
  }

  void answer_stream(Response response) {
    keep_alive_ = false;
    Framing framing;
    framing.head = request_.method == "HEAD";
    framing.keep_alive = false;
    framing.chunked = is_http_1_1_;
    framing.now_unix_ms = server_.clock().now_unix_ms();
    if (!framing.head && (server_.is_stopping() || !server_.has_room_for_stream())) {
      return answer(Response::problem(
          503, "too_many_streams",
          "As many streams are open as this server takes; close one or come back later."));
    }
    std::string head = serialise_head(response, framing);
    if (framing.head) {
      outgoing_ = std::move(head);
      written_ = 0;
      closes_after_ = true;
      return write_next();
    }
    error_code error;
    tcp::socket socket = stream_.release_socket();
    const int number = socket.release(error);
    if (!error)
      server_.start_stream(number, std::move(head), std::move(response.stream), framing.chunked);
    server_.forget(shared_from_this());
  }

  void close() {
    error_code ignored;
    stream_.socket().close(ignored);
    stream_.cancel();
    server_.forget(shared_from_this());
  }

  BeastServer& server_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  Request request_;
  std::string peer_;
  bool peer_is_loopback_ = false;
  bool reading_ = true;  // waiting for (the rest of) a request: nobody is owed a response
  bool keep_alive_ = false;
  bool is_http_1_1_ = true;
  bool closes_after_ = false;
  bool lingers_ = false;
  std::string outgoing_;
  std::size_t written_ = 0;
};

tl::unexpected<Error> bind_error(std::string_view what, const std::string& listen) {
  return failure(Disposition::kStop, "bind",
                 "cannot listen here: " + std::string(what) +
                     "; set http.listen to HOST:PORT with a free port (port 0 picks one)",
                 listen);
}

Result<void> BeastServer::open() {
  const std::string& listen = options_.listen;
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon + 1 == listen.size())
    return bind_error("there is no port", listen);
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* end = listen.data() + listen.size();
  if (const auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
      parsed.ec != std::errc() || parsed.ptr != end) {
    return bind_error("the port is no number up to 65535", listen);
  }
  error_code error;
  tcp::resolver resolver(io_);
  const auto found = resolver.resolve(host.empty() ? "0.0.0.0" : host, std::to_string(port), error);
  if (error || found.empty()) return bind_error("the host is not known", listen);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return bind_error(error.message(), listen);
  const tcp::endpoint bound = acceptor_.local_endpoint(error);
  const std::string bound_host = bound.address().to_string();
  address_ = (bound.address().is_v6() ? "[" + bound_host + "]" : bound_host) + ":" +
             std::to_string(bound.port());
  accept();
  io_thread_ = std::thread([this] { io_.run(); });
  return {};
}

void BeastServer::accept() {
  // At the limit nobody is accepted: the kernel's queue holds new clients until a connection ends.
  if (accepting_ || stopping_ || sessions_.size() >= options_.max_connections) return;
  accepting_ = true;
  acceptor_.async_accept(
      io_, [this](error_code error, tcp::socket socket) { accepted(error, std::move(socket)); });
}

void BeastServer::accepted(error_code error, tcp::socket socket) {
  accepting_ = false;
  if (stopping_) return;
  if (error) {
    accept_again_.expires_after(kAcceptPause);
    accept_again_.async_wait([this](error_code stopped) {
      if (!stopped) accept();
    });
    return;
  }
  auto session = std::make_shared<Session>(*this, std::move(socket));
  sessions_.insert(session);
  session->start();
  accept();
}

void BeastServer::forget(const std::shared_ptr<Session>& session) {
  sessions_.erase(session);
  if (stopping_ && sessions_.empty()) {
    const std::lock_guard lock(drained_mutex_);
    is_drained_ = true;
    drained_.notify_all();
  }
  accept();
}

void BeastServer::run_handler(Request request, std::shared_ptr<Session> session) {
  // The pool's queue is bounded by max_connections: a connection has one request under way.
  const bool reserved =
      !options_.reserved_prefix.empty() && request.path.starts_with(options_.reserved_prefix);
  asio::post(reserved ? reserved_pool_ : pool_, [this, request = std::move(request),
                                                 session = std::move(session)]() mutable {
    Response response =
        stop_.stop_requested()
            ? Response::problem(503, "stopping", "The server is ending; come back later.")
            : router_->handle(std::move(request));
    asio::post(io_, [session = std::move(session), response = std::move(response)]() mutable {
      session->answer(std::move(response));
    });
  });
}

void BeastServer::reap_streams() {
  for (auto stream = streams_.begin(); stream != streams_.end();) {
    if (!stream->done) {
      ++stream;
      continue;
    }
    stream->thread.join();
    stream = streams_.erase(stream);
  }
}

bool BeastServer::has_room_for_stream() {
  reap_streams();
  return streams_.size() < options_.max_streams;
}

void BeastServer::start_stream(int socket, std::string head, std::unique_ptr<BodyStream> body,
                               bool chunked) {
  RunningStream& stream = streams_.emplace_back();
  stream.thread = std::thread([this, &stream, owned = OwnedSocket(socket), head = std::move(head),
                               body = std::move(body), chunked]() mutable {
    try {
      write_stream(owned, head, *body, chunked, options_.body_timeout, stop_.get_token());
    } catch (const std::exception& exception) {
      logging::error("http stream failed", {{"exception", exception.what()}});
    }
    body.reset();  // on this thread, and before anybody counts the stream as ended
    stream.done = true;
  });
}

BeastServer::~BeastServer() {
  stop_.request_stop();
  if (io_thread_.joinable()) {
    asio::post(io_, [this] {
      stopping_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      accept_again_.cancel();
      const auto sessions = sessions_;  // a session that ends leaves the set
      for (const auto& session : sessions) session->stop();
      if (sessions_.empty()) {
        const std::lock_guard lock(drained_mutex_);
        is_drained_ = true;
        drained_.notify_all();
      }
    });
    reserved_pool_.join();
    pool_.join();  // handlers under way end; waiting ones answer 503
    {
      std::unique_lock lock(drained_mutex_);
      drained_.wait_for(lock, kDrainTime, [this] { return is_drained_; });
    }
    work_.reset();
    io_.stop();
    io_thread_.join();
  }
  for (RunningStream& stream : streams_) stream.thread.join();
}

}  // namespace

Result<std::unique_ptr<Server>> serve(const ServerOptions& options,
                                      std::shared_ptr<const Router> router, const Clock& clock) {
  VIGIE_INVARIANT(router != nullptr);
  auto server = std::make_unique<BeastServer>(options, std::move(router), clock);
  VIGIE_TRY(server->open());
  return server;
}

}  // namespace vigie::http
