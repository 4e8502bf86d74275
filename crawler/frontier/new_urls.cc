#include "crawler/frontier/new_urls.h"

#include "proto/identity.h"
#include "proto/wire.h"

namespace vigie::crawler::frontier {

std::string key_of(const v1::NewUrls& urls) {
  std::string said = urls.source_id();
  said += '\n';
  said += std::to_string(urls.discovered_at_unix_ms());
  for (const v1::NewUrl& url : urls.urls()) {
    said += '\n';
    said += url.url();
  }
  return std::string(kNewUrlsPrefix) + proto::base32(proto::to_bytes(proto::digest128(said)));
}

std::optional<NewUrlPlaces> cut(std::string_view record, v1::NewUrls& said) {
  std::string rest;
  auto out = proto::cut_field(record, v1::NewUrls::kUrlsFieldNumber, rest);
  if (!said.ParseFromString(rest)) return std::nullopt;
  return out;
}

v1::UrlState state_of(const v1::NewUrls& urls, const v1::NewUrl& url) {
  v1::UrlState state;
  state.set_url(url.url());
  state.set_source_id(urls.source_id());
  state.set_kind(url.kind());
  state.set_discovered_at_unix_ms(urls.discovered_at_unix_ms());
  state.set_next_due_unix_ms(urls.discovered_at_unix_ms());
  state.set_depth(urls.depth());
  state.set_fetch_url(url.fetch_url());
  if (url.has_feed_item()) {
    *state.mutable_feed_item() = url.feed_item();
    state.mutable_feed_item()->set_feed_url(urls.feed_url());
  }
  return state;
}

}  // namespace vigie::crawler::frontier
