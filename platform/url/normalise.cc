// The normalised form that identities are made of.
#include <algorithm>
#include <array>

#include "platform/text/ascii.h"
#include "platform/url/percent.h"
#include "platform/url/url.h"

namespace vigie::url {
namespace {

/// Parameters that name the way a reader came, never the page. Full names, lower case.
constexpr std::array<std::string_view, 44> kTrackingNames = {"fbclid",        "gclid",
                                                             "gclsrc",        "dclid",
                                                             "gbraid",        "wbraid",
                                                             "msclkid",       "yclid",
                                                             "ysclid",        "twclid",
                                                             "ttclid",        "li_fat_id",
                                                             "igshid",        "igsh",
                                                             "mc_cid",        "mc_eid",
                                                             "mkt_tok",       "_ga",
                                                             "_gl",           "_hsenc",
                                                             "_hsmi",         "__hstc",
                                                             "__hssc",        "__hsfp",
                                                             "hsctatracking", "vero_id",
                                                             "vero_conv",     "oly_anon_id",
                                                             "oly_enc_id",    "wickedid",
                                                             "rb_clickid",    "s_cid",
                                                             "ml_subscriber", "ml_subscriber_hash",
                                                             "xtor",          "xtref",
                                                             "ns_mchannel",   "ns_source",
                                                             "ns_campaign",   "ns_linkname",
                                                             "ref_src",       "ref_url",
                                                             "cmpid",         "guccounter"};
/// Families of the same kind.
constexpr std::array<std::string_view, 6> kTrackingPrefixes = {
    "utm_", "mtm_", "pk_", "at_medium", "at_campaign", "at_custom"};

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
  for (const char c : normalise_percent(path)) {
    if (c != '/' || !out.ends_with('/')) out += c;
  }
  const std::size_t name = out.rfind('/') + 1;
  const std::string last = text::ascii::lower(out.substr(name));
  if (std::find(kIndexNames.begin(), kIndexNames.end(), last) != kIndexNames.end())
    out.resize(name);
  return out.empty() ? "/" : out;
}

bool is_tracking(std::string_view parameter) {
  const std::string name = text::ascii::lower(decode(parameter.substr(0, parameter.find('='))));
  if (std::find(kTrackingNames.begin(), kTrackingNames.end(), name) != kTrackingNames.end())
    return true;
  return std::any_of(kTrackingPrefixes.begin(), kTrackingPrefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::string normalise_query(std::string_view query) {
  std::string out;
  for (;;) {
    const std::size_t end = query.find('&');
    const std::string parameter = normalise_percent(query.substr(0, end));
    if (!parameter.empty() && !is_tracking(parameter)) out += (out.empty() ? "" : "&") + parameter;
    if (end == std::string_view::npos) return out;
    query.remove_prefix(end + 1);
  }
}

}  // namespace

Result<std::string> normalise(const Url& url) {
  if (!url.is_http() || !url.host || url.host->empty()) {
    return failure(Disposition::kQuarantine, "not_http",
                   "only http and https URLs with a host can be fetched; give one of those",
                   url.href().substr(0, 256));
  }
  std::string out = url.scheme + "://" + *url.host;
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
