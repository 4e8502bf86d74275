#pragma once

#include <string>
#include <string_view>

namespace vigie::secrets {

enum class HashKind { kSha1, kSha256, kSha384, kSha512 };

/// HMAC (RFC 2104) of a message by a key: 20, 32, 48 or 64 bytes. Pure.
std::string hmac(HashKind kind, std::string_view key, std::string_view message);

/// Whether two texts are the same, in a time that tells nothing of where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace vigie::secrets
