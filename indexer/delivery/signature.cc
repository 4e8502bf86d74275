#include "indexer/delivery/delivery.h"
#include "platform/text/base64.h"
#include "proto/identity.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kBlockBytes = 64;  // of SHA-256
// a receiver's own choice is respected down to here; ours have kMadeSecretBytes
constexpr std::size_t kMinSecretBytes = 8;
constexpr std::size_t kMaxSecretBytes = 128;
constexpr std::size_t kMadeSecretBytes = 32;
constexpr std::string_view kSecretPrefix = "whsec_";

/// The bytes that a secret stands for.
Result<std::string> key_of(std::string_view secret) {
  if (secret.substr(0, kSecretPrefix.size()) == kSecretPrefix) {
    const std::optional<std::string> key = text::base64_decode(secret.substr(kSecretPrefix.size()));
    if (key && key->size() >= kMinSecretBytes && key->size() <= kMaxSecretBytes) return *key;
  }
  return failure(Disposition::kQuarantine, "bad_secret",
                 "the secret must be whsec_ and the base64 of 8 to 128 bytes, better 24 to 64; "
                 "leave it out and one is made",
                 "secret");
}

}  // namespace

Result<void> check_secret(std::string_view secret) {
  VIGIE_TRY(key_of(secret));
  return {};
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string block(key.size() > kBlockBytes ? proto::sha256(key) : std::string(key));
  block.resize(kBlockBytes, '\0');
  std::string inner;
  std::string outer;
  for (const char byte : block) {
    inner.push_back(static_cast<char>(byte ^ 0x36));
    outer.push_back(static_cast<char>(byte ^ 0x5c));
  }
  return proto::sha256(outer + proto::sha256(inner.append(message)));
}

Result<std::string> sign(std::string_view secret, std::string_view webhook_id,
                         std::int64_t unix_seconds, std::string_view body) {
  VIGIE_ASSIGN(const std::string key, key_of(secret));
  std::string signed_content(webhook_id);
  signed_content.append(".").append(std::to_string(unix_seconds)).append(".").append(body);
  return "v1," + text::base64_encode(hmac_sha256(key, signed_content));
}

Result<std::string> signatures(const v1::Channel& channel, std::string_view webhook_id,
                               std::int64_t now_unix_ms, std::string_view body) {
  const std::int64_t seconds = now_unix_ms / 1000;
  VIGIE_ASSIGN(std::string out, sign(channel.secret(), webhook_id, seconds, body));
  if (channel.previous_secret().empty() || now_unix_ms >= channel.previous_until_unix_ms())
    return out;
  // the first is enough where the one before cannot sign
  if (const auto before = sign(channel.previous_secret(), webhook_id, seconds, body))
    out += " " + *before;
  return out;
}

std::string make_secret(Random& random) {
  std::string bytes;
  while (bytes.size() < kMadeSecretBytes) {
    const std::uint64_t value = random.next();
    for (int shift = 0; shift < 64; shift += 8)
      bytes.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
  return std::string(kSecretPrefix) + text::base64_encode(bytes);
}

}  // namespace vigie::indexer::delivery
