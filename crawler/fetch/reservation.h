#pragma once

#include <string_view>

#include "platform/net/http_client.h"

namespace vigie::crawler::fetch {

/// Whether a response reserves the rights of text and data mining: the header `tdm-reservation: 1`,
/// or `<meta name="tdm-reservation" content="1">` in the first 64 KiB of its page. Pure. Source:
/// TDM Reservation Protocol (TDMRep), W3C Community Group, §4 and §5.
bool reserves_mining(const net::HttpResponse& response, std::string_view page);

}  // namespace vigie::crawler::fetch
