#pragma once

#include <algorithm>
#include <array>
#include <string_view>

/// What the key of a record of `deliveries` says it is (proto/delivery.proto).
namespace vigie::proto {

inline constexpr std::string_view kAlertPrefix = "group/";
inline constexpr std::string_view kWaitingPrefix = "waiting/";
inline constexpr std::string_view kMatchesPositionPrefix = "position/";
inline constexpr std::string_view kMarkPrefix = "learned/";

/// Of a DeliveryRecord: ids of deliveries are none of those words.
constexpr bool is_delivery_key(std::string_view key) {
  constexpr std::array kOthers{kAlertPrefix, kWaitingPrefix, kMatchesPositionPrefix, kMarkPrefix};
  return std::ranges::none_of(kOthers, [key](auto prefix) { return key.starts_with(prefix); });
}

}  // namespace vigie::proto
