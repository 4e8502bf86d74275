// libs: platform/url
// A URL from anywhere, alone and against a base: parsing ends, the serialised form parses to
// itself, the normalised form is stable.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/url/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  const auto base = vigie::url::parse(text.substr(0, line));
  if (line != std::string_view::npos) text.remove_prefix(line + 1);
  const auto url = vigie::url::parse(text, base ? &*base : nullptr);
  if (!url) return 0;
  const std::string href = url->href();
  if (const auto again = vigie::url::parse(href)) {
    VIGIE_INVARIANT(again->href() == href);
  } else {
    VIGIE_INVARIANT(href.size() > 16 * 1024);  // percent-encoding made it too long
  }
  if (const auto once = vigie::url::normalise(*url)) {
    if (const auto twice = vigie::url::normalise(*once)) {
      VIGIE_INVARIANT(*twice == *once);
    } else {
      VIGIE_INVARIANT(once->size() > 16 * 1024);
    }
    static_cast<void>(vigie::url::registrable_domain(*url->host));
  }
  return 0;
}
