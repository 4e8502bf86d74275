// libs: platform/net
// Networks as text, and addresses as bytes: every answer is the same when the address is mapped
// into IPv6.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "platform/net/address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie::net;
  const auto network = parse_network(std::string_view(reinterpret_cast<const char*>(data), size));
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  const auto global = is_global_unicast(bytes);
  VIGIE_INVARIANT(global.has_value() == (size == 4 || size == 16));
  if (size != 4) return 0;
  std::array<std::byte, 16> mapped{};
  mapped[10] = mapped[11] = std::byte{0xff};
  std::memcpy(mapped.data() + 12, data, 4);
  VIGIE_INVARIANT(*is_global_unicast(mapped) == *global);
  if (network)
    VIGIE_INVARIANT(*may_contact(mapped, std::span(&*network, 1)) ==
                    *may_contact(bytes, std::span(&*network, 1)));
  return 0;
}
