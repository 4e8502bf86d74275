// libs: crawler/feeds
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crawler/feeds/links.h"
#include "crawler/feeds/sitemap.h"
#include "platform/result/result.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto sitemap = vigie::crawler::feeds::parse_sitemap(bytes)) {
    for (const auto& entry : sitemap->entries) VIGIE_INVARIANT(entry.url.rfind("http", 0) == 0);
  }
  // Section pages are read by the same folder.
  for (const auto& link : vigie::crawler::feeds::outline_page(bytes, "http://x.example/").links)
    vigie::crawler::feeds::article_likeness(link, "http://x.example/");
  return 0;
}
