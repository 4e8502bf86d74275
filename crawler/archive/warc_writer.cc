#include "crawler/archive/warc_writer.h"

#include <cstdio>
#include <ctime>
#include <system_error>

#include "crawler/archive/gzip.h"
#include "proto/identity.h"

namespace vigie::crawler {
namespace {

/// A file is closed when it has grown past this: the size that archives exchange.
constexpr std::uint64_t kMaxFileBytes = 1ULL << 30;

std::string utc(std::int64_t unix_ms, const char* format) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, format, &parts);
  return std::string(text, size);
}

/// A UUID made of the content, so that the same page written twice at the same moment has the same name.
std::string record_id(const std::string& seed) {
  const proto::Digest128 digest = proto::digest128(seed);
  char text[64];
  std::snprintf(text, sizeof text, "<urn:uuid:%02x%02x%02x%02x-%02x%02x-8%01x%02x-8%01x%02x-%02x%02x%02x%02x%02x%02x>", digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6] & 15,
                digest[7], digest[8] & 15, digest[9], digest[10], digest[11], digest[12], digest[13], digest[14], digest[15]);
  return text;
}

std::string record(const std::string& type, const std::string& url, const std::string& content_type, const std::string& date, const std::string& block) {
  std::string out = "WARC/1.1\r\nWARC-Type: " + type + "\r\nWARC-Record-ID: " + record_id(type + url + date + block) + "\r\nWARC-Date: " + date + "\r\n";
  if (!url.empty()) out += "WARC-Target-URI: " + url + "\r\n";
  out += "Content-Type: " + content_type + "\r\nContent-Length: " + std::to_string(block.size()) + "\r\n\r\n" + block + "\r\n\r\n";
  return out;
}

/// Header values come from the web; a line break in one would begin another header.
std::string one_line(const std::string& value) {
  std::string out;
  for (const char c : value) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
  return out;
}

}  // namespace

WarcWriter::WarcWriter(std::filesystem::path dir, const Clock& clock) : dir_(std::move(dir)), clock_(clock) {}

Result<void> WarcWriter::open() {
  std::error_code error;
  std::filesystem::create_directories(dir_, error);
  if (error) return failure(Disposition::kRetry, "io", "the archive folder cannot be made: " + error.message(), dir_.string());
  const std::string stem = "vigie-" + utc(clock_.now_unix_ms(), "%Y%m%d%H%M%S");
  name_ = stem + ".warc.gz";
  for (int number = 1; std::filesystem::exists(dir_ / name_); ++number) name_ = stem + "-" + std::to_string(number) + ".warc.gz";
  out_ = std::ofstream(dir_ / name_, std::ios::binary);
  if (!out_) return failure(Disposition::kRetry, "io", "the archive file cannot be made", (dir_ / name_).string());
  offset_ = 0;
  const std::string info = std::string("software: vigie/") + VIGIE_VERSION + "\r\nformat: WARC File Format 1.1\r\n";
  return append(gzip(record("warcinfo", "", "application/warc-fields", utc(clock_.now_unix_ms(), "%Y-%m-%dT%H:%M:%SZ"), info)));
}

Result<void> WarcWriter::append(const std::string& member) {
  out_.write(member.data(), static_cast<std::streamsize>(member.size()));
  out_.flush();
  if (!out_) {
    out_.close();
    name_.clear();
    return failure(Disposition::kRetry, "io", "the archive cannot be written; is the disk full?", dir_.string());
  }
  offset_ += member.size();
  return {};
}

Result<std::string> WarcWriter::write(const v1::PageRecord& page, const net::HttpAnswer& answer) {
  if (name_.empty() || offset_ > kMaxFileBytes) VIGIE_TRY(open());
  const std::string date = utc(page.fetched_at_unix_ms(), "%Y-%m-%dT%H:%M:%SZ");
  const std::string url = one_line(page.final_url());
  std::string block = "HTTP/1.1 " + std::to_string(answer.status) + " \r\n";
  for (const auto& [name, value] : answer.headers) {
    if (name == "content-encoding" || name == "transfer-encoding" || name == "content-length" || name == "connection") continue;
    block += one_line(name) + ": " + one_line(value) + "\r\n";
  }
  block += "content-length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
  const std::string reference = name_ + ":" + std::to_string(offset_);
  VIGIE_TRY(append(gzip(record("response", url, "application/http;msgtype=response", date, block))));
  return reference;
}

}  // namespace vigie::crawler
