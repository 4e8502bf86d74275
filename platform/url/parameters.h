#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Parts of URLs that name no page: how a reader came, and which session is theirs. Pure.
namespace vigie::url {

/// A parameter of a query, percent-encoding undone.
struct Parameter {
  std::string name;  // lower case
  std::string value;
};
Parameter read_parameter(std::string_view written);

/// Whether a parameter tells how a reader came, or which session is theirs. `query`: all parameters
/// that stand beside it.
bool names_no_page(const Parameter& parameter, const std::vector<Parameter>& query);

/// The path without session ids: `;jsessionid=…` and its like, and the segments in brackets in
/// which ASP.NET keeps them.
std::string without_session_ids(std::string_view path);

}  // namespace vigie::url
