// libs: extractor records
// Whole extraction of a hostile page: never crashes, a record that every reader can parse, the same
// twice (looked at for a quarter of the inputs, since it costs as much again).
#include <cstdint>
#include <cstdlib>

#include "extractor/extract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vigie::v1::PageRecord page;
  page.set_final_url("https://www.example.com/a/b");
  page.set_body(data, size);
  const auto one = vigie::extractor::extract(page);
  if (size % 4 == 0) {
    const auto two = vigie::extractor::extract(page);
    if (one.has_value() != two.has_value()) std::abort();
    if (one && one->SerializeAsString() != two->SerializeAsString()) std::abort();
  }
  if (!one) return 0;
  if (one->text().empty() || one->article_id().size() != 26) std::abort();
  // Parsing refuses text that is not UTF-8, in every field.
  vigie::v1::ArticleRecord again;
  if (!again.ParseFromString(one->SerializeAsString())) std::abort();
  return 0;
}
