#include "crawler/feeds/aggregator_link.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::feeds {
namespace {

constexpr std::size_t kMostId = 4096;   // bytes of an id
constexpr std::size_t kMostUrl = 2048;  // bytes of the URL in it

bool is_web_url(std::string_view text) {
  if (!text.starts_with("http://") && !text.starts_with("https://")) return false;
  return text.size() <= kMostUrl && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F;
         });
}

std::string bytes_of_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, kMostId)) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    if (c >= '0' && c <= '9') value = c - '0' + 52;
    if (c == '+' || c == '-') value = 62;
    if (c == '/' || c == '_') value = 63;
    if (value < 0) break;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU);
  }
  return out;
}

// A message of protocol buffers: the first field of bytes that is a URL.
std::string url_in_message(std::string_view bytes) {
  std::size_t at = 0;
  const auto read_number = [&](std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  };
  while (at < bytes.size()) {
    std::uint64_t key = 0;
    std::uint64_t value = 0;
    if (!read_number(key) || !read_number(value)) return {};
    if ((key & 7U) == 0) continue;
    if ((key & 7U) != 2 || value > bytes.size() - at) return {};
    const std::string_view field = bytes.substr(at, static_cast<std::size_t>(value));
    if (is_web_url(field)) return std::string(field);
    at += field.size();
  }
  return {};
}

using text::ascii::hex_value;

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string url_in_parameter(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    for (const std::string_view name : {"url=", "q=", "u="}) {
      if (!pair.starts_with(name)) continue;
      std::string value = percent_decoded(pair.substr(name.size()));
      if (is_web_url(value)) return value;
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

bool is_host_of(std::string_view host, std::string_view domain) {
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                            host[host.size() - domain.size() - 1] == '.');
}

// google.com, google.de, google.co.uk …
bool is_google(std::string_view host) {
  return host.starts_with("www.google.") || host.starts_with("google.") ||
         host.starts_with("news.google.");
}

}  // namespace

std::string publisher_of_aggregator_link(std::string_view url) {
  if (!is_web_url(url)) return {};
  const std::size_t host_begin = url.find("//") + 2;
  const std::size_t path_begin = std::min(url.find_first_of("/?#", host_begin), url.size());
  const std::string host = text::ascii_lower(url.substr(host_begin, path_begin - host_begin));
  const std::size_t end_of_path = std::min(url.find_first_of("?#", path_begin), url.size());
  const std::string_view path = url.substr(path_begin, end_of_path - path_begin);
  std::string_view query = url.substr(end_of_path);
  query = query.substr(0, query.find('#'));
  if (query.starts_with('?')) query.remove_prefix(1);
  if (host == "news.google.com" || host.starts_with("news.google.")) {
    const std::size_t articles = path.find("/articles/");
    if (articles != std::string_view::npos)
      return url_in_message(bytes_of_base64(path.substr(articles + 10)));
  }
  static constexpr std::array kRedirects = std::to_array<std::string_view>({"/url", "/news/url"});
  if (is_google(host) && std::find(kRedirects.begin(), kRedirects.end(), path) != kRedirects.end())
    return url_in_parameter(query);
  if (is_host_of(host, "bing.com") && path == "/news/apiclick.aspx") return url_in_parameter(query);
  return {};
}

}  // namespace vigie::crawler::feeds
