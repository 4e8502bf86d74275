#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vigie::indexer::keys {

/// What a caller of the API may do. The first four are steps: each may what those before it may.
/// The last two are for programs and apart: a peer asks as another indexer does, metrics reads the
/// figures of this process, and neither may anything else.
enum class Role : std::uint8_t { kReader, kAnalyst, kOperator, kAdmin, kPeer, kMetrics };

inline constexpr std::array<std::string_view, 6> kRoleNames{"reader", "analyst", "operator",
                                                            "admin",  "peer",    "metrics"};

constexpr std::string_view name_of(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

constexpr std::optional<Role> role_of(std::string_view name) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

/// Whether who has a role may do what needs another. An admin may everything; an operator also
/// reads the metrics.
constexpr bool covers(Role has, Role needs) {
  if (has == Role::kAdmin || has == needs) return true;
  if (needs == Role::kMetrics) return has == Role::kOperator;
  return needs < has && has < Role::kAdmin;
}

}  // namespace vigie::indexer::keys
