#pragma once

#include <string>
#include <vector>

namespace vigie::indexer::peers {

/// Addresses of a name as the system resolves it, IPv6 ones without brackets; empty when it does
/// not. Waits for the resolver. Threads: any.
std::vector<std::string> resolve_by_system(const std::string& name);

}  // namespace vigie::indexer::peers
