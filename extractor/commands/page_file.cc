#include "extractor/commands/page_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

namespace vigie::extractor::commands {
namespace {

constexpr std::size_t kPiece = 64ULL << 10;  // bytes asked of zlib at a time

struct Closer {
  void operator()(gzFile file) const { gzclose(file); }
};

}  // namespace

Result<std::string> read_page_file(const std::string& path, std::size_t max_bytes) {
  std::error_code status;
  if (!std::filesystem::exists(path, status))
    return failure(Disposition::kQuarantine, "not_found",
                   "There is no such file; check the path and --root.", path);
  if (std::filesystem::is_directory(path, status))
    return failure(Disposition::kQuarantine, "io", "This is a folder, not a page.", path);
  // gzread hands on files that are not gzip as they are.
  const std::unique_ptr<gzFile_s, Closer> file(gzopen(path.c_str(), "rb"));
  if (!file)
    return failure(Disposition::kQuarantine, "io",
                   "The file cannot be opened; check its permissions.", path);
  std::string out;
  std::array<char, kPiece> piece{};
  while (out.size() <= max_bytes) {
    const std::size_t wanted = std::min(piece.size(), max_bytes + 1 - out.size());
    const int read = gzread(file.get(), piece.data(), static_cast<unsigned>(wanted));
    if (read < 0) {
      if (out.empty())
        return failure(Disposition::kQuarantine, "bad_gzip",
                       "The file is not readable gzip; get it again.", path);
      break;
    }
    if (read == 0) break;
    out.append(piece.data(), static_cast<std::size_t>(read));
  }
  return out;
}

std::string read_page_stream(std::istream& in, std::size_t max_bytes) {
  std::string out;
  std::array<char, kPiece> piece{};
  while (out.size() <= max_bytes && in) {
    in.read(piece.data(),
            static_cast<std::streamsize>(std::min(piece.size(), max_bytes + 1 - out.size())));
    out.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  return out;
}

}  // namespace vigie::extractor::commands
