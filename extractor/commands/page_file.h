#pragma once

#include <cstddef>
#include <istream>
#include <string>

#include "platform/result/result.h"

namespace vigie::extractor::commands {

/// The bytes of a file, unpacked where it is gzip whatever its name; at most `max_bytes` + 1, so
/// that the caller can see that there is more. Errors: kQuarantine not_found, io, bad_gzip (nothing
/// could be unpacked; a stream that breaks later gives what came before).
Result<std::string> read_page_file(const std::string& path, std::size_t max_bytes);

/// The same of a stream, without unpacking.
std::string read_page_stream(std::istream& in, std::size_t max_bytes);

}  // namespace vigie::extractor::commands
