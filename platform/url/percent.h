#pragma once

#include <string>
#include <string_view>

/// Percent-encoding of the URL standard, on the bytes of UTF-8.
namespace vigie::url {

enum class EncodeSet { kC0Control, kFragment, kQuery, kSpecialQuery, kPath, kUserinfo };

/// Whether the URL standard asks for this byte to be written as %XX within that part. Every byte
/// from 0x7F on is.
bool in_set(unsigned char byte, EncodeSet set);

/// Appends the byte, encoded where the set asks for it.
void append_encoded(std::string& out, unsigned char byte, EncodeSet set);
std::string encode(std::string_view text, EncodeSet set);

/// Every %XX becomes its byte; a '%' without two hex digits stays. The result may be no UTF-8.
std::string decode(std::string_view text);

/// "%XX" in upper case.
void append_percent(std::string& out, unsigned char byte);

/// The text with each invalid UTF-8 sequence as one U+FFFD (maximal subparts, as the Encoding
/// standard decodes).
std::string to_scalar_values(std::string_view text);

}  // namespace vigie::url
