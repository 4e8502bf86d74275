#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "platform/clock/machine_time.h"
#include "platform/http/http.h"

/// One connection of the server. Private to platform/http; everything here runs on the server's
/// thread of input and output.
namespace vigie::http {

class Session;

/// What a connection needs of its server.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual const ServerOptions& options() const = 0;
  virtual const Clock& clock() const = 0;
  virtual bool is_stopping() const = 0;
  virtual Router::Admission admit(Request& request) const = 0;
  /// Answers by Session::answer().
  virtual void run_handler(Request request, std::shared_ptr<Session> session) = 0;
  virtual bool has_room_for_stream() = 0;
  virtual void start_stream(int socket, std::string head, std::unique_ptr<BodyStream> body,
                            bool chunked) = 0;
  /// The connection has ended.
  virtual void forget(const std::shared_ptr<Session>& session) = 0;
  /// Counts bytes of bodies in memory. False: there are more than the server may hold.
  virtual bool add_body_bytes(std::int64_t change) = 0;
  /// Where bytes are read that nobody wants.
  virtual std::string& scratch() = 0;
};

/// Request after request over one socket.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(SessionOwner& owner, boost::asio::ip::tcp::socket socket);
  ~Session() { count_body(0); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() { wait_for_request(owner_.options().header_timeout); }
  /// The server ends: a connection that waits for a request is closed; a response under way is
  /// finished.
  void stop() {
    if (reading_) close();
  }
  void answer(Response response);
  void close();

  const std::string& peer() const { return peer_; }
  /// Who is one where connections are counted: the address, or the /64 of one of IPv6.
  const std::string& network() const { return network_; }
  /// Waiting for its client: for (the rest of) a request, or, for a second, for the client to take
  /// more of a response.
  bool is_waiting() const;
  /// A guard has recognised the caller of an earlier request.
  bool is_known() const { return known_; }
  MachineTime waiting_since() const { return writing_since_.value_or(waiting_since_); }

 private:
  using ErrorCode = boost::system::error_code;

  void wait_for_request(std::chrono::milliseconds timeout);
  void read_header();
  void header_read();
  /// What the header alone is enough to refuse; true: it is being answered.
  bool is_refused();
  void expect_body();
  void read_body();
  void body_read_some();
  void request_read();
  template <class Message>
  void fill_request(const Message& message);
  /// Stops `gone_` when the client closes while its response is being made.
  void watch_client();
  void refuse(ErrorCode error);
  /// A response before the request was read to its end: the connection is of no more use.
  void refuse(Response response);
  void refuse(int status, std::string_view code, std::string_view detail) {
    refuse(Response::problem(status, code, detail));
  }
  void write_next();
  void answered();
  void linger(std::size_t seen);
  void answer_stream(Response response);
  bool count_body(std::size_t bytes);

  SessionOwner& owner_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  Request request_;
  std::string peer_;
  std::string network_;
  bool peer_is_loopback_ = false;
  bool reading_ = true;
  bool known_ = false;
  MachineTime waiting_since_ = machine_now();
  MachineTime body_since_;
  std::size_t counted_body_bytes_ = 0;
  std::stop_source gone_;
  bool watching_ = false;
  bool keep_alive_ = false;
  bool is_http_1_1_ = true;
  bool closes_after_ = false;
  bool lingers_ = false;
  std::string outgoing_;
  std::size_t written_ = 0;
  std::size_t write_clock_end_ = 0;           // bytes written at which the clock is set again
  std::optional<MachineTime> writing_since_;  // while its client takes nothing
};

}  // namespace vigie::http
