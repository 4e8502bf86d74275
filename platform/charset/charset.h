#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::charset {

/// A body as text.
struct Decoded {
  std::string text;     // valid UTF-8, without byte order mark
  std::string charset;  // IANA name it was decoded from: UTF-8, windows-1252, GB18030 …
  // bytes that were not valid in that charset; each maximal sequence of them became U+FFFD
  std::uint32_t replaced = 0;
};

/// Total. Order: byte order mark; what is valid UTF-8 beyond ASCII is UTF-8 whatever it is called
/// (collectors and proxies re-encode and leave the label); the HTTP label; the page's own label in
/// its first 4 KiB (WHATWG prescan) and, as pages put it late, its first 64 KiB; UTF-16 by its
/// zeros; uchardet; windows-1252. Of a body beyond 1 MiB up to as much of it, pieces from
/// everywhere that are not all ASCII, tells the encoding. In: the body, the value of Content-Type
/// or "". Linear; memory at most three times the body. Source: WHATWG Encoding (labels), WHATWG
/// HTML §13.2.3.
Decoded decode(std::string_view body, std::string_view content_type);

/// Name for ICU of a WHATWG label, or "" for one that is unknown or must not be used (utf-7,
/// replacement encodings).
std::string encoding_of_label(std::string_view label);

/// Label in <meta charset> or <meta http-equiv=content-type> among the first `limit` bytes, or "".
std::string prescan(std::string_view body, std::size_t limit);

}  // namespace vigie::charset
