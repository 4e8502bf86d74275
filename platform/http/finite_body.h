#pragma once

#include "platform/http/http.h"

namespace vigie::http {

/// A body with an end, of which a part alone would be taken for the whole: where it breaks off, or
/// a stop comes in between, the connection is closed without the end of the body.
class FiniteBody : public BodyStream {
 public:
  /// Whether next() has given all of it.
  virtual bool is_whole() const = 0;
};

}  // namespace vigie::http
