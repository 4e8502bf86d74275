// libs: extractor/metadata extractor/dom
// JSON-LD of the wild; the whole metadata of a page that holds it for a quarter of the inputs,
// since that costs three times as much.
#include <cstdint>
#include <string>

#include "extractor/dom/document.h"
#include "extractor/metadata/json_ld.h"
#include "extractor/metadata/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string page =
      "<title>A headline of a page</title><script type=\"application/ld+json\">" +
      std::string(reinterpret_cast<const char*>(data), size) + "</script><p>text</p>";
  const auto document = vigie::extractor::dom::parse(page);
  vigie::extractor::metadata::read_json_ld(document);
  if (size % 4 == 0) vigie::extractor::metadata::read(document, {"https://www.example.com/a", {}});
  return 0;
}
