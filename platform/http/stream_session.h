#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "platform/clock/machine_time.h"
#include "platform/http/http.h"

namespace vigie::http {

/// One body that comes in pieces, written to its connection as they come. Many share one thread,
/// on which everything here runs but wake(). Private to platform/http.
class StreamSession : public std::enable_shared_from_this<StreamSession> {
 public:
  /// Told once, when the connection has ended.
  using Ended = std::function<void(const std::shared_ptr<StreamSession>&)>;

  /// `chunked`: HTTP/1.1 (RFC 9112 §7.1); else the body ends with the connection.
  StreamSession(boost::asio::ip::tcp::socket socket, std::unique_ptr<BodyStream> body, bool chunked,
                Ended ended);

  /// Writes `head`, then each piece.
  void start(std::string head);
  /// Ends the body properly, so that the client knows that it is whole, and closes.
  void finish();
  void close();
  /// Closes where the client has taken nothing of what was written since `moment`.
  void close_if_stuck_since(MachineTime moment);

 private:
  using ErrorCode = boost::system::error_code;

  void wake();  // any thread
  void pump();
  void write(std::string bytes);
  void write_some();
  /// The client closes, or its half, or sends what nobody wants: that is thrown away.
  void watch_client();

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<BodyStream> body_;
  const bool chunked_;
  Ended ended_;
  std::atomic<bool> woken_{false};
  bool writing_ = false;
  bool finishing_ = false;
  bool last_written_ = false;
  std::string outgoing_;
  std::size_t written_ = 0;
  MachineTime moved_at_ = machine_now();
  std::array<char, 512> ignored_{};
};

}  // namespace vigie::http
