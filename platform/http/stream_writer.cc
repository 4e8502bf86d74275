#include "platform/http/stream_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/clock/machine_time.h"
#include "platform/http/finite_body.h"
#include "platform/http/wire.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;

/// How long one wait may keep a stop or a vanished client unnoticed.
constexpr auto kLookInterval = 500ms;

bool send_all(int socket, std::string_view data, std::chrono::milliseconds timeout,
              const std::stop_token& stop) {
  auto deadline = machine_now() + timeout;
  while (!data.empty()) {
    const ssize_t sent = ::send(socket, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      data.remove_prefix(static_cast<std::size_t>(sent));
      deadline = machine_now() + timeout;
      continue;
    }
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return false;
    if (stop.stop_requested() || machine_now() >= deadline) return false;
    pollfd waiting{socket, POLLOUT, 0};
    ::poll(&waiting, 1, static_cast<int>(kLookInterval.count()));
  }
  return true;
}

/// Closed, half-closed or broken. Bytes that the client sends meanwhile are thrown away.
bool client_is_gone(int socket) {
  std::array<char, 4096> ignored{};
  for (;;) {
    const ssize_t got = ::recv(socket, ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (got == 0) return true;
    if (got < 0) return errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
    if (static_cast<std::size_t>(got) < ignored.size()) return false;
  }
}

}  // namespace

OwnedSocket::~OwnedSocket() {
  if (number_ >= 0) ::close(number_);
}

void write_stream(const OwnedSocket& socket, const std::string& head, BodyStream& body,
                  bool chunked, std::chrono::milliseconds write_timeout,
                  const std::stop_token& stop) {
  if (!send_all(socket.number(), head, write_timeout, stop)) return;
  while (!stop.stop_requested()) {
    const std::optional<std::string> piece = body.next(kLookInterval, stop);
    if (!piece) break;
    if (client_is_gone(socket.number())) return;
    if (piece->empty()) continue;  // an empty chunk would end the body
    if (!send_all(socket.number(), chunked ? chunk_of(*piece) : *piece, write_timeout, stop))
      return;
  }
  const auto* const finite = dynamic_cast<const FiniteBody*>(&body);
  if (finite != nullptr && !finite->is_whole()) return;
  if (chunked) send_all(socket.number(), "0\r\n\r\n", kLookInterval, stop);
  ::shutdown(socket.number(), SHUT_WR);
}

}  // namespace vigie::http
