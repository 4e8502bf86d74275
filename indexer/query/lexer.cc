#include "indexer/query/lexer.h"

#include <array>
#include <charconv>
#include <optional>

#include "indexer/query/filter.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::query {
namespace {

// A phone writes typographic quotation marks; a phrase may begin and end with any of these.
constexpr std::array<std::string_view, 5> kQuotes{"\"", "\xE2\x80\x9C", "\xE2\x80\x9D",
                                                  "\xE2\x80\x9E", "\xEF\xBC\x82"};
constexpr std::uint32_t kMaxNear = 100;

using text::ascii::is_letter;

class Lexer {
 public:
  explicit Lexer(std::string_view query) : query_(query) {}

  tl::expected<std::vector<Lexeme>, SyntaxError> run() {
    for (skip_space(); at_ < query_.size() && !error_; skip_space()) step();
    if (error_) return tl::make_unexpected(*error_);
    push(Lexeme::Kind::kEnd, {}, query_.size(), query_.size());
    return std::move(lexemes_);
  }

 private:
  void step() {
    const char c = query_[at_];
    if (c == '(' || c == ')') {
      push(c == '(' ? Lexeme::Kind::kOpen : Lexeme::Kind::kClose, {}, at_, at_ + 1);
      ++at_;
    } else if (const std::size_t quote = quote_at(at_); quote > 0) {
      phrase(quote);
    } else if (c == '-' && begins_operand(at_ + 1)) {
      push(Lexeme::Kind::kNot, {}, at_, at_ + 1);
      ++at_;
    } else {
      word();
    }
  }

  void phrase(std::size_t quote) {
    const std::size_t begin = at_;
    std::size_t end = at_ + quote;
    while (end < query_.size() && quote_at(end) == 0) ++end;
    if (end >= query_.size())
      return fail("a closing quotation mark for the phrase that begins here", begin);
    const std::size_t close = quote_at(end);
    push(Lexeme::Kind::kPhrase, query_.substr(begin + quote, end - begin - quote), begin,
         end + close);
    at_ = end + close;
  }

  void word() {
    const std::size_t begin = at_;
    if (field()) return;
    std::size_t end = begin;
    while (!ends_word(end)) ++end;
    const std::string_view typed = query_.substr(begin, end - begin);
    at_ = end;
    if (const auto operation = operator_of(typed)) return push(*operation, {}, begin, end);
    if (typed == "NEAR" || typed.starts_with("NEAR/")) return near(typed, begin, end);
    if (typed.size() > 1 && typed[0] == '=')
      return push(Lexeme::Kind::kExact, typed.substr(1), begin, end);
    if (typed == "=") return fail("a word right after =", begin);
    const std::size_t star = typed.find('*');
    if (star == std::string_view::npos) return push(Lexeme::Kind::kWord, typed, begin, end);
    if (star + 1 != typed.size() || star == 0)
      return fail("* only at the end of a word, as in semicond*", begin + star);
    push(Lexeme::Kind::kPrefix, typed.substr(0, star), begin, end);
  }

  /// `name:`; true if it was one, or an error.
  bool field() {
    std::size_t colon = at_;
    while (colon < query_.size() && is_letter(query_[colon])) ++colon;
    if (colon == at_ || colon >= query_.size() || query_[colon] != ':') return false;
    const std::string name = text::ascii_lower(query_.substr(at_, colon - at_));
    const bool title = name == "title";
    if (!title && !filter_named(name)) {
      fail("one of " + std::string(known_fields()) + " before ':'; put quotation marks around \"" +
               name + ":…\" to search for the words",
           at_);
      return true;
    }
    push(Lexeme::Kind::kField, query_.substr(at_, colon - at_), at_, colon + 1);
    at_ = colon + 1;
    if (!title) value();
    return true;
  }

  void value() {
    const std::size_t begin = at_;
    if (at_ < query_.size()) {
      if (const std::size_t quote = quote_at(at_); quote > 0) {
        phrase(quote);
        if (!error_) lexemes_.back().kind = Lexeme::Kind::kValue;
        return;
      }
    }
    std::size_t end = begin;
    while (!ends_word(end)) ++end;
    push(Lexeme::Kind::kValue, query_.substr(begin, end - begin), begin, end);
    at_ = end;
  }

  void near(std::string_view typed, std::size_t begin, std::size_t end) {
    std::uint32_t distance = 0;
    const std::string_view number = typed.substr(typed.size() > 4 ? 5 : 4);
    const auto [stop, problem] =
        std::from_chars(number.data(), number.data() + number.size(), distance);
    if (problem != std::errc() || stop != number.data() + number.size() || distance < 1 ||
        distance > kMaxNear) {
      return fail("NEAR/ and a number of words from 1 to 100, as in chips NEAR/5 export", begin);
    }
    push(Lexeme::Kind::kNear, {}, begin, end);
    lexemes_.back().distance = distance;
  }

  static std::optional<Lexeme::Kind> operator_of(std::string_view typed) {
    if (typed == "AND") return Lexeme::Kind::kAnd;
    if (typed == "OR") return Lexeme::Kind::kOr;
    if (typed == "NOT") return Lexeme::Kind::kNot;
    return std::nullopt;
  }

  std::size_t quote_at(std::size_t at) const {
    for (std::string_view quote : kQuotes) {
      if (query_.substr(at).starts_with(quote)) return quote.size();
    }
    return 0;
  }

  /// Length of the white space at `at`.
  std::size_t space_at(std::size_t at) const {
    const auto byte = static_cast<unsigned char>(query_[at]);
    if (byte <= 0x20 || byte == 0x7F) return 1;
    if (byte < 0x80) return 0;
    std::size_t next = at;
    const char32_t c = text::next_code_point(query_, next);
    const bool space = c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
                       c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
    return space ? next - at : 0;
  }

  /// Something stands right there that a '-' before it can negate.
  bool begins_operand(std::size_t at) const {
    return at < query_.size() && query_[at] != ')' && space_at(at) == 0;
  }

  bool ends_word(std::size_t at) const {
    if (at >= query_.size()) return true;
    const char c = query_[at];
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) return false;  // inside a character
    return c == '(' || c == ')' || quote_at(at) > 0 || space_at(at) > 0;
  }

  void skip_space() {
    while (at_ < query_.size()) {
      const std::size_t space = space_at(at_);
      if (space == 0) return;
      at_ += space;
    }
  }

  void push(Lexeme::Kind kind, std::string_view text, std::size_t begin, std::size_t end) {
    Lexeme lexeme;
    lexeme.kind = kind;
    lexeme.text = text;
    lexeme.begin = static_cast<std::uint32_t>(begin);
    lexeme.end = static_cast<std::uint32_t>(end);
    lexemes_.push_back(lexeme);
  }

  void fail(std::string expected, std::size_t offset) {
    error_ = SyntaxError{std::move(expected), offset};
  }

  std::string_view query_;
  std::size_t at_ = 0;
  std::vector<Lexeme> lexemes_;
  std::optional<SyntaxError> error_;
};

}  // namespace

tl::expected<std::vector<Lexeme>, SyntaxError> lex(std::string_view query) {
  return Lexer(query).run();
}

}  // namespace vigie::indexer::query
