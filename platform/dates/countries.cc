#include <algorithm>
#include <array>

#include "platform/dates/written_date.h"
#include "platform/text/ascii.h"

namespace vigie::dates {
namespace {

struct LanguageOfCountry {
  std::string_view country;
  std::string_view language;
};

// Countries with one language of news.
constexpr std::array kLanguages = std::to_array<LanguageOfCountry>({
    {"AE", "ar"}, {"AF", "fa"}, {"AL", "sq"}, {"AM", "hy"}, {"AR", "es"},  {"AT", "de"},
    {"AZ", "az"}, {"BA", "bs"}, {"BD", "bn"}, {"BG", "bg"}, {"BO", "es"},  {"BR", "pt"},
    {"BY", "be"}, {"CL", "es"}, {"CN", "zh"}, {"CO", "es"}, {"CR", "es"},  {"CU", "es"},
    {"CZ", "cs"}, {"DE", "de"}, {"DK", "da"}, {"DO", "es"}, {"DZ", "ar"},  {"EC", "es"},
    {"EE", "et"}, {"EG", "ar"}, {"ES", "es"}, {"FI", "fi"}, {"FR", "fr"},  {"GE", "ka"},
    {"GR", "el"}, {"GT", "es"}, {"HK", "zh"}, {"HN", "es"}, {"HR", "hr"},  {"HU", "hu"},
    {"ID", "id"}, {"IL", "he"}, {"IQ", "ar"}, {"IR", "fa"}, {"IS", "is"},  {"IT", "it"},
    {"JO", "ar"}, {"JP", "ja"}, {"KE", "sw"}, {"KG", "ky"}, {"KH", "km"},  {"KR", "ko"},
    {"KW", "ar"}, {"KZ", "kk"}, {"LA", "lo"}, {"LB", "ar"}, {"LT", "lt"},  {"LV", "lv"},
    {"LY", "ar"}, {"MA", "ar"}, {"MD", "ro"}, {"MK", "mk"}, {"MM", "my"},  {"MN", "mn"},
    {"MO", "zh"}, {"MX", "es"}, {"MY", "ms"}, {"NI", "es"}, {"NL", "nl"},  {"NO", "nb"},
    {"NP", "ne"}, {"OM", "ar"}, {"PA", "es"}, {"PE", "es"}, {"PH", "fil"}, {"PK", "ur"},
    {"PL", "pl"}, {"PS", "ar"}, {"PT", "pt"}, {"PY", "es"}, {"QA", "ar"},  {"RO", "ro"},
    {"RS", "sr"}, {"RU", "ru"}, {"SA", "ar"}, {"SE", "sv"}, {"SI", "sl"},  {"SK", "sk"},
    {"SO", "so"}, {"SV", "es"}, {"SY", "ar"}, {"TH", "th"}, {"TJ", "tg"},  {"TM", "tk"},
    {"TN", "ar"}, {"TR", "tr"}, {"TW", "zh"}, {"TZ", "sw"}, {"UA", "uk"},  {"UY", "es"},
    {"UZ", "uz"}, {"VE", "es"}, {"VN", "vi"}, {"YE", "ar"},
});

// Domains of countries that anyone takes.
constexpr std::array kGeneric = std::to_array<std::string_view>(
    {"ac", "ag", "ai", "am", "bz", "cc", "cd", "co", "cx", "eu", "fm", "gg", "gl",
     "gs", "im", "io", "is", "je", "la", "li", "ly", "me", "ms", "mu", "nu", "pw",
     "sc", "sh", "st", "su", "tk", "to", "tv", "vc", "vg", "vu", "ws"});

// Where the month goes first in numbers. Source: CLDR, short dates.
constexpr std::array kMonthFirst =
    std::to_array<std::string_view>({"US", "PH", "PR", "GU", "AS", "VI", "UM", "MP", "MH", "FM"});

template <class List>
bool has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

std::string country_of_host(std::string_view host) {
  while (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const std::string_view last = host.substr(host.rfind('.') + 1);
  if (last.size() != 2 || last.size() == host.size() || !text::ascii::is_letter(last[0]) ||
      !text::ascii::is_letter(last[1]))
    return {};
  std::string name = text::ascii::lower(last);
  if (has(kGeneric, name)) return {};
  if (name == "uk") return "GB";
  for (char& c : name) c = static_cast<char>(c - 'a' + 'A');
  return name;
}

std::string_view language_of_country(std::string_view country) {
  const auto* found =
      std::find_if(kLanguages.begin(), kLanguages.end(),
                   [country](const LanguageOfCountry& one) { return one.country == country; });
  return found == kLanguages.end() ? std::string_view{} : found->language;
}

std::string country_of_language(std::string_view language) {
  const std::size_t dash = language.find_last_of("-_");
  if (dash != std::string_view::npos && language.size() == dash + 3) {
    std::string region;
    for (const char c : text::ascii::lower(language.substr(dash + 1)))
      region += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return region;
  }
  const std::string primary = text::ascii::lower(language.substr(0, language.find_first_of("-_")));
  std::string_view only;
  for (const LanguageOfCountry& one : kLanguages) {
    if (one.language != primary) continue;
    if (!only.empty()) return {};
    only = one.country;
  }
  return std::string(only);
}

bool is_month_first(const DateHints& hints) {
  const std::string_view language = hints.language.substr(0, hints.language.find_first_of("-_"));
  const bool english = language.empty() || language == "en" || language == "fil" ||
                       language == "tl" || language == "EN";
  if (!english) return false;
  if (!hints.country.empty()) return has(kMonthFirst, hints.country);
  const std::size_t dash = hints.language.find_first_of("-_");
  if (dash != std::string_view::npos && hints.language.size() == dash + 3) {
    std::string region = text::ascii::lower(hints.language.substr(dash + 1));
    for (char& c : region) c = static_cast<char>(c - 'a' + 'A');
    return has(kMonthFirst, region);
  }
  return language.empty() ? hints.month_first : true;
}

}  // namespace vigie::dates
