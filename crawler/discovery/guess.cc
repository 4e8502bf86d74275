#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "crawler/discovery/discovery.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::discovery {
namespace {

/// Domains of countries that stand for anything but their country.
constexpr std::array kAnywhere = std::to_array<std::string_view>(
    {"ac", "ag", "ai", "as", "bz", "cc", "cd", "co", "dj", "eu", "fm", "gg",
     "im", "io", "is", "la", "li", "ly", "me", "mn", "ms", "mu", "nu", "pw",
     "sc", "sh", "st", "su", "tk", "to", "tv", "vc", "vg", "ws"});
constexpr std::array kBetweenNames =
    std::to_array<std::string_view>({" | ", " - ", " – ", " — ", " :: ", " · ", " » "});

std::string upper(std::string_view two) {
  std::string out;
  for (const char c : two) out += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

bool two_letters(std::string_view part) {
  return part.size() == 2 && std::ranges::all_of(part, text::ascii::is_letter);
}

std::string country_of_domain(std::string_view host) {
  const std::size_t dot = host.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string last = text::ascii_lower(host.substr(dot + 1));
  if (!two_letters(last) || std::ranges::find(kAnywhere, last) != kAnywhere.end()) return {};
  return last == "uk" ? "GB" : upper(last);
}

/// The region of a tag such as pt-BR or zh-Hant-TW. Templates say en-US wherever they are used.
std::string country_of_language(std::string_view language) {
  std::size_t begin = language.find_first_of("-_");
  while (begin != std::string_view::npos) {
    const std::size_t end = language.find_first_of("-_", begin + 1);
    const std::string_view part = language.substr(
        begin + 1, end == std::string_view::npos ? std::string_view::npos : end - begin - 1);
    if (two_letters(part)) return text::ascii_iequals(language, "en-us") ? "" : upper(part);
    begin = end;
  }
  return {};
}

}  // namespace

std::string guess_country(const std::string& host, const std::string& language, std::string& from) {
  from = "domain";
  if (std::string country = country_of_domain(host); !country.empty()) return country;
  from = "language";
  if (std::string country = country_of_language(language); !country.empty()) return country;
  from.clear();
  return {};
}

std::string tidy_name(const std::string& title) {
  const std::string name = text::collapse_spaces(title);
  for (const std::string_view between : kBetweenNames) {
    std::vector<std::string_view> parts;
    std::string_view rest = name;
    for (std::size_t at = rest.find(between); at != std::string_view::npos;
         at = rest.find(between)) {
      parts.push_back(rest.substr(0, at));
      rest.remove_prefix(at + between.size());
    }
    if (parts.empty()) continue;
    parts.push_back(rest);
    std::string out;
    for (auto part = parts.begin(); part != parts.end(); ++part) {
      const bool again = std::any_of(parts.begin(), part, [&](std::string_view before) {
        return text::ascii_iequals(before, *part);
      });
      if (again) continue;
      if (!out.empty()) out += between;
      out += *part;
    }
    return out;
  }
  return name;
}

}  // namespace vigie::crawler::discovery
