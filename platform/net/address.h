#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

namespace vigie::net {

/// A network in CIDR notation, IPv4 or IPv6.
struct Network {
  std::array<std::uint8_t, 16> address{};
  bool v6 = false;
  int prefix_bits = 0;
};

/// "127.0.0.0/8", "::1/128", or a bare address. Errors: kStop bad_network.
Result<Network> parse_network(std::string_view text);

/// Decides whether a resolved peer may be contacted by a crawler or a webhook.
/// In:     4 or 16 bytes, network order, exactly as given to connect(2).
/// Out:    true only for globally reachable unicast; IPv4 hidden in IPv6 (mapped, NAT64, 6to4,
/// Teredo, ISATAP) is unwrapped and judged again. Errors: kQuarantine bad_address for any other
/// length.      Threads: pure. Source: IANA special-purpose address registries.
Result<bool> is_global_unicast(std::span<const std::byte> address);

/// is_global_unicast, or inside one of `allowed`.
Result<bool> may_contact(std::span<const std::byte> address, std::span<const Network> allowed);

/// Whether an address in text form lies in one of the networks, an IPv4 one also where it is
/// written as IPv6 (::ffff:192.0.2.1). False for what is no address. Pure.
bool is_within(std::string_view address, std::span<const Network> networks);

/// Whether a port is one at which other services than the web listen, so that browsers send no
/// requests there. Source: the Fetch standard, "port blocking".
bool is_blocked_port(std::uint16_t port);

/// Text form, for messages.
std::string to_string(std::span<const std::byte> address);

}  // namespace vigie::net
