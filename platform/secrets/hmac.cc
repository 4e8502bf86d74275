#include "platform/secrets/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "platform/result/result.h"

namespace vigie::secrets {
namespace {

const EVP_MD* digest_of(HashKind kind) {
  switch (kind) {
    case HashKind::kSha1: return EVP_sha1();
    case HashKind::kSha256: return EVP_sha256();
    case HashKind::kSha384: return EVP_sha384();
    case HashKind::kSha512: break;
  }
  return EVP_sha512();
}

}  // namespace

std::string hmac(HashKind kind, std::string_view key, std::string_view message) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  const unsigned char* made =
      HMAC(digest_of(kind), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(),
           reinterpret_cast<unsigned char*>(out.data()), &length);
  VIGIE_INVARIANT(made != nullptr);
  out.resize(length);
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace vigie::secrets
