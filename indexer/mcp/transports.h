#pragma once

#include <iosfwd>

#include "indexer/mcp/server.h"
#include "platform/http/http.h"

/// How messages come in and responses go out.
namespace vigie::indexer::mcp {

/// Streamable HTTP (2026-07-28, "Streamable HTTP"; each response is one JSON object, there are no
/// streams and no sessions): a POST with a message. 200 with the response, 202 for a notification,
/// 400 and 404 where the revision says so. Who may call is the caller's matter.
http::Response answer_post(const Server& server, const http::Request& request);

/// stdio: a message a line, answered by a line each, until the input ends. A line above
/// kMaxMessageBytes is read to its end, kept nowhere and refused. Nothing but messages is written
/// to `out`. False where `out` cannot be written.
bool serve_lines(const Server& server, std::istream& in, std::ostream& out);

}  // namespace vigie::indexer::mcp
