#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "platform/clock/clock.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"

namespace vigie::crawler::archive {

/// One exchange of the last hop, and how it came about.
struct WarcExchange {
  std::string url;  // that was asked, normalised
  const net::HttpRequest& request;
  const net::HttpResponse& response;
  std::int64_t fetched_unix_ms = 0;
  std::int64_t discovered_unix_ms = 0;
  std::string discovered_url;  // where it differs from `url`: the URL before redirects
  std::string via;             // feed or listing that named it; may be empty
  std::string source_id;
};

/// Writes WARC/1.1 files (ISO 28500), each record its own gzip member, so that any can be read
/// alone, with their CDXJ beside. A new file after 1 GiB. One thread. The body is stored as it was
/// decoded: headers that speak of its transfer are left out, and Content-Length is that of the
/// body.
class WarcWriter {
 public:
  /// A file is closed when it has grown past this: the size that archives exchange.
  static constexpr std::uint64_t kMaxFileBytes = 1ULL << 30;

  /// `user_agent`: as the client sends it.
  WarcWriter(std::filesystem::path dir, std::string user_agent, const Clock& clock,
             std::uint64_t max_file_bytes = kMaxFileBytes);
  ~WarcWriter();

  /// Appends response, request and metadata. Out: the archive_ref, FILE:OFFSET of the response.
  /// Errors: kRetry io.
  Result<std::string> write(const WarcExchange& exchange);
  /// Appends a revisit: the page is as it was, with that SHA-256 of its body; the response is 304
  /// (server-not-modified) or has the same body (identical-payload-digest). Errors: kRetry io.
  Result<void> write_revisit(const WarcExchange& exchange, std::string_view body_sha256);

 private:
  Result<void> open();
  void close();
  Result<void> append(const std::string& member);

  std::filesystem::path dir_;
  std::string user_agent_;
  const Clock& clock_;
  std::uint64_t max_file_bytes_;
  std::ofstream out_;
  std::ofstream index_;
  std::string name_;
  std::uint64_t offset_ = 0;
};

}  // namespace vigie::crawler::archive
