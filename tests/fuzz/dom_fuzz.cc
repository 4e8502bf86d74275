// libs: extractor/dom
// The guarded tree: well-formed whatever the bytes, under small budgets too.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "extractor/dom/document.h"

namespace {

void check(const vigie::extractor::dom::Document& document) {
  if (document.nodes.empty() || document.nodes[0].end != document.nodes.size()) std::abort();
  for (std::size_t i = 1; i < document.nodes.size(); ++i) {
    const auto& node = document.nodes[i];
    if (node.parent >= i || node.end <= i || node.end > document.nodes[node.parent].end)
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view page(reinterpret_cast<const char*>(data), size);
  check(vigie::extractor::dom::parse(page));
  vigie::extractor::dom::Limits small;
  small.depth = 4;
  small.tags = 16;
  small.steps = 200;
  small.arena_bytes = 300'000;
  const auto document = vigie::extractor::dom::parse(page, small);
  check(document);
  document.text_of(0);
  return 0;
}
