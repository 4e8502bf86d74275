#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/net/address.h"
#include "platform/result/result.h"

namespace vigie::net {

using Headers = std::vector<std::pair<std::string, std::string>>;  // names lower case in responses

struct HttpLimits {
  std::chrono::milliseconds connect{10'000};  // to the end of the TLS handshake
  std::chrono::milliseconds stall{10'000};    // under 64 bytes a second for so long
  std::chrono::milliseconds total{30'000};
  std::size_t decoded_bytes = 8ULL << 20;  // counted after content-encoding; the rest is cut
  std::size_t header_bytes = 256ULL << 10;
};

/// One exchange; redirects are never followed here: each hop is judged by the caller.
struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https, normalised by platform/url
  Headers headers;
  std::string body;
  HttpLimits limits;
};

enum class HttpTruncation { kNone, kLength, kTime, kDisconnect };

struct HttpResponse {
  int status = 0;
  Headers headers;               // of the final response; 1xx left out; at most limits.header_bytes
  std::string body;              // decoded as ContentDecoder does
  std::uint64_t body_bytes = 0;  // decoded bytes seen
  HttpTruncation truncation = HttpTruncation::kNone;
  std::string peer;  // address text, port left out
  std::chrono::milliseconds time{0};
  /// First value of a header by lower-case name, or "".
  const std::string& header(const std::string& name) const;
};

/// The seam for outgoing HTTP. Thread-safe. Responses come on the client's own thread: the callback
/// must be quick and must not call wait functions. Error codes (kRetry): dns, connect, tls,
/// timeout_connect, timeout_stall, timeout_total, reset, protocol, too_many_headers; (kQuarantine):
/// address_refused (a peer that may not be contacted), bad_url; (kRetry) stopped, when the client
/// is being destroyed.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  using Done = std::function<void(Result<HttpResponse>)>;
  virtual void start(HttpRequest request, Done done) = 0;
  /// start() and wait. Not from a callback.
  Result<HttpResponse> fetch(HttpRequest request);
};

struct CurlOptions {
  std::string user_agent;
  std::vector<Network> allow_networks;  // beside the global ones
  std::size_t max_connections = 256;
  std::size_t max_per_host = 4;
  bool keep_alive = true;
  /// Called with the resolved peer just before a request's bytes go out on it (politeness per IP);
  /// may be empty. On the client's thread.
  std::function<void(const std::string& url, const std::string& peer)> on_peer;
};

/// An origin whose response was `protocol` is read by our own, more tolerant reader of HTTP/1 the
/// next time. libcurl multi with its own thread: sockets + epoll, HTTP/2, br, zstd, no proxy from
/// the environment unless it is http(s)_proxy set by the operator, no cookies, no netrc, no file
/// access.
std::unique_ptr<HttpClient> make_curl_client(CurlOptions options);

}  // namespace vigie::net
