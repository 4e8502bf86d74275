#pragma once

#include <string_view>

#include "crawler/feeds/feed.h"

namespace vigie::crawler::feeds {

/// Reads JSON Feed 1.0 and 1.1. In: valid UTF-8. Errors: kQuarantine bad_json, not_feed. Source:
/// jsonfeed.org/version/1.1.
Result<Feed> parse_json_feed(std::string_view utf8, const FeedOrigin& origin,
                             const FeedLimits& limits);

}  // namespace vigie::crawler::feeds
