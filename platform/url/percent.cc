#include "platform/url/percent.h"

#include <array>

#include "platform/text/ascii.h"

namespace vigie::url {
namespace {

/// Length of the valid UTF-8 sequence at `at`, or 0; then `bad` is the length of the maximal
/// invalid subpart.
std::size_t sequence_length(std::string_view text, std::size_t at, std::size_t& bad) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(at);
  bad = 1;
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  unsigned lowest = 0x80;
  unsigned highest = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) lowest = 0xA0;
    if (lead == 0xED) highest = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) lowest = 0x90;
    if (lead == 0xF4) highest = 0x8F;
  } else {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned next = byte(at + i);
    if (at + i >= text.size() || next < lowest || next > highest) {
      bad = i;
      return 0;
    }
    lowest = 0x80;
    highest = 0xBF;
  }
  return length;
}

}  // namespace

void append_percent(std::string& out, unsigned char byte) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  out += '%';
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

bool in_set(unsigned char byte, EncodeSet set) {
  struct Table {
    std::array<std::array<bool, 256>, 6> in{};
  };
  static constexpr Table kTable = [] {
    Table made;
    const auto fill = [&made](EncodeSet of, std::string_view bytes) {
      auto& in = made.in[static_cast<std::size_t>(of)];
      for (std::size_t c = 0; c < in.size(); ++c) in[c] = c <= 0x1F || c > 0x7E;
      for (const char c : bytes) in[static_cast<unsigned char>(c)] = true;
    };
    fill(EncodeSet::kC0Control, "");
    fill(EncodeSet::kFragment, " \"<>`");
    fill(EncodeSet::kQuery, " \"#<>");
    fill(EncodeSet::kSpecialQuery, " \"#<>'");
    fill(EncodeSet::kPath, " \"#<>?^`{}");
    fill(EncodeSet::kUserinfo, " \"#<>?^`{}/:;=@[\\]|");
    return made;
  }();
  return kTable.in[static_cast<std::size_t>(set)][byte];
}

void append_encoded(std::string& out, unsigned char byte, EncodeSet set) {
  if (in_set(byte, set)) {
    append_percent(out, byte);
  } else {
    out += static_cast<char>(byte);
  }
}

std::string encode(std::string_view text, EncodeSet set) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) append_encoded(out, static_cast<unsigned char>(c), set);
  return out;
}

std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && text::ascii::is_hex_digit(text[i + 1]) &&
        text::ascii::is_hex_digit(text[i + 2])) {
      out += static_cast<char>(text::ascii::hex_value(text[i + 1]) * 16 +
                               text::ascii::hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string to_scalar_values(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    std::size_t bad = 1;
    if (const std::size_t length = sequence_length(text, i, bad); length > 0) {
      out.append(text.substr(i, length));
      i += length;
    } else {
      out += "\xEF\xBF\xBD";
      i += bad;
    }
  }
  return out;
}

}  // namespace vigie::url
