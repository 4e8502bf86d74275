#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/dates/loose_date.h"
#include "platform/result/result.h"
#include "proto/page.pb.h"

namespace vigie::crawler::feeds {

/// Bounds of reading one feed.
struct FeedLimits {
  std::size_t bytes = 8ULL << 20;  // of the document
  std::size_t entries = 5000;      // the largest real feeds have some 1,000; more are cut, aloud
  std::size_t title_bytes = 1024;
  std::size_t summary_bytes = 4096;  // as proto/page.proto says
  std::size_t list_entries = 32;     // authors, categories
  std::size_t field_bytes = 512;     // an author, a category, an id
};

/// What a feed says of one page. Claims, never the truth. Text is plain, valid UTF-8, in one line.
struct FeedEntry {
  std::string id;   // guid, atom:id, rdf:about, JSON id; empty if it has none
  std::string url;  // absolute; empty if it has none that can be read
  std::string title;
  std::string summary;
  std::vector<std::string> authors;  // names, no mail addresses
  std::vector<std::string> categories;
  std::optional<dates::LooseDate> published;
  std::optional<dates::LooseDate> updated;
  std::string language;
};

struct Feed {
  std::string format;   // "rss", "rdf", "atom", "json"
  std::string version;  // "2.0", "1.0", "0.3", …; empty if it does not say
  std::string title;
  std::string url;  // of the site, absolute
  std::string description;
  std::string language;
  std::vector<std::string> authors;
  std::vector<std::string> categories;
  std::optional<dates::LooseDate> updated;
  std::string hub;         // WebSub hub, absolute
  std::string self;        // its own URL, as it says, absolute
  bool malformed = false;  // it had to be recovered
  // it had more than FeedLimits::entries; the first ones are kept, of a feed that lists the oldest
  // first the last ones
  bool entries_cut = false;
  std::size_t entries_left_out = 0;
  std::vector<FeedEntry> entries;  // in the order of the feed
};

/// Where a feed is from.
struct FeedOrigin {
  FeedOrigin() = default;
  FeedOrigin(std::string_view url) : base_url(url) {}
  FeedOrigin(const char* url) : base_url(url) {}
  FeedOrigin(const std::string& url) : base_url(url) {}
  FeedOrigin(std::string_view url, std::string_view of_source)
      : base_url(url), country(of_source) {}

  std::string_view base_url;  // that it was fetched from; may be empty
  std::string_view country;   // ISO 3166-1 alpha-2: that of the source; may be empty
};

/// Reads RSS 0.9x to 2.0, RSS 1.0 (RDF), Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1, however
/// malformed: every link that stands in it is found. Zones and the order of day and month are those
/// of the country of its host, else of the source, else of its language. In: the body, plain or
/// gzip; `http_charset`, of the Content-Type, may be empty. Errors: kQuarantine not_feed (an HTML
/// page, another vocabulary), bad_xml, bad_json, too_large, empty_feed (no bytes).    Threads:
/// pure. Source: rssboard.org RSS 2.0, RSS 1.0, RFC 4287, jsonfeed.org; Dublin Core.
Result<Feed> parse_feed(std::string_view bytes, std::string_view http_charset = {},
                        const FeedOrigin& origin = {}, const FeedLimits& limits = {});

/// The entry as it travels with the page.
v1::FeedItem to_feed_item(const FeedEntry& entry, std::string_view feed_url);

}  // namespace vigie::crawler::feeds
