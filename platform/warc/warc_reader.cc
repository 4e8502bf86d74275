#include "platform/warc/warc_reader.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <utility>
#include <vector>

#include "platform/dates/dates.h"
#include "platform/page/page.h"
#include "platform/text/utf8.h"
#include "platform/warc/gzip.h"

namespace vigie::warc {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kMaxHeaderLines = 512;

/// The bytes of the file, gzip undone member by member, with a bounded buffer.
class PlainBytes {
 public:
  explicit PlainBytes(WarcReader::ReadBytes read) : read_(std::move(read)) {}
  ~PlainBytes() {
    if (inflating_) inflateEnd(&stream_);
  }
  PlainBytes(const PlainBytes&) = delete;
  PlainBytes& operator=(const PlainBytes&) = delete;

  /// Buffers until `wanted` bytes are there, or the end.
  Result<void> fill(std::size_t wanted) {
    while (buffer_.size() - at_ < wanted && !ended_) {
      if (at_ > kReadBytes) {
        buffer_.erase(0, at_);
        at_ = 0;
      }
      VIGIE_TRY(more());
    }
    return {};
  }
  std::string_view view() const { return std::string_view(buffer_).substr(at_); }
  void skip(std::size_t count) {
    at_ += count;
    position_ += count;
  }
  bool ended() const { return ended_ && at_ >= buffer_.size(); }
  /// Of the file where it is plain, of what was decompressed where it is gzip.
  std::uint64_t position() const { return position_; }
  bool broken() const { return broken_; }

 private:
  Result<void> more() {
    if (!inflating_ || stream_.avail_in == 0) {
      auto count = read_(input_.data(), input_.size());
      if (!count) {
        ended_ = true;
        return failure(count.error());
      }
      if (*count == 0) {
        ended_ = true;
        return {};
      }
      if (first_) {
        first_ = false;
        if (is_gzip(std::string_view(input_.data(), *count))) {
          if (inflateInit2(&stream_, 15 + 32) != Z_OK)
            return failure(Disposition::kRetry, "io", "the decompressor could not be made");
          inflating_ = true;
        }
      }
      if (!inflating_) {
        buffer_.append(input_.data(), *count);
        return {};
      }
      stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
      stream_.avail_in = static_cast<uInt>(*count);
    }
    std::array<char, kReadBytes> out;
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    buffer_.append(out.data(), out.size() - stream_.avail_out);
    if (result == Z_STREAM_END) {
      inflateReset(&stream_);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      // What follows a broken member cannot be found again without its length.
      ended_ = true;
      broken_ = true;
    }
    return {};
  }

  WarcReader::ReadBytes read_;
  std::vector<char> input_ = std::vector<char>(kReadBytes);
  z_stream stream_{};
  bool inflating_ = false;
  bool first_ = true;
  bool ended_ = false;
  bool broken_ = false;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t position_ = 0;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// "Name: value" lines; names lower case; continuation lines join.
HeaderList read_headers(std::string_view text) {
  HeaderList out;
  while (!text.empty() && out.size() < kMaxHeaderLines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    if ((line.front() == ' ' || line.front() == '\t') && !out.empty()) {
      out.back().second += ' ';
      out.back().second += text::trim(text::to_valid_utf8(line));
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string value = text::to_valid_utf8(line.substr(colon + 1));
    out.emplace_back(text::ascii_lower(text::trim(text::to_valid_utf8(line.substr(0, colon)))),
                     std::string(text::trim(value)));
  }
  return out;
}

std::string value_of(const HeaderList& headers, std::string_view name) {
  for (const auto& [header, value] : headers) {
    if (header == name) return value;
  }
  return {};
}

/// End of a header block: behind the empty line; npos if there is none.
std::size_t end_of_headers(std::string_view text) {
  const std::size_t crlf = text.find("\r\n\r\n");
  const std::size_t lf = text.find("\n\n");
  if (crlf == std::string_view::npos && lf == std::string_view::npos) return std::string_view::npos;
  return crlf < lf ? crlf + 4 : lf + 2;
}

/// RFC 9112 §7.1. Nothing if it is not chunked after all, as archives that decode bodies and keep
/// headers have it.
std::optional<std::string> dechunk(std::string_view body) {
  std::string out;
  while (true) {
    const std::size_t end = body.find('\n');
    if (end == std::string_view::npos) return out.empty() ? std::nullopt : std::optional(out);
    std::string_view line = text::trim(body.substr(0, end));
    line = line.substr(0, line.find(';'));
    std::uint64_t size = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    if (error != std::errc() || stop == line.data() ||
        (stop != line.data() + line.size() && *stop != ' '))
      return std::nullopt;
    if (size == 0) return out;
    body.remove_prefix(end + 1);
    out += body.substr(0, size);
    if (body.size() <= size) return out;
    body.remove_prefix(size);
    if (!body.empty() && body.front() == '\r') body.remove_prefix(1);
    if (!body.empty() && body.front() == '\n') body.remove_prefix(1);
  }
}

/// WARC-Date: a W3C date of UTC, as exact as it is known (YYYY to YYYY-MM-DDThh:mm:ss.fffffffffZ).
/// 0 for anything else.
std::int64_t read_warc_date(std::string_view text) {
  if (text.size() < 4) return 0;
  static constexpr std::array<std::size_t, 6> kBegins{0, 5, 8, 11, 14, 17};
  std::array<unsigned, 6> parts{0, 1, 1, 0, 0, 0};  // year, month, day, hour, minute, second
  for (std::size_t i = 0; i < parts.size() && kBegins[i] < text.size(); ++i) {
    const std::string_view digits = text.substr(kBegins[i], i == 0 ? 4 : 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), parts[i]);
    if (error != std::errc() || end != digits.data() + digits.size()) return 0;
  }
  return dates::unix_ms_of(
             {static_cast<int>(parts[0]), parts[1], parts[2], parts[3], parts[4], parts[5]})
      .value_or(0);
}

bool is_html(std::string_view content_type) {
  const std::string lower = text::ascii_lower(content_type.substr(0, 128));
  return lower.find("html") != std::string::npos;
}

}  // namespace

class WarcReader::Impl {
 public:
  Impl(ReadBytes read, std::string name, const WarcLimits& limits)
      : bytes_(std::move(read)), name_(std::move(name)), limits_(limits) {}

  Result<std::optional<v1::PageRecord>> next() {
    while (true) {
      if (cut_at_) {
        const Cut cut = *std::exchange(cut_at_, std::nullopt);
        return bad(cut.offset, "the file ends " + std::to_string(cut.missing_bytes) +
                                   " bytes before the end of this record");
      }
      VIGIE_ASSIGN(const bool found, find_record());
      if (!found) return std::optional<v1::PageRecord>();
      const std::uint64_t offset = bytes_.position();
      VIGIE_TRY(bytes_.fill(limits_.header_bytes));
      const std::size_t header_end = end_of_headers(bytes_.view().substr(0, limits_.header_bytes));
      if (header_end == std::string_view::npos) {
        bytes_.skip(std::min<std::size_t>(5, bytes_.view().size()));
        return bad(offset, "the record's header has no end");
      }
      const HeaderList headers = read_headers(bytes_.view().substr(0, header_end));
      std::uint64_t length = 0;
      const std::string written = value_of(headers, "content-length");
      const auto [end, error] =
          std::from_chars(written.data(), written.data() + written.size(), length);
      bytes_.skip(header_end);
      if (error != std::errc() || end != written.data() + written.size())
        return bad(offset, "the record has no Content-Length that can be read");
      VIGIE_ASSIGN(const std::string block, take_block(length, offset));
      auto page = read_record(headers, block, offset);
      if (!page) {
        cut_at_.reset();  // one error a record
        return failure(page.error());
      }
      if (*page) return page;
      ++skipped_;
    }
  }

  std::uint64_t skipped() const { return skipped_; }

 private:
  tl::unexpected<Error> bad(std::uint64_t offset, std::string detail) const {
    return failure(Disposition::kQuarantine, "bad_warc", std::move(detail),
                   name_ + ":" + std::to_string(offset));
  }

  /// Moves to the next "WARC/". False at the end. Bytes before it that are not white space are an
  /// error, once.
  Result<bool> find_record() {
    bool junk = false;
    const std::uint64_t from = bytes_.position();
    while (true) {
      VIGIE_TRY(bytes_.fill(kReadBytes));
      const std::string_view view = bytes_.view();
      if (view.empty()) {
        if (bytes_.broken() && !told_broken_) {
          told_broken_ = true;
          return bad(from, "the compressed data is broken here; what follows cannot be read");
        }
        if (junk) return bad(from, "there are bytes that belong to no record");
        return false;
      }
      if (view.substr(0, 5) == "WARC/") {
        if (!junk) return true;
        return bad(from, "there are bytes that belong to no record");
      }
      const char c = view.front();
      if (c != '\r' && c != '\n' && c != ' ') junk = true;
      const std::size_t found = junk ? view.find("\nWARC/") : std::string_view::npos;
      bytes_.skip(
          junk ? (found == std::string_view::npos
                      ? std::max<std::size_t>(1, view.size() > 8 ? view.size() - 8 : view.size())
                      : found + 1)
               : 1);
    }
  }

  /// The block of a record, at most stored_bytes of it; the rest is passed over. A file that ends
  /// within it is told after what there is of the record.
  Result<std::string> take_block(std::uint64_t length, std::uint64_t offset) {
    std::string block;
    while (length > 0) {
      VIGIE_TRY(bytes_.fill(static_cast<std::size_t>(std::min<std::uint64_t>(length, kReadBytes))));
      const std::string_view view = bytes_.view().substr(
          0, static_cast<std::size_t>(std::min<std::uint64_t>(length, SIZE_MAX)));
      if (view.empty()) {
        cut_at_ = Cut{offset, length};
        told_broken_ = true;
        break;
      }
      block += view.substr(0, limits_.stored_bytes - block.size());
      length -= view.size();
      bytes_.skip(view.size());
    }
    return block;
  }

  Result<std::optional<v1::PageRecord>> read_record(const HeaderList& headers,
                                                    std::string_view block,
                                                    std::uint64_t offset) const {
    const std::string type = text::ascii_lower(value_of(headers, "warc-type"));
    std::string target = value_of(headers, "warc-target-uri");
    // WARC 1.0 wrote URLs in angle brackets.
    if (target.size() > 2 && target.front() == '<' && target.back() == '>')
      target = target.substr(1, target.size() - 2);
    net::HttpResponse response;
    if (type == "response") {
      if (block.substr(0, 5) != "HTTP/") return std::optional<v1::PageRecord>();
      const std::size_t header_end = end_of_headers(block.substr(0, limits_.header_bytes));
      if (header_end == std::string_view::npos)
        return bad(offset, "the HTTP header in the record has no end");
      const std::string_view head = block.substr(0, header_end);
      const std::size_t space = head.find(' ');
      if (space != std::string_view::npos)
        std::from_chars(head.data() + space + 1, head.data() + std::min(head.size(), space + 4),
                        response.status);
      response.headers = read_headers(head.substr(std::min(head.find('\n') + 1, head.size())));
      if (response.status != 200 || !is_html(response.header("content-type")))
        return std::optional<v1::PageRecord>();
      if (!decode(block.substr(header_end), response))
        return bad(offset, "the body is compressed in a way that cannot be undone");
    } else if (type == "resource" && is_html(value_of(headers, "content-type"))) {
      response.status = 200;
      response.headers = {{"content-type", value_of(headers, "content-type")}};
      set_body(std::string(block), response);
    } else {
      return std::optional<v1::PageRecord>();
    }
    std::string cut = text::ascii_lower(value_of(headers, "warc-truncated"));
    if (cut.empty() && cut_at_) cut = "disconnect";
    if (!cut.empty())
      response.truncation = cut == "time"         ? net::HttpTruncation::kTime
                            : cut == "disconnect" ? net::HttpTruncation::kDisconnect
                                                  : net::HttpTruncation::kLength;
    page::PageContext context;
    context.url = target;
    context.final_url = target;
    context.origin = v1::ORIGIN_REPLAY;
    context.fetched_at_unix_ms = read_warc_date(value_of(headers, "warc-date"));
    context.discovered_at_unix_ms = context.fetched_at_unix_ms;
    auto page = page::make_page(context, response);
    if (!page) return bad(offset, "its WARC-Target-URI is no http URL that can be read");
    page->set_url(page->final_url());
    page->set_archive_ref(name_ + ":" + std::to_string(offset));
    return std::optional<v1::PageRecord>(std::move(*page));
  }

  void set_body(std::string body, net::HttpResponse& response) const {
    response.body_bytes = body.size();
    if (body.size() > limits_.body_bytes) {
      body.resize(limits_.body_bytes);
      response.truncation = net::HttpTruncation::kLength;
    }
    response.body = std::move(body);
  }

  bool decode(std::string_view stored, net::HttpResponse& response) const {
    std::string body(stored);
    if (text::ascii_lower(response.header("transfer-encoding")).find("chunked") !=
        std::string::npos) {
      if (auto plain = dechunk(body)) body = std::move(*plain);
    }
    const std::string encoding = text::ascii_lower(response.header("content-encoding"));
    if (is_gzip(body) ||
        (encoding.find("deflate") != std::string::npos && !body.empty() && body[0] == 0x78)) {
      bool cut = false;
      auto plain = gunzip(body, limits_.body_bytes, &cut);
      if (!plain) return false;
      response.body_bytes = plain->size();
      response.body = std::move(*plain);
      if (cut) response.truncation = net::HttpTruncation::kLength;
      return true;
    }
    // br and zstd bodies begin with bytes that no page begins with; archives that decoded theirs
    // keep the header all the same.
    const bool undecoded = (encoding == "br" || encoding == "zstd") &&
                           !text::is_valid_utf8(std::string_view(body).substr(0, 64)) &&
                           body.find('<') > 64;
    if (undecoded) return false;
    set_body(std::move(body), response);
    return true;
  }

  PlainBytes bytes_;
  std::string name_;
  WarcLimits limits_;
  std::uint64_t skipped_ = 0;
  bool told_broken_ = false;
  struct Cut {
    std::uint64_t offset = 0;
    std::uint64_t missing_bytes = 0;
  };
  std::optional<Cut> cut_at_;  // the record that the file ended in, until it is told
};

WarcReader::WarcReader(ReadBytes read, std::string name, const WarcLimits& limits)
    : impl_(std::make_unique<Impl>(std::move(read), std::move(name), limits)) {}
WarcReader::~WarcReader() = default;

Result<std::unique_ptr<WarcReader>> WarcReader::open(const std::filesystem::path& file,
                                                     const WarcLimits& limits) {
  auto stream = std::make_shared<std::ifstream>(file, std::ios::binary);
  if (!*stream)
    return failure(Disposition::kStop, "not_found", "the file cannot be opened", file.string());
  auto read = [stream, file](char* buffer, std::size_t capacity) -> Result<std::size_t> {
    stream->read(buffer, static_cast<std::streamsize>(capacity));
    if (stream->bad())
      return failure(Disposition::kRetry, "io", "the file cannot be read", file.string());
    return static_cast<std::size_t>(stream->gcount());
  };
  return std::make_unique<WarcReader>(std::move(read), file.filename().string(), limits);
}

std::unique_ptr<WarcReader> WarcReader::of_bytes(std::string_view bytes, std::string name,
                                                 const WarcLimits& limits) {
  auto read = [bytes](char* buffer, std::size_t capacity) mutable -> Result<std::size_t> {
    const std::size_t count = bytes.copy(buffer, capacity);
    bytes.remove_prefix(count);
    return count;
  };
  return std::make_unique<WarcReader>(std::move(read), std::move(name), limits);
}

Result<std::optional<v1::PageRecord>> WarcReader::next() { return impl_->next(); }
std::uint64_t WarcReader::skipped() const { return impl_->skipped(); }

}  // namespace vigie::warc
