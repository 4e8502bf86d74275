#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/http.h"

namespace vigie::v1 {
class ArticleSummary;
}

/// Feeds of articles for feed readers. Private to indexer/api.
namespace vigie::indexer::api {

struct FeedEntry {
  std::string id;  // a URI that stays
  std::string url;
  std::string title;  // "" where there is none
  std::string summary;
  std::string language;  // BCP 47; "" not known
  std::string author;
  std::vector<std::string> topics;
  std::int64_t updated_unix_ms = 0;
  std::int64_t published_unix_ms = 0;  // 0: not known
};

struct Feed {
  std::string id;  // a URI that stays
  std::string title;
  std::string subtitle;
  std::string self;       // absolute URLs: of this document, without tokens
  std::string alternate;  // of the page
  std::int64_t updated_unix_ms = 0;
  std::vector<FeedEntry> entries;  // newest first
};

enum class FeedForm { kAtom, kJson };

/// What an entry takes of an article; `updated_unix_ms` and `id` are the caller's.
FeedEntry entry_of(const v1::ArticleSummary& article);

/// The document with its validator, or 304 where the request names that (RFC 9110 §13.1.2: a list,
/// weak forms, *). Atom is RFC 4287, JSON Feed version 1.1; both stay well-formed whatever the
/// texts hold.
http::Response feed_response(const http::Request& request, const Feed& feed, FeedForm form);

/// Under which URL people reach this server: `public_url` if it is set, else as the request was
/// made; without "/" at its end.
std::string base_url(const http::Request& request, const std::string& public_url);

}  // namespace vigie::indexer::api
