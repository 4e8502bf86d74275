#include "platform/http/wire.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "platform/dates/dates.h"
#include "platform/http/reason.h"
#include "platform/text/ascii.h"

namespace vigie::http {
namespace {

/// Below this, gzip's own frame and the time to make it cost more than they save.
constexpr std::size_t kMinCompressedBytes = 1000;
/// Fast: the responses are made for one client each.
constexpr int kCompressionLevel = 4;

/// Optional white space around a field value. Source: RFC 9110 §5.6.3.
constexpr std::string_view kOptionalSpace = " \t";

bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return text::ascii::is_alphanumeric(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// A value from a handler may come from the web: a line break in it must not become a header of
/// ours.
std::string harmless_value(std::string_view value) {
  std::string out(value);
  for (char& c : out) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) c = ' ';
  }
  return out;
}

const std::string* find_header(const Response& response, std::string_view lower_name) {
  for (const auto& [name, value] : response.headers) {
    if (text::ascii::lower(name) == lower_name) return &value;
  }
  return nullptr;
}

bool is_compressible(std::string_view content_type) {
  const std::string type =
      text::ascii::lower(text::ascii::trim(content_type.substr(0, content_type.find(';'))));
  return type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml") ||
         type == "application/javascript" || type == "application/x-ndjson";
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

std::optional<std::string> gzip(std::string_view body) {
  z_stream stream{};
  constexpr int kGzipFrame = 16;
  if (deflateInit2(&stream, kCompressionLevel, Z_DEFLATED, MAX_WBITS + kGzipFrame, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return std::nullopt;
  std::string out(deflateBound(&stream, static_cast<uLong>(body.size())), '\0');
  std::string input(body);  // zlib's interface is not const-correct
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return std::nullopt;
  return out;
}

}  // namespace

bool is_authority(std::string_view text) {
  // RFC 3986 §3.2.2: unreserved, sub-delims, percent signs, and the brackets of an IP literal; no
  // user, which is for who asks.
  const std::size_t end = text.starts_with('[') ? text.find(']') : text.find(':');
  if (text.starts_with('[') && end == std::string_view::npos) return false;
  const std::size_t host_end = text.starts_with('[') ? end + 1 : std::min(end, text.size());
  std::string_view host = text.substr(0, host_end);
  const std::string_view port = text.substr(host_end);
  std::string_view others = "-._~!$&'()*+,;=%";
  if (host.starts_with('[')) {
    host = host.substr(1, host.size() - 2);
    others = ":.";  // a zone is of one machine
  }
  const auto is_of_host = [&](char c) {
    return text::ascii::is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  };
  return std::ranges::all_of(host, is_of_host) && (port.empty() || port.starts_with(':')) &&
         port.size() <= 6 &&
         std::all_of(port.begin() + (port.empty() ? 0 : 1), port.end(), text::ascii::is_digit);
}

bool read_target(std::string_view target, Request& request) {
  // RFC 9112 §3.2: a target has no fragment; another reader may take it for part of the path.
  if (target.find('#') != std::string_view::npos) return false;
  if (!target.starts_with('/')) {
    const std::string start = text::ascii::lower(target.substr(0, 8));
    const std::size_t scheme = start.starts_with("http://") ? 7 : start == "https://" ? 8 : 0;
    if (scheme == 0) return false;
    const std::size_t path = target.find_first_of("/?#", scheme);
    // RFC 9112 §3.2.2: the authority of the target counts, whatever Host says.
    const std::string_view authority = target.substr(
        scheme, path == std::string_view::npos ? std::string_view::npos : path - scheme);
    if (authority.empty() || !is_authority(authority)) return false;
    request.headers["host"] = std::string(authority);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  const std::size_t mark = target.find('?');
  request.path = percent_decode(target.substr(0, mark), false);
  if (request.path.empty()) request.path = "/";
  request.query.clear();
  if (mark != std::string_view::npos) {
    std::string_view rest = target.substr(mark + 1);
    while (!rest.empty()) {
      const std::size_t end = rest.find('&');
      const std::string_view part = rest.substr(0, end);
      if (!part.empty()) {
        const std::size_t equals = part.find('=');
        request.query.emplace_back(percent_decode(part.substr(0, equals), true),
                                   equals == std::string_view::npos
                                       ? std::string()
                                       : percent_decode(part.substr(equals + 1), true));
      }
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  return request.path.find('\0') == std::string::npos;
}

std::string serialise_head(const Response& response, const Framing& framing) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " " +
                    std::string(reason_phrase(response.status)) + "\r\n";
  for (const auto& [name, value] : response.headers) {
    const std::string lower_name = text::ascii::lower(name);
    const bool ours = lower_name == "content-length" || lower_name == "transfer-encoding" ||
                      lower_name == "connection" || lower_name == "date" ||
                      lower_name == "x-content-type-options";
    if (!ours && is_token(name)) out += name + ": " + harmless_value(value) + "\r\n";
  }
  out +=
      "X-Content-Type-Options: nosniff\r\nDate: " + dates::http_date(framing.now_unix_ms) + "\r\n";
  if (framing.chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (response.stream == nullptr && !has_no_body(response.status)) {
    out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  out += framing.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool by_star = false;
  while (!accept_encoding.empty()) {
    const std::size_t comma = accept_encoding.find(',');
    const std::string item =
        text::ascii::lower(text::ascii::trim(accept_encoding.substr(0, comma), kOptionalSpace));
    const std::string_view view(item);
    const std::string_view name = text::ascii::trim(view.substr(0, view.find(';')));
    const std::size_t weight = view.find("q=");
    bool taken = true;
    if (weight != std::string_view::npos) {
      taken = view.substr(weight + 2).find_first_of("123456789") != std::string_view::npos;
    }
    if (name == "gzip" || name == "x-gzip") return taken;
    if (name == "*") by_star = taken;
    if (comma == std::string_view::npos) break;
    accept_encoding.remove_prefix(comma + 1);
  }
  return by_star;
}

void compress_if_accepted(std::string_view accept_encoding, Response& response) {
  if (response.stream != nullptr || response.body.size() < kMinCompressedBytes ||
      response.body.size() > (1ULL << 31))
    return;
  const std::string* type = find_header(response, "content-type");
  if (type == nullptr || !is_compressible(*type) ||
      find_header(response, "content-encoding") != nullptr)
    return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_gzip(accept_encoding)) return;
  auto compressed = gzip(response.body);
  if (!compressed || compressed->size() >= response.body.size()) return;
  response.body = std::move(*compressed);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

std::string chunk_of(std::string_view data) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), data.size(), 16).ptr;
  std::string out(size.data(), end);
  out += "\r\n";
  out += data;
  out += "\r\n";
  return out;
}

}  // namespace vigie::http
