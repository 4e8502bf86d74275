// libs: extractor/traits platform/result platform/text platform/traits records
// Text of strangers: numbers, dates, names and words are read in bounded time, each once, and stand
// in the text; what is encoded is decoded.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "extractor/traits/traits_of.h"
#include "platform/result/result.h"
#include "platform/text/utf8.h"
#include "platform/traits/traits.h"
#include "proto/article.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string text = vigie::text::to_valid_utf8(bytes);
  std::set<std::pair<vigie::traits::Kind, std::string>> seen;
  for (const auto& one : vigie::extractor::traits::read(text)) {
    VIGIE_INVARIANT(!one.text.empty() && one.begin <= text.size());
    VIGIE_INVARIANT(seen.emplace(one.kind, one.text).second);
  }
  vigie::v1::ArticleRecord article;
  article.set_text(text);
  VIGIE_INVARIANT(vigie::traits::decode(vigie::extractor::traits::traits_of(article)).has_value());
  vigie::traits::decode(bytes);
  return 0;
}
