// libs: indexer/query
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "indexer/query/query.h"

namespace {

using vigie::indexer::query::Node;
using vigie::indexer::query::Query;

void require(bool holds) {
  if (!holds) std::abort();
}

bool same_tree(const Query& a, const Query& b) {
  if (a.nodes.size() != b.nodes.size()) return false;
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    const Node& x = a.nodes[i];
    const Node& y = b.nodes[i];
    if (x.kind != y.kind || x.scope != y.scope || x.children != y.children ||
        x.prefix != y.prefix || x.distance != y.distance || x.filter != y.filter ||
        x.value != y.value || x.value_ms != y.value_ms || x.words.size() != y.words.size()) {
      return false;
    }
    for (std::size_t w = 0; w < x.words.size(); ++w) {
      if (x.words[w].forms != y.words[w].forms || x.words[w].exact != y.words[w].exact)
        return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t offset = 0;
  const auto query =
      vigie::indexer::query::parse(text, vigie::indexer::query::Use::kSearch, {}, &offset);
  if (!query) {
    require(offset <= text.size());
    return 0;
  }
  for (std::size_t i = 0; i < query->nodes.size(); ++i) {
    for (const std::uint32_t child : query->nodes[i].children) require(child < i);
    require(query->nodes[i].begin <= query->nodes[i].end && query->nodes[i].end <= text.size());
  }
  const std::string canonical = query->canonical();
  vigie::indexer::query::QueryLimits wide;
  wide.bytes *= 4;  // one spelling may be longer than another
  const auto again =
      vigie::indexer::query::parse(canonical, vigie::indexer::query::Use::kSearch, wide);
  require(again.has_value());
  require(same_tree(*query, *again));
  return 0;
}
