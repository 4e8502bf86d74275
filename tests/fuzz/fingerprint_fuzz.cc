// libs: platform/fingerprint
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "platform/fingerprint/fingerprint.h"

// Two fingerprints of any bytes, and one made of the bytes as shingles: compare is total, symmetric
// and in range; what make made is a copy of itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fingerprint = vigie::fingerprint;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view a = bytes.substr(0, size / 2);
  const std::string_view b = bytes.substr(size / 2);
  const fingerprint::Similarity one = fingerprint::compare(a, b);
  const fingerprint::Similarity other = fingerprint::compare(b, a);
  if (one.jaccard != other.jaccard || one.jaccard < 0 || one.jaccard > 1 || one.containment < 0 ||
      one.containment > 1)
    std::abort();
  if (fingerprint::lookup_keys(bytes).size() > 255) std::abort();

  std::vector<std::uint64_t> shingles(size / 8);
  if (!shingles.empty()) std::memcpy(shingles.data(), data, shingles.size() * 8);
  for (std::uint64_t i = 0; i < 20; ++i) shingles.push_back(i);
  const fingerprint::Fingerprint made = fingerprint::make(shingles);
  if (made.size() < fingerprint::kMinBytes || made.size() > fingerprint::kMaxBytes) std::abort();
  if (fingerprint::compare(made, made).jaccard != 1.0 || fingerprint::lookup_keys(made).empty())
    std::abort();
  (void)fingerprint::compare(made, bytes);
  return 0;
}
