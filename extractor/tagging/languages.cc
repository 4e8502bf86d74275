#include "extractor/tagging/languages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "platform/text/matchable.h"

namespace vigie::extractor::tagging {
namespace {

using namespace text;

constexpr std::string_view kAny = "any";
constexpr std::size_t kMostBits = 64;  // languages beyond share the last one
// a shorter text is often taken for a language that is related to its own
constexpr std::uint32_t kShortWords = 60;

/// Languages whose news is not written in Latin letters.
constexpr std::array<std::pair<std::string_view, std::uint32_t>, 31> kScripts{
    {{"ru", kScriptCyrillic},   {"uk", kScriptCyrillic},   {"be", kScriptCyrillic},
     {"bg", kScriptCyrillic},   {"mk", kScriptCyrillic},   {"sr", kScriptCyrillic},
     {"kk", kScriptCyrillic},   {"ky", kScriptCyrillic},   {"mn", kScriptCyrillic},
     {"tg", kScriptCyrillic},   {"el", kScriptGreek},      {"ar", kScriptArabic},
     {"fa", kScriptArabic},     {"ur", kScriptArabic},     {"ps", kScriptArabic},
     {"he", kScriptHebrew},     {"yi", kScriptHebrew},     {"zh", kScriptHan},
     {"ja", kScriptKana},       {"ko", kScriptHangul},     {"th", kScriptThai},
     {"hi", kScriptDevanagari}, {"mr", kScriptDevanagari}, {"ne", kScriptDevanagari},
     {"bn", kScriptOther},      {"ta", kScriptOther},      {"te", kScriptOther},
     {"ka", kScriptOther},      {"hy", kScriptOther},      {"am", kScriptOther},
     {"my", kScriptOther}}};

/// Languages that short texts are taken for, and whose they may be instead.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTakenFor{
    {{"gl", "es"}, {"gl", "pt"}, {"ca", "es"}, {"az", "tr"}, {"co", "it"}, {"oc", "fr"}}};

bool may_be(std::string_view language, std::string_view other) {
  return language == other || std::find(kTakenFor.begin(), kTakenFor.end(),
                                        std::pair(language, other)) != kTakenFor.end();
}

std::uint32_t scripts_of(std::string_view language) {
  for (const auto& [code, script] : kScripts) {
    if (code == language) return script;
  }
  return kScriptLatin;
}

}  // namespace

LanguageSet Languages::add(std::string_view language) {
  const auto is_it = [&](const Known& known) { return known.code == language; };
  auto found = std::find_if(known_.begin(), known_.end(), is_it);
  if (found == known_.end())
    found = known_.insert(known_.end(),
                          {std::string(language), language == kAny ? 0 : scripts_of(language)});
  const auto place = static_cast<std::size_t>(found - known_.begin());
  return LanguageSet{1} << std::min(place, kMostBits - 1);
}

LanguageSet Languages::of_scripts(std::uint32_t scripts) const {
  LanguageSet out = 0;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if ((known_[i].scripts & scripts) != 0) out |= LanguageSet{1} << std::min(i, kMostBits - 1);
  }
  return out;
}

Counting Languages::counting(std::string_view language, std::uint32_t scripts,
                             std::uint32_t words) const {
  Counting out;
  LanguageSet own = 0;
  bool known = false;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    const bool is_own = may_be(language, known_[i].code);
    known = known || known_[i].code == language;
    if (is_own || known_[i].code == kAny) own |= LanguageSet{1} << std::min(i, kMostBits - 1);
  }
  // Between kana, Han characters are no Chinese; names are often written as in Chinese all the
  // same.
  const std::uint32_t foreign = scripts & ~kScriptLatin;
  const bool kana = (scripts & kScriptKana) != 0;
  out.word = own | of_scripts(kana ? foreign & ~kScriptHan : foreign);
  if (language.empty()) out.word |= of_scripts(kScriptLatin);
  out.telling = out.word;
  const bool certain = known && words >= kShortWords && (scripts_of(language) & kScriptLatin) != 0;
  if ((scripts & kScriptLatin) != 0 && !certain) out.telling |= of_scripts(kScriptLatin);
  out.classes = known ? out.word : out.telling;
  out.wide = out.telling | of_scripts(foreign);
  return out;
}

}  // namespace vigie::extractor::tagging
