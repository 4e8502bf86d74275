#include "extractor/metadata/visible_date.h"

#include <algorithm>
#include <array>
#include <string>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

using dom::Tag;

constexpr std::size_t kMostLine = 120;  // bytes of a line that is little more than a date
// runs of text behind the headline in which the date stands
constexpr std::uint32_t kMostTextsBeside = 40;
// in front of the headline in which an element that calls itself a date is its own
constexpr std::uint32_t kNodesBefore = 30;
constexpr std::uint32_t kNodesBehind = 80;
constexpr std::uint32_t kMostNodesOfDate = 12;  // of an element that calls itself a date
constexpr std::int64_t kMostHoursAhead = 12;    // of UTC, where newsrooms are
constexpr std::int64_t kMostHoursBehind = 8;
constexpr std::int64_t kMsPerHour = 3'600'000;
constexpr std::int64_t kMsPerDay = 24 * kMsPerHour;

std::string folded(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))
      out += c;
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c + 32);
  }
  return out;
}

// The heading that says the headline, else the first first-level heading; the number of nodes if
// there is neither.
std::uint32_t headline_node(const dom::Document& document, std::string_view headline) {
  const auto count = static_cast<std::uint32_t>(document.nodes.size());
  const std::string wanted = folded(headline);
  std::uint32_t first = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Tag tag = document.nodes[i].tag;
    if (!dom::is_heading(tag)) continue;
    if (tag == Tag::kH1 && first == count) first = i;
    if (wanted.size() >= 8 && folded(document.text_of(i, headline.size() * 2 + 64)) == wanted)
      return i;
  }
  return first;
}

bool may_be_date(const dom::Node& node) {
  return node.tag == Tag::kText && node.text.size() >= 6 && node.text.size() <= kMostLine &&
         std::any_of(node.text.begin(), node.text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

bool is_in_link(const dom::Document& document, std::uint32_t node) {
  for (int level = 0; level < 4 && node != dom::kNoNode;
       ++level, node = document.nodes[node].parent) {
    if (document.nodes[node].tag == Tag::kA) return true;
  }
  return false;
}

bool is_named_date(const dom::Document& document, std::uint32_t node) {
  const std::uint32_t source = document.nodes[node].source;
  if (source == dom::kNoNode) return false;
  const std::string names =
      text::ascii_lower(dom::find_attribute(document.tags[source].attributes, "class")
                            .value_or(std::string_view{})
                            .substr(0, 100));
  static constexpr std::array kNames =
      std::to_array<std::string_view>({"date", "datum", "fecha", "published", "pubtime", "posted",
                                       "timestamp", "publish-time", "post-time", "news-time"});
  if (names.find("update") != std::string::npos &&
      names.find("date", names.find("update") + 6) == std::string::npos)
    return false;
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view name) { return names.find(name) != std::string::npos; });
}

std::optional<Date> date_of(const std::string& line, std::string_view language) {
  std::optional<Date> found = parse_date(text::collapse_spaces(line), {language});
  if (found) found->carrier = "text";
  return found;
}

// From a node on, then from the beginning up to it.
template <class Visit>
void from(std::uint32_t begin, std::uint32_t count, const Visit& visit) {
  for (std::uint32_t step = 0; step < count; ++step) {
    if (visit(begin < count ? (begin + step) % count : step)) return;
  }
}

}  // namespace

namespace {

std::optional<Date> named_date(const dom::Document& document, std::uint32_t node,
                               std::string_view language) {
  if (document.nodes[node].tag == Tag::kText ||
      document.nodes[node].end - node > kMostNodesOfDate || !is_named_date(document, node))
    return std::nullopt;
  const std::string line = document.text_of(node, kMostLine + 1);
  return line.size() <= kMostLine ? date_of(line, language) : std::nullopt;
}

}  // namespace

std::optional<Date> date_near_headline(const dom::Document& document, std::string_view language,
                                       std::string_view headline) {
  const auto count = static_cast<std::uint32_t>(document.nodes.size());
  const std::uint32_t begin = headline_node(document, headline);
  if (begin >= count) return std::nullopt;
  for (std::uint32_t i = begin; i < std::min(count, begin + kNodesBehind); ++i) {
    if (std::optional<Date> found = named_date(document, i, language)) return found;
  }
  for (std::uint32_t i = begin; i > 0 && begin - i < kNodesBefore; --i) {
    if (std::optional<Date> found = named_date(document, i - 1, language)) return found;
  }
  return date_beside_headline(document, language, headline);
}

std::optional<Date> date_in_text(const dom::Document& document, std::string_view language,
                                 std::string_view headline) {
  std::optional<Date> found = date_near_headline(document, language, headline);
  if (found) return found;
  const auto count = static_cast<std::uint32_t>(document.nodes.size());
  const std::uint32_t begin = headline_node(document, headline);
  from(begin, count, [&](std::uint32_t i) {
    found = named_date(document, i, language);
    return found.has_value();
  });
  for (const bool links : {false, true}) {
    if (found) break;
    from(begin, count, [&](std::uint32_t i) {
      if (may_be_date(document.nodes[i]) && is_in_link(document, i) == links)
        found = date_of(dom::decoded(document.nodes[i].text), language);
      return found.has_value();
    });
  }
  return found;
}

std::optional<Date> date_beside_headline(const dom::Document& document, std::string_view language,
                                         std::string_view headline) {
  const auto count = static_cast<std::uint32_t>(document.nodes.size());
  const std::uint32_t begin = headline_node(document, headline);
  if (begin >= count) return std::nullopt;
  std::uint32_t texts = 0;
  for (std::uint32_t i = document.nodes[begin].end; i < count && texts < kMostTextsBeside; ++i) {
    if (document.nodes[i].tag != Tag::kText) continue;
    ++texts;
    if (!may_be_date(document.nodes[i]) || is_in_link(document, i)) continue;
    if (std::optional<Date> found = date_of(dom::decoded(document.nodes[i].text), language))
      return found;
  }
  return std::nullopt;
}

std::optional<Date> date_in_scripts(std::string_view page, std::string_view language) {
  static constexpr std::array kKeys = std::to_array<std::string_view>(
      {"datePublished", "published_at", "publishedAt", "publishedDate", "publishDate",
       "publish_date", "publicationDate", "datePublication", "firstPublished", "pubDate",
       "createdAt", "created_at"});
  constexpr std::size_t kMostValue = 40;   // bytes behind the key that hold the day
  constexpr std::size_t kMostTried = 8;    // places of one key
  constexpr std::size_t kMostQuoted = 64;  // quoted values that begin like a year
  for (const std::string_view key : kKeys) {
    std::size_t tried = 0;
    for (std::size_t at = page.find(key); at != std::string_view::npos && tried < kMostTried;
         at = page.find(key, at + key.size()), ++tried) {
      std::string_view value = page.substr(at + key.size(), kMostValue + 16);
      const std::size_t digit = value.find_first_of("0123456789");
      const std::size_t colon = value.find(':');
      if (digit == std::string_view::npos || colon == std::string_view::npos || colon > digit ||
          digit > 20)
        continue;
      value.remove_prefix(digit);
      value = value.substr(0, value.find_first_of("\"\\&'<,}"));
      if (std::optional<Date> found = parse_date(value.substr(0, kMostValue), {language})) {
        found->carrier = "script";
        return found;
      }
    }
  }
  std::size_t tried = 0;
  for (std::size_t at = page.find("\"20"); at != std::string_view::npos && tried < kMostQuoted;
       at = page.find("\"20", at + 1), ++tried) {
    const std::string_view value =
        page.substr(at + 1, kMostValue).substr(0, page.substr(at + 1, kMostValue).find('"'));
    if (value.size() < 16 || value.find(':') == std::string_view::npos ||
        value.find_first_not_of("0123456789-/:.TZ+ ") != std::string_view::npos)
      continue;
    if (std::optional<Date> found = parse_date(value, {language})) {
      found->carrier = "script";
      return found;
    }
  }
  return std::nullopt;
}

Date on_day_shown(const Date& written, const std::optional<Date>& shown,
                  const std::optional<Date>& modified) {
  const bool in_utc = !written.day_only && !written.text.empty() &&
                      (written.text.back() == 'Z' || written.text.ends_with("+00:00"));
  if (!in_utc || !shown || written.text.size() < 19) return written;
  const auto day_of = [](const Date& date) { return date.text.substr(0, 10); };
  const std::int64_t own_day =
      written.unix_ms - (written.unix_ms % kMsPerDay + kMsPerDay) % kMsPerDay;
  const std::optional<Date> shown_day = parse_date(day_of(*shown));
  if (!shown_day) return written;
  const std::int64_t days = (shown_day->unix_ms - own_day) / kMsPerDay;
  if (days != 1 && days != -1) return written;
  const std::int64_t into_day = written.unix_ms - own_day;
  const bool on_the_hour = into_day % kMsPerHour == 0;
  // the day of the change is shown
  if (modified && !on_the_hour && day_of(*modified) == day_of(*shown)) return written;
  const std::int64_t hours = days == 1 ? (kMsPerDay - into_day + kMsPerHour - 1) / kMsPerHour
                                       : -(into_day / kMsPerHour + 1);
  if (hours > kMostHoursAhead || hours < -kMostHoursBehind) return written;
  Date out = written;
  out.text = day_of(*shown);
  return out;
}

}  // namespace vigie::extractor::metadata
