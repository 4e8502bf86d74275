#include "platform/secrets/sealer.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "platform/process/process.h"
#include "platform/secrets/key_file.h"

namespace vigie::secrets {
namespace {

// A sealed text: version (1 byte), name of the key, nonce, ciphertext, tag.
constexpr char kVersion = 1;
constexpr std::size_t kNameBytes = 4;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeadBytes = 1 + kNameBytes + kNonceBytes;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
int length_of(std::string_view text) { return static_cast<int>(text.size()); }

std::string sha256(std::string_view text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  VIGIE_INVARIANT(
      EVP_Digest(text.data(), text.size(), bytes_of(out), &length, EVP_sha256(), nullptr) == 1);
  out.resize(length);
  return out;
}

/// Without its tag, which `tag` receives.
std::string encrypt(std::string_view key, std::string_view nonce, std::string_view context,
                    std::string_view text, std::string& tag) {
  const Context cipher(EVP_CIPHER_CTX_new());
  VIGIE_INVARIANT(cipher != nullptr);
  std::string out(text.size(), '\0');
  tag.assign(kTagBytes, '\0');
  int done = 0;
  int rest = 0;
  const bool worked =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key),
                         bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &done, bytes_of(context), length_of(context)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), bytes_of(out), &done, bytes_of(text), length_of(text)) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), bytes_of(out) + done, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  VIGIE_INVARIANT(worked && static_cast<std::size_t>(done + rest) == text.size());
  return out;
}

std::optional<std::string> decrypt(std::string_view key, std::string_view nonce,
                                   std::string_view context, std::string_view text,
                                   std::string tag) {
  const Context cipher(EVP_CIPHER_CTX_new());
  VIGIE_INVARIANT(cipher != nullptr);
  std::string out(text.size(), '\0');
  int done = 0;
  int rest = 0;
  const bool right =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key),
                         bytes_of(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &done, bytes_of(context), length_of(context)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(out), &done, bytes_of(text), length_of(text)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(out) + done, &rest) == 1;
  if (!right) return std::nullopt;
  return out;
}

}  // namespace

std::string random_bytes(Random& random, std::size_t count) {
  std::string out;
  while (out.size() < count) {
    std::uint64_t word = random.next();
    for (int i = 0; i < 8 && out.size() < count; ++i, word >>= 8)
      out += static_cast<char>(word & 0xFF);
  }
  return out;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out += {kDigits[value >> 4U], kDigits[value & 15U]};
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view digits) {
  const auto value_of = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = value_of(digits[i]);
    const int low = value_of(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

Result<Sealer> Sealer::read(const std::filesystem::path& path, std::string_view setting,
                            Random& random) {
  Sealer out(random);
  VIGIE_ASSIGN(const std::vector<KeyLine> lines, read_key_file(path, setting));
  for (const KeyLine& line : lines) {
    const auto key = from_hex(line.key);
    if (!key || key->size() != kKeyBytes)
      return failure(Disposition::kStop, "bad_keys_file",
                     "a key of this file is 64 hexadecimal digits; `vigie keys FILE` makes one",
                     line.where);
    out.keys_.push_back({*key, sha256("vigie sealing key " + *key).substr(0, kNameBytes)});
  }
  return out;
}

Result<Sealer> Sealer::read_or_make(const std::filesystem::path& path, std::string_view setting,
                                    Random& random) {
  VIGIE_TRY(
      process::read_or_make(path, [&] { return to_hex(random_bytes(random, kKeyBytes)) + "\n"; }));
  return read(path, setting, random);
}

std::string Sealer::seal(std::string_view text, std::string_view context) const {
  const Key& key = keys_.front();
  const std::string nonce = random_bytes(*random_, kNonceBytes);
  std::string tag;
  const std::string hidden = encrypt(key.bytes, nonce, context, text, tag);
  return kVersion + key.name + nonce + hidden + tag;
}

std::optional<Sealer::Opened> Sealer::open(std::string_view sealed,
                                           std::string_view context) const {
  if (sealed.size() < kHeadBytes + kTagBytes || sealed.front() != kVersion) return std::nullopt;
  const std::string_view name = sealed.substr(1, kNameBytes);
  const std::string_view nonce = sealed.substr(1 + kNameBytes, kNonceBytes);
  const std::string_view hidden = sealed.substr(kHeadBytes, sealed.size() - kHeadBytes - kTagBytes);
  const std::string tag(sealed.substr(sealed.size() - kTagBytes));
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].name != name) continue;
    if (auto text = decrypt(keys_[i].bytes, nonce, context, hidden, tag))
      return Opened{std::move(*text), i == 0};
  }
  return std::nullopt;
}

}  // namespace vigie::secrets
