#pragma once

#include <string>
#include <string_view>

namespace vigie::crawler::feeds {

/// The publisher's URL that a link of an aggregator holds in itself: the old ids of Google News
/// (base64 of a message with the URL), and redirects that carry it as a parameter. Empty for every
/// other URL, and where nothing is held. In: an absolute URL. Pure, total.
std::string publisher_of_aggregator_link(std::string_view url);

}  // namespace vigie::crawler::feeds
