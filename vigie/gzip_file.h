#pragma once

#include <filesystem>
#include <string>

#include "platform/result/result.h"

namespace vigie::cli {

/// A file's bytes, decompressed if it is gzip (by its first bytes), at most `max_bytes` of them; what lies behind is cut.
/// Errors: kQuarantine not_found, io, bad_gzip with the path.
Result<std::string> read_maybe_gzip(const std::filesystem::path& file, std::size_t max_bytes);

}  // namespace vigie::cli
