// libs: indexer/segments
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "indexer/segments/columns.h"
#include "indexer/segments/postings.h"

/// Bytes of a segment as a bad disk may give them: an error, never a crash. The first byte cuts the
/// input into postings and positions.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie::indexer::segments;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const std::size_t cut = static_cast<std::size_t>(data[0]) % bytes.size();
  const std::string first(bytes.substr(1, cut));
  const std::string rest(bytes.substr(std::min(bytes.size(), cut + 1)));
  const auto load = [&rest](std::uint32_t) -> vigie::Result<std::string> { return rest; };
  PostingReader reader;
  if (reader.open(first, load, load)) {
    Postings all;
    if (reader.read(nullptr, all)) {
      for (std::size_t i = 1; i < all.documents.size(); ++i) {
        if (all.documents[i] <= all.documents[i - 1]) std::abort();
      }
    }
    const std::vector<std::uint32_t> documents{0, 1, 5, 100, 10'000};
    std::vector<Positions> positions(documents.size());
    if (!reader.read_positions(documents, positions)) positions.clear();
  }
  if (const auto columns = Columns::decode(bytes); columns && columns->encode() != bytes) {
    if (Columns::decode(columns->encode())->time_unix_ms != columns->time_unix_ms) std::abort();
  }
  if (!FacetColumn::decode(bytes, data[0])) return 0;
  return 0;
}
