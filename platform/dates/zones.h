#pragma once

#include <optional>
#include <string_view>

namespace vigie::dates {

/// Minutes east of Greenwich of a zone's abbreviation in lower case (cet, aest, hkt). Where the
/// same letters name several zones (ist, cst, bst, ast), the country (ISO 3166-1 alpha-2, upper
/// case, may be empty) decides, else the one that news is mostly stamped with. Nothing for a name
/// that is not known: no offset is claimed then. The one table for feeds, headers and pages.
std::optional<int> zone_minutes(std::string_view name, std::string_view country = {});

}  // namespace vigie::dates
