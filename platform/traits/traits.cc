#include "platform/traits/traits.h"

#include <algorithm>
#include <unordered_set>

namespace vigie::traits {
namespace {

constexpr std::uint32_t kHashBits = 29;
constexpr std::uint32_t kHashMask = (1U << kHashBits) - 1;

/// FNV-1a, 64 bits, its halves joined.
std::uint32_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

}  // namespace

Trait make(Kind kind, std::string_view text) {
  // 0 is none, so the first kind begins at 1.
  return ((static_cast<std::uint32_t>(kind) + 1) << kHashBits) | (hash_of(text) & kHashMask);
}

Kind kind_of(Trait trait) { return static_cast<Kind>((trait >> kHashBits) - 1); }

std::string encode(std::vector<Trait> traits) {
  std::unordered_set<Trait> seen;
  std::erase_if(traits, [&](Trait trait) { return !seen.insert(trait).second; });
  if (traits.size() > kMaxTraits) traits.resize(kMaxTraits);
  std::sort(traits.begin(), traits.end());
  std::string out;
  for (const Trait trait : traits) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((trait >> shift) & 0xFF);
  }
  return out;
}

std::optional<std::vector<Trait>> decode(std::string_view bytes) {
  if (bytes.size() % 4 != 0 || bytes.size() > kMaxTraits * 4) return std::nullopt;
  std::vector<Trait> out;
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    Trait trait = 0;
    for (std::size_t i = 0; i < 4; ++i)
      trait = (trait << 8) | static_cast<unsigned char>(bytes[at + i]);
    const std::uint32_t kind = trait >> kHashBits;
    if (kind == 0 || kind > kKinds || (!out.empty() && trait <= out.back())) return std::nullopt;
    out.push_back(trait);
  }
  return out;
}

}  // namespace vigie::traits
