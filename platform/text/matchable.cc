#include "platform/text/matchable.h"

#include <algorithm>
#include <array>

#include "platform/text/ascii.h"
#include "platform/text/characters.h"
#include "platform/text/fold.h"
#include "platform/text/han.h"
#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

constexpr std::size_t kMaxAbbreviation = 5;  // letters
/// Words, folded, whose point ends no sentence.
constexpr std::array<std::string_view, 36> kAbbreviations{
    "mr",  "mrs", "ms", "dr",  "st",   "prof", "sen", "rep", "gov", "gen", "lt",   "col",
    "sgt", "nr",  "vs", "inc", "corp", "co",   "ltd", "bn",  "mio", "mrd", "bzw",  "ca",
    "ee",  "uu",  "jr", "sr",  "art",  "fig",  "hon", "sra", "dra", "mme", "dept", "approx"};

using ascii::is_digit;

/// What a character becomes, where that is one folded character of at most three bytes.
struct Form {
  std::array<char, 3> bytes{};
  std::uint8_t length = 0;  // 0: dropped; kLong: see fold_character
  Standing standing = Standing::kDropped;
  std::uint16_t script = 0;
};
constexpr std::uint8_t kLong = 0xFF;

Form form_of(char32_t c) {
  Form out;
  std::string scratch;
  const std::string_view folded = fold_character(c, scratch);
  if (folded.empty()) return out;
  std::size_t at = 0;
  const char32_t only = next_code_point(folded, at);
  if (at != folded.size() || folded.size() > 3) {
    out.length = kLong;
    return out;
  }
  std::copy(folded.begin(), folded.end(), out.bytes.begin());
  out.length = static_cast<std::uint8_t>(folded.size());
  out.standing = standing_of(only);
  out.script = static_cast<std::uint16_t>(script_of(only));
  return out;
}

/// Forms of all spaced scripts, of kana, and of full and half width.
class Forms {
 public:
  static constexpr char32_t kEnd = 0x3100;
  static constexpr char32_t kWideBegin = 0xFF00;
  static constexpr char32_t kWideEnd = 0xFFF0;
  Forms() {
    for (char32_t c = 0; c < kEnd; ++c) forms_[c] = form_of(c);
    for (char32_t c = kWideBegin; c < kWideEnd; ++c) wide_[c - kWideBegin] = form_of(c);
  }
  const Form* find(char32_t c) const {
    if (c < kEnd) return &forms_[c];
    return c >= kWideBegin && c < kWideEnd ? &wide_[c - kWideBegin] : nullptr;
  }

 private:
  std::array<Form, kEnd> forms_;
  std::array<Form, kWideEnd - kWideBegin> wide_;
};

const Forms& forms() {
  // never destroyed: threads may fold while the process ends
  static const Forms* made = new Forms();
  return *made;
}

/// ASCII letters, small, and digits; 0 for all other bytes.
constexpr std::array<char, 256> kAsciiWord = [] {
  std::array<char, 256> out{};
  for (int c = 'a'; c <= 'z'; ++c) {
    out[static_cast<std::size_t>(c)] = static_cast<char>(c);
    out[static_cast<std::size_t>(c - 32)] = static_cast<char>(c);
  }
  for (int c = '0'; c <= '9'; ++c) out[static_cast<std::size_t>(c)] = static_cast<char>(c);
  return out;
}();

// bytes that a long character may become, with spaces: 18 characters, as Unicode promises
constexpr std::size_t kRoom = 160;

/// Lays one text out.
class Layout {
 public:
  Layout(std::string_view utf8, Marks marks) : in_(utf8), marks_(marks), forms_(forms()) {
    make_room();
    push(' ', 0);
  }

  Matchable run() {
    while (at_ < in_.size()) {
      const auto byte = static_cast<unsigned char>(in_[at_]);
      if (byte >= 0x80) {
        other();
      } else {
        ascii(byte);
      }
    }
    if (candidate_) out_.sentence_ends.push_back(size());
    space();
    out_.text.resize(size_);
    out_.source.resize(size_);
    out_.scripts = scripts_;
    return std::move(out_);
  }

 private:
  enum class Token { kNone, kWord, kMark, kUnspaced, kSign };

  std::uint32_t size() const { return static_cast<std::uint32_t>(size_); }
  std::string_view text() const { return std::string_view(out_.text.data(), size_); }
  /// A character becomes at most twice its bytes with the space before it, save a long one, which
  /// asks for room itself.
  void make_room() {
    const std::size_t needed = size_ + 2 * (in_.size() - at_) + kRoom;
    if (needed <= out_.text.size()) return;
    out_.text.resize(needed);
    out_.source.resize(needed);
    bytes_ = out_.text.data();
    sources_ = out_.source.data();
  }
  void push(char byte, std::size_t source) {
    bytes_[size_] = byte;
    sources_[size_++] = static_cast<std::uint32_t>(source);
  }
  void push(std::string_view bytes, std::size_t source) {
    for (const char byte : bytes) push(byte, source);
  }
  void space() {
    if (bytes_[size_ - 1] != ' ') push(' ', end_);
  }

  void ascii(unsigned char byte) {
    const Form& form = *forms_.find(byte);
    if (marks_ == Marks::kYes && (byte == '*' || byte == '~' || byte == '#'))
      return mark(static_cast<char>(byte));
    if (form.standing == Standing::kWord) return ascii_word();
    if (byte == '.' || byte == ',') {
      if (point(static_cast<char>(byte))) return;
    }
    if (byte == '\n') ++lines_;
    put(form.standing, {form.bytes.data(), form.length}, form.script, 1);
  }

  /// Letters and digits up to the next byte that is neither.
  void ascii_word() {
    begin_word(is_digit(in_[at_]) ? kScriptNone : kScriptLatin);
    const char* in = in_.data();
    std::size_t at = at_;
    std::size_t size = size_;
    char letters = 0;
    for (; at < in_.size(); ++at) {
      const char byte = kAsciiWord[static_cast<unsigned char>(in[at])];
      if (byte == 0) {
        // Most words end at one space before another such word: nothing is to be settled there.
        if (in[at] != ' ' || at + 1 == in_.size() ||
            kAsciiWord[static_cast<unsigned char>(in[at + 1])] == 0)
          break;
        bytes_[size] = ' ';
        sources_[size++] = static_cast<std::uint32_t>(at);
        word_begin_ = size;
        joins_initials_ = false;
        word_script_ = is_digit(in[at + 1]) ? kScriptNone : kScriptLatin;
        ++out_.words;
        continue;
      }
      letters |= byte;
      bytes_[size] = byte;
      sources_[size++] = static_cast<std::uint32_t>(at);
    }
    if (letters >= 'a') scripts_ |= kScriptLatin;
    size_ = size;
    end_ = at_ = at;
  }

  void other() {
    std::size_t next = at_;
    const char32_t c = code_point(next);
    const std::size_t length = next - at_;
    if (const Form* form = forms_.find(c); form != nullptr && form->length != kLong) {
      if (form->standing == Standing::kWord && goes_on(form->script)) {
        push({form->bytes.data(), form->length}, at_);
        scripts_ |= form->script;
        end_ = at_ = next;
        return;
      }
      // An accent of its own belongs to the letter before it.
      if (form->length == 0 && !gap_ && character_kind(c) == CharacterKind::kNonSpacingMark)
        end_ = next;
      put(form->standing, {form->bytes.data(), form->length}, form->script, length);
    } else if (c >= 0xAC00 && c <= 0xD7A3) {
      put(Standing::kWord, in_.substr(at_, length), kScriptHangul, length);
    } else if (c >= 0x3400 && c <= 0x9FFF) {
      put_han(c, length);
    } else {
      put_long(c, length);
    }
  }

  /// The next character; two and three bytes are nearly all that news has.
  char32_t code_point(std::size_t& at) const {
    const auto* bytes = reinterpret_cast<const unsigned char*>(in_.data()) + at;
    if (bytes[0] < 0xE0) {
      at += 2;
      return ((bytes[0] & 0x1FU) << 6) | (bytes[1] & 0x3FU);
    }
    if (bytes[0] < 0xF0) {
      at += 3;
      return ((bytes[0] & 0x0FU) << 12) | ((bytes[1] & 0x3FU) << 6) | (bytes[2] & 0x3FU);
    }
    return next_code_point(in_, at);
  }

  /// Whether a letter of this script continues the word before it.
  bool goes_on(std::uint32_t script) const {
    return token_ == Token::kWord && !gap_ && lines_ == 0 && script == word_script_;
  }

  void put_han(char32_t c, std::size_t length) {
    const char32_t simple = simplified_han(c);
    const std::array<char, 3> bytes{static_cast<char>(0xE0 | (simple >> 12)),
                                    static_cast<char>(0x80 | ((simple >> 6) & 0x3F)),
                                    static_cast<char>(0x80 | (simple & 0x3F))};
    put(Standing::kUnspaced, {bytes.data(), 3}, kScriptHan, length);
  }

  /// A character that becomes several, or that no table holds.
  void put_long(char32_t c, std::size_t length) {
    const std::string_view folded = fold_character(c, scratch_);
    if (folded.empty()) return put(Standing::kDropped, {}, 0, length);
    make_room();
    const std::size_t begin = at_;
    for (std::size_t i = 0; i < folded.size();) {
      const char32_t part = simplified_han(next_code_point(folded, i));
      std::string bytes;
      append_utf8(bytes, part);
      at_ = begin;
      put(standing_of(part), bytes, script_of(part), length);
    }
  }

  void put(Standing standing, std::string_view bytes, std::uint32_t script, std::size_t length) {
    switch (standing) {
      case Standing::kDropped: break;
      case Standing::kSpace: gap_ = true; break;
      case Standing::kWord:
        begin_word(script);
        push(bytes, at_);
        end_ = at_ + length;
        break;
      case Standing::kUnspaced:
        if (voicing_joins(bytes)) {
          end_ = at_ + length;
          break;
        }
        begin_unspaced();
        push(bytes, at_);
        end_ = at_ + length;
        break;
      case Standing::kSign: sign(bytes, length); break;
    }
    scripts_ |= script;
    at_ += length;
  }

  void begin_word(std::uint32_t script) {
    const bool clings = (script | word_script_) & (kScriptHangul | kScriptArabic);
    const bool parts = token_ == Token::kWord && clings && script != word_script_;
    if (gap_ || lines_ != 0 || parts || (token_ != Token::kWord && token_ != Token::kMark)) {
      begin_token();
      space();
      word_begin_ = size();
      joins_initials_ = false;
      ++out_.words;
    }
    token_ = Token::kWord;
    word_script_ = script;
  }

  void begin_unspaced() {
    if (token_ != Token::kUnspaced || gap_ || candidate_) begin_token();
    if (token_ != Token::kUnspaced && token_ != Token::kMark) space();
    token_ = Token::kUnspaced;
    ++out_.words;
  }

  void mark(char byte) {
    if (byte == '#') {
      begin_word(kScriptNone);
    } else {
      if (gap_) space();
      gap_ = false;
      token_ = Token::kMark;
    }
    push(byte, at_);
    end_ = ++at_;
  }

  /// Before a word, a character or a sign: what the gap before it was.
  void begin_token() {
    if (lines_ >= 2) {
      space();
      push('\n', end_);
      space();
      candidate_ = false;
      out_.sentence_ends.push_back(size());
      token_ = Token::kSign;
    } else if (candidate_) {
      settle_candidate();
    }
    lines_ = 0;
    gap_ = false;
  }

  /// A sentence ended before this token, unless it goes on in small letters.
  void settle_candidate() {
    candidate_ = false;
    std::size_t next = at_;
    const char32_t c = next_code_point(in_, next);
    if (!gap_ && c < 0x2E80) return;
    if (is_small_letter(c)) return;
    out_.sentence_ends.push_back(size());
  }

  void sign(std::string_view bytes, std::size_t length) {
    static constexpr std::string_view kFull = "\u3002";
    static constexpr std::array<std::string_view, 6> kEnds{"!",      "?",      "\u061F",
                                                           "\u06D4", "\u0964", "\u0965"};
    const bool abbreviated = bytes == "." && ends_abbreviation();
    if (gap_ && candidate_ && bytes != ")" && bytes != "]") begin_token();
    if (lines_ >= 2) begin_token();
    space();
    push(bytes, at_);
    end_ = at_ + length;
    gap_ = false;
    lines_ = 0;
    token_ = Token::kSign;
    if (bytes == kFull) {
      candidate_ = false;
      out_.sentence_ends.push_back(size());
    } else if (bytes == "." ? !abbreviated
                            : std::find(kEnds.begin(), kEnds.end(), bytes) != kEnds.end()) {
      candidate_ = true;
    }
  }

  /// Whether the word before a point is an initial or an abbreviation.
  bool ends_abbreviation() const {
    if (token_ != Token::kWord || gap_) return false;
    const std::string_view word = text().substr(word_begin_);
    if (word.size() <= kMaxAbbreviation &&
        std::find(kAbbreviations.begin(), kAbbreviations.end(), word) != kAbbreviations.end())
      return true;
    return count_code_points(word) == 1 && !is_digit(word.front());
  }

  /// A point or comma that is no sign: inside a number, or of initials. True if it was taken.
  bool point(char byte) {
    if (token_ != Token::kWord || gap_ || lines_ != 0) return false;
    const char last = bytes_[size_ - 1];
    if (at_ + 1 < in_.size() && is_digit(last) && is_digit(in_[at_ + 1])) {
      push(byte, at_);
      end_ = ++at_;
      return true;
    }
    if (byte != '.' || !(joins_initials_ || is_initial(word_begin_))) return false;
    const bool goes_on = initial_follows();
    if (!goes_on && !joins_initials_) return false;
    joins_initials_ = true;
    end_ = ++at_;
    const bool marked =
        marks_ == Marks::kYes && at_ < in_.size() && (in_[at_] == '*' || in_[at_] == '~');
    if (!goes_on && !marked) gap_ = true;
    return true;
  }

  /// Whether the word that begins there is one capital letter so far.
  bool is_initial(std::size_t word_begin) const {
    std::size_t next = word_begin;
    next_code_point(text(), next);
    if (next != size_) return false;
    std::size_t source = sources_[word_begin];
    return is_capital(next_code_point(in_, source));
  }

  /// Whether a capital letter alone stands behind the point at at_.
  bool initial_follows() const {
    std::size_t next = at_ + 1;
    if (next >= in_.size() || !is_capital(next_code_point(in_, next))) return false;
    if (next >= in_.size()) return true;
    std::size_t behind = next;
    const char32_t c = next_code_point(in_, behind);
    return !is_letter_or_digit(character_kind(c));
  }

  /// The mark of half-width voiced kana joins the character before it.
  bool voicing_joins(std::string_view bytes) {
    if (bytes.size() != 3 || bytes[0] != '\xE3' || bytes[1] != '\x82' ||
        (bytes[2] != '\x99' && bytes[2] != '\x9A') || token_ != Token::kUnspaced || size_ < 4)
      return false;
    const std::string last(text().substr(size_ - 3));
    const std::string joined = nfc(last + std::string(bytes));
    if (joined.size() != 3) return false;
    std::copy(joined.begin(), joined.end(), bytes_ + size_ - 3);
    return true;
  }

  const std::string_view in_;
  const Marks marks_;
  const Forms& forms_;
  Matchable out_;
  char* bytes_ = nullptr;             // of out_.text, which is longer while it is made
  std::uint32_t* sources_ = nullptr;  // of out_.source
  std::size_t size_ = 0;              // bytes made so far
  std::size_t at_ = 0;                // of the source
  std::size_t end_ = 0;               // of the source: behind the last character that was put
  std::size_t word_begin_ = 0;        // of the text
  Token token_ = Token::kNone;        // the last one
  std::uint32_t word_script_ = 0;
  std::uint32_t scripts_ = 0;
  int lines_ = 0;                // line ends since the last token
  bool gap_ = false;             // spaces, hyphens, quotes since the last token
  bool candidate_ = false;       // the last sign may have ended a sentence
  bool joins_initials_ = false;  // the word is initials whose points were left out
  std::string scratch_;
};

}  // namespace

Matchable matchable(std::string_view utf8, Marks marks) { return Layout(utf8, marks).run(); }

std::pair<std::uint32_t, std::uint32_t> source_span(std::string_view utf8, const Matchable& made,
                                                    std::size_t begin, std::size_t end) {
  const std::uint32_t first = made.source[begin];
  if (made.text[end] == ' ') return {first, made.source[end]};
  // Inside a run of characters without spaces: up to where the last character ends.
  std::size_t last = made.source[end - 1];
  next_code_point(utf8, last);
  return {first, static_cast<std::uint32_t>(std::max<std::size_t>(last, first))};
}

Standing standing_of(char32_t c) {
  if (c < 0x80) {
    if (ascii::is_alphanumeric(c)) return Standing::kWord;
    return c == ' ' || c == '-' || c == '\'' || c == '"' ? Standing::kSpace : Standing::kSign;
  }
  if (c == 0xB7 || c == 0x2027 || c == 0x30FB) return Standing::kSpace;  // middle dots
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA ? Standing::kWord : Standing::kSign;
  if (c == 0xD7 || c == 0xF7 || c == 0x60C || c == 0x61B || c == 0x61F || c == 0x6D4 ||
      c == 0x37E || c == 0x387 || c == 0x589 || c == 0x964 || c == 0x965)
    return Standing::kSign;
  if (c == 0x3099 || c == 0x309A) return Standing::kUnspaced;
  if ((c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) ||
      (c >= 0x3008 && c <= 0x3020) || (c >= 0xE000 && c <= 0xF8FF) ||
      (c >= 0xFE10 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF0F) || c == 0xFFFD)
    return Standing::kSign;
  if (is_unspaced_script(c)) return Standing::kUnspaced;
  return c >= 0x1F000 ? Standing::kSign : Standing::kWord;
}

std::uint32_t script_of(char32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z' ? kScriptLatin : kScriptNone;
  if (c >= 0xC0 && c <= 0x24F) return kScriptLatin;
  if (c >= 0x370 && c <= 0x3FF) return kScriptGreek;
  if (c >= 0x400 && c <= 0x52F) return kScriptCyrillic;
  if (c >= 0x591 && c <= 0x5F4) return kScriptHebrew;
  if (c >= 0x620 && c <= 0x6FF) return kScriptArabic;
  if (c >= 0x900 && c <= 0x97F) return kScriptDevanagari;
  if (c >= 0xE01 && c <= 0xE5B) return kScriptThai;
  if (c >= 0x1E00 && c <= 0x1EFF) return kScriptLatin;
  if (c >= 0x3041 && c <= 0x30FF) return c == 0x30FB ? kScriptNone : kScriptKana;
  if ((c >= 0x3400 && c <= 0x9FFF) || c >= 0x20000) return kScriptHan;
  if (c >= 0xAC00 && c <= 0xD7A3) return kScriptHangul;
  return is_letter(character_kind(c)) ? kScriptOther : kScriptNone;
}

bool is_capital(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  if (c >= 0xC0 && c <= 0xDE) return c != 0xD7;
  if (c >= 0x100 && c <= 0x137) return c % 2 == 0;
  if (c >= 0x139 && c <= 0x148) return c % 2 == 1;
  if (c >= 0x14A && c <= 0x177) return c % 2 == 0;
  if (c >= 0x178 && c <= 0x17D) return c == 0x178 || c % 2 == 1;
  if (c >= 0x386 && c <= 0x3AB) return c != 0x387 && c != 0x390;
  if (c >= 0x400 && c <= 0x42F) return true;
  if (c >= 0x460 && c <= 0x52F) return c % 2 == 0;
  if (c >= 0xFF21 && c <= 0xFF3A) return true;
  return c >= 0x531 && c <= 0x556;
}

}  // namespace vigie::text
