#include "extractor/metadata/page.h"

#include <algorithm>
#include <array>
#include <utility>

#include "platform/dates/dates.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostTitleBytes = 4096;  // of <title> that are read
// A day further ahead of the fetch is one of things to come: clocks and zones differ by a day.
constexpr std::int64_t kMostAheadMs = 2 * dates::kMsPerDay;

}  // namespace

bool holds_word(std::string_view list, std::string_view word) {
  if (list.size() < word.size()) return false;
  const std::string lower = text::ascii_lower(list.substr(0, 200));
  for (std::size_t at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1)) {
    const bool begins = at == 0 || !((lower[at - 1] >= 'a' && lower[at - 1] <= 'z'));
    const std::size_t end = at + word.size();
    const bool ends = end == lower.size() || !((lower[end] >= 'a' && lower[end] <= 'z'));
    if (begins && ends) return true;
  }
  return false;
}

bool is_home_or_list(const url::Url& address) {
  if (address.query && !address.query->empty()) return false;
  std::string_view path = address.path;
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  if (path.empty()) return true;
  const std::string last = text::ascii_lower(path.substr(path.rfind('/') + 1));
  static constexpr std::array kHomes =
      std::to_array<std::string_view>({"index.html", "index.htm", "index.php", "home",
                                       "default.aspx", "news", "archive", "latest", "blog"});
  if (std::find(kHomes.begin(), kHomes.end(), last) != kHomes.end()) return true;
  // One short path part without a digit or hyphen is a section: /politics, /en.
  return path.find('/', 1) == std::string_view::npos && last.size() <= 12 &&
         last.find_first_of("-_.0123456789") == std::string::npos;
}

Page::Page(const dom::Document& document, const PageFacts& facts)
    : claims(facts.all_claims),
      document_(document),
      facts_(facts),
      meta_(document),
      json_(read_json_ld(document, facts.url)) {
  Result<url::Url> page = url::parse(facts_.url);
  if (page) url_ = std::move(*page);
  if (document_.base.name.empty() || !url_) return;
  const std::string href =
      dom::decoded(dom::find_attribute(document_.base, "href").value_or(std::string_view{}), true);
  Result<url::Url> based = url::parse(href, &*url_);
  if (based && based->is_http()) base_ = std::move(*based);
}

std::string Page::page_title() const {
  if (document_.titles.empty()) return {};
  return text::collapse_spaces(
      dom::decoded(text::prefix(document_.titles.front(), kMostTitleBytes)));
}

std::string Page::header(std::string_view name) const {
  return facts_.header ? facts_.header(name) : std::string{};
}

const url::Url* Page::base() const {
  if (base_) return &*base_;
  return url_ ? &*url_ : nullptr;
}

std::string Page::absolute(std::string_view link) const {
  if (link.empty() || !url_) return {};
  Result<url::Url> parsed = url::parse(link, base());
  return parsed && parsed->is_http() ? parsed->href() : std::string{};
}

std::optional<Date> Page::date_of(std::string_view value, std::string_view carrier) const {
  if (value.empty()) return std::nullopt;
  std::optional<Date> found = parse_date(value, date_hints());
  if (found) found->carrier = carrier;
  return found;
}

// The country whose habits the page's dates follow. The United States are what content systems
// say unless told otherwise, so any other country that is named counts more.
void Page::read_country() {
  const auto region_of = [](std::string_view tag) {
    const std::size_t at = tag.find_last_of("-_");
    std::string region(at == std::string_view::npos ? std::string_view{} : tag.substr(at + 1));
    if (region.size() != 2) region.clear();
    std::transform(region.begin(), region.end(), region.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return region;
  };
  for (const std::string& country :
       {url_ && url_->host ? dates::country_of_host(*url_->host) : std::string{},
        region_of(so_far.declared_language), region_of(meta_.first("og:locale")), facts_.country}) {
    if (country.empty()) continue;
    if (country_.empty()) country_ = country;
    if (country == "US") continue;
    country_ = country;
    return;
  }
}

VisibleDates& Page::visible() {
  if (!visible_)
    visible_.emplace(document_, date_hints(), so_far.title,
                     facts_.fetched_at_unix_ms == 0 ? 0 : facts_.fetched_at_unix_ms + kMostAheadMs);
  return *visible_;
}

}  // namespace vigie::extractor::metadata
