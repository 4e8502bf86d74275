#include "proto/identity.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdlib>

namespace vigie::proto {
namespace {

void append_sized(std::string& out, std::string_view part) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>((static_cast<std::uint64_t>(part.size()) >> shift) & 0xff);
  out += part;
}

using Digest256 = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest256 digest256(std::string_view bytes) {
  // SHA256() looks the algorithm up by its name each time, which takes longer than a short text.
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Digest256 out{};
  if (kAlgorithm == nullptr ||
      EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, kAlgorithm, nullptr) != 1)
    std::abort();
  return out;
}

std::string digest_of_parts(std::string_view kind, std::initializer_list<std::string_view> parts) {
  std::string bytes;
  append_sized(bytes, kind);
  for (std::string_view part : parts) append_sized(bytes, part);
  return to_bytes(digest128(bytes));
}

}  // namespace

std::string sha256(std::string_view bytes) {
  const Digest256 whole = digest256(bytes);
  return {reinterpret_cast<const char*>(whole.data()), whole.size()};
}

Digest128 digest128(std::string_view bytes) {
  const Digest256 whole = digest256(bytes);
  Digest128 half{};
  std::copy_n(whole.begin(), half.size(), half.begin());
  return half;
}

std::string to_bytes(const Digest128& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string base32(std::string_view bytes) {
  static constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char byte : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(byte);
    bits += 8;
    while (bits >= 5) {
      out += kAlphabet[(buffer >> (bits - 5)) & 31];
      bits -= 5;
    }
  }
  if (bits > 0) out += kAlphabet[(buffer << (5 - bits)) & 31];
  return out;
}

std::string page_key(std::string_view normalised_final_url) {
  return to_bytes(digest128(normalised_final_url));
}

std::string article_id(std::string_view normalised_canonical_url) {
  return base32(to_bytes(digest128(normalised_canonical_url)));
}

std::string version_id(std::string_view title, std::string_view text) {
  return digest_of_parts("version", {title, text});
}

std::string match_id(std::string_view subscription_id, std::string_view article_id_) {
  return base32(digest_of_parts("match", {subscription_id, article_id_}));
}

std::string quarantine_id(std::string_view topic, std::int32_t partition, std::int64_t offset,
                          std::string_view stage) {
  return base32(digest_of_parts("quarantine",
                                {topic, std::to_string(partition), std::to_string(offset), stage}));
}

}  // namespace vigie::proto
