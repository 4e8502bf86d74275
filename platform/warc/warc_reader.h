#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/result/result.h"
#include "proto/page.pb.h"

namespace vigie::warc {

/// Bounds of reading an archive.
struct WarcLimits {
  std::size_t header_bytes = 256ULL << 10;  // of one record or one HTTP answer
  // decoded; the rest is cut and the record says so (extract.max_page_bytes)
  std::size_t body_bytes = 8ULL << 20;
  // of one record as stored; a larger one is read to here and cut
  std::size_t stored_bytes = 64ULL << 20;
};

/// Reads the pages of a WARC file (ISO 28500; 0.17 to 1.1), plain or gzip, one at a time: HTTP
/// responses and HTML resources become PageRecords of origin replay (the caller may set ingest);
/// warcinfo, request, metadata, revisit and responses that are no page are passed over. One thread.
class WarcReader {
 public:
  /// Gives the next bytes, at most `capacity` of them; 0 at the end. Errors end the reading.
  using ReadBytes = std::function<Result<std::size_t>(char* buffer, std::size_t capacity)>;

  /// `name` stands in archive_ref and in errors. Gzip is recognised by its first bytes.
  WarcReader(ReadBytes read, std::string name, const WarcLimits& limits = {});
  /// Errors: kStop not_found.
  static Result<std::unique_ptr<WarcReader>> open(const std::filesystem::path& file,
                                                  const WarcLimits& limits = {});
  /// Of bytes in memory, which must outlive the reader.
  static std::unique_ptr<WarcReader> of_bytes(std::string_view bytes, std::string name,
                                              const WarcLimits& limits = {});
  ~WarcReader();

  /// The next page; nullopt at the end.
  /// Errors: kQuarantine bad_warc with FILE:OFFSET, after which the reader goes on behind the next
  /// record it recognises: call next() again. A file that ends within a record gives what there is
  /// of that page, marked as cut, and then such an error; kRetry io, after which next() gives
  /// nullopt.
  Result<std::optional<v1::PageRecord>> next();

  /// Records passed over so far because they are no page (requests, metadata, images, …).
  std::uint64_t skipped() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::warc
