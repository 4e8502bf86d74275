#include "platform/zip/zip_writer.h"

#include <zlib.h>

#include <utility>

namespace vigie::zip {
namespace {

// Signatures and values of APPNOTE §4.3.7, §4.3.12, §4.3.16, §4.4.
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEndOfDirectory = 0x06054b50;
constexpr std::uint16_t kVersion = 20;         // folders and deflate
constexpr std::uint16_t kUtf8Names = 1 << 11;  // general purpose bit 11
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint16_t kMidnight = 0;
constexpr std::uint16_t kFirstDay = (1 << 5) | 1;  // 1980-01-01
constexpr std::size_t kMaxEntries = 65'535;
constexpr std::size_t kMaxNameBytes = 65'535;
constexpr std::size_t kMaxBytes = 1ULL << 31;
constexpr std::size_t kHeaderBytes = 128;  // at least those of an entry and of the end

void append16(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>(value >> 8);
}
void append32(std::string& out, std::uint32_t value) {
  append16(out, static_cast<std::uint16_t>(value & 0xffff));
  append16(out, static_cast<std::uint16_t>(value >> 16));
}

/// Raw deflate (RFC 1951). Errors: kStop out_of_memory.
Result<std::string> deflated(std::string_view content) {
  z_stream stream{};
  constexpr int kRawWindow = -15;
  constexpr int kMemory = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawWindow, kMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return failure(Disposition::kStop, "out_of_memory", "no memory to compress with");
  std::string out(deflateBound(&stream, content.size()), '\0');
  // zlib takes a pointer that is not const, and does not write to it
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  VIGIE_INVARIANT(status == Z_STREAM_END);  // deflateBound says that it fits
  return out;
}

}  // namespace

/// What local header and central directory both say of an entry.
void ZipWriter::append_fields(std::string& out, const Entry& entry) {
  append16(out, kVersion);
  append16(out, kUtf8Names);
  append16(out, entry.deflated ? kDeflated : kStored);
  append16(out, kMidnight);
  append16(out, kFirstDay);
  append32(out, entry.crc32);
  append32(out, entry.packed_bytes);
  append32(out, entry.bytes);
  append16(out, static_cast<std::uint16_t>(entry.name.size()));
  append16(out, 0);  // no extra field
}

Result<void> ZipWriter::add(std::string_view name, std::string_view content) {
  std::size_t directory = kHeaderBytes;
  for (const Entry& entry : entries_) directory += kHeaderBytes + entry.name.size();
  if (entries_.size() == kMaxEntries || name.size() > kMaxNameBytes || content.size() > kMaxBytes ||
      out_.size() + directory + 2 * (kHeaderBytes + name.size()) + content.size() > kMaxBytes)
    return failure(Disposition::kQuarantine, "too_large", "more than a ZIP archive holds");
  Entry entry;
  entry.name = name;
  entry.offset = static_cast<std::uint32_t>(out_.size());
  entry.bytes = static_cast<std::uint32_t>(content.size());
  entry.crc32 = static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(content.data()), entry.bytes));
  VIGIE_ASSIGN(const std::string packed, deflated(content));
  entry.deflated = packed.size() < content.size();
  const std::string_view body = entry.deflated ? std::string_view(packed) : content;
  entry.packed_bytes = static_cast<std::uint32_t>(body.size());
  append32(out_, kLocalHeader);
  append_fields(out_, entry);
  out_ += entry.name;
  out_ += body;
  entries_.push_back(std::move(entry));
  return {};
}

std::string ZipWriter::finish() && {
  const auto begin = static_cast<std::uint32_t>(out_.size());
  for (const Entry& entry : entries_) {
    append32(out_, kCentralHeader);
    append16(out_, kVersion);  // made by: MS-DOS, so that attributes mean nothing
    append_fields(out_, entry);
    append16(out_, 0);  // no comment
    append16(out_, 0);  // first disk
    append16(out_, 0);  // internal attributes
    append32(out_, 0);  // external attributes
    append32(out_, entry.offset);
    out_ += entry.name;
  }
  const auto bytes = static_cast<std::uint32_t>(out_.size()) - begin;
  append32(out_, kEndOfDirectory);
  append16(out_, 0);  // this disk
  append16(out_, 0);  // disk of the directory
  append16(out_, static_cast<std::uint16_t>(entries_.size()));
  append16(out_, static_cast<std::uint16_t>(entries_.size()));
  append32(out_, bytes);
  append32(out_, begin);
  append16(out_, 0);  // no comment
  return std::move(out_);
}

}  // namespace vigie::zip
