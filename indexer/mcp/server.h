#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "indexer/mcp/api_reader.h"
#include "platform/http/http.h"
#include "platform/json/json.h"

/// The Model Context Protocol: what a program with a language model in it may read of vigie.
/// Sources: modelcontextprotocol.io, revisions 2026-07-28 (each request says all, no session),
/// 2025-11-25 and 2025-06-18 (which begin with `initialize`); JSON-RPC 2.0.
namespace vigie::indexer::mcp {

/// The newest first. The first speaks for itself in each request, the others are chosen at the
/// start.
inline constexpr std::string_view kRevision = "2026-07-28";
inline constexpr std::string_view kEarlierRevisions[] = {"2025-11-25", "2025-06-18"};

inline constexpr std::size_t kMaxMessageBytes = 1 << 20;

/// Codes of JSON-RPC 2.0 §5.1, and of MCP 2026-07-28, "Error Codes".
enum class RpcCode : int {
  kParseError = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParams = -32602,
  kHeaderMismatch = -32020,
  kUnsupportedVersion = -32022,
};

/// What a transport says beside a message: the headers of HTTP, lower-case; stdio has none.
struct Headers {
  std::optional<std::string> protocol_version;  // MCP-Protocol-Version
  std::optional<std::string> method;            // Mcp-Method
  std::optional<std::string> name;              // Mcp-Name, decoded
};

struct Reply {
  std::optional<Json> message;  // nothing: the message was a notification or a response
  std::optional<RpcCode> error;
  /// Whether the request carries its revision, as those of kRevision do; decides the HTTP status.
  bool stateless = false;
  bool put_off = false;    // see ApiReader::put_off(); there is no message then
  bool malformed = false;  // the request as such is refused, whatever its method
};

/// Without state: each message is answered from itself alone. Thread-safe where `ask` is.
class Server {
 public:
  /// `version`: of this program, told to clients.
  Server(Ask ask, std::string version) : ask_(std::move(ask)), version_(std::move(version)) {}

  /// In: one JSON-RPC message in UTF-8, however wrong; `headers` where it came by HTTP; `like`, as
  /// for ApiReader. Out: what to send back. A message above kMaxMessageBytes is refused.
  Reply handle(std::string_view text, const Headers* headers, const http::Request& like) const;

 private:
  struct Message;
  Reply answer(const Message& message, const http::Request& like) const;
  Reply call_tool(const Message& message, const http::Request& like) const;
  Json initialized(const Json& params) const;
  Json discovered() const;
  Json info() const;
  Reply good(const Message& message, Json result) const;

  Ask ask_;
  std::string version_;
};

/// An error without the id of a request, for what is no message.
Json error_message(RpcCode code, std::string_view sentence);

}  // namespace vigie::indexer::mcp
