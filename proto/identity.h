#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::proto {

/// 128 bits: the first half of a SHA-256.
using Digest128 = std::array<unsigned char, 16>;

/// First 128 bits of SHA-256.
Digest128 digest128(std::string_view bytes);
/// All 32 bytes.
std::string sha256(std::string_view bytes);
/// The digest as a 16-byte string, as stored in records.
std::string to_bytes(const Digest128& digest);
/// RFC 4648 base32, lower case, without padding: 16 bytes give 26 characters. No '.' can occur in
/// it.
std::string base32(std::string_view bytes);

/// Page key: of the normalised final URL (platform/url decides the form). 16 bytes.
std::string page_key(std::string_view normalised_final_url);
/// Article id: of the normalised canonical URL. 26 characters.
std::string article_id(std::string_view normalised_canonical_url);
/// Version id: of title and text; lengths are mixed in, so no two pairs collide by concatenation.
/// 16 bytes.
std::string version_id(std::string_view title, std::string_view text);
/// Match id of an article that met a subscription. 26 characters.
std::string match_id(std::string_view subscription_id, std::string_view article_id);
/// Quarantine id of a record at a place in the log, for one stage. 26 characters.
std::string quarantine_id(std::string_view topic, std::int32_t partition, std::int64_t offset,
                          std::string_view stage);

}  // namespace vigie::proto
