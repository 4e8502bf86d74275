#pragma once

#include <string>
#include <string_view>

#include "platform/net/http_client.h"

namespace vigie::crawler::websub {

/// What a feed says of who pushes it. URLs are absolute, http or https.
struct HubLinks {
  std::string hub;    // the first that it names; "": none
  std::string topic;  // the name by which the hub knows it; "": it does not say

  bool operator==(const HubLinks&) const = default;
};

/// Longest URL of a hub or a topic that is taken: it goes into a form, and into the log.
inline constexpr std::size_t kMaxLinkBytes = 2'048;

/// The links of all Link headers with the relations `hub` and `self`, against the URL of the
/// response. What cannot be read is passed over. Pure. Source: W3C WebSub §4, RFC 8288 §3.
HubLinks links_of_headers(const net::Headers& headers, std::string_view base_url);

/// The links of a response: a header goes before what the body names (WebSub §4). Without a topic
/// it is `feed_url`.
HubLinks links_of(const HubLinks& of_headers, const HubLinks& of_body, const std::string& feed_url);

}  // namespace vigie::crawler::websub
