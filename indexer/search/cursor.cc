#include "indexer/search/cursor.h"

#include <bit>
#include <cstring>

#include "platform/text/base64.h"
#include "proto/identity.h"

namespace vigie::indexer::search {
namespace {

constexpr unsigned char kVersion = 2;
constexpr std::size_t kCheckBytes = 4;
constexpr std::size_t kMaxCursorBytes = 4'096;  // of text; ours are far below
constexpr std::size_t kMaxIdBytes = 1'024;
/// Statistics of more terms are not carried: the cursor would outgrow a URL. Scores of later pages
/// then follow the index as it is.
constexpr std::size_t kMaxTerms = 128;

void put(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number() {
    if (bytes_.size() < 8) {
      ok_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes_[static_cast<std::size_t>(i)]);
    bytes_.remove_prefix(8);
    return value;
  }
  std::string_view rest() const { return bytes_; }
  bool ok() const { return ok_; }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

std::string check_of(std::string_view bytes) {
  return proto::to_bytes(proto::digest128(bytes)).substr(0, kCheckBytes);
}

tl::unexpected<Error> bad() {
  return failure(Disposition::kQuarantine, "bad_cursor",
                 "the cursor is not one that this search gave; start again without it");
}

}  // namespace

std::string encode_cursor(const Cursor& cursor) {
  std::string bytes;
  bytes.push_back(static_cast<char>(kVersion));
  bytes.push_back(static_cast<char>((cursor.sort == Sort::kNewest ? 1 : 0) | cursor.group << 1));
  put(bytes, static_cast<std::uint64_t>(cursor.now_unix_ms));
  put(bytes, cursor.query_hash);
  put(bytes, std::bit_cast<std::uint64_t>(cursor.after.score));
  put(bytes, static_cast<std::uint64_t>(cursor.after.time_unix_ms));
  const Statistics& statistics = cursor.statistics;
  const bool carried = statistics.document_frequency.size() <= kMaxTerms;
  put(bytes, carried ? statistics.document_frequency.size() : 0);
  put(bytes, carried ? statistics.documents : 0);
  for (std::uint64_t length : statistics.length) put(bytes, carried ? length : 0);
  if (carried) {
    for (std::uint64_t frequency : statistics.document_frequency) put(bytes, frequency);
  }
  bytes += cursor.after.article_id;
  bytes += check_of(bytes);
  std::string text = text::base64_encode(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

Result<Cursor> decode_cursor(std::string_view text) {
  if (text.size() > kMaxCursorBytes) return bad();
  std::string standard(text);
  for (char& c : standard) {
    if (c == '+' || c == '/' || c == '=') return bad();
    c = c == '-' ? '+' : c == '_' ? '/' : c;
  }
  const auto bytes = text::base64_decode(standard);
  if (!bytes || bytes->size() < 2 + kCheckBytes) return bad();
  std::string_view body(*bytes);
  const std::string_view check = body.substr(body.size() - kCheckBytes);
  body.remove_suffix(kCheckBytes);
  if (check_of(body) != check || static_cast<unsigned char>(body[0]) != kVersion ||
      static_cast<unsigned char>(body[1]) > 5)
    return bad();
  Cursor out;
  out.sort = (body[1] & 1) != 0 ? Sort::kNewest : Sort::kRelevance;
  out.group = static_cast<std::uint8_t>(static_cast<unsigned char>(body[1]) >> 1);
  Fields fields(body.substr(2));
  out.now_unix_ms = static_cast<std::int64_t>(fields.number());
  out.query_hash = fields.number();
  out.after.score = std::bit_cast<double>(fields.number());
  out.after.time_unix_ms = static_cast<std::int64_t>(fields.number());
  const std::uint64_t terms = fields.number();
  if (terms > kMaxTerms || out.after.score != out.after.score) return bad();
  out.statistics.documents = fields.number();
  for (std::uint64_t& length : out.statistics.length) length = fields.number();
  for (std::uint64_t i = 0; i < terms; ++i)
    out.statistics.document_frequency.push_back(fields.number());
  if (!fields.ok() || fields.rest().size() > kMaxIdBytes) return bad();
  out.after.article_id = std::string(fields.rest());
  return out;
}

}  // namespace vigie::indexer::search
