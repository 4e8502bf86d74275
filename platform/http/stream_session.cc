#include "platform/http/stream_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

#include "platform/http/wire.h"
#include "platform/logging/logging.h"

namespace vigie::http {

namespace asio = boost::asio;

StreamSession::StreamSession(asio::ip::tcp::socket socket, std::unique_ptr<BodyStream> body,
                             bool chunked, Ended ended)
    : socket_(std::move(socket)),
      body_(std::move(body)),
      chunked_(chunked),
      ended_(std::move(ended)) {}

void StreamSession::start(std::string head) {
  body_->on_ready([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->wake();
  });
  watch_client();
  write(std::move(head));
}

void StreamSession::wake() {
  // One look is enough for all that came before it.
  if (woken_.exchange(true)) return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->pump(); });
}

void StreamSession::pump() {
  woken_ = false;
  if (writing_ || !socket_.is_open()) return;
  if (last_written_) return close();
  std::optional<std::string> piece;
  if (!finishing_) {
    try {
      piece = body_->take();
    } catch (const std::exception& exception) {
      logging::error("http stream failed", {{"exception", exception.what()}});
      return close();
    }
  }
  if (!piece) {
    last_written_ = true;
    if (!chunked_ || !body_->is_whole()) return close();
    return write("0\r\n\r\n");
  }
  if (piece->empty()) return;  // an empty chunk would end the body
  write(chunked_ ? chunk_of(*piece) : std::move(*piece));
}

void StreamSession::write(std::string bytes) {
  outgoing_ = std::move(bytes);
  written_ = 0;
  writing_ = true;
  moved_at_ = machine_now();
  write_some();
}

void StreamSession::write_some() {
  socket_.async_write_some(asio::buffer(outgoing_.data() + written_, outgoing_.size() - written_),
                           [self = shared_from_this()](ErrorCode error, std::size_t bytes) {
                             if (error) return self->close();
                             self->moved_at_ = machine_now();
                             self->written_ += bytes;
                             if (self->written_ < self->outgoing_.size()) return self->write_some();
                             self->outgoing_ = {};
                             self->writing_ = false;
                             self->pump();
                           });
}

void StreamSession::watch_client() {
  socket_.async_read_some(asio::buffer(ignored_),
                          [self = shared_from_this()](ErrorCode error, std::size_t) {
                            if (error) return self->close();
                            self->watch_client();
                          });
}

void StreamSession::finish() {
  finishing_ = true;
  pump();
}

void StreamSession::close_if_stuck_since(MachineTime moment) {
  if (writing_ && moved_at_ <= moment) close();
}

void StreamSession::close() {
  if (!socket_.is_open()) return;
  ErrorCode ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  socket_.close(ignored);
  body_.reset();
  ended_(shared_from_this());
}

}  // namespace vigie::http
