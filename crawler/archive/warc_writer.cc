#include "crawler/archive/warc_writer.h"

#include <cstdio>
#include <ctime>
#include <system_error>
#include <utility>
#include <vector>

#include "crawler/archive/cdxj.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "platform/warc/gzip.h"
#include "proto/identity.h"

namespace vigie::crawler::archive {
namespace {

std::string utc(std::int64_t unix_ms, const char* format) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, format, &parts);
  return std::string(text, size);
}

/// A UUID made of the content, so that the same page written twice at the same moment has the same
/// name.
std::string record_id(const std::string& seed) {
  const proto::Digest128 digest = proto::digest128(seed);
  char text[64];
  std::snprintf(text, sizeof text,
                "<urn:uuid:%02x%02x%02x%02x-%02x%02x-8%01x%02x-8%01x%02x-%02x%02x%02x%02x%02x%02x>",
                digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6] & 15,
                digest[7], digest[8] & 15, digest[9], digest[10], digest[11], digest[12],
                digest[13], digest[14], digest[15]);
  return text;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kIndexEnd = ".cdxj";
/// While a file is written its index grows in the order of time; it is sorted when the file is
/// closed.
constexpr const char* kUnsortedEnd = ".cdxj-unsorted";

/// Values come from the web; a line break in one would begin another header.
std::string one_line(const std::string& value) {
  std::string out;
  for (const char c : value) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
  return out;
}

std::string lines_of(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!value.empty()) out += one_line(name) + ": " + one_line(value) + "\r\n";
  }
  return out;
}

std::string warc_date(std::int64_t unix_ms) { return utc(unix_ms, "%Y-%m-%dT%H:%M:%SZ"); }

/// ISO 28500 §5.8 leaves the algorithm and its notation open; hexadecimal SHA-256 is what current
/// crawlers write.
std::string digest_text(std::string_view sha256) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "sha256:";
  for (const char c : sha256) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string id_of(const std::string& type, const WarcExchange& exchange) {
  return record_id(type + "\n" + exchange.url + "\n" + std::to_string(exchange.fetched_unix_ms) +
                   "\n" + proto::sha256(exchange.response.body));
}

std::string record(const std::string& type, const std::string& id, std::int64_t unix_ms,
                   const std::string& content_type, const Fields& more, const std::string& block) {
  return "WARC/1.1\r\nWARC-Type: " + type + "\r\nWARC-Record-ID: " + id +
         "\r\nWARC-Date: " + warc_date(unix_ms) + "\r\n" + lines_of(more) +
         "Content-Type: " + content_type +
         "\r\nWARC-Block-Digest: " + digest_text(proto::sha256(block)) +
         "\r\nContent-Length: " + std::to_string(block.size()) + "\r\n\r\n" + block + "\r\n\r\n";
}

std::string truncated(net::HttpTruncation truncation) {
  switch (truncation) {
    case net::HttpTruncation::kLength: return "length";
    case net::HttpTruncation::kTime: return "time";
    case net::HttpTruncation::kDisconnect: return "disconnect";
    case net::HttpTruncation::kNone: break;
  }
  return {};
}

std::string response_head(const net::HttpResponse& response) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " \r\n";
  for (const auto& [name, value] : response.headers) {
    if (name == "content-encoding" || name == "transfer-encoding" || name == "content-length" ||
        name == "connection")
      continue;
    out += one_line(name) + ": " + one_line(value) + "\r\n";
  }
  return out;
}

std::string request_block(const WarcExchange& exchange, const std::string& user_agent) {
  const auto address = url::parse(exchange.url);
  std::string target = "/";
  std::string host;
  if (address && address->host) {
    target = address->path + (address->query ? "?" + *address->query : "");
    host = *address->host + (address->port ? ":" + std::to_string(*address->port) : "");
  }
  Fields fields{{"Host", host}, {"User-Agent", user_agent}};
  for (const auto& header : exchange.request.headers) fields.push_back(header);
  return exchange.request.method + " " + target + " HTTP/1.1\r\n" + lines_of(fields) + "\r\n";
}

std::string mime_of(const net::HttpResponse& response) {
  const std::string type = text::ascii_lower(response.header("content-type").substr(0, 128));
  return text::to_valid_utf8(text::trim(std::string_view(type).substr(0, type.find(';'))));
}

}  // namespace

WarcWriter::WarcWriter(std::filesystem::path dir, std::string user_agent, const Clock& clock,
                       std::uint64_t max_file_bytes)
    : dir_(std::move(dir)),
      user_agent_(std::move(user_agent)),
      clock_(clock),
      max_file_bytes_(max_file_bytes) {}

WarcWriter::~WarcWriter() { close(); }

void WarcWriter::close() {
  if (name_.empty()) return;
  out_.close();
  index_.close();
  // Where it cannot be sorted now, it is at the next start.
  static_cast<void>(sort_cdxj(dir_ / (name_ + kUnsortedEnd), dir_ / (name_ + kIndexEnd)));
  name_.clear();
}

Result<void> WarcWriter::open() {
  close();
  std::error_code error;
  std::filesystem::create_directories(dir_, error);
  if (error)
    return failure(Disposition::kRetry, "io",
                   "the archive folder cannot be made: " + error.message(), dir_.string());
  std::vector<std::filesystem::path> left;
  for (std::filesystem::directory_iterator at(dir_, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == kUnsortedEnd) left.push_back(at->path());
  }
  for (const std::filesystem::path& unsorted : left) {
    std::filesystem::path sorted = unsorted;
    VIGIE_TRY(sort_cdxj(unsorted, sorted.replace_extension(kIndexEnd)));
  }
  const std::string stem = "vigie-" + utc(clock_.now_unix_ms(), "%Y%m%d%H%M%S");
  std::string name = stem + ".warc.gz";
  for (int number = 1; std::filesystem::exists(dir_ / name); ++number)
    name = stem + "-" + std::to_string(number) + ".warc.gz";
  out_ = std::ofstream(dir_ / name, std::ios::binary);
  index_ = std::ofstream(dir_ / (name + kUnsortedEnd), std::ios::binary);
  if (!out_ || !index_)
    return failure(Disposition::kRetry, "io", "the archive file cannot be made",
                   (dir_ / name).string());
  name_ = name;
  offset_ = 0;
  const std::string info =
      std::string("software: vigie/") + VIGIE_VERSION +
      "\r\nformat: WARC File Format 1.1\r\nconformsTo: "
      "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n";
  const std::string id = record_id("warcinfo\n" + name_ + std::to_string(clock_.now_unix_ms()));
  return append(warc::gzip(record("warcinfo", id, clock_.now_unix_ms(), "application/warc-fields",
                                  {{"WARC-Filename", name_}}, info)));
}

Result<void> WarcWriter::append(const std::string& member) {
  out_.write(member.data(), static_cast<std::streamsize>(member.size()));
  out_.flush();
  if (!out_) {
    close();
    return failure(Disposition::kRetry, "io", "the archive cannot be written; is the disk full?",
                   dir_.string());
  }
  offset_ += member.size();
  return {};
}

Result<std::string> WarcWriter::write(const WarcExchange& exchange) {
  if (name_.empty() || offset_ > max_file_bytes_) VIGIE_TRY(open());
  const net::HttpResponse& response = exchange.response;
  const std::string digest = digest_text(proto::sha256(response.body));
  const std::string response_id = id_of("response", exchange);
  const std::string response_member = warc::gzip(
      record("response", response_id, exchange.fetched_unix_ms, "application/http;msgtype=response",
             {{"WARC-Target-URI", exchange.url},
              {"WARC-IP-Address", response.peer},
              {"WARC-Payload-Digest", digest},
              {"WARC-Truncated", truncated(response.truncation)}},
             response_head(response) + "content-length: " + std::to_string(response.body.size()) +
                 "\r\n\r\n" + response.body));
  const Fields concurrent{{"WARC-Target-URI", exchange.url}, {"WARC-Concurrent-To", response_id}};
  const std::string request = warc::gzip(
      record("request", id_of("request", exchange), exchange.fetched_unix_ms,
             "application/http;msgtype=request", concurrent, request_block(exchange, user_agent_)));
  const std::string told = lines_of(
      {{"via", exchange.via},
       {"fetchTimeMs", std::to_string(response.time.count())},
       {"discovered",
        exchange.discovered_unix_ms == 0 ? "" : warc_date(exchange.discovered_unix_ms)},
       {"discoveredAs", exchange.discovered_url == exchange.url ? "" : exchange.discovered_url},
       {"source", exchange.source_id}});
  const std::string metadata =
      warc::gzip(record("metadata", id_of("metadata", exchange), exchange.fetched_unix_ms,
                        "application/warc-fields", concurrent, told));
  Capture capture{
      exchange.url, exchange.fetched_unix_ms, mime_of(response), response.status, digest, name_,
      offset_,      response_member.size()};
  const std::string reference = name_ + ":" + std::to_string(offset_);
  VIGIE_TRY(append(response_member + request + metadata));
  index_ << cdxj_line(capture) << std::flush;
  return reference;
}

Result<void> WarcWriter::write_revisit(const WarcExchange& exchange, std::string_view body_sha256) {
  if (name_.empty() || offset_ > max_file_bytes_) VIGIE_TRY(open());
  const net::HttpResponse& response = exchange.response;
  const std::string digest = digest_text(body_sha256);
  const std::string profile =
      std::string("http://netpreserve.org/warc/1.1/revisit/") +
      (response.status == 304 ? "server-not-modified" : "identical-payload-digest");
  const std::string id = id_of("revisit", exchange);
  const std::string revisit = warc::gzip(record("revisit", id, exchange.fetched_unix_ms,
                                                "application/http;msgtype=response",
                                                {{"WARC-Target-URI", exchange.url},
                                                 {"WARC-IP-Address", response.peer},
                                                 {"WARC-Profile", profile},
                                                 {"WARC-Payload-Digest", digest},
                                                 {"WARC-Refers-To-Target-URI", exchange.url}},
                                                response_head(response) + "\r\n"));
  const std::string request =
      warc::gzip(record("request", id_of("request", exchange), exchange.fetched_unix_ms,
                        "application/http;msgtype=request",
                        {{"WARC-Target-URI", exchange.url}, {"WARC-Concurrent-To", id}},
                        request_block(exchange, user_agent_)));
  Capture capture{exchange.url,   exchange.fetched_unix_ms,
                  "warc/revisit", response.status == 304 ? 0 : response.status,
                  digest,         name_,
                  offset_,        revisit.size()};
  VIGIE_TRY(append(revisit + request));
  index_ << cdxj_line(capture) << std::flush;
  return {};
}

}  // namespace vigie::crawler::archive
