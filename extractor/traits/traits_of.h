#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/traits/traits.h"

namespace vigie::v1 {
class ArticleRecord;
}

namespace vigie::extractor::traits {

/// The traits of a tagged article, encoded (platform/traits): its actors and topics; the numbers,
/// dates and names of its title and of the beginning of its text, which tells what happened. A word
/// that an actor or topic was found by is not a name or word as well. Title and text must be valid
/// UTF-8. Pure, linear.
std::string traits_of(const v1::ArticleRecord& article);

/// A trait as it was read, for tests and explanations.
struct Read {
  vigie::traits::Kind kind;
  std::string text;       // "4.52e+11", "03-14", "2027-12", "asml"
  std::size_t begin = 0;  // bytes of the text, of its first place
};
/// Numbers, dates, names and words of a text, each once, in order. Years and small whole numbers
/// without a word behind them ("three firms") say nothing and are left out.
std::vector<Read> read(std::string_view utf8);

}  // namespace vigie::extractor::traits
