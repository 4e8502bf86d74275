#include "indexer/mcp/transports.h"

#include <istream>
#include <ostream>

#include "platform/text/base64.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::mcp {
namespace {

constexpr std::string_view kEncodedBegin = "=?base64?";
constexpr std::string_view kEncodedEnd = "?=";

std::optional<std::string> header_of(const http::Request& request, std::string_view name) {
  const auto found = request.headers.find(name);
  if (found == request.headers.end()) return std::nullopt;
  return found->second;
}

/// 2026-07-28, "Value Encoding". What cannot be decoded stays as it is, and fits no body then.
std::optional<std::string> decoded(std::optional<std::string> value) {
  if (!value || !value->starts_with(kEncodedBegin) || !value->ends_with(kEncodedEnd) ||
      value->size() < kEncodedBegin.size() + kEncodedEnd.size())
    return value;
  const std::string_view inside = std::string_view(*value).substr(
      kEncodedBegin.size(), value->size() - kEncodedBegin.size() - kEncodedEnd.size());
  auto plain = text::base64_decode(inside);
  return plain ? std::move(plain) : value;
}

int status_of(const Reply& reply) {
  if (!reply.error) return 200;
  switch (*reply.error) {
    case RpcCode::kParseError:
    case RpcCode::kInvalidRequest:
    case RpcCode::kHeaderMismatch:
    case RpcCode::kUnsupportedVersion: return 400;
    case RpcCode::kMethodNotFound: return reply.stateless ? 404 : 200;
    case RpcCode::kInvalidParams: return reply.malformed ? 400 : 200;
  }
  return 200;
}

/// The next line without its end; nullopt at the end of the input. `too_long`: what was beyond
/// kMaxMessageBytes is dropped.
std::optional<std::string> next_line(std::istream& in, bool& too_long) {
  using Traits = std::istream::traits_type;
  std::string line;
  too_long = false;
  std::streambuf& bytes = *in.rdbuf();
  for (auto c = bytes.sbumpc();; c = bytes.sbumpc()) {
    if (Traits::eq_int_type(c, Traits::eof()))
      return line.empty() && !too_long ? std::nullopt : std::optional(std::move(line));
    if (Traits::to_char_type(c) == '\n') return line;
    if (line.size() == kMaxMessageBytes) too_long = true;
    else line += Traits::to_char_type(c);
  }
}

}  // namespace

http::Response answer_post(const Server& server, const http::Request& request) {
  const Headers headers{header_of(request, "mcp-protocol-version"),
                        header_of(request, "mcp-method"), decoded(header_of(request, "mcp-name"))};
  const Reply reply = server.handle(request.body, &headers, request);
  if (reply.put_off) return http::Response::later();
  if (!reply.message) {
    http::Response taken;
    taken.status = 202;
    return taken;
  }
  return http::Response::json(*reply.message, status_of(reply));
}

bool serve_lines(const Server& server, std::istream& in, std::ostream& out) {
  const http::Request like;
  bool too_long = false;
  while (auto line = next_line(in, too_long)) {
    if (!too_long && text::trim(*line).empty()) continue;
    std::optional<Json> message =
        too_long ? error_message(RpcCode::kInvalidRequest, "A message may have 1 MiB")
                 : server.handle(*line, nullptr, like).message;
    if (!message) continue;
    out << message->dump() << '\n' << std::flush;
    if (!out) return false;
  }
  return true;
}

}  // namespace vigie::indexer::mcp
