#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/query/query.h"
#include "platform/result/result.h"

/// Query text → lexemes. Knows quotation marks, operators and fields; knows nothing of what they
/// mean together.
namespace vigie::indexer::query {

struct Lexeme {
  enum class Kind : std::uint8_t {
    kWord,    // text as typed
    kExact,   // text after '='
    kPrefix,  // text before '*'
    kPhrase,  // text between quotation marks
    // text: the name before ':', what follows is the next lexeme (a value or, for title, an
    // operand)
    kField,
    kValue,  // text: value of a filter
    kOpen,
    kClose,
    kAnd,
    kOr,
    kNot,   // NOT, or '-' before a word
    kNear,  // distance
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string_view text;
  std::optional<Filter> field = {};  // of kField; empty: title
  std::uint32_t distance = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What is wrong and where, in bytes of the query.
struct SyntaxError {
  std::string expected;
  std::size_t offset = 0;
};

struct Lexed {
  std::vector<Lexeme> lexemes;  // the last one is kEnd
  std::vector<Hint> hints;
};
/// In: valid UTF-8. Every form of a sign (signs.h) is that sign; what is a sign in other query
/// languages alone (|, !, ~) is an error. Linear, no recursion.
tl::expected<Lexed, SyntaxError> lex(std::string_view query);

}  // namespace vigie::indexer::query
