#include "platform/warc/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace vigie::warc {
namespace {

/// Window of 2^15 with gzip or zlib headers recognised by themselves.
constexpr int kAnyHeader = 15 + 32;
constexpr int kGzipHeader = 15 + 16;

/// zlib's struct predates const.
Bytef* as_input(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.substr(0, 2) == "\x1f\x8b"; }

Result<std::string> gunzip(std::string_view bytes, std::size_t max_bytes, bool* cut) {
  if (cut != nullptr) *cut = false;
  z_stream stream{};
  if (inflateInit2(&stream, kAnyHeader) != Z_OK)
    return failure(Disposition::kRetry, "out_of_memory", "the decompressor could not be made");
  std::string out;
  std::array<char, 32768> buffer;
  stream.next_in = as_input(bytes);
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size(), 1ULL << 30));
  int result = Z_OK;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = inflate(&stream, Z_NO_FLUSH);
    const std::size_t produced = buffer.size() - stream.avail_out;
    const std::size_t room = max_bytes - out.size();
    out.append(buffer.data(), std::min(produced, room));
    if (produced > room) {
      if (cut != nullptr) *cut = true;
      break;
    }
    if (result == Z_STREAM_END && stream.avail_in > 2 && stream.next_in[0] == 0x1f &&
        stream.next_in[1] == 0x8b) {
      inflateReset(&stream);
      continue;
    }
    if (result != Z_OK || (stream.avail_in == 0 && produced == 0)) break;
  }
  inflateEnd(&stream);
  if (out.empty() && result != Z_STREAM_END)
    return failure(Disposition::kQuarantine, "bad_gzip",
                   "the compressed data is broken from its beginning");
  return out;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipHeader, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = as_input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  VIGIE_INVARIANT(result == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace vigie::warc
