#include "platform/warc/verify.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <unordered_set>
#include <utility>

#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "proto/identity.h"

namespace vigie::warc {
namespace {

constexpr std::size_t kChunk = 64 << 10;
constexpr std::size_t kMaxHeadBytes = 256 << 10;
constexpr std::string_view kEndOfRecord = "\r\n\r\n";

/// The bytes of a file without gzip, with the places where its members begin.
class Bytes {
 public:
  explicit Bytes(const std::filesystem::path& file) : in_(file, std::ios::binary) {
    fill();
    gzip_ = input_.size() >= 2 && input_[0] == '\x1f' && input_[1] == '\x8b';
    if (gzip_) inflateInit2(&stream_, 16 + MAX_WBITS);
  }
  ~Bytes() {
    if (gzip_) inflateEnd(&stream_);
  }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  bool is_open() const { return in_.is_open(); }
  bool is_gzip() const { return gzip_; }
  /// Of the next byte, or of the member that it is in.
  std::uint64_t offset() const { return gzip_ ? member_at_ : taken_; }
  /// Whether a member begins at the next byte. True of a plain file.
  bool at_member() const { return !gzip_ || member_given_ == 0; }
  bool is_bad() const { return bad_; }

  /// The next byte; nothing at the end, or where gzip is broken or cut.
  std::optional<char> next() {
    if (at_ == ready_.size() && !more()) return std::nullopt;
    ++member_given_;
    ++taken_;
    return ready_[at_++];
  }
  /// Takes `count` bytes; fewer where there are no more.
  std::string take(std::uint64_t count) {
    std::string out;
    while (out.size() < count) {
      if (at_ == ready_.size() && !more()) break;
      const auto part = static_cast<std::size_t>(
          std::min<std::uint64_t>(count - out.size(), ready_.size() - at_));
      out.append(ready_, at_, part);
      at_ += part;
      member_given_ += part;
      taken_ += part;
    }
    return out;
  }
  /// Whether nothing follows. Passes over the end of a member.
  bool at_end() { return at_ == ready_.size() && !more(); }

 private:
  bool fill() {
    input_.resize(kChunk);
    in_.read(input_.data(), static_cast<std::streamsize>(kChunk));
    input_.resize(static_cast<std::size_t>(in_.gcount()));
    input_at_ = 0;
    return !input_.empty();
  }

  bool more() {
    ready_.clear();
    at_ = 0;
    if (bad_) return false;
    while (ready_.empty()) {
      if (input_at_ == input_.size()) {
        read_ += input_.size();
        if (!fill()) {
          bad_ = gzip_ && in_member_;  // the file ends within a member
          return false;
        }
      }
      if (!gzip_) {
        ready_.swap(input_);
        read_ += ready_.size();
        input_.clear();
        input_at_ = 0;
        return true;
      }
      if (!inflate_some()) return false;
    }
    return true;
  }

  bool inflate_some() {
    if (!in_member_) {
      member_at_ = read_ + input_at_;
      member_given_ = 0;
      in_member_ = true;
      inflateReset(&stream_);
    }
    std::array<char, kChunk> out{};
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data() + input_at_);
    stream_.avail_in = static_cast<uInt>(input_.size() - input_at_);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int state = inflate(&stream_, Z_NO_FLUSH);
    input_at_ = input_.size() - stream_.avail_in;
    ready_.assign(out.data(), out.size() - stream_.avail_out);
    if (state == Z_STREAM_END) in_member_ = false;
    bad_ = state != Z_STREAM_END && state != Z_OK && state != Z_BUF_ERROR;
    return !bad_ || !ready_.empty();
  }

  std::ifstream in_;
  std::string input_;
  std::size_t input_at_ = 0;
  std::uint64_t read_ = 0;  // of the file, in front of `input_`
  std::string ready_;
  std::size_t at_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t member_at_ = 0;
  std::uint64_t member_given_ = 0;
  z_stream stream_{};
  bool gzip_ = false;
  bool in_member_ = false;
  bool bad_ = false;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string value_of(const Fields& fields, std::string_view name) {
  for (const auto& [known, value] : fields) {
    if (text::ascii::iequals(known, name)) return value;
  }
  return {};
}

std::string hex_of(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

class Verifier {
 public:
  explicit Verifier(const std::filesystem::path& file) : bytes_(file) {}

  bool is_open() const { return bytes_.is_open(); }

  VerifiedWarc run() {
    while (!bytes_.at_end()) {
      offset_ = bytes_.offset();
      if (!bytes_.at_member()) problem("the record is no gzip member of its own");
      if (!read_record()) break;
    }
    // What was not whole is told by its record; a tail without one is told here.
    if (bytes_.is_bad() && !out_.cut && !told_bad_) tell_end(bytes_.offset());
    return std::move(out_);
  }

 private:
  void problem(std::string what) {
    if (out_.problems.size() >= kMaxProblems) ++out_.more_problems;
    else out_.problems.push_back({offset_, std::move(what)});
  }
  void tell_end(std::uint64_t offset) {
    offset_ = offset;
    told_bad_ = true;
    out_.cut = true;
    problem("the file ends, or is damaged, within this record");
  }

  std::optional<std::string> line() {
    std::string out;
    while (out.size() < kMaxHeadBytes) {
      const auto c = bytes_.next();
      if (!c) return std::nullopt;
      if (*c == '\n') {
        if (out.ends_with('\r')) out.pop_back();
        return out;
      }
      out.push_back(*c);
    }
    return std::nullopt;
  }

  /// Version line and fields. Nothing: the record is cut, or none.
  std::optional<Fields> read_head() {
    const auto version = line();
    if (!version) {
      tell_end(offset_);
      return std::nullopt;
    }
    if (!version->starts_with("WARC/")) {
      problem("no record begins here");
      return std::nullopt;
    }
    Fields fields;
    std::size_t size = 0;
    while (true) {
      auto one = line();
      if (!one) {
        tell_end(offset_);
        return std::nullopt;
      }
      if (one->empty()) return fields;
      size += one->size();
      const std::size_t colon = one->find(':');
      if (size > kMaxHeadBytes || colon == std::string::npos) {
        problem("its header cannot be read");
        return std::nullopt;
      }
      fields.emplace_back(one->substr(0, colon),
                          std::string(text::ascii::trim(std::string_view(*one).substr(colon + 1))));
    }
  }

  /// False: there is no going on behind it.
  bool read_record() {
    const auto fields = read_head();
    if (!fields) return false;
    std::uint64_t length = 0;
    const std::string written = value_of(*fields, "Content-Length");
    const char* end = written.data() + written.size();
    const auto [at, error] = std::from_chars(written.data(), end, length);
    if (written.empty() || error != std::errc() || at != end || length > kMaxBlockBytes) {
      problem("its Content-Length is missing, no number, or more than is read");
      return false;
    }
    const std::string block = bytes_.take(length);
    const std::string behind = bytes_.take(kEndOfRecord.size());
    if (block.size() < length || behind.size() < kEndOfRecord.size()) {
      tell_end(offset_);
      return false;
    }
    if (behind != kEndOfRecord) {
      problem("it is longer or shorter than its Content-Length");
      return false;
    }
    judge(*fields, block);
    return true;
  }

  void judge(const Fields& fields, const std::string& block) {
    ++out_.records;
    const std::string type = value_of(fields, "WARC-Type");
    ++out_.by_type[text::ellipsize(text::collapse_spaces(text::to_valid_utf8(type)), 40)];
    for (const char* name : {"WARC-Type", "WARC-Record-ID", "WARC-Date"}) {
      if (value_of(fields, name).empty()) problem(std::string("it has no ") + name);
    }
    const std::string id = value_of(fields, "WARC-Record-ID");
    if (!id.empty() && !ids_.insert(proto::to_bytes(proto::digest128(id))).second)
      problem("another record of the file has its WARC-Record-ID");
    if (type == "revisit" &&
        (value_of(fields, "WARC-Profile").empty() || value_of(fields, "WARC-Target-URI").empty()))
      problem("a revisit without WARC-Profile or WARC-Target-URI");
    check_digest("WARC-Block-Digest", value_of(fields, "WARC-Block-Digest"), block);
    const std::size_t head = block.find("\r\n\r\n");
    if (type == "response" && head != std::string::npos &&
        value_of(fields, "Content-Type").starts_with("application/http"))
      check_digest("WARC-Payload-Digest", value_of(fields, "WARC-Payload-Digest"),
                   std::string_view(block).substr(head + 4));
  }

  void check_digest(const char* name, const std::string& written, std::string_view over) {
    if (written.empty()) return;
    constexpr std::string_view kSha256 = "sha256:";
    if (!text::ascii::iequals(std::string_view(written).substr(0, kSha256.size()), kSha256)) {
      ++out_.unverified;
      return;
    }
    const std::string sha256 = proto::sha256(over);
    const std::string shown = text::ascii::lower(written.substr(kSha256.size()));
    std::string base32 = shown;
    while (base32.ends_with('=')) base32.pop_back();
    if (shown == hex_of(sha256) || base32 == proto::base32(sha256)) ++out_.digests;
    else problem(std::string("its bytes are not those of its ") + name);
  }

  Bytes bytes_;
  VerifiedWarc out_;
  std::uint64_t offset_ = 0;
  bool told_bad_ = false;
  std::unordered_set<std::string> ids_;  // digests
};

}  // namespace

Result<VerifiedWarc> verify_warc(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return failure(Disposition::kStop, "not_found", "there is no such file", file.string());
  Verifier verifier(file);
  if (!verifier.is_open())
    return failure(Disposition::kStop, "io", "the file cannot be read", file.string());
  return verifier.run();
}

}  // namespace vigie::warc
