#include "indexer/briefs/brief.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "indexer/briefs/story.h"
#include "platform/dates/dates.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"

namespace vigie::indexer::briefs {
namespace {

constexpr std::string_view kBetween = " · ";

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text::visible_line(text.substr(begin, end - begin));
    if (!line.empty()) out.push_back(std::move(line));
    begin = end + 1;
  }
  return out;
}

/// As the publisher wrote it: a day, or day, minute and offset of RFC 3339 with a space and the
/// word UTC.
std::string written(const v1::WrittenTime& time) {
  constexpr std::size_t kDay = 10;
  constexpr std::size_t kMinute = 16;
  const std::string& text = time.text();
  if (text.size() <= kMinute) return text;
  const std::string minute = text.substr(0, kDay) + " " + text.substr(kDay + 1, 5);
  if (text.back() == 'Z') return minute + " UTC";
  const std::size_t sign = text.find_last_of("+-");
  return sign == std::string::npos || sign <= kDay ? minute : minute + " UTC" + text.substr(sign);
}

std::string source_of(const v1::Source& source) {
  std::string more;
  for (const std::string& part : {source.country(), source.affiliation()}) {
    if (part.empty() || part == "independent") continue;
    more += (more.empty() ? "" : ", ") + part;
  }
  std::string name = text::visible_line(source.name().empty() ? source.id() : source.name());
  if (name.empty()) name = "source not known";
  return more.empty() ? name : name + " (" + more + ")";
}

std::string web_address(const std::string& url) {
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  return web && text::is_valid_utf8(url) ? url : std::string();
}

/// Where the words stand, counted from 1 as people do.
std::string place_of(const v1::Quotation& quotation) {
  if (quotation.length() == 0) return {};
  const std::uint64_t begin = std::uint64_t{quotation.offset()} + 1;
  const std::uint64_t end = std::uint64_t{quotation.offset()} + quotation.length();
  return "quoted from its characters " + std::to_string(begin) + " to " + std::to_string(end);
}

Story story_of(const v1::CollectionItem& item, const Look& look) {
  Story out;
  out.title = text::visible_line(item.title());
  if (out.title.empty()) out.title = "(no headline)";
  out.language = item.language();
  out.url = web_address(item.url());
  out.source = source_of(item.source());
  out.times = "First seen " + moment(item.discovered_at_unix_ms(), look.zone);
  if (item.has_published() && item.published().precision() != v1::DATE_PRECISION_NONE)
    out.times += std::string(kBetween) + "published " + written(item.published());
  out.note = lines_of(item.note());
  if (item.has_quotation()) {
    out.quotation = text::visible_line(item.quotation().text());
    out.place = place_of(item.quotation());
  }
  out.hash = hex(item.version_id());
  return out;
}

bool is_rtl_letter(char32_t c) {
  return (c >= 0x590 && c <= 0x8FF) || (c >= 0xFB1D && c <= 0xFDFF) ||
         (c >= 0xFE70 && c <= 0xFEFF) || (c >= 0x10800 && c <= 0x10FFF) ||
         (c >= 0x1E800 && c <= 0x1EFFF);
}
bool is_ltr_letter(char32_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= 0xC0 && c < 0x590 && c != 0xD7 && c != 0xF7) || (c >= 0x900 && c < 0x2000) ||
         (c >= 0x2C00 && c < 0x2E00) || (c >= 0x3005 && c < 0xFB1D);
}

}  // namespace

std::optional<Format> format_named(std::string_view name) {
  if (name == "html") return Format::kHtml;
  if (name == "docx") return Format::kDocx;
  if (name == "md") return Format::kMarkdown;
  return std::nullopt;
}

std::string_view media_type(Format format) {
  switch (format) {
    case Format::kHtml: return "text/html; charset=utf-8";
    case Format::kDocx:
      return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    case Format::kMarkdown: break;
  }
  return "text/markdown; charset=utf-8";
}

std::string_view file_ending(Format format) {
  switch (format) {
    case Format::kHtml: return "html";
    case Format::kDocx: return "docx";
    case Format::kMarkdown: break;
  }
  return "md";
}

std::string moment(std::int64_t unix_ms, const dates::TimeZone& zone) {
  constexpr std::int64_t kMinuteMs = 60'000;
  const std::int64_t offset = zone.offset_ms(unix_ms);
  const std::string shown = dates::rfc3339(unix_ms + offset);
  std::string out = shown.substr(0, 10) + " " + shown.substr(11, 5) + " UTC";
  const std::int64_t minutes = std::abs(offset / kMinuteMs);
  if (minutes == 0) return out;
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%c%02d:%02d", offset < 0 ? '-' : '+',
                static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
  return out + digits.data();
}

bool is_rtl(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t c = text::next_code_point(utf8, at);
    if (is_rtl_letter(c)) return true;
    if (is_ltr_letter(c)) return false;
  }
  return false;
}

Told told(const v1::CollectionRecord& collection, const Look& look) {
  Told out;
  out.title =
      text::visible_line(collection.title().empty() ? collection.name() : collection.title());
  out.summary = lines_of(collection.summary());
  for (const v1::CollectionItem& item : collection.items())
    out.stories.push_back(story_of(item, look));
  const std::size_t count = out.stories.size();
  out.foot = std::to_string(count) + (count == 1 ? " story" : " stories") + std::string(kBetween) +
             "made with vigie " + moment(look.now_unix_ms, look.zone) + std::string(kBetween) +
             "times of " + look.zone.name() +
             ", but for those of publication, which are as their publisher gave them" +
             std::string(kBetween) +
             "archive hash: of headline and text as they were kept, by SHA-256";
  return out;
}

Result<std::string> write(Format format, const v1::CollectionRecord& collection, const Look& look) {
  const Told brief = told(collection, look);
  switch (format) {
    case Format::kHtml: return html(brief);
    case Format::kDocx: return docx(brief, look.now_unix_ms);
    case Format::kMarkdown: break;
  }
  return markdown(brief);
}

}  // namespace vigie::indexer::briefs
