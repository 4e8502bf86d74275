#include "crawler/frontier/states.h"

#include "crawler/frontier/new_urls.h"
#include "crawler/frontier/rows.h"

namespace vigie::crawler::frontier {

Result<std::optional<v1::UrlState>> States::find(std::int32_t partition, std::string_view url) {
  VIGIE_ASSIGN(const KnownUrls* known, known_.of(partition));
  const proto::Digest128 digest = proto::digest128(url);
  const std::optional<Note> note = known->find(digest);
  if (!note) return std::optional<v1::UrlState>();
  if (is_standing(*note)) return first_state(partition, number_of(*note), digest);
  VIGIE_ASSIGN(const auto bytes, database_.get(kUrls, row(partition, url)));
  return bytes ? parsed<v1::UrlState>(*bytes) : std::optional<v1::UrlState>();
}

Result<std::optional<v1::UrlState>> States::first_state(std::int32_t partition,
                                                        std::uint32_t number,
                                                        const proto::Digest128& digest) {
  VIGIE_ASSIGN(const auto urls, new_urls_.of(partition, number));
  const std::size_t at = urls->find(digest);
  if (at == StandingUrls::kNone) return std::optional<v1::UrlState>();
  VIGIE_ASSIGN(const v1::NewUrl url, urls->url(at));
  return std::optional(state_of(urls->said(), url));
}

}  // namespace vigie::crawler::frontier
