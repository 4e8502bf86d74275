#include "indexer/delivery/wording.h"

#include <array>

#include "platform/dates/dates.h"
#include "platform/dates/time_zone.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"
#include "platform/url/url.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kMaxSourceBytes = 100;

std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

std::uint64_t count_of(const Notice& notice) { return notice.items.size() + notice.further; }

std::string counted(std::uint64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string articles(std::uint64_t count) {
  if (count == 0) return "nothing new";
  return counted(count, "article");
}

}  // namespace

std::string subject_of(const Notice& notice, std::size_t max_bytes) {
  const std::string name = text::visible_line(notice.subscription_name);
  std::string out;
  if (notice.kind == Notice::Kind::kSample) out = "Test of " + name;
  else if (notice.kind == Notice::Kind::kAlert && count_of(notice) == 1 && !notice.items.empty())
    out = name + ": " + headline_of(notice.items.front(), max_bytes);
  else out = name + ": " + articles(count_of(notice));
  return text::ellipsize(out, max_bytes);
}

std::string headline_of(const NoticeItem& item, std::size_t max_bytes) {
  const std::string line = text::visible_line(item.headline);
  return text::ellipsize(line.empty() ? text::visible_line(item.url) : line, max_bytes);
}

std::string byline_of(const NoticeItem& item, const Notice& notice) {
  std::string out = text::ellipsize(text::visible_line(item.source), kMaxSourceBytes);
  const auto add = [&](const std::string& part) {
    if (part.empty()) return;
    if (!out.empty()) out += " · ";
    out += part;
  };
  add(time_text(item.first_unix_ms, notice.time_zone));
  if (item.also > 0) add("and " + std::to_string(item.also) + " more on it");
  if (item.sources > 0)
    add("also reported: " + counted(item.languages, "language") + ", " +
        counted(item.sources, "source"));
  return out;
}

std::string sentence_of(const NoticeItem& item, std::size_t max_bytes) {
  return text::ellipsize(text::visible_line(item.sentence), max_bytes);
}

std::string more_of(const Notice& notice, std::size_t shown) {
  const std::uint64_t left = count_of(notice) - std::min<std::uint64_t>(shown, count_of(notice));
  return left == 0 ? std::string() : "and " + std::to_string(left) + " more";
}

std::string footer_of(const Notice& notice, std::size_t max_bytes) {
  std::string out = notice.kind == Notice::Kind::kSample
                        ? "A test that somebody asked for, of the alert “"
                        : "Because of the alert “";
  out += text::visible_line(notice.subscription_name) + "”: " + text::visible_line(notice.why);
  if (notice.kind == Notice::Kind::kDigest && notice.end_unix_ms > 0) {
    out = time_text(notice.begin_unix_ms, notice.time_zone) + " to " +
          time_text(notice.end_unix_ms, notice.time_zone) + ". " + out;
  }
  return text::ellipsize(out, max_bytes);
}

std::string time_text(std::int64_t unix_ms, const std::string& time_zone) {
  if (unix_ms <= 0) return {};
  dates::TimeZone zone;
  if (!time_zone.empty()) {
    if (const auto named = dates::TimeZone::named(time_zone)) zone = *named;
  }
  const dates::Civil at = dates::civil_of(unix_ms + zone.offset_ms(unix_ms));
  return std::to_string(at.day) + " " + kMonths[(at.month + 11) % 12] + " " +
         std::to_string(at.year) + ", " + two_digits(at.hour) + ":" + two_digits(at.minute) + " " +
         zone.name();
}

std::string page_of(const Notice& notice, std::string_view pages_url) {
  if (pages_url.empty()) return {};
  std::string out(pages_url);
  if (!out.ends_with('/')) out += '/';
  return out + "alerts?id=" + notice.subscription_id;
}

std::string link_of(const NoticeItem& item) {
  const auto parsed = url::parse(item.url);
  if (!parsed || !parsed->is_http()) return {};
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kEndsLinks = "()<>[]|\"'`* \\";
  const std::string whole = parsed->href();
  // brackets of a host that is an IPv6 address stay
  const std::size_t path = whole.find('/', parsed->scheme.size() + 3);
  std::string out = whole.substr(0, path);
  for (const char c : std::string_view(whole).substr(out.size())) {
    if (kEndsLinks.find(c) == std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return out;
}

std::size_t utf16_units(std::string_view utf8) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < utf8.size();)
    units += text::next_code_point(utf8, at) > 0xFFFF ? 2 : 1;
  return units;
}

std::string cut_utf16(std::string_view utf8, std::size_t units) {
  if (utf16_units(utf8) <= units) return std::string(utf8);
  std::size_t used = 1;  // of the sign that something is cut
  std::size_t end = 0;
  for (std::size_t at = 0; at < utf8.size(); end = at) {
    used += text::next_code_point(utf8, at) > 0xFFFF ? 2 : 1;
    if (used > units) break;
  }
  return std::string(utf8.substr(0, end)) + "…";
}

}  // namespace vigie::indexer::delivery
