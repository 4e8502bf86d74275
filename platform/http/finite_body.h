#pragma once

#include <memory>

#include "platform/http/http.h"

namespace vigie::http {

/// A body with an end, of which a part alone would be taken for the whole: where it breaks off, or
/// a stop comes in between, the connection is closed without the end of the body.
class FiniteBody {
 public:
  virtual ~FiniteBody() = default;
  /// The next piece; nullopt at the end, or where it breaks off. May take its time; called by one
  /// thread at a time. `stop`: nobody waits for it any longer.
  virtual std::optional<std::string> next(const std::stop_token& stop) = 0;
  /// Whether next() has given all of it.
  virtual bool is_whole() const = 0;
};

/// A stream of the pieces that a thread of its own asks `body` for, two pieces ahead of the client
/// at most. The thread ends with the stream, as soon as next() returns.
std::unique_ptr<BodyStream> produced(std::shared_ptr<FiniteBody> body);

}  // namespace vigie::http
