#include "platform/net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace vigie::net {
namespace {

constexpr std::size_t kV4Bytes = 4;
constexpr std::size_t kV6Bytes = 16;

using Bytes = std::span<const std::byte>;

struct Range {
  std::array<std::uint8_t, kV6Bytes> address;
  int prefix_bits;
};

/// Everything of https://www.iana.org/assignments/iana-ipv4-special-registry that is not globally
/// reachable, and multicast and reserved space. Within 192.0.0.0/24 a few addresses are global
/// (192.0.0.9, 192.0.0.10: anycast of PCP and TURN); no news is published there, so all of it is
/// refused.
constexpr std::array<Range, 17> kRefusedV4 = {{
    {{0, 0, 0, 0}, 8},        // this network, RFC 791
    {{10, 0, 0, 0}, 8},       // private, RFC 1918
    {{100, 64, 0, 0}, 10},    // carrier-grade NAT, RFC 6598
    {{127, 0, 0, 0}, 8},      // loopback, RFC 1122
    {{169, 254, 0, 0}, 16},   // link local, RFC 3927: also the metadata services of clouds
    {{172, 16, 0, 0}, 12},    // private, RFC 1918
    {{192, 0, 0, 0}, 24},     // protocol assignments, RFC 6890
    {{192, 0, 2, 0}, 24},     // documentation, RFC 5737
    {{192, 31, 196, 0}, 24},  // AS112, RFC 7535
    {{192, 52, 193, 0}, 24},  // AMT relays, RFC 7450
    {{192, 88, 99, 0}, 24},   // 6to4 relays, deprecated, RFC 7526
    {{192, 168, 0, 0}, 16},   // private, RFC 1918
    {{192, 175, 48, 0}, 24},  // AS112 direct delegation, RFC 7534
    {{198, 18, 0, 0}, 15},    // benchmarks, RFC 2544
    {{198, 51, 100, 0}, 24},  // documentation, RFC 5737
    {{203, 0, 113, 0}, 24},   // documentation, RFC 5737
    // multicast, RFC 1112; reserved, RFC 1112 §4; limited broadcast, RFC 8190
    {{224, 0, 0, 0}, 3},
}};

/// Only 2000::/3 holds global unicast
/// (https://www.iana.org/assignments/ipv6-unicast-address-assignments); of it these are taken out.
constexpr Range kGlobalV6 = {{0x20}, 3};
constexpr std::array<Range, 5> kRefusedV6 = {{
    // protocol assignments, RFC 2928: Teredo, ORCHID, benchmarks, …
    {{0x20, 0x01}, 23},
    {{0x20, 0x01, 0x0d, 0xb8}, 32},              // documentation, RFC 3849
    {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48},  // AS112, RFC 7534
    {{0x3f, 0xff}, 20},                          // documentation, RFC 9637
    {{0x3f, 0xfe}, 16},                          // 6bone, given back, RFC 3701
}};

/// IPv6 prefixes behind which an IPv4 address travels.
constexpr Range kMapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};  // RFC 4291 §2.5.5.2
constexpr Range kCompatible = {{}, 96};                                      // RFC 4291 §2.5.5.1
constexpr Range kTranslated = {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};    // RFC 2765 §2.1
constexpr Range kNat64 = {{0x00, 0x64, 0xff, 0x9b}, 96};                     // RFC 6052
// RFC 8215: the place of the IPv4 address is not known
constexpr Range kNat64Local = {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48};
constexpr Range k6to4 = {{0x20, 0x02}, 16};    // RFC 3056
constexpr Range kTeredo = {{0x20, 0x01}, 32};  // RFC 4380

bool within(Bytes address, std::span<const std::uint8_t> network, int prefix_bits) {
  for (std::size_t i = 0; prefix_bits > 0; ++i, prefix_bits -= 8) {
    const int bits = std::min(prefix_bits, 8);
    const unsigned mask = (0xFFU << (8 - bits)) & 0xFFU;
    if (((std::to_integer<unsigned>(address[i]) ^ network[i]) & mask) != 0) return false;
  }
  return true;
}

bool within(Bytes address, const Range& range) {
  return within(address, range.address, range.prefix_bits);
}

bool is_global_v4(Bytes address) {
  return std::none_of(kRefusedV4.begin(), kRefusedV4.end(),
                      [&](const Range& range) { return within(address, range); });
}

/// ISATAP (RFC 5214 §6.1): the interface identifier is 0000:5efe or 0200:5efe and an IPv4 address,
/// under any prefix.
bool is_isatap(Bytes address) {
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(address[i]); };
  return (byte(8) & ~0x03U) == 0 && byte(9) == 0 && byte(10) == 0x5e && byte(11) == 0xfe;
}

bool is_global_v6(Bytes address) {
  if (within(address, kMapped) || within(address, kNat64) || within(address, kTranslated))
    return is_global_v4(address.subspan(12, kV4Bytes));
  if (within(address, kCompatible) || within(address, kNat64Local)) return false;
  if (within(address, k6to4)) return is_global_v4(address.subspan(2, kV4Bytes));
  if (within(address, kTeredo)) {
    // The server stands in clear, the client with every bit turned; both must be global.
    std::array<std::byte, kV4Bytes> client{};
    for (std::size_t i = 0; i < kV4Bytes; ++i) client[i] = ~address[12 + i];
    return is_global_v4(address.subspan(4, kV4Bytes)) && is_global_v4(client);
  }
  if (!within(address, kGlobalV6)) return false;
  if (std::any_of(kRefusedV6.begin(), kRefusedV6.end(),
                  [&](const Range& range) { return within(address, range); }))
    return false;
  return !is_isatap(address) || is_global_v4(address.subspan(12, kV4Bytes));
}

tl::unexpected<Error> bad_address(std::size_t size) {
  return failure(Disposition::kQuarantine, "bad_address",
                 "an address has 4 or 16 bytes, not " + std::to_string(size) +
                     "; this is a fault of the caller");
}

/// An IPv4 address that an IPv6 socket names as ::ffff:a.b.c.d is that IPv4 address.
Bytes unmapped(Bytes address) {
  return address.size() == kV6Bytes && within(address, kMapped) ? address.subspan(12) : address;
}

}  // namespace

Result<Network> parse_network(std::string_view text) {
  const auto bad = [&] {
    return failure(
        Disposition::kStop, "bad_network",
        "this is no network; write an address and a prefix length, as in 127.0.0.0/8 or ::1/128",
        std::string(text.substr(0, 100)));
  };
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  if (address.find('\0') != std::string::npos) return bad();
  Network network;
  network.v6 = address.find(':') != std::string::npos;
  if (inet_pton(network.v6 ? AF_INET6 : AF_INET, address.c_str(), network.address.data()) != 1)
    return bad();
  const int longest = network.v6 ? 128 : 32;
  network.prefix_bits = longest;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto parsed =
        std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix_bits);
    if (digits.empty() || digits.front() == '-' || parsed.ec != std::errc() ||
        parsed.ptr != digits.data() + digits.size() || network.prefix_bits > longest)
      return bad();
  }
  // Bits behind the prefix do not count; cleared, so that equal networks look equal.
  for (int bit = network.prefix_bits; bit < longest; ++bit) {
    auto& byte = network.address[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<std::uint8_t>(byte & ~(0x80U >> (bit % 8)));
  }
  return network;
}

Result<bool> is_global_unicast(Bytes address) {
  if (address.size() == kV4Bytes) return is_global_v4(address);
  if (address.size() == kV6Bytes) return is_global_v6(address);
  return bad_address(address.size());
}

namespace {

bool lies_in(Bytes address, std::span<const Network> networks) {
  const Bytes plain = unmapped(address);
  return std::any_of(networks.begin(), networks.end(), [&](const Network& network) {
    if (network.v6 == (plain.size() == kV6Bytes) &&
        within(plain, network.address, network.prefix_bits))
      return true;
    // "::ffff:127.0.0.0/104" and the like name what they say.
    return network.v6 && address.size() == kV6Bytes &&
           within(address, network.address, network.prefix_bits);
  });
}

}  // namespace

Result<bool> may_contact(Bytes address, std::span<const Network> allowed) {
  VIGIE_ASSIGN(const bool global, is_global_unicast(address));
  if (global) return true;
  return lies_in(address, allowed);
}

bool is_within(std::string_view address, std::span<const Network> networks) {
  if (address.find('\0') != std::string_view::npos) return false;
  const std::string text(address);
  std::array<std::byte, kV6Bytes> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    return lies_in(Bytes(bytes).first(4), networks);
  return inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1 && lies_in(bytes, networks);
}

bool is_blocked_port(std::uint16_t port) {
  static constexpr std::array<std::uint16_t, 83> kBlocked{
      0,    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,
      37,   42,   43,   53,   69,   77,   79,   87,   95,   101,  102,  103,  104,  109,
      110,  111,  113,  115,  117,  119,  123,  135,  137,  139,  143,  161,  179,  389,
      427,  465,  512,  513,  514,  515,  526,  530,  531,  532,  540,  548,  554,  556,
      563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659, 4045,
      4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080};
  return std::binary_search(kBlocked.begin(), kBlocked.end(), port);
}

std::string to_string(Bytes address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.size() == kV4Bytes ? AF_INET : AF_INET6;
  if (address.size() != kV4Bytes && address.size() != kV6Bytes) return "(no address)";
  if (inet_ntop(family, address.data(), text.data(), text.size()) == nullptr) return "(no address)";
  return text.data();
}

}  // namespace vigie::net
