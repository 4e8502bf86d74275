#pragma once

#include <functional>
#include <string_view>

namespace vigie::proto {

/// What Protocol Buffers says of bytes that it cannot read goes to `tell` from now on, instead of
/// lines of its own on stderr that no reader of the log understands. Call it before other threads
/// run; `tell` is called from any thread.
void tell_library_messages(std::function<void(std::string_view message)> tell);

}  // namespace vigie::proto
