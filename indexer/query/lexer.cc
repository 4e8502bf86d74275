#include "indexer/query/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "indexer/query/filter.h"
#include "indexer/query/habits.h"
#include "indexer/query/signs.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::query {
namespace {

constexpr std::uint32_t kMaxNear = 100;

/// Whether a letter, a digit or a character beyond ASCII that is no sign stands there.
bool is_word_at(std::string_view text, std::size_t at) {
  const SignAt here = sign_at(text, at);
  if (here.length == 0 || here.sign != Sign::kNone) return false;
  return here.length > 1 ? here.character > 0xBF && !is_single_quote(here.character)
                         : text::ascii::is_alphanumeric(text[at]);
}

class Lexer {
 public:
  explicit Lexer(std::string_view query) : query_(query) {}

  tl::expected<Lexed, SyntaxError> run() {
    for (skip_space(); at_ < query_.size() && !error_; skip_space()) step();
    if (!error_) check_brackets();
    if (error_) return tl::make_unexpected(*error_);
    push(Lexeme::Kind::kEnd, {}, query_.size(), query_.size());
    Lexed out{std::move(lexemes_), {}};
    out.hints = hints_of_habit(query_, out.lexemes);
    return out;
  }

 private:
  void step() {
    const SignAt here = sign_at(query_, at_);
    if (here.sign == Sign::kOpen || here.sign == Sign::kClose) {
      push(here.sign == Sign::kOpen ? Lexeme::Kind::kOpen : Lexeme::Kind::kClose, {}, at_,
           at_ + here.length);
      at_ += here.length;
    } else if (here.sign == Sign::kQuote) {
      phrase(here);
    } else if (is_single_quote(here.character) && single_phrase(here)) {
      return;
    } else if (here.sign == Sign::kMinus && begins_operand(at_ + here.length)) {
      minus(here);
    } else if (here.sign == Sign::kBang && is_word_at(query_, at_ + here.length)) {
      fail("- or NOT before what is to be left out; ! means nothing here", at_);
    } else {
      word();
    }
  }

  void minus(const SignAt& here) {
    const SignAt next = sign_at(query_, at_ + here.length);
    if (next.sign == Sign::kMinus && begins_operand(at_ + here.length + next.length)) {
      return fail(
          "one - before what is to be left out; put quotation marks around \"--word\" to "
          "search for the word",
          at_);
    }
    if (!lexemes_.empty() && lexemes_.back().end == at_ && ends_operand(lexemes_.back().kind)) {
      return fail(
          "a space before -, if what follows is to be left out; else put all of it into "
          "quotation marks",
          at_);
    }
    push(Lexeme::Kind::kNot, {}, at_, at_ + here.length);
    at_ += here.length;
  }

  static bool ends_operand(Lexeme::Kind kind) {
    return kind == Lexeme::Kind::kPhrase || kind == Lexeme::Kind::kValue ||
           kind == Lexeme::Kind::kClose || kind == Lexeme::Kind::kPrefix;
  }

  /// The end of the phrase that begins with `opening` at `begin`: where its closing mark stands;
  /// npos: nowhere.
  std::size_t phrase_end(const SignAt& opening, std::size_t begin) const {
    const bool single = is_single_quote(opening.character);
    char32_t before = opening.character;
    for (std::size_t at = begin + opening.length; at < query_.size();) {
      const SignAt here = sign_at(query_, at);
      // An apostrophe inside a word, or before one, closes nothing.
      const bool closes = closes_phrase(opening.character, here.character) &&
                          !(single && (is_word_at(query_, at + here.length) || before == ' '));
      if (closes) return at;
      before = here.sign == Sign::kSpace ? U' ' : here.character;
      at += here.length;
    }
    return std::string_view::npos;
  }

  void phrase(const SignAt& opening) {
    const std::size_t begin = at_;
    if (!opens_phrase(opening.character))
      return fail("an opening quotation mark for this one", begin);
    const std::size_t end = phrase_end(opening, begin);
    if (end == std::string_view::npos)
      return fail("a closing quotation mark for the phrase that begins here", begin);
    close_phrase(opening, begin, end);
  }

  void close_phrase(const SignAt& opening, std::size_t begin, std::size_t end) {
    for (std::size_t at = begin + opening.length; at < end;) {
      const SignAt here = sign_at(query_, at);
      at += here.length;
      if (here.sign != Sign::kNone) continue;
      if (is_word_at(query_, at - here.length) && sign_at(query_, at).sign == Sign::kStar)
        return fail(
            "no * inside a phrase; write the words with NEAR/1 between, as in export* "
            "NEAR/1 control*",
            at);
    }
    const SignAt closing = sign_at(query_, end);
    push(Lexeme::Kind::kPhrase, query_.substr(begin + opening.length, end - begin - opening.length),
         begin, end + closing.length);
    at_ = end + closing.length;
  }

  /// ‘export controls’; false where the mark is an apostrophe.
  bool single_phrase(const SignAt& opening) {
    const std::size_t end = phrase_end(opening, at_);
    const bool low = opening.character == U'‚';
    if (end == std::string_view::npos && low) {
      fail("a closing quotation mark for the phrase that begins here", at_);
      return true;
    }
    if (end == std::string_view::npos || end == at_ + opening.length) return false;
    close_phrase(opening, at_, end);
    return true;
  }

  void word() {
    const std::size_t begin = at_;
    if (field()) return;
    std::size_t end = begin;
    while (!ends_word(end)) end += sign_at(query_, end).length;
    const std::string_view typed = query_.substr(begin, end - begin);
    at_ = end;
    const bool behind_phrase = !lexemes_.empty() && lexemes_.back().end == begin &&
                               lexemes_.back().kind == Lexeme::Kind::kPhrase;
    if (auto foreign = foreign_sign(typed, behind_phrase))
      return fail(std::move(foreign->expected), begin + foreign->offset);
    const std::string plain = half_width(typed);
    if (const auto operation = operator_of(plain)) return push(*operation, {}, begin, end);
    if (plain == "NEAR" || plain.starts_with("NEAR/")) return near(plain, begin, end);
    note_bracket(typed, begin);
    if (glued_minus(typed, end)) return;
    const SignAt first = sign_at(typed, 0);
    const std::size_t star = star_in(typed);
    if (first.sign == Sign::kEquals) {
      if (typed.size() == first.length) return fail("a word right after =", begin);
      if (star != std::string_view::npos) return fail("a word without * after =", begin + star);
      return push(Lexeme::Kind::kExact, typed.substr(first.length), begin, end);
    }
    if (star == std::string_view::npos) return push(Lexeme::Kind::kWord, typed, begin, end);
    if (star + sign_at(typed, star).length != typed.size() || star == 0)
      return fail("* only at the end of a word, as in semicond*", begin + star);
    push(Lexeme::Kind::kPrefix, typed.substr(0, star), begin, end);
  }

  static std::size_t star_in(std::string_view typed) {
    for (std::size_t at = 0; at < typed.size(); at += sign_at(typed, at).length) {
      if (sign_at(typed, at).sign == Sign::kStar) return at;
    }
    return std::string_view::npos;
  }

  /// chips-(export): whether the hyphen joins or excludes nobody can tell.
  bool glued_minus(std::string_view typed, std::size_t end) {
    const SignAt next = sign_at(query_, end);
    if (next.sign != Sign::kOpen && next.sign != Sign::kQuote) return false;
    std::size_t last = typed.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(typed[last]) & 0xC0) == 0x80) --last;
    if (last == 0 || sign_at(typed, last).sign != Sign::kMinus) return false;
    fail("a space before -, if what follows is to be left out, or one behind it",
         end - (typed.size() - last));
    return true;
  }

  /// `name:`; true if it was one, or an error.
  bool field() {
    std::size_t colon = at_;
    while (colon < query_.size()) {
      const SignAt here = sign_at(query_, colon);
      const bool letter = here.length == 1 ? text::ascii::is_letter(query_[colon])
                                           : here.character >= U'Ａ' && here.character <= U'ｚ';
      if (!letter) break;
      colon += here.length;
    }
    const SignAt sign = sign_at(query_, colon);
    if (colon == at_ || sign.sign != Sign::kColon) return false;
    const std::string name = text::ascii_lower(half_width(query_.substr(at_, colon - at_)));
    const bool title = name == "title";
    if (!title && !filter_named(name)) {
      fail(unknown_field(name, query_.substr(colon + sign.length)), at_);
      return true;
    }
    push(Lexeme::Kind::kField, query_.substr(at_, colon - at_), at_, colon + sign.length);
    lexemes_.back().field = title ? std::nullopt : filter_named(name);
    at_ = colon + sign.length;
    if (!title) value();
    return true;
  }

  void value() {
    const std::size_t begin = at_;
    const SignAt opening = sign_at(query_, at_);
    const bool single = is_single_quote(opening.character);
    if (opening.sign == Sign::kQuote || (single && phrase_end(opening, at_) != query_.npos)) {
      phrase(opening);
      if (!error_) lexemes_.back().kind = Lexeme::Kind::kValue;
      return;
    }
    std::size_t end = begin;
    while (!ends_word(end)) end += sign_at(query_, end).length;
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

  void note_bracket(std::string_view typed, std::size_t begin) {
    if (bracket_) return;
    std::size_t last = typed.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(typed[last]) & 0xC0) == 0x80) --last;
    if (sign_at(typed, 0).sign == Sign::kBracket) bracket_ = begin;
    else if (sign_at(typed, last).sign == Sign::kBracket) bracket_ = begin + last;
  }

  /// [a OR b] c: left out as punctuation, the brackets would change what OR joins.
  void check_brackets() {
    if (!bracket_) return;
    const bool joins = std::any_of(lexemes_.begin(), lexemes_.end(), [](const Lexeme& lexeme) {
      return lexeme.kind == Lexeme::Kind::kOr || lexeme.kind == Lexeme::Kind::kNot ||
             lexeme.kind == Lexeme::Kind::kNear;
    });
    if (joins) fail("( and ) around what belongs together; other brackets mean nothing", *bracket_);
  }

  /// Something stands right there that a '-' before it can negate.
  bool begins_operand(std::size_t at) const {
    const SignAt here = sign_at(query_, at);
    return here.length > 0 && here.sign != Sign::kClose && here.sign != Sign::kSpace;
  }

  bool ends_word(std::size_t at) const {
    const SignAt here = sign_at(query_, at);
    return here.length == 0 || here.sign == Sign::kOpen || here.sign == Sign::kClose ||
           here.sign == Sign::kQuote || here.sign == Sign::kSpace;
  }

  void skip_space() {
    while (at_ < query_.size()) {
      const SignAt here = sign_at(query_, at_);
      if (here.sign != Sign::kSpace && here.sign != Sign::kInvisible) return;
      at_ += here.length;
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
  std::optional<std::size_t> bracket_;  // the first one at the edge of a word
};

}  // namespace

tl::expected<Lexed, SyntaxError> lex(std::string_view query) { return Lexer(query).run(); }

}  // namespace vigie::indexer::query
