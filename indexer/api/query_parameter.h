#pragma once

#include <string_view>

#include "indexer/api/call.h"
#include "indexer/api/query_names.h"
#include "indexer/query/query.h"
#include "platform/dates/time_zone.h"

namespace vigie::indexer::api {

/// The `q` of a call, parsed for a search; empty: everything. Where it cannot be read, or names
/// what does not exist, `refused` is the problem with its position and nothing is returned.
std::optional<query::Query> query_parameter(const Call& call, const QueryNames& names,
                                            std::optional<http::Response>& refused);

/// The same of a call that has `tz`: the days of after: and before: are those of its zone, which
/// `zone` becomes.
std::optional<query::Query> query_parameter(const Call& call, const QueryNames& names,
                                            dates::TimeZone& zone,
                                            std::optional<http::Response>& refused);

/// Days without an hour that after: and before: name begin by the clocks of `zone`.
void use_days_of(const dates::TimeZone& zone, query::Query& query);

/// Whether the question took more than it may where others wait for it: what is answered now may
/// lack something, and it is to be asked again where it may take long (http::Response::later).
bool is_put_off(const http::Request& request, const query::Budget& budget);

}  // namespace vigie::indexer::api
