#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "extractor/tagging/compiled_packs.h"
#include "extractor/tagging/field.h"

namespace vigie::extractor::tagging {

/// What became of an occurrence.
enum class Fate : std::uint8_t {
  kCounts,
  kExcluded,     // overlaps a `not`
  kInsideOther,  // inside a longer name of the same kind
  kRepeat,       // inside a longer term of its tag
  kAlone,  // unsure or short, and nothing makes it sure; or of a topic whose `needs` are not met
};

/// Bytes of a field as it was laid out.
struct Place {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// A place where a rule matches.
struct Occurrence {
  std::uint32_t rule = 0;
  std::uint32_t tag = 0;
  std::uint32_t begin = 0;  // bytes of the field as it was laid out
  std::uint32_t end = 0;
  bool in_title = false;
  Role role = Role::kTerm;
  Fate fate = Fate::kCounts;
  std::uint8_t places_count = 1;
  std::array<Place, 4> places{};  // of its words: one, or one of each part

  std::span<const Place> words() const { return std::span(places).first(places_count); }
};

/// Whether words of one are words of the other; what stands between its parts is not its own.
/// Both are of one field.
bool share_words(const Occurrence& a, const Occurrence& b);
/// Whether all words of `inner` are words of `outer`.
bool holds_words(const Occurrence& outer, const Occurrence& inner);

/// Title and text of an article.
struct Fields {
  Field title;
  Field text;
  const Field& of(const Occurrence& found) const { return found.in_title ? title : text; }
};

/// Every occurrence of every rule that counts, title first, then by place, longer ones before
/// shorter ones that begin there. What an exclusion or a longer name covers has its fate.
std::vector<Occurrence> find_occurrences(const CompiledPacks& packs, const Fields& fields,
                                         const Counting& counting);

}  // namespace vigie::extractor::tagging
