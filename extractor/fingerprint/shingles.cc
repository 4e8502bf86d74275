#include "extractor/fingerprint/shingles.h"

#include <array>
#include <cstdint>
#include <vector>

#include "platform/fingerprint/fingerprint.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::fingerprint {
namespace {

constexpr std::size_t kTokens = 5;
// of a text; the longest real article is a few hundred kB
constexpr std::size_t kMostBytes = 1U << 20;
constexpr std::uint64_t kOffsetBasis = 14695981039346656037ULL;  // FNV-1a, 64 bits
constexpr std::uint64_t kPrime = 1099511628211ULL;

bool is_ascii_word(unsigned char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); }

// Beyond ASCII everything but punctuation and symbols is part of a word.
bool is_word(char32_t c) {
  if (c < 0x80) return is_ascii_word(static_cast<unsigned char>(c));
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  if (c == 0xD7 || c == 0xF7) return false;
  if (c >= 0x2000 && c <= 0x2BFF) return false;
  if (c >= 0x3000 && c <= 0x303F) return c == 0x3005 || c == 0x3007;
  if (c >= 0xFE10 && c <= 0xFE6F) return false;
  if (c >= 0xFF00 && c <= 0xFF0F) return false;
  if (c == 0x60C || c == 0x61B || c == 0x61F || c == 0x6D4 || c == 0x964 || c == 0x965)
    return false;
  return c < 0x1F000 || c >= 0x20000;
}

std::vector<std::uint64_t> token_hashes(std::string_view folded) {
  std::vector<std::uint64_t> out;
  std::uint64_t hash = kOffsetBasis;
  bool open = false;
  const auto finish = [&] {
    if (open) out.push_back(hash);
    hash = kOffsetBasis;
    open = false;
  };
  for (std::size_t offset = 0; offset < folded.size();) {
    const std::size_t begin = offset;
    if (const auto byte = static_cast<unsigned char>(folded[offset]); byte < 0x80) {
      ++offset;
      if (is_ascii_word(byte)) {
        hash = (hash ^ byte) * kPrime;
        open = true;
      } else {
        finish();
      }
      continue;
    }
    const char32_t c = text::next_code_point(folded, offset);
    if (!is_word(c)) {
      finish();
      continue;
    }
    const bool alone = text::is_unspaced_script(c);
    if (alone) finish();
    for (std::size_t i = begin; i < offset; ++i)
      hash = (hash ^ static_cast<unsigned char>(folded[i])) * kPrime;
    open = true;
    if (alone) finish();
  }
  finish();
  return out;
}

}  // namespace

std::string of_text(std::string_view text) {
  const std::vector<std::uint64_t> tokens =
      token_hashes(text::fold_text(text::prefix(text, kMostBytes)));
  std::vector<std::uint64_t> shingles;
  if (tokens.size() >= kTokens) shingles.reserve(tokens.size() - kTokens + 1);
  for (std::size_t i = 0; i + kTokens <= tokens.size(); ++i) {
    std::uint64_t hash = kOffsetBasis;
    for (std::size_t k = 0; k < kTokens; ++k) {
      hash ^= tokens[i + k];
      hash *= 0x9E3779B97F4A7C15ULL;
      hash ^= hash >> 32;
    }
    shingles.push_back(hash);
  }
  return vigie::fingerprint::make(shingles);
}

}  // namespace vigie::extractor::fingerprint
