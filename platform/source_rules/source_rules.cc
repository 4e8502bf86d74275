#include "platform/source_rules/source_rules.h"

#include <algorithm>

#include "platform/text/ascii.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::source_rules {
namespace {

constexpr std::size_t kMaxSlugBytes = 60;  // leaves room for "-2"
constexpr std::size_t kMaxLanguageBytes = 35;

tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_source", std::move(detail));
}

std::string shown(std::string_view value, std::size_t bytes) {
  return "`" + text::ellipsize(text::to_valid_utf8(value), bytes) + "`";
}

template <std::size_t N>
Result<void> check_word(std::string_view value, const char* what,
                        const std::array<std::string_view, N>& words) {
  if (value.empty() || std::find(words.begin(), words.end(), value) != words.end()) return {};
  std::string all;
  for (const std::string_view word : words) all += (all.empty() ? "" : " ") + std::string(word);
  return bad(shown(value, 40) + " is no " + what + "; it is one of: " + all);
}

}  // namespace

Result<std::string> http_url(std::string_view written) {
  auto parsed = url::parse(written);
  if (!parsed || !parsed->is_http() || !parsed->host || parsed->host->empty())
    return bad(shown(written, 200) + " is no http or https URL");
  if (!parsed->username.empty() || !parsed->password.empty())
    return bad("a URL must not hold a user name or a password");
  parsed->fragment.reset();
  return parsed->href();
}

Result<void> check_country(std::string_view country) {
  if (country.empty() ||
      (country.size() == 2 && std::ranges::all_of(country, text::ascii::is_upper)))
    return {};
  return bad(shown(country, 20) + " is no country of ISO 3166-1: two capital letters, such as FR");
}

Result<void> check_language(std::string_view language) {
  if (language.empty()) return {};
  const std::size_t primary = std::min(language.find('-'), language.size());
  const bool tag = std::ranges::all_of(
      language, [](char c) { return text::ascii::is_alphanumeric(c) || c == '-'; });
  if (primary >= 2 && primary <= 3 && language.size() <= kMaxLanguageBytes && tag) return {};
  return bad(shown(language, 40) + " is no language of BCP 47, such as fr or pt-BR");
}

Result<void> check_kind(std::string_view kind) { return check_word(kind, "kind", kKinds); }
Result<void> check_affiliation(std::string_view affiliation) {
  return check_word(affiliation, "affiliation", kAffiliations);
}

std::string slug(std::string_view name) {
  std::string out;
  for (const char c : text::fold_text(text::to_valid_utf8(name))) {
    const bool keep = text::ascii::is_lower(c) || text::ascii::is_digit(c);
    if (keep) {
      out += c;
    } else if (!out.empty() && out.back() != '-' && static_cast<unsigned char>(c) < 0x80 &&
               c != '\'') {
      out += '-';
    }
    if (out.size() >= kMaxSlugBytes) break;
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

std::string id_base(std::string_view name, std::string_view homepage) {
  std::string out = slug(name);
  if (out.size() < 2) {
    const auto home = url::parse(homepage);
    out = slug(home && home->host ? std::string_view(*home->host) : std::string_view("source"));
    if (out.starts_with("www-")) out.erase(0, 4);
  }
  return out.empty() ? "source" : out;
}

}  // namespace vigie::source_rules
