// libs: indexer/segments
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/segments/columns.h"
#include "indexer/segments/postings.h"
#include "indexer/segments/terms.h"

/// Bytes of a segment as a bad disk may give them: an error, never a crash. The first byte cuts the
/// input into a term and what it refers to.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie::indexer::segments;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const std::size_t cut = static_cast<std::size_t>(data[0]) % bytes.size();
  const std::string_view term = bytes.substr(1, cut);
  const std::string_view rest = bytes.substr(std::min(bytes.size(), cut + 1));
  std::vector<Block> blocks(rest.size() / sizeof(Block));
  if (!blocks.empty()) std::memcpy(blocks.data(), rest.data(), blocks.size() * sizeof(Block));
  std::vector<std::uint64_t> packed(rest.size() / sizeof(std::uint64_t) + 1);
  std::memcpy(packed.data(), rest.data(), rest.size());
  const ListPlace place{{reinterpret_cast<const char*>(packed.data()), rest.size()},
                        rest,
                        blocks.data(),
                        blocks.size(),
                        100'000};
  if (const auto list = decode_list(term, static_cast<ListKind>(data[0] % 3), place)) {
    Unpacked part;
    List::PositionReader reader;
    for (std::uint32_t i = 0; i < list->parts(); ++i) {
      if (!list->unpack_documents(i, part)) break;
      for (std::uint32_t j = 0; j < part.count; ++j) {
        if (part.documents[j] >= 100'000) std::abort();
        if (j > 0 && part.documents[j] < part.documents[j - 1]) std::abort();
      }
      if (!list->unpack_frequencies(i, part) || !reader.open(*list, i, part)) break;
      Positions positions;
      for (std::uint32_t j = 0; j < part.count; ++j) reader.read(j, positions);
    }
  }
  StemEntry stem;
  if (decode_stem(term, 1'000, true, stem)) {
    for (const StemGroup& group : stem.groups) {
      for (std::uint32_t word : group.terms) {
        if (word >= 1'000) std::abort();
      }
    }
  }
  if (blocks.size() > 4) {
    const auto* numbers = reinterpret_cast<const std::uint32_t*>(packed.data());
    const Terms terms(term, {numbers, 5}, {numbers + 5, 4}, data[0]);
    if (terms.find("key") && terms.key(*terms.find("key")) != "key") std::abort();
    if (terms.lower_bound("key") > terms.size()) std::abort();
  }
  if (!FacetColumn::decode(bytes, data[0])) return 0;
  return 0;
}
