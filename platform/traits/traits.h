#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What an article says of a happening, whatever its language: made by the extractor, compared by
/// whoever links articles on one event.
namespace vigie::traits {

enum class Kind : std::uint8_t {
  kActor,   // id of an actor
  kTopic,   // id of a topic
  kNumber,  // value, with million, 万 … applied
  kDate,    // month and day, or month and year
  kName,    // a word in Latin letters that stands as a name
  kWord,    // another word of an alphabet
};
inline constexpr std::size_t kKinds = 6;

/// A kind and 29 bits of a hash. 0 is none.
using Trait = std::uint32_t;

inline constexpr std::size_t kMaxTraits = 160;  // of one article

/// Pure; the same on every machine.
Trait make(Kind kind, std::string_view text);
/// Of make.
Kind kind_of(Trait trait);

/// Sorted, without repeats, at most kMaxTraits (the first given are kept), four bytes each.
std::string encode(std::vector<Trait> traits);
/// Ascending. Nothing for bytes that encode() cannot have made.
std::optional<std::vector<Trait>> decode(std::string_view bytes);

}  // namespace vigie::traits
