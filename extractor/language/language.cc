#include "extractor/language/language.h"

// CLD2's headers use FILE without including it.
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "extractor/language/neighbours.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::language {
namespace {

// of a text; more costs time and does not change the response
constexpr std::size_t kReadBytes = 4ULL << 10;
constexpr std::size_t kWholeBytes = 2ULL << 10;  // of it; less is asked whole at once
constexpr std::size_t kEndBytes = 768;  // of its beginning and of its end that are asked first
constexpr int kPlainPercent = 97;       // of the bytes asked that are of one language
// below, CLD2 is often wrong (word pairs: 69 % right) and the page's own word counts more
constexpr std::size_t kFewLetters = 60;

struct ScriptRange {
  char32_t first;
  char32_t last;
  std::string_view script;
};

constexpr std::array kRanges = std::to_array<ScriptRange>({
    {0x41, 0x7A, "Latn"},     {0xC0, 0x24F, "Latn"},    {0x370, 0x3FF, "Grek"},
    {0x400, 0x52F, "Cyrl"},   {0x530, 0x58F, "Armn"},   {0x590, 0x5FF, "Hebr"},
    {0x600, 0x6FF, "Arab"},   {0x750, 0x77F, "Arab"},   {0x8A0, 0x8FF, "Arab"},
    {0x900, 0x97F, "Deva"},   {0x980, 0x9FF, "Beng"},   {0xA00, 0xA7F, "Guru"},
    {0xA80, 0xAFF, "Gujr"},   {0xB00, 0xB7F, "Orya"},   {0xB80, 0xBFF, "Taml"},
    {0xC00, 0xC7F, "Telu"},   {0xC80, 0xCFF, "Knda"},   {0xD00, 0xD7F, "Mlym"},
    {0xD80, 0xDFF, "Sinh"},   {0xE00, 0xE7F, "Thai"},   {0xE80, 0xEFF, "Laoo"},
    {0xF00, 0xFFF, "Tibt"},   {0x1000, 0x109F, "Mymr"}, {0x10A0, 0x10FF, "Geor"},
    {0x1200, 0x137F, "Ethi"}, {0x1780, 0x17FF, "Khmr"}, {0x1E00, 0x1EFF, "Latn"},
    {0x3040, 0x30FF, "Jpan"}, {0x3400, 0x4DBF, "Hani"}, {0x4E00, 0x9FFF, "Hani"},
    {0xAC00, 0xD7A3, "Kore"}, {0xFB50, 0xFDFF, "Arab"}, {0xFE70, 0xFEFF, "Arab"},
});

// Of each range the first of its script.
constexpr std::array kFirstOfScript = [] {
  std::array<std::size_t, kRanges.size()> out{};
  for (std::size_t i = 0; i < kRanges.size(); ++i) {
    while (kRanges[out[i]].script != kRanges[i].script) ++out[i];
  }
  return out;
}();

struct Scripts {
  std::array<std::size_t, kRanges.size()> counts{};  // at the first range of each script
  std::size_t letters = 0;

  std::size_t of(std::string_view script) const {
    for (std::size_t i = 0; i < kRanges.size(); ++i) {
      if (kRanges[i].script == script) return counts[i];
    }
    return 0;
  }
  std::string_view greatest() const {
    std::string_view best;
    std::size_t most = 0;
    for (std::size_t i = 0; i < kRanges.size(); ++i) {
      if (counts[i] > most) {
        most = counts[i];
        best = kRanges[i].script;
      }
    }
    return best;
  }
};

Scripts count_scripts(std::string_view text) {
  Scripts out;
  for (std::size_t offset = 0; offset < text.size();) {
    if (static_cast<unsigned char>(text[offset]) < 0x80) {
      const char c = static_cast<char>(text[offset++] | 0x20);
      const bool is_letter = c >= 'a' && c <= 'z';
      static_assert(kRanges[0].script == "Latn");
      out.counts[0] += is_letter ? 1 : 0;
      out.letters += is_letter ? 1 : 0;
      continue;
    }
    const char32_t c = text::next_code_point(text, offset);
    for (std::size_t i = 0; i < kRanges.size(); ++i) {
      if (c >= kRanges[i].first && c <= kRanges[i].last) {
        ++out.counts[kFirstOfScript[i]];
        ++out.letters;
        break;
      }
    }
  }
  return out;
}

// Scripts that one written language uses for nearly all its news.
std::string_view language_of_script(std::string_view script) {
  static constexpr std::array kOnly = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"Grek", "el"}, {"Armn", "hy"}, {"Hebr", "he"}, {"Beng", "bn"}, {"Guru", "pa"},
       {"Gujr", "gu"}, {"Orya", "or"}, {"Taml", "ta"}, {"Telu", "te"}, {"Knda", "kn"},
       {"Mlym", "ml"}, {"Sinh", "si"}, {"Thai", "th"}, {"Laoo", "lo"}, {"Tibt", "bo"},
       {"Mymr", "my"}, {"Geor", "ka"}, {"Ethi", "am"}, {"Khmr", "km"}, {"Jpan", "ja"},
       {"Kore", "ko"}, {"Hani", "zh"}});
  for (const auto& [known, language] : kOnly) {
    if (known == script) return language;
  }
  return {};
}

struct Guess {
  std::string code;
  bool traditional = false;
  bool reliable = false;
  int percent = 0;
};

Guess ask_cld2(std::string_view text, const std::string& declared) {
  std::array<CLD2::Language, 3> languages{};
  std::array<int, 3> percents{};
  std::array<double, 3> scores{};
  int text_bytes = 0;
  bool reliable = false;
  const CLD2::CLDHints hints{declared.empty() ? nullptr : declared.c_str(), nullptr,
                             CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  const CLD2::Language found = CLD2::ExtDetectLanguageSummary(
      text.data(), static_cast<int>(text.size()), true, &hints, 0, languages.data(),
      percents.data(), scores.data(), nullptr, &text_bytes, &reliable);
  Guess out;
  CLD2::Language chosen = found;
  if (chosen == CLD2::UNKNOWN_LANGUAGE) chosen = languages[0];
  if (chosen == CLD2::UNKNOWN_LANGUAGE) return out;
  const std::string_view code = CLD2::LanguageCode(chosen);
  out.traditional = code == "zh-Hant";
  out.code = primary_language(code);
  out.reliable = reliable && found != CLD2::UNKNOWN_LANGUAGE;
  out.percent = percents[0];
  return out;
}

// Both ends are enough where they are plainly of the language that the page says it is in.
Guess guess_of(std::string_view text, const std::string& declared, bool is_whole_asked) {
  if (is_whole_asked || declared.empty() || text.size() <= kWholeBytes)
    return ask_cld2(text, declared);
  const auto is_plain = [&declared](const Guess& guess) {
    return guess.reliable && guess.percent >= kPlainPercent && guess.code == declared;
  };
  const Guess begin = ask_cld2(text::prefix(text, kEndBytes), declared);
  if (!is_plain(begin)) return ask_cld2(text, declared);
  std::size_t at = text.size() - kEndBytes;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  return is_plain(ask_cld2(text.substr(at), declared)) ? begin : ask_cld2(text, declared);
}

}  // namespace

std::string primary_language(std::string_view tag) {
  const std::string_view primary = tag.substr(0, tag.find_first_of("-_"));
  if (primary.size() != 2 && primary.size() != 3) return {};
  const std::string lower = text::ascii_lower(primary);
  if (!std::all_of(lower.begin(), lower.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
    return {};
  static constexpr std::array kOther = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"iw", "he"},  {"nb", "no"},  {"nn", "no"},  {"in", "id"},  {"ji", "yi"},
       {"jw", "jv"},  {"mo", "ro"},  {"sh", "sr"},  {"cmn", "zh"}, {"yue", "zh"},
       {"fil", "tl"}, {"eng", "en"}, {"deu", "de"}, {"ger", "de"}, {"fra", "fr"},
       {"fre", "fr"}, {"spa", "es"}, {"rus", "ru"}, {"zho", "zh"}, {"ara", "ar"}});
  for (const auto& [from, to] : kOther) {
    if (from == lower) return std::string(to);
  }
  return lower.size() == 2 ? lower : std::string{};
}

Language identify(std::string_view text, std::string_view declared) {
  const std::string_view read = text::prefix(text, kReadBytes);
  const Scripts scripts = count_scripts(read);
  Language out;
  if (scripts.letters == 0) return out;
  const std::string declared_code = primary_language(declared);
  std::string_view script = scripts.greatest();
  if (scripts.of("Jpan") * 10 > scripts.letters) script = "Jpan";  // kana beside Han is Japanese
  if (script == "Hani" && is_japanese(read, declared_code == "ja")) script = "Jpan";
  if (scripts.of("Kore") * 3 > scripts.letters) script = "Kore";
  const std::string_view only = language_of_script(script);
  const bool short_text = scripts.letters < kFewLetters && (script == "Latn" || script == "Cyrl" ||
                                                            script == "Arab" || script == "Deva");
  // of the languages that one script tells, three are told apart by CLD2
  const bool is_told = !only.empty() && script != "Hani" && script != "Hebr" && script != "Ethi";
  const Guess guess = is_told ? Guess{} : guess_of(read, declared_code, !only.empty());
  if (!only.empty()) {
    out.code = only;
    out.reliable = true;
    if (script == "Hebr" && guess.reliable && guess.code == "yi") out.code = "yi";
    if (script == "Ethi" && guess.reliable && guess.code == "ti") out.code = "ti";
  } else if (short_text && !guess.reliable && !declared_code.empty()) {
    out.code = declared_code;
  } else {
    out.code = guess.code;
    out.reliable = guess.reliable;
    // Written Serbian in Latin letters comes out as its neighbours; the page knows better.
    if ((out.code == "hr" || out.code == "bs") &&
        (declared_code == "sr" || declared_code == "bs" || declared_code == "hr"))
      out.code = declared_code;
    // Written Danish and Norwegian differ in few words, and these tell.
    if (out.code == "da" || out.code == "no") {
      const std::string_view told = scandinavian(read);
      if (!told.empty()) out.code = told;
    }
    if (out.code.empty()) out.code = declared_code;
  }
  if (script == "Hani") {
    out.script = guess.traditional ? "Hant" : "Hans";
  } else {
    out.script = script;
  }
  return out;
}

}  // namespace vigie::extractor::language
