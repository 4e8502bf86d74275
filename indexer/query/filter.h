#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "indexer/query/query.h"

/// The filters of the query language: their names, what their values must look like, and how values
/// are normalised.
namespace vigie::indexer::query {

/// Filter of a name (`lang`, `language`, …), if it is one.
std::optional<Filter> filter_named(std::string_view name);
/// The name that canonical queries use.
std::string_view filter_name(Filter filter);
/// Every name, for messages: "title, topic, about, …".
std::string_view known_fields();
/// The same as a list, with every spelling.
std::span<const std::string_view> field_names();
/// True for those that mean nothing in a subscription.
bool search_only(Filter filter);

struct FilterValue {
  std::string value;  // normalised
  std::int64_t value_ms = 0;
};
/// Errors: kQuarantine bad_query with what was expected.
Result<FilterValue> parse_filter_value(Filter filter, std::string_view typed);
/// The value as a canonical query writes it, without quotation marks.
std::string canonical_value(const Node& filter);

}  // namespace vigie::indexer::query
