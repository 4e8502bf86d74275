#include "platform/text/iso_codes.h"

#include <unicode/locid.h>
#include <unicode/uloc.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <vector>

#include "platform/text/fold.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

constexpr std::array<const char*, 13> kReaders{"en", "fr", "de", "es", "it", "pt", "pl",
                                               "ru", "ar", "zh", "ja", "ko", "tr"};
// names that a person types and ICU does not give
struct Called {
  const char* name;
  const char* code;
};
constexpr std::array<Called, 9> kCountryNames{{{"usa", "US"},
                                               {"america", "US"},
                                               {"uk", "GB"},
                                               {"england", "GB"},
                                               {"britain", "GB"},
                                               {"great britain", "GB"},
                                               {"uae", "AE"},
                                               {"korea", "KR"},
                                               {"holland", "NL"}}};
constexpr std::array<Called, 4> kLanguageNames{
    {{"mandarin", "zh"}, {"farsi", "fa"}, {"flemish", "nl"}, {"cn", "zh"}}};

/// One in six letters may be wrong.
bool near_enough(std::string_view a, std::string_view b) {
  return edit_distance(a, b) <= std::max(a.size(), b.size()) / 6 + (a.size() > 3 ? 1 : 0);
}

class Codes {
 public:
  Codes() {
    for (const char* const* code = uloc_getISOCountries(); *code != nullptr; ++code)
      countries_.insert(*code);
    countries_.insert({"EU", "XK"});
    for (const char* const* code = uloc_getISOLanguages(); *code != nullptr; ++code)
      languages_.insert(*code);
    for (const Called& one : kCountryNames) country_names_[one.name] = one.code;
    for (const Called& one : kLanguageNames) language_names_[one.name] = one.code;
    for (const char* reader : kReaders) {
      const icu::Locale in(reader);
      for (const std::string& code : countries_) {
        icu::UnicodeString name;
        icu::Locale("", code.c_str()).getDisplayCountry(in, name);
        put(country_names_, name, code);
      }
      for (const std::string& code : languages_) {
        if (code.size() > 2) continue;
        icu::UnicodeString name;
        icu::Locale(code.c_str()).getDisplayLanguage(in, name);
        put(language_names_, name, code);
      }
    }
  }

  using Names = std::map<std::string, std::string, std::less<>>;
  const std::set<std::string, std::less<>>& countries() const { return countries_; }
  const std::set<std::string, std::less<>>& languages() const { return languages_; }

  static std::string called(const Names& names, std::string_view name) {
    const std::string folded = fold_text(name);
    if (const auto known = names.find(folded); known != names.end()) return known->second;
    std::vector<std::string_view> all;
    all.reserve(names.size());
    for (const auto& entry : names) all.push_back(entry.first);
    const std::string_view best = nearest(folded, all);
    return near_enough(folded, best) ? names.find(best)->second : std::string();
  }
  const Names& country_names() const { return country_names_; }
  const Names& language_names() const { return language_names_; }

 private:
  static void put(Names& names, const icu::UnicodeString& name, const std::string& code) {
    std::string bytes;
    name.toUTF8String(bytes);
    bytes = fold_text(bytes);
    if (bytes != fold_text(code)) names.try_emplace(std::move(bytes), code);
  }

  std::set<std::string, std::less<>> countries_;
  std::set<std::string, std::less<>> languages_;
  Names country_names_;
  Names language_names_;
};

const Codes& codes() {
  // never destroyed: threads may ask while the process ends
  static const Codes* made = new Codes();
  return *made;
}

/// Most likely subtags (CLDR) of "und_JP" or "en".
icu::Locale likely(const std::string& from) {
  icu::Locale locale(from.c_str());
  UErrorCode status = U_ZERO_ERROR;
  locale.addLikelySubtags(status);
  return locale;
}

std::string upper(std::string_view code) {
  std::string out(code);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

}  // namespace

bool is_country(std::string_view code) { return codes().countries().contains(code); }
bool is_language(std::string_view code) { return codes().languages().contains(code); }

std::string country_called(std::string_view name) {
  if (auto found = Codes::called(codes().country_names(), name); !found.empty()) return found;
  const std::string lower = ascii_lower(name);
  if (lower.size() == 2 && is_language(lower)) {
    if (lower == "en") return "GB";
    const std::string country = likely(lower).getCountry();
    if (is_country(country)) return country;
  }
  return {};
}

std::string language_called(std::string_view name) {
  if (auto found = Codes::called(codes().language_names(), name); !found.empty()) return found;
  const std::string code = upper(name);
  if (code.size() == 2 && is_country(code)) return likely("und_" + code).getLanguage();
  return {};
}

}  // namespace vigie::text
