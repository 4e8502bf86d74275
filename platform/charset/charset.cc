#include "platform/charset/charset.h"

#include <uchardet/uchardet.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "platform/charset/alphabets.h"
#include "platform/text/utf8.h"

namespace vigie::charset {
namespace {

constexpr std::size_t kPrescanBytes = 4096;      // WHATWG asks for 1024 at least
constexpr std::size_t kLateBytes = 64ULL << 10;  // where pages with long heads put it
// that uchardet sees, from the first byte beyond ASCII on
constexpr std::size_t kGuessBytes = 128ULL << 10;

constexpr std::size_t kMostJudged = 1ULL << 20;  // bytes that tell the encoding of a body
constexpr std::size_t kPiece = 4096;             // of a larger one; even, for UTF-16

// bytes beyond ASCII for each invalid one, in a page that is UTF-8 all the same
constexpr std::size_t kValidPerInvalid = 20;

constexpr std::size_t kFewSequences = 4;            // the same, where nothing else fits
constexpr std::size_t kLeastSequences = 12;         // of two bytes, to judge an encoding by
constexpr std::size_t kJudgedBytes = 512ULL << 10;  // of a decoded page that are judged
constexpr std::size_t kJudgedCharacters = 4'000;    // beyond ASCII
// of the characters beyond ASCII, in a text that was read right
constexpr double kMostOdd = 0.06;
// times as odd, for a guess to be believed against a label
constexpr double kMuchLessOdd = 0.5;
// of the characters beyond ASCII that a language does not explain
constexpr double kFits = 0.04;
constexpr double kFitsBetter = 0.01;  // what pairs of bytes explain, too
constexpr double kMostStrange = 0.1;  // for a label
constexpr double kTooStrange = 0.15;  // for a guess

struct Label {
  std::string_view label;
  std::string_view encoding;  // ICU name
};

// Where the name that the web uses means another table than the standard of that name (WHATWG
// Encoding §4.2).
constexpr std::array kLabels = std::to_array<Label>({
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"latin-1", "windows-1252"},
    {"l1", "windows-1252"},
    {"ascii", "windows-1252"},
    {"us-ascii", "windows-1252"},
    {"cp1252", "windows-1252"},
    {"x-cp1252", "windows-1252"},
    {"ansi", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso8859-9", "windows-1254"},
    {"latin5", "windows-1254"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"x-gbk", "GB18030"},
    {"gb18030", "GB18030"},
    {"cp936", "GB18030"},
    {"ms936", "GB18030"},
    {"chinese", "GB18030"},
    {"big5", "Big5-HKSCS"},
    {"big5-hkscs", "Big5-HKSCS"},
    {"x-x-big5", "Big5-HKSCS"},
    {"shift_jis", "windows-31j"},
    {"shift-jis", "windows-31j"},
    {"sjis", "windows-31j"},
    {"x-sjis", "windows-31j"},
    {"ms_kanji", "windows-31j"},
    {"euc-kr", "windows-949"},
    {"ks_c_5601-1987", "windows-949"},
    {"ksc5601", "windows-949"},
    {"korean", "windows-949"},
    {"cp949", "windows-949"},
    {"utf8", "UTF-8"},
    {"utf-8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"cp1251", "windows-1251"},
    {"win-1251", "windows-1251"},
    {"cp1250", "windows-1250"},
    {"utf-16", "UTF-16LE"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"unicode", "UTF-16LE"},
    {"utf-7", ""},
    {"utf-32", ""},
    {"hz-gb-2312", ""},
    {"iso-2022-kr", ""},
    {"iso-2022-cn", ""},
    {"replacement", ""},
    {"scsu", ""},
    {"bocu-1", ""},
    {"cesu-8", ""},
});

struct ConverterCloser {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterCloser>;

Converter open_converter(const std::string& name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(name.c_str(), &status));
  return U_SUCCESS(status) ? std::move(converter) : nullptr;
}

// Counts what cannot be decoded and writes U+FFFD for it.
void U_CALLCONV count_and_replace(const void* context, UConverterToUnicodeArgs* args, const char*,
                                  std::int32_t length, UConverterCallbackReason reason,
                                  UErrorCode* status) {
  if (reason > UCNV_IRREGULAR) return;
  *static_cast<std::uint32_t*>(const_cast<void*>(context)) +=
      static_cast<std::uint32_t>(std::max(length, 0));
  *status = U_ZERO_ERROR;
  const UChar replacement = 0xFFFD;
  ucnv_cbToUWriteUChars(args, &replacement, 1, 0, status);
}

bool convert(std::string_view body, const std::string& encoding, Decoded& out) {
  const Converter from = open_converter(encoding);
  const Converter to = open_converter("UTF-8");
  if (!from || !to) return false;
  UErrorCode status = U_ZERO_ERROR;
  out.replaced = 0;
  ucnv_setToUCallBack(from.get(), count_and_replace, &out.replaced, nullptr, nullptr, &status);
  if (U_FAILURE(status)) return false;
  out.text.clear();
  out.text.reserve(body.size() + body.size() / 2);
  std::array<UChar, 4096> pivot{};
  UChar* pivot_source = pivot.data();
  UChar* pivot_target = pivot.data();
  std::array<char, 16384> target{};
  const char* source = body.data();
  const char* const source_end = source + body.size();
  bool first = true;
  while (true) {
    char* at = target.data();
    status = U_ZERO_ERROR;
    ucnv_convertEx(to.get(), from.get(), &at, target.data() + target.size(), &source, source_end,
                   pivot.data(), &pivot_source, &pivot_target, pivot.data() + pivot.size(),
                   static_cast<UBool>(first), static_cast<UBool>(true), &status);
    first = false;
    out.text.append(target.data(), static_cast<std::size_t>(at - target.data()));
    if (status == U_BUFFER_OVERFLOW_ERROR) continue;
    return U_SUCCESS(status);
  }
}

std::string strip_label(std::string_view label) {
  while (!label.empty() && (static_cast<unsigned char>(label.front()) <= ' ' ||
                            label.front() == '"' || label.front() == '\''))
    label.remove_prefix(1);
  while (!label.empty() && (static_cast<unsigned char>(label.back()) <= ' ' ||
                            label.back() == '"' || label.back() == '\'' || label.back() == ';'))
    label.remove_suffix(1);
  return text::ascii_lower(label.substr(0, 64));
}

// Value behind "charset=" in a Content-Type or a meta tag.
std::string label_behind_charset(std::string_view lower_case) {
  constexpr std::string_view kWord = "charset";
  for (std::size_t at = lower_case.find(kWord); at != std::string_view::npos;
       at = lower_case.find(kWord, at + 1)) {
    std::size_t from = at + kWord.size();
    while (from < lower_case.size() && static_cast<unsigned char>(lower_case[from]) <= ' ') ++from;
    if (from >= lower_case.size() || lower_case[from] != '=') continue;
    ++from;
    while (from < lower_case.size() && static_cast<unsigned char>(lower_case[from]) <= ' ') ++from;
    if (from >= lower_case.size()) return {};
    if (lower_case[from] == '"' || lower_case[from] == '\'') ++from;
    std::size_t end = from;
    while (end < lower_case.size() && static_cast<unsigned char>(lower_case[end]) > ' ' &&
           std::string_view("\"';/>,").find(lower_case[end]) == std::string_view::npos)
      ++end;
    return strip_label(lower_case.substr(from, end - from));
  }
  return {};
}

bool is_ascii(std::string_view bytes) {
  return std::none_of(bytes.begin(), bytes.end(),
                      [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// UTF-16 without a mark: nearly every second byte of markup is zero.
std::string utf16_by_zeros(std::string_view body) {
  const std::string_view head = body.substr(0, 1024);
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0') ++zeros[i % 2];
  }
  const std::size_t pairs = head.size() / 2;
  if (pairs < 8) return {};
  if (zeros[1] * 10 > pairs * 7 && zeros[0] * 10 < pairs) return "UTF-16LE";
  if (zeros[0] * 10 > pairs * 7 && zeros[1] * 10 < pairs) return "UTF-16BE";
  return {};
}

std::string guess(std::string_view body) {
  std::size_t from = 0;
  while (from < body.size() && static_cast<unsigned char>(body[from]) < 0x80) ++from;
  from -= std::min<std::size_t>(from, 256);
  const std::string_view seen = body.substr(from, kGuessBytes);
  struct Deleter {
    void operator()(uchardet* detector) const { uchardet_delete(detector); }
  };
  const std::unique_ptr<uchardet, Deleter> detector(uchardet_new());
  if (!detector || uchardet_handle_data(detector.get(), seen.data(), seen.size()) != 0) return {};
  uchardet_data_end(detector.get());
  return encoding_of_label(uchardet_get_charset(detector.get()));
}

// A body of nothing but ASCII that changes to Japanese characters by escapes (RFC 1468).
bool is_iso_2022_jp(std::string_view body) {
  return body.find("\x1B$B") != std::string_view::npos ||
         body.find("\x1B$@") != std::string_view::npos;
}

bool is_of_one_byte(std::string_view encoding) {
  return encoding.empty() || starts_with(encoding, "windows-125") || encoding == "windows-874" ||
         starts_with(encoding, "ISO-8859") || starts_with(encoding, "KOI8") ||
         starts_with(encoding, "IBM") || encoding.find("mac") != std::string_view::npos;
}

// What uchardet says, unless the letters of one language say otherwise: that of the markup, where
// it names one, else any.
std::string guess_by_letters(std::string_view judged, std::string_view body) {
  std::string guessed = guess(judged);
  const bool one_byte = is_of_one_byte(guessed) || guessed == "UTF-8";
  const std::string language = declared_language(body);
  if (!language.empty()) {
    Alphabetic declared = by_alphabet(judged, language, guessed);
    if (declared.strange <= kFits) return std::move(declared.encoding);
  }
  if (!one_byte) return guessed;
  Alphabetic any = by_alphabet(judged, "", guessed);
  const double strange = strangeness(judged, guessed, "");
  // A few foreign words are no reason against a guess of what the web has most.
  const bool common = starts_with(guessed, "windows-125");
  const bool fits_better = any.strange <= kMuchLessOdd * strange;
  return fits_better && (!common || strange >= kTooStrange) ? any.encoding : guessed;
}

// Shares of the two-byte sequences of a body that stand where the frequent characters of each
// encoding do.
class DoubleBytes {
 public:
  explicit DoubleBytes(std::string_view body, std::size_t least = kLeastSequences)
      : body_(body), least_(least) {}

  // The encoding whose frequent characters nearly all sequences are; empty if there is none or
  // little to judge by.
  std::string best() const {
    std::size_t runs = 0;
    std::size_t odd = 0;
    for (std::size_t i = 0; i < body_.size();) {
      const std::size_t begin = i;
      while (i < body_.size() && at(i) >= 0x80) ++i;
      if (i > begin) {
        ++runs;
        odd += (i - begin) % 2;
      } else {
        ++i;
      }
    }
    // Where both bytes are beyond ASCII, every run of such bytes is even; words of a one-byte
    // encoding are so by chance.
    const bool even = runs > 0 && odd * 20 <= runs;
    if (even && share([](unsigned lead, unsigned trail) {
                  return trail >= 0xA1 && ((lead >= 0xB0 && lead <= 0xC8) || lead <= 0xA3);
                }) >= 0.93)
      return "windows-949";
    if (even && share([](unsigned lead, unsigned trail) {
                  return trail >= 0xA1 && ((lead >= 0xB0 && lead <= 0xD7) || lead <= 0xA3);
                }) >= 0.85)
      return "GB18030";
    if (share([](unsigned lead, unsigned trail) {
          return lead >= 0xA1 && lead <= 0xC6 &&
                 ((trail >= 0x40 && trail <= 0x7E) || trail >= 0xA1);
        }) >= 0.93 &&
        low_trails_ > 0) {
      return "Big5-HKSCS";
    }
    if (share([](unsigned lead, unsigned trail) {
          return (lead >= 0x81 && lead <= 0x83 && trail >= 0x40) ||
                 (lead >= 0x88 && lead <= 0x97 && trail >= 0x40);
        }) >= 0.9) {
      return "windows-31j";
    }
    return {};
  }

 private:
  unsigned at(std::size_t i) const { return static_cast<unsigned char>(body_[i]); }

  template <class IsFrequent>
  double share(const IsFrequent& is_frequent) const {
    std::size_t all = 0;
    std::size_t frequent = 0;
    low_trails_ = 0;
    for (std::size_t i = 0; i + 1 < body_.size();) {
      if (at(i) < 0x80) {
        ++i;
        continue;
      }
      ++all;
      if (is_frequent(at(i), at(i + 1))) ++frequent;
      if (at(i + 1) < 0x80) ++low_trails_;
      i += 2;
    }
    return all < least_ ? 0 : static_cast<double>(frequent) / static_cast<double>(all);
  }

  std::string_view body_;
  std::size_t least_;                   // sequences to judge by
  mutable std::size_t low_trails_ = 0;  // second bytes within ASCII
};

bool is_latin_letter(char32_t c) { return c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7; }
bool is_upper(char32_t c) {
  return (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x386 && c <= 0x3AB && c != 0x390) ||
         (c >= 0x400 && c <= 0x42F);
}
bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_latin_letter(c) ||
         (c >= 0x370 && c <= 0x6FF) || c == 0xAA || c == 0xBA;
}

// How much of the text beyond ASCII stands as no writing does: capitals within words, three
// accented letters in a row, two scripts in one word, signs within words.
double oddness(std::string_view text) {
  std::size_t beyond = 0;
  std::size_t odd = 0;
  std::size_t accented = 0;  // Latin letters beyond ASCII in a row
  char32_t before = 0;
  const std::string_view head = text.substr(0, kJudgedBytes);
  for (std::size_t offset = 0; offset < head.size() && beyond < kJudgedCharacters;) {
    const char32_t c = text::next_code_point(head, offset);
    if (c >= 0x80) {
      ++beyond;
      const bool letter = is_letter(c);
      const bool other_script = letter && is_letter(before) &&
                                is_latin_letter(c) != (before < 0x250) &&
                                (c >= 0x370 || before >= 0x370);
      if (c < 0xA0 || c == 0xFFFD || (c >= 0x2500 && c < 0x2600) || (c >= 0xE000 && c < 0xF900)) {
        ++odd;
      } else if (letter ? (is_letter(before) && is_upper(c)) || other_script ||
                              (is_latin_letter(c) && accented >= 2 && c != before)
                        : c < 0xC0 && c != 0xA0 && c != 0xAB && c != 0xBB && is_letter(before)) {
        ++odd;
      }
    } else if (is_letter(c) && before >= 0x370 && before <= 0x6FF) {
      ++odd;
    }
    accented = is_latin_letter(c) ? accented + 1 : 0;
    before = c;
  }
  return beyond == 0 ? 0 : static_cast<double>(odd) / static_cast<double>(beyond);
}

std::string iana_name(const std::string& encoding) {
  if (encoding == "windows-31j") return "Shift_JIS";
  if (encoding == "windows-949") return "EUC-KR";
  return encoding;
}

Decoded as_utf8(std::string_view body) {
  Decoded out;
  out.charset = "UTF-8";
  std::size_t replaced = 0;
  out.text = text::to_valid_utf8(body, &replaced);
  out.replaced = static_cast<std::uint32_t>(replaced);
  return out;
}

// A label that the bytes themselves refute: an ASCII-compatible page cannot be UTF-16 (WHATWG reads
// such a meta as UTF-8), nor can one full of zeros be ASCII.
bool is_refuted(const std::string& encoding, std::string_view body) {
  return starts_with(encoding, "UTF-16") && utf16_by_zeros(body).empty();
}

// Where a label of one byte a character gives letters that the language of the markup does not
// write: the encoding that gives those that it does. Else "".
std::string in_place_of_label(const std::string& label, std::string_view judged,
                              std::string_view body) {
  const std::string language = is_of_one_byte(label) ? declared_language(body) : std::string();
  if (language.empty() || strangeness(judged, label, language) <= kMostStrange) return {};
  Alphabetic declared = by_alphabet(judged, language, {});
  return declared.strange <= kFits ? std::move(declared.encoding) : std::string();
}

// What is enough of a large body to tell its encoding: pieces of it that are not all ASCII, up to a
// MiB of them from everywhere in it.
std::string judged_part(std::string_view body) {
  std::vector<std::string_view> telling;
  for (std::size_t at = 0; at < body.size(); at += kPiece) {
    const std::string_view piece = body.substr(at, kPiece);
    if (!is_ascii(piece)) telling.push_back(piece);
  }
  const std::size_t stride = telling.size() / (kMostJudged / kPiece) + 1;
  std::string out;
  out.reserve(kMostJudged);
  for (std::size_t i = 0; i < telling.size(); i += stride) out += telling[i];
  return out;
}

struct Reading {
  std::string encoding;  // ICU name
  Decoded decoded;
};

std::optional<Reading> read_as(std::string_view body, const std::string& encoding) {
  if (encoding.empty()) return std::nullopt;
  if (encoding == "UTF-8") return Reading{encoding, as_utf8(body)};
  Reading out{encoding, {}};
  out.decoded.charset = iana_name(encoding);
  if (!convert(body, encoding, out.decoded)) return std::nullopt;
  return out;
}

// The best of several readings: fewer replacements, then what looks more like writing.
class Best {
 public:
  void offer(std::optional<Reading> tried) {
    if (!tried) return;
    const double odd = oddness(tried->decoded.text);
    const std::uint32_t replaced = tried->decoded.replaced;
    if (!best_ || (replaced <= best_->decoded.replaced && odd < kMuchLessOdd * oddness_) ||
        replaced * 2 < best_->decoded.replaced) {
      best_ = std::move(tried);
      oddness_ = odd;
    }
  }

  bool is_odd() const { return best_ && oddness_ > kMostOdd; }
  bool is_empty_or_utf8() const { return !best_ || best_->encoding == "UTF-8"; }
  std::optional<Reading> take() { return std::move(best_); }

 private:
  std::optional<Reading> best_;
  double oddness_ = 1;
};

// By the labels of a body, if they explain `judged`, which is the body or enough of it; else by
// what that looks like.
Reading read_judged(std::string_view judged, std::string_view body, std::string_view content_type) {
  const std::string zeros = utf16_by_zeros(body);
  const auto beyond_ascii = static_cast<std::size_t>(std::count_if(
      judged.begin(), judged.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
  const bool ascii = beyond_ascii == 0;
  if (zeros.empty() && !ascii) {
    // A page cut within a character, or with a few pasted bytes: mostly valid sequences are no
    // accident.
    Decoded mostly = as_utf8(judged);
    if (beyond_ascii > mostly.replaced * kValidPerInvalid) return {"UTF-8", std::move(mostly)};
  }
  std::array<std::string, 3> choices{
      encoding_of_label(label_behind_charset(text::ascii_lower(content_type))), zeros, {}};
  if (zeros.empty()) {
    choices[2] = encoding_of_label(prescan(body, kPrescanBytes));
    if (choices[2].empty()) choices[2] = encoding_of_label(prescan(body, kLateBytes));
  }
  if (ascii && zeros.empty() && is_iso_2022_jp(judged)) {
    std::optional<Reading> japanese = read_as(judged, "ISO-2022-JP");
    if (japanese && japanese->decoded.replaced == 0) return std::move(*japanese);
  }
  if (ascii && zeros.empty() && choices[0] != "ISO-2022-JP" && choices[2] != "ISO-2022-JP")
    return {"UTF-8", as_utf8(judged)};
  const auto read = [&](const std::string& encoding) {
    return is_refuted(encoding, body) ? std::nullopt : read_as(judged, encoding);
  };
  Best best;
  std::string pairs = zeros.empty() ? DoubleBytes(judged).best() : std::string();
  if (!pairs.empty() && by_alphabet(judged, {}, {}).strange <= kFitsBetter) pairs.clear();
  for (const std::string& choice : choices) {
    std::optional<Reading> tried = read(choice);
    if (!tried) continue;
    // A label is believed while it explains the bytes, and the text it gives looks like writing.
    const bool explains = tried->decoded.replaced * kValidPerInvalid <= beyond_ascii;
    if (explains && (pairs.empty() || pairs == choice) &&
        oddness(tried->decoded.text) <= kMostOdd) {
      std::optional<Reading> other = read(in_place_of_label(choice, judged, body));
      return std::move(other ? *other : *tried);
    }
    best.offer(std::move(tried));
  }
  if (!pairs.empty()) {
    std::optional<Reading> tried = read(pairs);
    if (tried && tried->decoded.replaced * kValidPerInvalid <= beyond_ascii)
      return std::move(*tried);
  }
  best.offer(read(guess_by_letters(judged, body)));
  if (best.is_empty_or_utf8()) best.offer(read("windows-1252"));
  // A few characters of two bytes each look like nothing that one byte a character gives.
  if (best.is_odd() && zeros.empty()) best.offer(read(DoubleBytes(judged, kFewSequences).best()));
  std::optional<Reading> out = best.take();
  return out ? std::move(*out) : Reading{"UTF-8", as_utf8(judged)};
}

}  // namespace

std::string encoding_of_label(std::string_view label) {
  const std::string wanted = strip_label(label);
  if (wanted.empty()) return {};
  for (const Label& known : kLabels) {
    if (known.label == wanted) return std::string(known.encoding);
  }
  UErrorCode status = U_ZERO_ERROR;
  const char* name = ucnv_getStandardName(wanted.c_str(), "MIME", &status);
  if (U_SUCCESS(status) && name != nullptr) return name;
  status = U_ZERO_ERROR;
  name = ucnv_getStandardName(wanted.c_str(), "IANA", &status);
  return U_SUCCESS(status) && name != nullptr ? std::string(name) : std::string{};
}

std::string prescan(std::string_view body, std::size_t limit) {
  const std::string head = text::ascii_lower(body.substr(0, limit));
  std::size_t at = 0;
  while ((at = head.find('<', at)) != std::string::npos) {
    const std::string_view rest = std::string_view(head).substr(at);
    if (starts_with(rest, "<!--")) {
      const std::size_t end = rest.find("-->", 2);
      if (end == std::string_view::npos) return {};
      at += end + 3;
      continue;
    }
    if (starts_with(rest, "<?xml")) {
      const std::string_view declaration = rest.substr(0, rest.find("?>"));
      const std::size_t encoding = declaration.find("encoding=");
      if (encoding != std::string_view::npos && declaration.size() > encoding + 10) {
        const std::string_view value = declaration.substr(encoding + 10);
        return strip_label(value.substr(0, value.find_first_of("\"'")));
      }
    }
    if (starts_with(rest, "<meta")) {
      const std::size_t end = rest.find('>');
      const std::string label = label_behind_charset(rest.substr(0, end));
      if (!label.empty()) return label;
      if (end == std::string_view::npos) return {};
      at += end;
      continue;
    }
    ++at;
  }
  return {};
}

Decoded decode(std::string_view body, std::string_view content_type) {
  if (starts_with(body, "\xEF\xBB\xBF")) return as_utf8(body.substr(3));
  const bool little = starts_with(body, "\xFF\xFE");
  if (little || starts_with(body, "\xFE\xFF")) {
    Decoded out;
    out.charset = little ? "UTF-16LE" : "UTF-16BE";
    if (convert(body.substr(2), out.charset, out)) return out;
  }
  if (!is_ascii(body) && text::is_valid_utf8(body) && utf16_by_zeros(body).empty())
    return {std::string(body), "UTF-8", 0};
  if (body.size() <= kMostJudged || is_ascii(body))
    return read_judged(body, body, content_type).decoded;
  const std::string encoding = read_judged(judged_part(body), body, content_type).encoding;
  std::optional<Reading> whole = read_as(body, encoding);
  return whole ? std::move(whole->decoded) : as_utf8(body);
}

}  // namespace vigie::charset
