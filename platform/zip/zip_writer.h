#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

namespace vigie::zip {

/// Writes a ZIP archive in memory; the same entries give the same bytes, since every entry has the
/// earliest time that there is (1980-01-01). Names are UTF-8; an entry is deflated where that makes
/// it smaller, else stored. No ZIP64, no encryption. One thread.
/// Source: PKWARE, .ZIP File Format Specification (APPNOTE) 6.3.10, §4.3 and §4.4.
class ZipWriter {
 public:
  /// Adds a file; names are relative, with "/" between folders, and different from each other.
  /// Errors (kQuarantine): too_large, beyond 65,535 entries, 65,535 bytes of a name, or 2 GiB of
  /// an entry or of the archive; kStop out_of_memory.
  Result<void> add(std::string_view name, std::string_view content);
  /// The archive. Nothing can be added after it.
  std::string finish() &&;

 private:
  struct Entry {
    std::string name;
    std::uint32_t crc32 = 0;
    std::uint32_t packed_bytes = 0;
    std::uint32_t bytes = 0;
    std::uint32_t offset = 0;  // of its local header
    bool deflated = false;
  };
  static void append_fields(std::string& out, const Entry& entry);

  std::string out_;
  std::vector<Entry> entries_;
};

}  // namespace vigie::zip
