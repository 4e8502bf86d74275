// libs: platform/charset platform/text
// First line of the input: Content-Type; the rest: the body. Always valid UTF-8.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "platform/charset/charset.h"
#include "platform/text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const std::string_view type =
      line == std::string_view::npos ? std::string_view{} : input.substr(0, line);
  const std::string_view body = line == std::string_view::npos ? input : input.substr(line + 1);
  const auto decoded = vigie::charset::decode(body, type);
  if (!vigie::text::is_valid_utf8(decoded.text) || decoded.charset.empty()) std::abort();
  return 0;
}
