// libs: crawler/feeds
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crawler/feeds/feed.h"
#include "platform/result/result.h"
#include "platform/text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto feed = vigie::crawler::feeds::parse_feed(bytes, {}, "http://x.example/feed");
  if (!feed) return 0;
  // What is kept goes into records, which must be valid UTF-8.
  for (const auto& entry : feed->entries) {
    VIGIE_INVARIANT(entry.url.empty() || entry.url.rfind("http", 0) == 0);
    VIGIE_INVARIANT(vigie::text::is_valid_utf8(entry.title) &&
                    vigie::text::is_valid_utf8(entry.summary) &&
                    vigie::text::is_valid_utf8(entry.id));
    for (const auto& author : entry.authors) VIGIE_INVARIANT(vigie::text::is_valid_utf8(author));
  }
  return 0;
}
