#include "platform/http/session.h"
#include "platform/http/finite_body.h"

#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include <algorithm>

#include "platform/http/wire.h"
#include "platform/text/ascii.h"

namespace vigie::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using namespace std::chrono_literals;

// one read; also what may be read ahead of the header limit
constexpr std::size_t kReadBytes = 64 * 1024;
// one write: the time-out counts for each, so that a slow reader of a large response is not cut
constexpr std::size_t kWriteBytes = 256 * 1024;
// read and thrown away after an early response, so that the client sees it instead of a reset
constexpr std::size_t kLingerBytes = 4ULL << 20;
constexpr auto kLingerTime = 2s;
/// A client that takes nothing of its response for so long may be made to give room to another.
constexpr auto kStuckTime = 1s;

}  // namespace

Session::Session(SessionOwner& owner, tcp::socket socket)
    : owner_(owner),
      stream_(std::move(socket)),
      buffer_(owner.options().max_header_bytes + kReadBytes) {
  ErrorCode ignored;
  stream_.socket().set_option(tcp::no_delay(true), ignored);
  const tcp::endpoint peer = stream_.socket().remote_endpoint(ignored);
  auto address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  peer_ = address.to_string();
  network_ = peer_;
  if (address.is_v6()) {  // RFC 6177: a site has a /64 at least, and may take any address of it
    asio::ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), 0);
    network_ = asio::ip::address_v6(bytes).to_string();
  }
  peer_is_loopback_ = !ignored && address.is_loopback();
}

void Session::answer(Response response) {
  reading_ = false;
  count_body(0);
  if (watching_) {
    ErrorCode ignored;
    stream_.socket().cancel(ignored);  // the watch; nothing else is under way
  }
  const bool stays_open = keep_alive_ && !owner_.is_stopping();
  if (response.finite != nullptr) response.stream = produced(std::move(response.finite));
  if (response.stream != nullptr) return answer_stream(std::move(response));
  Framing framing;
  framing.head = request_.method == "HEAD";
  framing.keep_alive = stays_open;
  framing.now_unix_ms = owner_.clock().now_unix_ms();
  const bool without_body =
      framing.head || response.status < 200 || response.status == 204 || response.status == 304;
  outgoing_ = serialise_head(response, framing);
  if (!without_body) outgoing_ += response.body;
  written_ = 0;
  closes_after_ = !stays_open;
  write_next();
}

void Session::wait_for_request(std::chrono::milliseconds timeout) {
  reading_ = true;
  waiting_since_ = machine_now();
  if (owner_.is_stopping()) return close();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(owner_.options().max_header_bytes));
  parser_->body_limit(owner_.options().max_body_bytes);
  if (buffer_.size() > 0) return read_header();  // pipelined
  stream_.expires_after(timeout);
  stream_.async_read_some(buffer_.prepare(4096),
                          [self = shared_from_this()](ErrorCode error, std::size_t bytes) {
                            if (error) return self->close();
                            self->buffer_.commit(bytes);
                            self->read_header();
                          });
}

void Session::read_header() {
  // Set once for the whole header: a client that sends a byte a second does not get more time.
  stream_.expires_after(owner_.options().header_timeout);
  beast::http::async_read_header(stream_, buffer_, *parser_,
                                 [self = shared_from_this()](ErrorCode error, std::size_t) {
                                   if (error) return self->refuse(error);
                                   self->header_read();
                                 });
}

void Session::header_read() {
  const auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  is_http_1_1_ = message.version() >= 11;
  fill_request(message);
  if (is_refused()) return;
  Router::Admission admission = owner_.admit(request_);
  known_ = known_ || !request_.caller.empty();
  const bool has_body = parser_->chunked() || parser_->content_length().value_or(0) > 0;
  if (admission.refused) {
    // What has no body leaves the connection usable.
    if (has_body) return refuse(std::move(*admission.refused));
    reading_ = false;
    stream_.expires_never();
    return answer(std::move(*admission.refused));
  }
  const std::size_t limit = std::min(admission.body_bytes, owner_.options().max_body_bytes);
  if (parser_->content_length().value_or(0) > limit)
    return refuse(413, "too_large",
                  "The body is larger than this path takes: " + std::to_string(limit) + " bytes.");
  parser_->body_limit(limit);
  expect_body();
}

bool Session::is_refused() {
  const auto& message = parser_->get();
  // RFC 9112 §3.2
  const std::size_t hosts = message.count(beast::http::field::host);
  if (hosts > 1 || (is_http_1_1_ && hosts == 0)) {
    refuse(400, "bad_request", "A request of HTTP/1.1 needs exactly one Host header.");
    return true;
  }
  const std::string_view host = message[beast::http::field::host];
  if (!is_authority(text::ascii::trim(host, " \t"))) {
    refuse(400, "bad_request", "The Host header is no host with a port.");
    return true;
  }
  if (message.find(beast::http::field::transfer_encoding) != message.end() &&
      (message.count(beast::http::field::transfer_encoding) != 1 ||
       !beast::iequals(message[beast::http::field::transfer_encoding], "chunked") ||
       !is_http_1_1_)) {
    // RFC 9112 §6.1: another reader may take another end of the body than we do.
    refuse(501, "unsupported_encoding", "The only transfer coding that is taken is chunked.");
    return true;
  }
  if (message.find(beast::http::field::content_encoding) != message.end() &&
      !beast::iequals(message[beast::http::field::content_encoding], "identity")) {
    refuse(415, "unsupported_encoding", "Send the body without a content-encoding.");
    return true;
  }
  if (!read_target(std::string_view(message.target().data(), message.target().size()), request_)) {
    refuse(400, "bad_request", "The request target is no path.");
    return true;
  }
  return false;
}

void Session::expect_body() {
  const auto expectation = parser_->get()[beast::http::field::expect];
  body_since_ = machine_now();
  if (expectation.empty()) return read_body();
  if (!beast::iequals(expectation, "100-continue"))
    return refuse(417, "unknown_expectation", "The only expectation that is met is 100-continue.");
  stream_.expires_after(owner_.options().body_grace);
  outgoing_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(outgoing_),
                    [self = shared_from_this()](ErrorCode error, std::size_t) {
                      if (error) return self->close();
                      self->read_body();
                    });
}

void Session::read_body() {
  if (parser_->is_done()) return request_read();
  const ServerOptions& options = owner_.options();
  const std::size_t have = parser_->get().body().size();
  // The time that so many bytes may have taken, and the grace on top.
  const auto allowed =
      options.body_grace + std::chrono::milliseconds(have * 1000 / options.body_bytes_per_second);
  stream_.expires_at(body_since_ + allowed);
  beast::http::async_read_some(stream_, buffer_, *parser_,
                               [self = shared_from_this()](ErrorCode error, std::size_t) {
                                 if (error) return self->refuse(error);
                                 self->body_read_some();
                               });
}

void Session::body_read_some() {
  if (!count_body(parser_->get().body().size())) {
    Response response = Response::problem(
        503, "busy", "This server holds as many bodies as it may; send this one again later.");
    response.headers.emplace_back("Retry-After", "5");
    return refuse(std::move(response));
  }
  read_body();
}

void Session::request_read() {
  auto message = parser_->release();
  request_.body = std::move(message.body());
  reading_ = false;
  stream_.expires_never();
  gone_ = std::stop_source();
  request_.gone = gone_.get_token();
  // The session keeps what it needs to frame the response.
  Request request = std::move(request_);
  request_ = Request{};
  request_.method = request.method;
  watch_client();
  owner_.run_handler(std::move(request), shared_from_this());
}

void Session::watch_client() {
  watching_ = true;
  stream_.socket().async_wait(tcp::socket::wait_read, [self = shared_from_this()](ErrorCode error) {
    self->watching_ = false;
    if (error) return;
    char byte = 0;
    ErrorCode failed;
    self->stream_.socket().receive(asio::buffer(&byte, 1), tcp::socket::message_peek, failed);
    // What is there otherwise is the next request; its end will not be seen.
    if (failed && failed != asio::error::would_block) self->gone_.request_stop();
  });
}

template <class Message>
void Session::fill_request(const Message& message) {
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

void Session::refuse(ErrorCode error) {
  using Code = beast::http::error;
  if (error == Code::body_limit)
    return refuse(413, "too_large", "The body is larger than this path takes.");
  if (error == Code::header_limit || error == Code::buffer_overflow)
    return refuse(431, "too_large", "The headers are larger than this server takes.");
  if (error == beast::error::timeout) return close();
  static const ErrorCode kSomeHttpError = beast::http::make_error_code(Code::bad_method);
  if (error.category() == kSomeHttpError.category() && error != Code::end_of_stream &&
      error != Code::partial_message) {
    return refuse(400, "bad_request", "This is no request of HTTP/1.1: " + error.message() + ".");
  }
  close();
}

void Session::refuse(Response response) {
  keep_alive_ = false;
  request_ = Request{};
  lingers_ = true;
  parser_.reset();
  buffer_.clear();
  buffer_.shrink_to_fit();
  answer(std::move(response));
}

void Session::write_next() {
  writing_since_.reset();
  if (written_ == outgoing_.size()) return answered();
  if (written_ == 0 || written_ >= write_clock_end_) {
    write_clock_end_ = written_ + kWriteBytes;
    stream_.expires_after(owner_.options().write_timeout);
  }
  const std::size_t length = std::min(kWriteBytes, outgoing_.size() - written_);
  writing_since_ = machine_now();
  stream_.async_write_some(asio::buffer(outgoing_.data() + written_, length),
                           [self = shared_from_this()](ErrorCode error, std::size_t bytes) {
                             if (error) return self->close();
                             self->written_ += bytes;
                             self->write_next();
                           });
}

bool Session::is_waiting() const {
  return reading_ || (writing_since_ && machine_now() - *writing_since_ >= kStuckTime);
}

void Session::answered() {
  outgoing_ = {};
  if (!closes_after_) return wait_for_request(owner_.options().idle_timeout);
  ErrorCode ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  if (!lingers_) return close();
  reading_ = true;  // nobody is owed a response any more
  stream_.expires_after(kLingerTime);
  linger(0);
}

void Session::linger(std::size_t seen) {
  if (seen > kLingerBytes) return close();
  std::string& scratch = owner_.scratch();
  scratch.resize(kReadBytes);
  stream_.async_read_some(asio::buffer(scratch),
                          [self = shared_from_this(), seen](ErrorCode error, std::size_t bytes) {
                            if (error) return self->close();
                            self->linger(seen + bytes);
                          });
}

void Session::answer_stream(Response response) {
  keep_alive_ = false;
  Framing framing;
  framing.head = request_.method == "HEAD";
  framing.keep_alive = false;
  framing.chunked = is_http_1_1_;
  framing.now_unix_ms = owner_.clock().now_unix_ms();
  if (!framing.head && (owner_.is_stopping() || !owner_.has_room_for_stream())) {
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
  ErrorCode error;
  tcp::socket socket = stream_.release_socket();
  const int number = socket.release(error);
  if (!error)
    owner_.start_stream(number, std::move(head), std::move(response.stream), framing.chunked);
  owner_.forget(shared_from_this());
}

void Session::close() {
  ErrorCode ignored;
  stream_.socket().close(ignored);
  stream_.cancel();
  owner_.forget(shared_from_this());
}

bool Session::count_body(std::size_t bytes) {
  const auto change =
      static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(counted_body_bytes_);
  counted_body_bytes_ = bytes;
  return change == 0 || owner_.add_body_bytes(change);
}

}  // namespace vigie::http
