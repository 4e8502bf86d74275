// libs: platform/http
// A request target: percent-decoding and the query's parts, with bytes of any kind.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/http/http.h"
#include "platform/http/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vigie::http::Request request;
  if (vigie::http::read_target(text, request))
    VIGIE_INVARIANT(request.path.find('\0') == std::string::npos);
  VIGIE_INVARIANT(vigie::http::percent_decode(text, true).size() <= size);
  VIGIE_INVARIANT(vigie::http::percent_decode(vigie::http::percent_encode(text), false) == text);
  static_cast<void>(vigie::http::accepts_gzip(text));
  return 0;
}
