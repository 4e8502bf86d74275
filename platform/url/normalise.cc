// The normalised form that identities are made of.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "platform/text/ascii.h"
#include "platform/url/parameters.h"
#include "platform/url/percent.h"
#include "platform/url/url.h"

namespace vigie::url {
namespace {

constexpr std::array<std::string_view, 11> kIndexNames = {
    "index.html", "index.htm", "index.shtml", "index.xhtml", "index.php",   "index.asp",
    "index.aspx", "index.jsp", "default.htm", "default.asp", "default.aspx"};

bool is_unreserved(unsigned char byte) {
  return text::ascii::is_alphanumeric(static_cast<char>(byte)) || byte == '-' || byte == '.' ||
         byte == '_' || byte == '~';
}

/// %XX of unreserved bytes undone, the others in upper case; a '%' that encodes nothing becomes
/// %25, so that what follows can never join it.
std::string normalise_percent(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
    } else if (i + 2 < text.size() && text::ascii::is_hex_digit(text[i + 1]) &&
               text::ascii::is_hex_digit(text[i + 2])) {
      const auto byte = static_cast<unsigned char>(text::ascii::hex_value(text[i + 1]) * 16 +
                                                   text::ascii::hex_value(text[i + 2]));
      if (is_unreserved(byte)) {
        out += static_cast<char>(byte);
      } else {
        append_percent(out, byte);
      }
      i += 2;
    } else {
      out += "%25";
    }
  }
  return out;
}

std::string normalise_path(std::string_view path) {
  std::string out;
  for (const char c : without_session_ids(normalise_percent(path))) {
    if (c != '/' || !out.ends_with('/')) out += c;
  }
  const std::size_t name = out.rfind('/') + 1;
  const std::string last = text::ascii::lower(out.substr(name));
  if (std::find(kIndexNames.begin(), kIndexNames.end(), last) != kIndexNames.end())
    out.resize(name);
  return out.empty() ? "/" : out;
}

std::string normalise_query(std::string_view query) {
  std::vector<std::string> written;
  std::vector<Parameter> parameters;
  for (;;) {
    const std::size_t end = query.find('&');
    if (std::string one = normalise_percent(query.substr(0, end)); !one.empty()) {
      parameters.push_back(read_parameter(one));
      written.push_back(std::move(one));
    }
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  std::string out;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (!names_no_page(parameters[i], parameters)) out += (out.empty() ? "" : "&") + written[i];
  }
  return out;
}

}  // namespace

Result<std::string> normalise(const Url& url) {
  if (!url.is_http() || !url.host || url.host->empty()) {
    return failure(Disposition::kQuarantine, "not_http",
                   "only http and https URLs with a host can be fetched; give one of those",
                   url.href().substr(0, 256));
  }
  // The root's own dot behind a name changes nothing (RFC 3986 §3.2.2); two are no name's.
  std::string_view host = *url.host;
  if (host.size() > 1 && host.ends_with('.') && !host.ends_with("..")) host.remove_suffix(1);
  std::string out = url.scheme + "://" + std::string(host);
  if (url.port) out += ":" + std::to_string(*url.port);
  out += normalise_path(url.path);
  if (url.query) {
    if (const std::string query = normalise_query(*url.query); !query.empty()) out += "?" + query;
  }
  return out;
}

Result<std::string> normalise(std::string_view input) {
  VIGIE_ASSIGN(const Url url, parse(input));
  return normalise(url);
}

}  // namespace vigie::url
