#pragma once

#include <optional>
#include <string_view>

namespace vigie::dates {

struct Clock24 {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  bool has_meridiem = false;  // am or pm is written
  std::optional<int> zone;    // minutes east of Greenwich
  bool utc = false;
};

/// The first time of day in folded text: 10:15, 10:15:00.123, 10:15 pm, 10.15 GMT, t101500z; with
/// its zone.
std::optional<Clock24> find_clock(std::string_view folded, std::string_view country);

}  // namespace vigie::dates
