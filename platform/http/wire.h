#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/http/http.h"

/// What goes over the wire beside the parsing: targets, response headers, compression. Pure
/// functions; no sockets.
namespace vigie::http {

/// Fills path and query from a request target in origin form ("/a?b") or absolute form (RFC 9112
/// §3.2), whose authority replaces the Host header. False if it is neither, if it has a fragment,
/// or if the decoded path holds a NUL.
bool read_target(std::string_view target, Request& request);

/// Whether a value of Host can be one: a host, or nothing, and a port (RFC 9110 §7.2).
bool is_authority(std::string_view text);

/// What the connection has to know to write a response.
struct Framing {
  bool head = false;  // HEAD: no body, the length of what GET would give
  bool keep_alive = true;
  bool chunked = false;  // a stream on HTTP/1.1; a stream on HTTP/1.0 ends with the connection
  std::int64_t now_unix_ms = 0;
};

/// Status line and headers with the empty line. Header names and values of handlers that would
/// break the framing are left out or made harmless.
std::string serialise_head(const Response& response, const Framing& framing);

/// Compresses the body where the client accepts gzip and it is worth it (text or JSON of 1 kB and
/// more). Takes long for a large one.
void compress_if_accepted(std::string_view accept_encoding, Response& response);

/// Whether Accept-Encoding takes gzip (RFC 9110 §12.5.3).
bool accepts_gzip(std::string_view accept_encoding);

/// One chunk of RFC 9112 §7.1. `data` is not empty.
std::string chunk_of(std::string_view data);

}  // namespace vigie::http
