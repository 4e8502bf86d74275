#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "platform/http/http.h"

namespace vigie::http {

/// A connected socket that is handed over by its number; closed at the end.
class OwnedSocket {
 public:
  explicit OwnedSocket(int number) : number_(number) {}
  ~OwnedSocket();
  OwnedSocket(OwnedSocket&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  OwnedSocket(const OwnedSocket&) = delete;
  OwnedSocket& operator=(const OwnedSocket&) = delete;
  OwnedSocket& operator=(OwnedSocket&&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

/// Writes `head`, then each piece of `body` as it comes, until the end, a stop, or the client is
/// gone (closed, half-closed or not reading for `write_timeout`). Blocks: for a thread of its own.
/// A stop ends the body properly, so that the client knows it is whole; but not a FiniteBody that
/// is not.
void write_stream(const OwnedSocket& socket, const std::string& head, BodyStream& body,
                  bool chunked, std::chrono::milliseconds write_timeout,
                  const std::stop_token& stop);

}  // namespace vigie::http
