#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The signs of the query language in the forms that keyboards and input methods give them. Private
/// to indexer/query.
namespace vigie::indexer::query {

enum class Sign : std::uint8_t {
  kNone,
  kSpace,
  kInvisible,  // marks of direction, joiners, a byte order mark
  kOpen,       // ( （ ﹙ …
  kClose,      // ) ） ﹚ …
  kMinus,      // - and every hyphen, dash and minus
  kStar,       // * ＊ …
  kColon,      // : ： …
  kEquals,     // = ＝
  kQuote,      // opens or closes a phrase
  kBar,        // | ｜: OR in other languages
  kBang,       // ! ！: NOT in other languages
  kBracket,    // [ ] { } and their kin: groups in other languages
};

struct SignAt {
  Sign sign = Sign::kNone;
  std::size_t length = 0;  // bytes of the character, whatever it is; 0 at the end
  char32_t character = 0;
};

/// What stands at a byte of valid UTF-8. Apostrophes are no quotation marks here.
SignAt sign_at(std::string_view text, std::size_t at);

/// Whether a quotation mark can begin a phrase.
bool opens_phrase(char32_t mark);
/// Whether `mark` ends the phrase that `opening` began.
bool closes_phrase(char32_t opening, char32_t mark);

/// ‘ ’ ‚ ' ＇: quotation marks at the edge of a word, else apostrophes.
bool is_single_quote(char32_t mark);

/// Full-width letters and digits as those of ASCII.
std::string half_width(std::string_view text);
/// The value of a filter as ASCII writes it: half width, and the forms of - : * as these.
std::string plain_value(std::string_view text);

}  // namespace vigie::indexer::query
