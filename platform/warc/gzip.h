#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "platform/result/result.h"

namespace vigie::warc {

/// Whether bytes begin as gzip does (RFC 1952).
bool is_gzip(std::string_view bytes);

/// Undoes gzip (several members too) or zlib. At most `max_bytes` come out; more is cut and `cut`
/// set. Errors: kQuarantine bad_gzip where nothing could be read.
Result<std::string> gunzip(std::string_view bytes, std::size_t max_bytes, bool* cut = nullptr);

/// One gzip member.
std::string gzip(std::string_view bytes);

}  // namespace vigie::warc
