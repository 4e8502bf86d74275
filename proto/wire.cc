#include "proto/wire.h"

#include <google/protobuf/io/coded_stream.h>

namespace vigie::proto {
namespace {

// The parts of a tag.
constexpr std::uint32_t kKindBits = 3;
constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kFixed64 = 1;
constexpr std::uint32_t kBytes = 2;
constexpr std::uint32_t kFixed32 = 5;

using Input = google::protobuf::io::CodedInputStream;

bool skip(Input& in, std::uint32_t kind) {
  std::uint64_t value = 0;
  switch (kind) {
    case kVarint: return in.ReadVarint64(&value);
    case kFixed64: return in.Skip(8);
    case kBytes:
      return in.ReadVarint64(&value) && value <= INT32_MAX && in.Skip(static_cast<int>(value));
    case kFixed32: return in.Skip(4);
    default: return false;
  }
}

}  // namespace

std::optional<std::vector<WirePlace>> cut_field(std::string_view message, int field,
                                                std::string& rest) {
  if (message.size() > INT32_MAX) return std::nullopt;
  const std::uint32_t wanted = static_cast<std::uint32_t>(field) << kKindBits | kBytes;
  std::vector<WirePlace> out;
  rest.clear();
  Input in(reinterpret_cast<const std::uint8_t*>(message.data()), static_cast<int>(message.size()));
  const auto at = [&in] { return static_cast<std::size_t>(in.CurrentPosition()); };
  while (at() < message.size()) {
    const std::size_t begin = at();
    const std::uint32_t tag = in.ReadTag();
    if (tag == wanted) {
      std::uint32_t length = 0;
      if (!in.ReadVarint32(&length) || length > INT32_MAX) return std::nullopt;
      out.emplace_back(static_cast<std::uint32_t>(at()), length);
      if (!in.Skip(static_cast<int>(length))) return std::nullopt;
    } else {
      if (tag == 0 || !skip(in, tag & ((1U << kKindBits) - 1))) return std::nullopt;
      rest += message.substr(begin, at() - begin);
    }
  }
  return out;
}

}  // namespace vigie::proto
