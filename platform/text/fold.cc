#include "platform/text/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <array>

#include "platform/result/result.h"
#include "platform/text/characters.h"
#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

/// What one character becomes where Unicode's own folding is not what a search wants; empty:
/// nothing.
const char* special(char32_t c, bool& handled) {
  handled = true;
  switch (c) {
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
    case 0x2032:
    case 0x02BC:
    case 0x02B9:
    case 0x00B4:
    case 0xFF07: return "'";
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
    case 0x2033:
    case 0x00AB:
    case 0x00BB:
    case 0xFF02:
    case 0x300C:
    case 0x300D:
    case 0x300E:
    case 0x300F: return "\"";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
    case 0xFE58:
    case 0xFE63:
    case 0xFF0D: return "-";
    case 0x00AD:
    case 0x200B:
    case 0x200C:
    case 0x200D:
    case 0x2060:
    case 0xFEFF:
    case 0x200E:
    case 0x200F:
    case 0x061C: return "";  // soft hyphen, zero width, marks of direction
    case 0x202A:
    case 0x202B:
    case 0x202C:
    case 0x202D:
    case 0x202E:
    case 0x2066:
    case 0x2067:
    case 0x2068:
    case 0x2069: return "";
    case 0x0640: return "";  // tatweel
    case 0x0622:
    case 0x0623:
    case 0x0625:
    case 0x0671: return "\u0627";  // forms of alef
    case 0x0649:
    case 0x06CC: return "\u064A";  // forms of yeh
    case 0x06A9: return "\u0643";  // keheh
    case 0x0629: return "\u0647";  // teh marbuta
    case 0x0131: return "i";       // dotless i
    case 0x00DF:
    case 0x1E9E: return "ss";
    case 0x00C6:
    case 0x00E6: return "ae";
    case 0x0152:
    case 0x0153: return "oe";
    case 0x00D8:
    case 0x00F8: return "o";
    case 0x0110:
    case 0x0111: return "d";
    case 0x0141:
    case 0x0142: return "l";
    case 0x0451:
    case 0x0401: return "\u0435";  // yo
    case 0x0439:
    case 0x0419: return "\u0439";  // short i is a letter, and Russian stems need it
    case 0x0457:
    case 0x0407: return "\u0457";  // Ukrainian yi
    default: handled = false; return "";
  }
}

/// NFKC and case folding, then everything that is a mark taken away.
std::string fold_one(char32_t c) {
  bool handled = false;
  const char* replacement = special(c, handled);
  if (handled) return replacement;
  if (u_isUWhiteSpace(static_cast<UChar32>(c)) != 0) return " ";
  std::string out;
  if (!is_known_character(c)) {
    append_utf8(out, c);
    return out;
  }
  UErrorCode status = U_ZERO_ERROR;
  static const icu::Normalizer2* compose = icu::Normalizer2::getNFKCCasefoldInstance(status);
  static const icu::Normalizer2* decompose = icu::Normalizer2::getNFDInstance(status);
  icu::UnicodeString folded =
      compose->normalize(icu::UnicodeString(static_cast<UChar32>(c)), status);
  folded = decompose->normalize(folded, status);
  if (U_FAILURE(status) != 0) {
    append_utf8(out, c);
    return out;
  }
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 part = folded.char32At(i);
    const CharacterKind kind = character_kind(static_cast<char32_t>(part));
    // Marks of Indic and south-east Asian scripts are vowels, not accents: they stay.
    const bool accent = kind == CharacterKind::kNonSpacingMark &&
                        (part < 0x0700 || (part >= 0x1AB0 && part <= 0x1DFF) ||
                         (part >= 0x20D0 && part <= 0x20FF) || part >= 0xFE00);
    if (accent || kind == CharacterKind::kEnclosingMark) continue;
    if (static_cast<char32_t>(part) == c) {
      append_utf8(out, static_cast<char32_t>(part));
      continue;
    }
    bool again = false;
    const char* second = special(static_cast<char32_t>(part), again);
    if (again) out += second;
    else append_utf8(out, static_cast<char32_t>(part));
  }
  return nfc(out);  // Hangul syllables and voiced kana came apart and come together again
}

/// Folded forms of the characters below U+3100, made once: nearly all text of spaced scripts.
class Table {
 public:
  static constexpr char32_t kSize = 0x3100;
  static constexpr char32_t kAscii = 0x80;
  Table() {
    for (char32_t c = 0; c < kSize; ++c) forms_[c] = c >= 0xD800 ? std::string() : fold_one(c);
    for (char32_t c = 0; c < kAscii; ++c) {
      VIGIE_INVARIANT(forms_[c].size() == 1);
      ascii_[c] = forms_[c].front();
    }
  }
  const std::string& form(char32_t c) const { return forms_[c]; }
  /// Of one byte, as of all ASCII.
  char ascii(unsigned char c) const { return ascii_[c]; }

 private:
  std::array<std::string, kSize> forms_;
  std::array<char, kAscii> ascii_{};
};

const Table& table() {
  // never destroyed: threads may fold while the process ends
  static const Table* made = new Table();
  return *made;
}

template <class Put>
void fold_into(std::string_view utf8, Put&& put) {
  const Table& forms = table();
  for (std::size_t i = 0; i < utf8.size();) {
    const std::size_t begin = i;
    const char32_t c = next_code_point(utf8, i);
    if (c < Table::kSize) {
      put(forms.form(c), begin);
    } else if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3)) {
      put(utf8.substr(begin, i - begin), begin);
    } else {
      put(fold_one(c), begin);
    }
  }
}

}  // namespace

std::uint32_t Folded::end_of(std::size_t end) const {
  if (end == 0) return source[0];
  // Bytes that came from one character share its beginning; the end is where the next character
  // begins.
  const std::uint32_t last = source[end - 1];
  std::size_t i = end;
  while (i + 1 < source.size() && source[i] == last) ++i;
  return source[i];
}

Folded fold(std::string_view utf8) {
  Folded out;
  out.text.reserve(utf8.size() + 16);
  out.source.reserve(utf8.size() + 17);
  fold_into(utf8, [&](std::string_view form, std::size_t begin) {
    out.text.append(form);
    out.source.insert(out.source.end(), form.size(), static_cast<std::uint32_t>(begin));
  });
  out.source.push_back(static_cast<std::uint32_t>(utf8.size()));
  return out;
}

std::string_view fold_character(char32_t c, std::string& scratch) {
  if (c < Table::kSize) return table().form(c);
  scratch = fold_one(c);
  return scratch;
}

std::string fold_text(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size() + 16);
  const Table& forms = table();
  while (!utf8.empty()) {
    // a run of ASCII, which most text is made of, then what is none
    std::size_t run = 0;
    while (run < utf8.size() && static_cast<unsigned char>(utf8[run]) < Table::kAscii) ++run;
    const std::size_t at = out.size();
    out.resize(at + run);
    for (std::size_t i = 0; i < run; ++i)
      out[at + i] = forms.ascii(static_cast<unsigned char>(utf8[i]));
    utf8.remove_prefix(run);
    std::size_t rest = 0;
    while (rest < utf8.size() && static_cast<unsigned char>(utf8[rest]) >= Table::kAscii) ++rest;
    fold_into(utf8.substr(0, rest), [&](std::string_view form, std::size_t) { out.append(form); });
    utf8.remove_prefix(rest);
  }
  return out;
}

}  // namespace vigie::text
