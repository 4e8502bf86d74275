#pragma once

#include <string>

namespace vigie::url {

/// Names the list of public suffixes that registrable_domain() goes by: another list, another name.
std::string suffix_list_version();

}  // namespace vigie::url
