#include "platform/charset/alphabets.h"

#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ulocdata.h>
#include <unicode/uset.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <memory>
#include <vector>

#include "platform/text/utf8.h"

namespace vigie::charset {
namespace {

constexpr std::size_t kJudged = 16ULL << 10;  // bytes around what is beyond ASCII
constexpr std::size_t kAround = 2;            // ASCII kept at either side of it
// Text in capitals is rarer than text in the other letters, which KOI8 has where windows-1251 has
// those.
constexpr double kOfCapitals = 0.03;
constexpr std::size_t kHead = 4096;  // of a body, where a language is declared

struct Written {
  std::string_view language;
  // The web's default first: HTML §13.2.3.2 (by locale); then what it had beside it.
  std::array<std::string_view, 3> encodings;
};

constexpr std::array kWritten = std::to_array<Written>({
    {"ar", {"windows-1256", "ISO-8859-6", ""}},
    {"az", {"windows-1254", "ISO-8859-9", ""}},
    {"be", {"windows-1251", "KOI8-U", "ISO-8859-5"}},
    {"bg", {"windows-1251", "ISO-8859-5", "KOI8-R"}},
    {"bs", {"windows-1250", "ISO-8859-2", ""}},
    {"ca", {"windows-1252", "ISO-8859-15", ""}},
    {"cs", {"windows-1250", "ISO-8859-2", ""}},
    {"da", {"windows-1252", "ISO-8859-15", ""}},
    {"de", {"windows-1252", "ISO-8859-15", ""}},
    {"el", {"windows-1253", "ISO-8859-7", ""}},
    {"en", {"windows-1252", "ISO-8859-15", ""}},
    {"es", {"windows-1252", "ISO-8859-15", ""}},
    {"et", {"windows-1257", "windows-1252", "ISO-8859-13"}},
    {"eu", {"windows-1252", "ISO-8859-15", ""}},
    {"fa", {"windows-1256", "", ""}},
    {"fi", {"windows-1252", "ISO-8859-15", ""}},
    {"fr", {"windows-1252", "ISO-8859-15", ""}},
    {"ga", {"windows-1252", "ISO-8859-15", ""}},
    {"gl", {"windows-1252", "ISO-8859-15", ""}},
    {"he", {"windows-1255", "ISO-8859-8", ""}},
    {"hr", {"windows-1250", "ISO-8859-2", ""}},
    {"hu", {"ISO-8859-2", "windows-1250", ""}},
    {"is", {"windows-1252", "ISO-8859-15", ""}},
    {"it", {"windows-1252", "ISO-8859-15", ""}},
    {"lt", {"windows-1257", "ISO-8859-13", "ISO-8859-4"}},
    {"lv", {"windows-1257", "ISO-8859-13", "ISO-8859-4"}},
    {"mk", {"windows-1251", "ISO-8859-5", ""}},
    {"mt", {"ISO-8859-3", "", ""}},
    {"nl", {"windows-1252", "ISO-8859-15", ""}},
    {"no", {"windows-1252", "ISO-8859-15", ""}},
    {"pl", {"ISO-8859-2", "windows-1250", ""}},
    {"pt", {"windows-1252", "ISO-8859-15", ""}},
    {"ro", {"windows-1250", "ISO-8859-2", ""}},
    {"ru", {"windows-1251", "KOI8-R", "ISO-8859-5"}},
    {"sk", {"windows-1250", "ISO-8859-2", ""}},
    {"sl", {"ISO-8859-2", "windows-1250", ""}},
    {"sq", {"windows-1252", "windows-1250", "ISO-8859-2"}},
    {"sr", {"windows-1251", "ISO-8859-5", ""}},
    {"sv", {"windows-1252", "ISO-8859-15", ""}},
    {"th", {"windows-874", "", ""}},
    {"tr", {"windows-1254", "ISO-8859-9", ""}},
    {"uk", {"windows-1251", "KOI8-U", "ISO-8859-5"}},
    {"ur", {"windows-1256", "", ""}},
    {"vi", {"windows-1258", "", ""}},
});

constexpr std::size_t kLetters = 0x2000;  // code points that these encodings have letters below

using Alphabet = std::bitset<kLetters>;

void add(Alphabet& alphabet, UChar32 c) {
  for (const UChar32 form : {c, u_tolower(c), u_toupper(c)}) {
    if (form >= 0x80 && form < static_cast<UChar32>(kLetters))
      alphabet.set(static_cast<std::size_t>(form));
  }
}

Alphabet alphabet_of(std::string_view language) {
  Alphabet out;
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<ULocaleData, void (*)(ULocaleData*)> data(
      ulocdata_open(std::string(language).c_str(), &status), ulocdata_close);
  if (U_FAILURE(status)) return out;
  const std::unique_ptr<USet, void (*)(USet*)> set(
      ulocdata_getExemplarSet(data.get(), nullptr, 0, ULOCDATA_ES_STANDARD, &status), uset_close);
  if (U_FAILURE(status)) return out;
  for (std::int32_t i = 0; i < uset_getItemCount(set.get()); ++i) {
    UChar32 first = 0;
    UChar32 last = 0;
    std::array<UChar, 16> string{};
    UErrorCode ignored = U_ZERO_ERROR;
    const std::int32_t length = uset_getItem(set.get(), i, &first, &last, string.data(),
                                             static_cast<std::int32_t>(string.size()), &ignored);
    for (UChar32 c = first; length == 0 && c <= last; ++c) add(out, c);
    for (std::int32_t at = 0; at < length; ++at) add(out, string[static_cast<std::size_t>(at)]);
  }
  // The legacy encodings lack the comma below of Romanian, and the Persian forms of kaf and yeh.
  constexpr std::array kStandIns{std::pair{0x219, 0x15F}, std::pair{0x21B, 0x163},
                                 std::pair{0x6A9, 0x643}, std::pair{0x6CC, 0x64A},
                                 std::pair{0x6CC, 0x649}};
  for (const auto& [letter, stand_in] : kStandIns) {
    if (out.test(static_cast<std::size_t>(letter))) add(out, stand_in);
  }
  return out;
}

const std::vector<Alphabet>& alphabets() {
  static const std::vector<Alphabet> all = [] {
    std::vector<Alphabet> out;
    out.reserve(kWritten.size());
    for (const Written& written : kWritten) out.push_back(alphabet_of(written.language));
    return out;
  }();
  return all;
}

// What is beyond ASCII, with what stands beside it, as one piece of bytes.
std::string telling_part(std::string_view body) {
  std::string out;
  std::size_t behind = 0;
  for (std::size_t i = 0; i < body.size() && out.size() < kJudged; ++i) {
    if (static_cast<unsigned char>(body[i]) < 0x80) continue;
    std::size_t end = i;
    while (end < body.size() && static_cast<unsigned char>(body[end]) >= 0x80) ++end;
    const std::size_t from = std::max(behind, i - std::min(i, kAround));
    const std::size_t to = std::min(body.size(), end + kAround);
    if (from > behind) out += ' ';
    out += body.substr(from, std::min(to - from, kJudged - std::min(out.size(), kJudged)));
    behind = to;
    i = to - 1;
  }
  return out;
}

std::vector<UChar32> decoded(std::string_view bytes, std::string_view encoding) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, void (*)(UConverter*)> converter(
      ucnv_open(std::string(encoding).c_str(), &status), ucnv_close);
  std::vector<UChar32> out;
  if (U_FAILURE(status)) return out;
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at < end) {
    status = U_ZERO_ERROR;
    const UChar32 c = ucnv_getNextUChar(converter.get(), &at, end, &status);
    out.push_back(U_SUCCESS(status) ? c : 0xFFFD);
  }
  return out;
}

bool is_letter(UChar32 c) { return u_isalpha(c) || u_charType(c) == U_NON_SPACING_MARK; }

// Signs that stand within a word: apostrophes, points and hyphens, and those that are not seen.
bool is_joint(UChar32 c) {
  return c == 0x2019 || c == 0x2018 || c == 0xB7 || c == 0xA0 || c == 0xAD || c == 0x2013 ||
         c == 0x2014 || c == 0x2026 || u_charType(c) == U_FORMAT_CHAR;
}

// Whether `c` is nothing that text has between words, whatever the language.
bool is_no_sign(UChar32 c) {
  return c < 0xA0 || c == 0xFFFD || (c >= 0x2500 && c < 0x2600) || (c >= 0xE000 && c < 0xF900) ||
         c == 0xA4 || c == 0xA6 || c == 0xA8 || c == 0xAC || c == 0xAF || c == 0xB8;
}

// Whether a letter of another script than Latin touches one of ASCII.
bool is_mixed(UChar32 before, UChar32 c, UChar32 behind) {
  const auto is_ascii_letter = [](UChar32 other) { return other < 0x80 && u_isalpha(other); };
  return c >= 0x370 && c < 0x1E00 && (is_ascii_letter(before) || is_ascii_letter(behind));
}

// Thai marks stand on consonants, its vowels that are written first stand before one, those behind
// follow one or a tone (WTT 2.0); its digits and its sign of abbreviation touch no letter.
bool is_thai_consonant(UChar32 c) { return c >= 0xE01 && c <= 0xE2E; }
bool is_thai_mark(UChar32 c) {
  return c == 0xE31 || (c >= 0xE34 && c <= 0xE3A) || (c >= 0xE47 && c <= 0xE4E);
}
bool is_thai_tone(UChar32 c) { return c >= 0xE47 && c <= 0xE4E; }
bool breaks_thai(UChar32 before, UChar32 c, UChar32 behind) {
  if (is_thai_tone(c))
    return !is_thai_consonant(before) && (!is_thai_mark(before) || is_thai_tone(before));
  if (is_thai_mark(c)) return !is_thai_consonant(before);
  if (c == 0xE30 || c == 0xE32 || c == 0xE33)
    return !is_thai_consonant(before) && !is_thai_tone(before) && before != 0xE32;
  if (c >= 0xE40 && c <= 0xE44) return !is_thai_consonant(behind);
  if (c >= 0xE50 && c <= 0xE59) return is_thai_consonant(before) || is_thai_consonant(behind);
  return c == 0xE2F && is_thai_consonant(behind);
}

// Thai writes vowels and tones with every second consonant; bytes of pairs look like Thai, but for
// that.
bool is_too_bare_for_thai(const std::vector<UChar32>& text) {
  const auto count = [&](UChar32 first, UChar32 last) {
    return std::count_if(text.begin(), text.end(),
                         [&](UChar32 c) { return c >= first && c <= last; });
  };
  return count(0xE30, 0xE4E) * 3 < count(0xE01, 0xE2E);
}

double strange_in(const std::vector<UChar32>& text, const Alphabet& alphabet) {
  if (is_too_bare_for_thai(text)) return 1;
  std::size_t beyond = 0;
  std::size_t capitals = 0;  // behind others
  std::size_t strange = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const UChar32 c = text[i];
    if (c < 0x80) continue;
    ++beyond;
    const UChar32 before = i > 0 ? text[i - 1] : ' ';
    const UChar32 behind = i + 1 < text.size() ? text[i + 1] : ' ';
    if (c == 0xAA || c == 0xBA) {  // of ordinals, at the end of them
      strange += is_letter(behind) ? 1 : 0;
    } else if (is_letter(c)) {
      const bool known =
          c < static_cast<UChar32>(kLetters) &&
          (alphabet.test(static_cast<std::size_t>(c)) || u_charType(c) == U_NON_SPACING_MARK);
      strange += !known || (u_isupper(c) && u_islower(before)) || is_mixed(before, c, behind) ||
                         breaks_thai(before, c, behind)
                     ? 1
                     : 0;
      capitals += u_isupper(c) && u_isupper(before) ? 1 : 0;
    } else {
      strange += is_no_sign(c) || breaks_thai(before, c, behind) ||
                         (is_letter(before) && is_letter(behind) && !is_joint(c))
                     ? 1
                     : 0;
    }
  }
  if (beyond == 0) return 1;
  return (static_cast<double>(strange) + kOfCapitals * static_cast<double>(capitals)) /
         static_cast<double>(beyond);
}

}  // namespace

Alphabetic by_alphabet(std::string_view body, std::string_view language,
                       std::string_view preferred) {
  std::vector<std::string_view> encodings;
  const auto note = [&](std::string_view encoding) {
    if (!encoding.empty() &&
        std::find(encodings.begin(), encodings.end(), encoding) == encodings.end())
      encodings.push_back(encoding);
  };
  // What uchardet takes for one of the rarer parts of ISO 8859 is windows-1252 as a rule.
  const bool rare = preferred.substr(0, 9) == "ISO-8859-" && preferred != "ISO-8859-2" &&
                    preferred != "ISO-8859-5" && preferred != "ISO-8859-7";
  if (rare && language.empty()) preferred = {};
  if (language.empty()) {
    note(preferred);
    note("windows-1252");
  }
  for (const bool is_first : {true, false}) {
    for (const Written& written : kWritten) {
      if (!language.empty() && written.language != language) continue;
      const auto& of_language = written.encodings;
      if (std::find(of_language.begin(), of_language.end(), preferred) != of_language.end())
        note(preferred);
      for (const std::string_view encoding : of_language) {
        if (!is_first || encoding == of_language.front()) note(encoding);
      }
    }
  }
  const std::string part = telling_part(body);
  Alphabetic best;
  for (const std::string_view encoding : encodings) {
    const double strange = strangeness(part, encoding, language);
    if (strange < best.strange) best = {std::string(encoding), strange};
  }
  return best;
}

double strangeness(std::string_view body, std::string_view encoding, std::string_view language) {
  const std::vector<UChar32> text = decoded(telling_part(body), encoding);
  double least = 1;
  for (std::size_t i = 0; i < kWritten.size(); ++i) {
    const auto& of_language = kWritten[i].encodings;
    const bool is_judged = language.empty() ? std::find(of_language.begin(), of_language.end(),
                                                        encoding) != of_language.end()
                                            : kWritten[i].language == language;
    if (is_judged) least = std::min(least, strange_in(text, alphabets()[i]));
  }
  return least;
}

std::string declared_language(std::string_view body) {
  const std::string head = text::ascii_lower(body.substr(0, kHead));
  for (const std::string_view word : {std::string_view("lang="), std::string_view("<language>")}) {
    std::size_t at = head.find(word);
    if (at == std::string::npos || (word.front() != '<' && at > 0 && head[at - 1] != ' ' &&
                                    head[at - 1] != ':' && head[at - 1] != '\n'))
      continue;
    at += word.size();
    while (at < head.size() && (head[at] == '"' || head[at] == '\'' || head[at] == ' ')) ++at;
    std::size_t end = at;
    while (end < head.size() && head[end] >= 'a' && head[end] <= 'z') ++end;
    if (end - at == 2) return head.substr(at, 2) == "nb" ? "no" : head.substr(at, 2);
  }
  return {};
}

}  // namespace vigie::charset
