#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "proto/page.pb.h"
#include "proto/source.pb.h"

namespace vigie::page {

/// What a PageRecord is made of, beside the response.
struct PageContext {
  std::string url;        // as discovered, normalised
  std::string final_url;  // after redirects; normalised here
  v1::Source source;
  v1::Origin origin = v1::ORIGIN_CRAWL;
  std::int64_t discovered_at_unix_ms = 0;
  std::int64_t fetched_at_unix_ms = 0;
  const v1::FeedItem* feed_item = nullptr;
};

/// The record of one response: key, digest and the headers that proto/page.proto names.
/// raise_alerts is true for origin crawl alone. Errors: kQuarantine bad_url, not_http for a final
/// URL that cannot be normalised.
Result<v1::PageRecord> make_page(const PageContext& context, const net::HttpResponse& response);
/// The same; the body of the response is moved into the record.
Result<v1::PageRecord> make_page(const PageContext& context, net::HttpResponse&& response);

/// Cuts the body so that key and record have at most `most_bytes`, and says so (TRUNCATION_LENGTH;
/// body_bytes stays). False: it was small enough, or is too large without any body.
bool cut_to_fit(v1::PageRecord& page, std::size_t most_bytes);

}  // namespace vigie::page
