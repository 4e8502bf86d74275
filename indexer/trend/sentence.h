#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "indexer/trend/judge.h"

namespace vigie::indexer::trend {

/// A part of a day: the articles of one country or one source.
struct Part {
  std::string name;         // for people
  std::uint64_t count = 0;  // on the day
  double usual = 0;         // on such a day
};

/// A judgement as one sentence for people, with what brought it about:
/// "41 in the last 24 hours, usual 2–5: very unusual; mostly China: 36氪 and 人民网".
/// `countries` and `sources` may be in any order; one is named where it stands for a good part of
/// what is more, or missing. Pure.
std::string sentence(const Judgement& judgement, std::uint64_t count,
                     std::span<const Part> countries, std::span<const Part> sources);

}  // namespace vigie::indexer::trend
