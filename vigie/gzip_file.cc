#include "vigie/gzip_file.h"

#include <zlib.h>

#include <memory>

namespace vigie::cli {

Result<std::string> read_maybe_gzip(const std::filesystem::path& file, std::size_t max_bytes) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) {
    return failure(Disposition::kQuarantine, "not_found", "is no file that can be read; check the path and --root", file.string());
  }
  // gzread reads plain files as they are.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(file.c_str(), "rb"), gzclose);
  if (in == nullptr) return failure(Disposition::kQuarantine, "io", "cannot be opened; check its permissions", file.string());
  std::string bytes;
  char buffer[1 << 16];
  while (bytes.size() < max_bytes) {
    const int count = gzread(in.get(), buffer, static_cast<unsigned>(std::min(sizeof buffer, max_bytes - bytes.size())));
    if (count < 0) {
      int code = 0;
      return failure(Disposition::kQuarantine, "bad_gzip", std::string("is damaged gzip: ") + gzerror(in.get(), &code), file.string());
    }
    if (count == 0) break;
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
  return bytes;
}

}  // namespace vigie::cli
