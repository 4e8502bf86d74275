#pragma once

#include <string_view>

namespace vigie::http {

/// Whether the value of If-None-Match names an entity tag (with its quotation marks): "*", or one
/// of its list by weak comparison, in which W/"x" and "x" are the same. What is no tag is passed
/// over. Pure. Source: RFC 9110 §8.8.3.2, §13.1.2.
bool matches_tag(std::string_view if_none_match, std::string_view tag);

}  // namespace vigie::http
