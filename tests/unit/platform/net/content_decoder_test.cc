#include "platform/net/content_decoder.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace vigie::net {
namespace {

constexpr int kZlib = MAX_WBITS;
constexpr int kGzip = MAX_WBITS + 16;
constexpr int kBare = -MAX_WBITS;

std::string deflated(std::string text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstandard(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

/// "hello, brotli" as RFC 7932 §9.2 writes uncompressed data.
std::string brotli_hello() { return std::string("\x0b\x06\x80hello, brotli\x03", 17); }

struct Decoded {
  std::string body;
  bool whole = false;
};

Decoded decode(const std::string& codings, const std::string& bytes, std::size_t step = 7,
               std::size_t most = 10'000'000) {
  Decoded out;
  ContentDecoder decoder(codings, most, [&](std::string_view data) {
    out.body += data.substr(0, most - std::min(most, out.body.size()));
    return out.body.size() < most;
  });
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    if (!decoder.take(std::string_view(bytes).substr(at, step))) return out;
  }
  out.whole = decoder.finish();
  return out;
}

/// Longer than what is held back, and not the same everywhere.
std::string page() {
  std::string out = "<!doctype html><p>";
  for (int i = 0; i < 4000; ++i) out += std::to_string(i * 7919 % 10007) + " words ";
  return out;
}

struct Case {
  const char* what;
  std::string codings;
  std::string bytes;
  std::string body;
};

TEST(ContentDecoder, ReadsWhatABrowserReads) {
  const std::string text = page();
  const std::string first = text.substr(0, 9000);
  const std::string second = text.substr(9000);
  const std::string zip = deflated(text, kGzip);
  std::string wrong_sum = zip;
  wrong_sum[wrong_sum.size() - 6] ^= 0x55;
  const Case cases[] = {
      {"gzip", "gzip", zip, text},
      {"in capitals, with blanks", " GZip ", zip, text},
      {"x-gzip", "x-gzip", zip, text},
      {"two members", "gzip", deflated(first, kGzip) + deflated(second, kGzip), text},
      {"an empty member between", "gzip",
       deflated(first, kGzip) + deflated("", kGzip) + deflated(second, kGzip), text},
      {"bytes behind", "gzip", zip + "\n<!-- cached -->", text},
      {"zeros behind", "gzip", zip + std::string(512, '\0'), text},
      {"one byte of a member behind", "gzip", zip + "\x1f", text},
      {"what looks like a member behind", "gzip", zip + "\x1f\x8b\xff\xff\xff", text},
      {"a wrong checksum", "gzip", wrong_sum, text},
      {"gzip over plain text", "gzip", text, text},
      {"gzip over short plain text", "gzip", "ok", "ok"},
      {"br over plain text", "br", text, text},
      {"zstd over plain text", "zstd", text, text},
      {"deflate over plain text", "deflate", text, text},
      {"deflate, framed", "deflate", deflated(text, kZlib), text},
      {"deflate, bare", "deflate", deflated(text, kBare), text},
      {"deflate, bytes behind", "deflate", deflated(text, kZlib) + "xyz", text},
      {"br", "br", brotli_hello(), "hello, brotli"},
      {"zstd", "zstd", zstandard(text), text},
      {"zstd, two frames", "zstd", zstandard(first) + zstandard(second), text},
      {"an unknown token", "UTF-8", text, text},
      {"an unknown token beside a known", "utf-8, gzip", zip, text},
      {"none", "none", text, text},
      {"identity", "identity", text, text},
      {"an empty label", "", text, text},
      {"commas alone", ",,", text, text},
      {"one coding named twice and done once", "gzip, gzip", zip, text},
      {"two codings", "deflate, gzip", deflated(deflated(text, kZlib), kGzip), text},
      {"gzip by its own name over nothing", "gzip", "", ""},
  };
  for (const Case& one : cases) {
    for (const std::size_t step : {1U, 4096U, 1'000'000U}) {
      const Decoded decoded = decode(one.codings, one.bytes, step);
      EXPECT_EQ(decoded.body, one.body) << one.what << ", " << step << " bytes at once";
      EXPECT_TRUE(decoded.whole) << one.what;
    }
  }
}

TEST(ContentDecoder, KeepsWhatCameBeforeABreakAndSaysSo) {
  const std::string text = page();
  const std::string zip = deflated(text, kGzip);
  const Decoded cut = decode("gzip", zip.substr(0, zip.size() / 2));
  EXPECT_FALSE(cut.whole);
  EXPECT_GT(cut.body.size(), text.size() / 4);
  EXPECT_TRUE(text.starts_with(cut.body));
  std::string spoiled = zip;
  std::fill(spoiled.begin() + static_cast<std::ptrdiff_t>(spoiled.size() / 2), spoiled.end(), 'x');
  const Decoded broken = decode("gzip", spoiled);
  EXPECT_FALSE(broken.whole);
  EXPECT_GT(broken.body.size(), text.size() / 4);
  EXPECT_FALSE(decode("zstd", zstandard(text).substr(0, 6000)).whole);
}

TEST(ContentDecoder, StopsAtTheLimitWhateverIsWithin) {
  const std::string bomb = deflated(std::string(50 << 20, '\0'), kGzip);
  EXPECT_EQ(decode("gzip", bomb, 4096, 100'000).body.size(), 100'000U);
  // The outer coding unpacks to more than the inner may take.
  const std::string twice = deflated(bomb, kGzip);
  EXPECT_LE(decode("gzip, gzip", twice, 4096, 100'000).body.size(), 100'000U);
  const std::string many = deflated(std::string(50 << 20, 'x'), kGzip);
  EXPECT_LE(decode("br, gzip", many, 4096, 100'000).body.size(), 100'000U);
}

TEST(ContentDecoder, RefusesALongChain) {
  const auto sink = [](std::string_view) { return true; };
  EXPECT_TRUE(ContentDecoder("gzip,gzip,gzip,gzip,gzip,br", 1000, sink).too_many());
  EXPECT_FALSE(ContentDecoder("gzip,a,b,c,d,e,f,g", 1000, sink).too_many());
}

}  // namespace
}  // namespace vigie::net
