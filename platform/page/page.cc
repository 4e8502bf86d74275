#include "platform/page/page.h"

#include <algorithm>
#include <array>
#include <utility>

#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "proto/identity.h"

namespace vigie::page {
namespace {

/// As proto/page.proto says of Header.value.
constexpr std::size_t kMaxHeaderBytes = 4096;
constexpr std::size_t kMaxHeaders = 64;
/// What may be added to a page that was cut: its place in the archive, the reason of the cut.
constexpr std::size_t kCutRoom = 1024;

bool is_kept(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kKept{
      "content-type", "content-language", "last-modified", "etag",
      "link",         "x-robots-tag",     "content-signal"};
  return std::find(kKept.begin(), kKept.end(), name) != kKept.end() || name.substr(0, 4) == "tdm-";
}

std::string cleaned(std::string_view value) {
  std::string out;
  for (const char c : value.substr(0, kMaxHeaderBytes)) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) out += c;
  }
  return text::to_valid_utf8(out);
}

v1::Truncation truncation_of(net::HttpTruncation truncation) {
  switch (truncation) {
    case net::HttpTruncation::kLength: return v1::TRUNCATION_LENGTH;
    case net::HttpTruncation::kTime: return v1::TRUNCATION_TIME;
    case net::HttpTruncation::kDisconnect: return v1::TRUNCATION_DISCONNECT;
    case net::HttpTruncation::kNone: break;
  }
  return v1::TRUNCATION_NONE;
}

/// All of the record but its body.
Result<v1::PageRecord> make_head(const PageContext& context, const net::HttpResponse& response) {
  VIGIE_ASSIGN(const std::string final_url, url::normalise(context.final_url));
  v1::PageRecord page;
  page.set_page_key(proto::page_key(final_url));
  page.set_url(context.url);
  page.set_final_url(final_url);
  *page.mutable_source() = context.source;
  page.set_origin(context.origin);
  page.set_raise_alerts(context.origin == v1::ORIGIN_CRAWL);
  page.set_discovered_at_unix_ms(context.discovered_at_unix_ms);
  page.set_fetched_at_unix_ms(context.fetched_at_unix_ms);
  page.set_http_status(static_cast<std::uint32_t>(response.status));
  for (const auto& [name, value] : response.headers) {
    if (!is_kept(name) || static_cast<std::size_t>(page.headers_size()) >= kMaxHeaders) continue;
    v1::Header* header = page.add_headers();
    header->set_name(text::to_valid_utf8(name));
    header->set_value(cleaned(value));
  }
  page.set_body_bytes(std::max<std::uint64_t>(response.body_bytes, response.body.size()));
  page.set_truncation(truncation_of(response.truncation));
  page.set_body_sha256(proto::sha256(response.body));
  if (context.feed_item != nullptr) *page.mutable_feed_item() = *context.feed_item;
  return page;
}

}  // namespace

Result<v1::PageRecord> make_page(const PageContext& context, const net::HttpResponse& response) {
  VIGIE_ASSIGN(v1::PageRecord page, make_head(context, response));
  page.set_body(response.body);
  return page;
}

Result<v1::PageRecord> make_page(const PageContext& context, net::HttpResponse&& response) {
  VIGIE_ASSIGN(v1::PageRecord page, make_head(context, response));
  page.set_body(std::move(response.body));
  return page;
}

bool cut_to_fit(v1::PageRecord& page, std::size_t most_bytes) {
  const std::size_t bytes = page.page_key().size() + page.ByteSizeLong();
  if (bytes <= most_bytes) return false;
  const std::size_t over = bytes - most_bytes + kCutRoom;
  if (over >= page.body().size()) return false;
  page.mutable_body()->resize(page.body().size() - over);
  page.set_truncation(v1::TRUNCATION_LENGTH);
  page.set_body_sha256(proto::sha256(page.body()));
  return true;
}

}  // namespace vigie::page
