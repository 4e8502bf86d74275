#pragma once

#include <functional>
#include <memory>

#include "platform/log/log.h"

namespace vigie::log {

/// A log whose groups are given no records while there is no room for what their members would
/// write: they pause where they stand, and go on by themselves. What asks for records by itself
/// (Reader) and what is sent is passed on as it is. A member that pauses for longer than a broker
/// lets it be silent loses its partitions and joins again.
/// `has_room` is called from any thread.
std::unique_ptr<Log> make_pausing(std::unique_ptr<Log> log, std::function<bool()> has_room);

}  // namespace vigie::log
