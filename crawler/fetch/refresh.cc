#include "crawler/fetch/refresh.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "platform/text/ascii.h"
#include "platform/text/html_tag.h"
#include "platform/text/utf8.h"

namespace vigie::crawler::fetch {
namespace {

using text::ascii::is_digit;
using text::ascii::is_space;

/// The head of a page, and more than that of most.
constexpr std::size_t kScannedBytes = 256 << 10;
constexpr int kMostSeconds = 1'000'000;

/// Elements whose content is no markup, or is not shown.
bool hides_content(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kNames{
      "script", "style",    "title",   "textarea", "noscript", "template",
      "xmp",    "noframes", "noembed", "iframe",   "svg",      "math"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

/// The references that URLs are written with.
std::string decoded(std::string_view value) {
  static constexpr std::array<std::pair<std::string_view, char>, 12> kReferences{{{"&amp;", '&'},
                                                                                  {"&quot;", '"'},
                                                                                  {"&apos;", '\''},
                                                                                  {"&#39;", '\''},
                                                                                  {"&#x27;", '\''},
                                                                                  {"&#38;", '&'},
                                                                                  {"&#x26;", '&'},
                                                                                  {"&#34;", '"'},
                                                                                  {"&#x2f;", '/'},
                                                                                  {"&#47;", '/'},
                                                                                  {"&#58;", ':'},
                                                                                  {"&#x3a;", ':'}}};
  std::string out;
  for (std::size_t i = 0; i < value.size();) {
    bool found = false;
    for (const auto& [written, character] : kReferences) {
      if (value[i] != '&' || text::ascii::lower(value.substr(i, written.size())) != written)
        continue;
      out += character;
      i += written.size();
      found = true;
      break;
    }
    if (!found) out += value[i++];
  }
  return out;
}

/// A value without its references; nothing where there is no such attribute.
std::optional<std::string> value_of(const text::HtmlTag& tag, std::string_view name) {
  const auto written = tag.attribute(name);
  return written ? std::optional(decoded(*written)) : std::nullopt;
}

/// Behind the end of an element whose content is passed over; the end of the page where it has
/// none.
std::size_t behind_element(std::string_view html, std::size_t at, std::string_view name) {
  while ((at = html.find("</", at)) != std::string_view::npos) {
    if (text::ascii::lower(html.substr(at + 2, name.size())) == name) {
      const std::size_t end = html.find('>', at);
      return end == std::string_view::npos ? html.size() : end + 1;
    }
    at += 2;
  }
  return html.size();
}

std::optional<RefreshHop> hop_of(std::string_view value, const url::Url& base) {
  const std::optional<Refresh> refresh = read_refresh(value);
  if (!refresh || refresh->seconds > kMaxRefreshSeconds) return std::nullopt;
  auto target = url::parse(refresh->url, &base);
  if (!target || !target->is_http() || !target->host || !target->username.empty())
    return std::nullopt;
  target->fragment.reset();
  return RefreshHop{refresh->seconds, std::move(*target)};
}

/// Where "http-equiv" stands for the last time, in whatever case: no tag that begins behind it
/// refreshes the page. Its only rare letter is looked for.
std::optional<std::size_t> last_http_equiv(std::string_view html) {
  constexpr std::string_view kName = "http-equiv";
  constexpr std::size_t kRare = kName.find('q');
  std::optional<std::size_t> out;
  for (const char rare : {'q', 'Q'}) {
    for (std::size_t at = html.rfind(rare); at != std::string_view::npos && at >= kRare;
         at = html.rfind(rare, at - 1)) {
      const std::size_t begin = at - kRare;
      if (out && begin <= *out) break;
      if (!text::ascii::iequals(html.substr(begin, kName.size()), kName)) continue;
      out = begin;
      break;
    }
  }
  return out;
}

std::optional<RefreshHop> hop_in_page(std::string_view html, const url::Url& from) {
  const std::optional<std::size_t> last = last_http_equiv(html);
  if (!last) return std::nullopt;
  url::Url base = from;
  bool base_seen = false;
  std::size_t at = 0;
  while ((at = html.find('<', at)) != std::string_view::npos && at < *last) {
    if (html.substr(at, 4) == "<!--") {
      const std::size_t end = html.find("-->", at + 2);
      if (end == std::string_view::npos) break;
      at = end + 3;
      continue;
    }
    const auto tag = text::read_html_tag(html, at);
    if (!tag) {
      ++at;
      continue;
    }
    at = tag->end;
    if (tag->closing) continue;
    const bool empty = html[at - 2] == '/' && (tag->name == "svg" || tag->name == "math");
    if (hides_content(tag->name) && !empty) {
      at = behind_element(html, at, tag->name);
    } else if (const auto href = value_of(*tag, "href");
               tag->name == "base" && href && !base_seen) {
      base_seen = true;
      if (auto parsed = url::parse(*href, &from)) base = std::move(*parsed);
    } else if (tag->name == "meta") {
      const auto kind = value_of(*tag, "http-equiv");
      const auto content = value_of(*tag, "content");
      if (!kind || !content || text::ascii::lower(*kind) != "refresh") continue;
      // The first that can be read counts, however long it waits.
      if (read_refresh(*content)) return hop_of(*content, base);
    }
  }
  return std::nullopt;
}

bool is_markup(const net::HttpResponse& response) {
  const std::string type = text::ascii::lower(response.header("content-type").substr(0, 128));
  if (!type.empty() && type.find("html") == std::string::npos) return false;
  const std::string_view body = text::ascii::trim(std::string_view(response.body).substr(0, 1024));
  // Mislabelled feeds are no pages.
  return body.find("<rss") == std::string_view::npos &&
         body.find("<feed") == std::string_view::npos;
}

}  // namespace

std::optional<Refresh> read_refresh(std::string_view value) {
  std::size_t i = 0;
  const auto skip_space = [&] {
    while (i < value.size() && is_space(value[i])) ++i;
  };
  skip_space();
  Refresh out;
  const std::size_t digits = i;
  for (; i < value.size() && is_digit(value[i]); ++i)
    out.seconds = std::min(kMostSeconds, out.seconds * 10 + (value[i] - '0'));
  if (i == digits && (i >= value.size() || value[i] != '.')) return std::nullopt;
  while (i < value.size() && (is_digit(value[i]) || value[i] == '.')) ++i;
  if (i < value.size() && !is_space(value[i]) && value[i] != ';' && value[i] != ',')
    return std::nullopt;
  skip_space();
  if (i < value.size() && (value[i] == ';' || value[i] == ',')) ++i;
  skip_space();
  if (i >= value.size()) return out;
  std::string_view rest = value.substr(i);
  // "url" and "=" are the usual beginning; without them the rest is the URL.
  if (text::ascii::lower(rest.substr(0, 3)) == "url") {
    std::string_view behind = text::ascii::trim(rest.substr(3));
    if (behind.starts_with('=')) rest = text::ascii::trim(behind.substr(1));
  }
  if (rest.starts_with('"') || rest.starts_with('\'')) {
    const char quote = rest.front();
    rest.remove_prefix(1);
    rest = rest.substr(0, rest.find(quote));
  }
  out.url = text::ascii::trim(rest);
  return out;
}

std::optional<RefreshHop> refresh_of(const net::HttpResponse& response, const url::Url& from) {
  if (const std::string& header = response.header("refresh"); read_refresh(header))
    return hop_of(header, from);
  if (!is_markup(response)) return std::nullopt;
  const std::string_view body = std::string_view(response.body).substr(0, kScannedBytes);
  return hop_in_page(body, from);
}

}  // namespace vigie::crawler::fetch
