#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "platform/clock/clock.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "proto/page.pb.h"

namespace vigie::crawler {

/// Writes WARC/1.1 files (ISO 28500), each record its own gzip member, so that any can be read alone. A new file after 1 GiB. One thread.
/// The body is stored as it was decoded: headers that speak of its transfer are left out, and Content-Length is that of the body.
class WarcWriter {
 public:
  WarcWriter(std::filesystem::path dir, const Clock& clock);
  /// Appends the response. Out: the archive_ref, FILE:OFFSET. Errors: kRetry io.
  Result<std::string> write(const v1::PageRecord& page, const net::HttpAnswer& answer);

 private:
  Result<void> open();
  Result<void> append(const std::string& member);

  std::filesystem::path dir_;
  const Clock& clock_;
  std::ofstream out_;
  std::string name_;
  std::uint64_t offset_ = 0;
};

}  // namespace vigie::crawler
