#include "platform/dates/date_tokens.h"

#include <algorithm>

#include "platform/text/ascii.h"
#include "platform/text/digits.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::dates {
namespace {

constexpr std::size_t kMostTokens = 400;  // of a text; more is prose that is cut

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_day_unit(char32_t c) {
  return c == U'年' || c == U'月' || c == U'日' || c == U'号' || c == U'號';
}

// The dot of Indic letters, which many writers leave out.
bool is_nukta(char32_t c) {
  return c == 0x093C || c == 0x09BC || c == 0x0A3C || c == 0x0ABC || c == 0x0B3C;
}

/// Copies folded text, digits and Han numerals made ASCII, and keeps where each byte came from.
class Layout {
 public:
  explicit Layout(const text::Folded& folded) : in_(folded) {}

  DateText run() {
    for (std::size_t offset = 0; offset < in_.text.size();) {
      const std::size_t begin = offset;
      const char32_t c = text::next_code_point(in_.text, offset);
      if (is_nukta(c)) continue;
      out_.thai = out_.thai || (c >= 0x0E01 && c <= 0x0E3A);
      if (text::is_han_numeral(c)) {
        if (run_.empty()) run_begin_ = begin;
        run_ += c;
        continue;
      }
      flush(is_day_unit(c) ? begin : std::string::npos);
      add(c, begin);
    }
    flush(std::string::npos);
    out_.source.push_back(in_.source.empty() ? 0 : in_.source[in_.text.size()]);
    return std::move(out_);
  }

 private:
  void add(char32_t c, std::size_t at) {
    const int digit = text::digit_value(c);
    if (digit < 0) return put(c, at);
    out_.persian_digits = out_.persian_digits || (c >= 0x06F0 && c <= 0x06F9);
    put(static_cast<char32_t>('0' + digit), at);
  }
  void put(char32_t c, std::size_t at) {
    text::append_utf8(out_.folded, c);
    out_.source.resize(out_.folded.size(), in_.source[at]);
  }
  // `unit`: where the sign for year, month or day stands; npos if none follows
  void flush(std::size_t unit) {
    if (run_.empty()) return;
    const std::string number = unit == std::string::npos ? std::string{} : text::han_number(run_);
    if (number.empty()) {
      std::size_t at = run_begin_;
      for (const char32_t c : run_) {
        put(c, at);
        std::string bytes;
        text::append_utf8(bytes, c);
        at += bytes.size();
      }
    } else {
      out_.folded += number;
      out_.source.resize(out_.folded.size(), in_.source[run_begin_]);
    }
    run_.clear();
  }

  const text::Folded& in_;
  DateText out_;
  std::u32string run_;
  std::size_t run_begin_ = 0;
};

// Letters and marks; points, dashes, quotation marks and white space are none.
bool is_word_character(char32_t c) {
  if (c < 0x80) return text::ascii::is_lower(static_cast<char>(c));
  const bool punctuation = (c >= 0xA0 && c <= 0xBF) || c == 0xD7 || (c >= 0x2000 && c <= 0x206F) ||
                           (c >= 0x3000 && c <= 0x3002) || (c >= 0x3008 && c <= 0x3020) ||
                           c == 0x05F3 || c == 0x05F4 || c == 0x060C || c == 0x061B ||
                           c == 0x06D4 || c == 0x0964 || c == 0x0965 || c == 0x0589 ||
                           c == 0x30FB || c == 0xFFFD || c == 0x2E31;
  return !punctuation;
}

}  // namespace

DateText lay_out_date(std::string_view text) {
  if (is_ascii(text)) {
    DateText out;
    out.folded = text::ascii::lower(text);
    return out;
  }
  return Layout(text::fold(text)).run();
}

std::vector<DateToken> cut_date(std::string_view folded) {
  std::vector<DateToken> out;
  for (std::size_t offset = 0; offset < folded.size() && out.size() < kMostTokens;) {
    DateToken token;
    token.begin = offset;
    if (text::ascii::is_digit(folded[offset])) {
      while (offset < folded.size() && text::ascii::is_digit(folded[offset])) {
        if (offset - token.begin < 15) token.number = token.number * 10 + (folded[offset] - '0');
        ++offset;
      }
    } else {
      std::size_t next = offset;
      if (!is_word_character(text::next_code_point(folded, next))) {
        offset = next;
        continue;
      }
      token.kind = DateToken::Kind::kWord;
      offset = next;
      while (offset < folded.size() && !text::ascii::is_digit(folded[offset])) {
        next = offset;
        if (!is_word_character(text::next_code_point(folded, next))) break;
        offset = next;
      }
    }
    token.end = offset;
    out.push_back(token);
  }
  return out;
}

}  // namespace vigie::dates
