#include "platform/zip/zip_writer.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <map>
#include <string>

namespace vigie::zip {
namespace {

std::uint32_t number(const std::string& bytes, std::size_t at, int width) {
  std::uint32_t out = 0;
  for (int i = width - 1; i >= 0; --i)
    out = out << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return out;
}

std::string inflated(const std::string& packed, std::size_t bytes) {
  std::string out(bytes, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, -15), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

/// Reads by the central directory, as APPNOTE §4.3.6 says that readers do.
std::map<std::string, std::string> read(const std::string& archive, int* deflated = nullptr) {
  std::map<std::string, std::string> out;
  const std::size_t end = archive.rfind("PK\x05\x06");
  EXPECT_EQ(end + 22, archive.size());
  std::size_t at = number(archive, end + 16, 4);
  EXPECT_EQ(at + number(archive, end + 12, 4), end);
  const std::uint32_t count = number(archive, end + 10, 2);
  for (std::uint32_t i = 0; i < count; ++i) {
    EXPECT_EQ(number(archive, at, 4), 0x02014b50U);
    const std::uint32_t method = number(archive, at + 10, 2);
    const std::uint32_t crc = number(archive, at + 16, 4);
    const std::uint32_t packed = number(archive, at + 20, 4);
    const std::uint32_t bytes = number(archive, at + 24, 4);
    const std::uint32_t name_bytes = number(archive, at + 28, 2);
    const std::string name = archive.substr(at + 46, name_bytes);
    const std::uint32_t local = number(archive, at + 42, 4);
    EXPECT_EQ(number(archive, local, 4), 0x04034b50U);
    EXPECT_EQ(archive.substr(local + 4, 26), archive.substr(at + 6, 26)) << "both say the same";
    const std::string body = archive.substr(local + 30 + name_bytes, packed);
    const std::string content = method == 8 ? inflated(body, bytes) : body;
    if (deflated != nullptr) *deflated += method == 8 ? 1 : 0;
    EXPECT_EQ(::crc32(0, reinterpret_cast<const Bytef*>(content.data()),
                      static_cast<uInt>(content.size())),
              crc);
    out[name] = content;
    at += 46 + name_bytes;
  }
  EXPECT_EQ(at, end);
  return out;
}

TEST(ZipWriter, WritesWhatReadersRead) {
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 5'000; ++i) noise += static_cast<char>((state = state * 1664525U + 1) >> 24);
  const std::map<std::string, std::string> files{{"empty", ""},
                                                 {"word/text.xml", std::string(100'000, 'a')},
                                                 {"noise", noise},
                                                 {"názov 報告.txt", "short"}};
  ZipWriter writer;
  for (const auto& [name, content] : files) ASSERT_TRUE(writer.add(name, content));
  const std::string archive = std::move(writer).finish();
  int deflated = 0;
  EXPECT_EQ(read(archive, &deflated), files);
  EXPECT_EQ(deflated, 1) << "the others do not get smaller";
  EXPECT_LT(archive.size(), 7'000U);
}

TEST(ZipWriter, WritesAnEmptyArchiveAndTheSameBytesAgain) {
  EXPECT_TRUE(read(ZipWriter().finish()).empty());
  const auto once = [] {
    ZipWriter writer;
    EXPECT_TRUE(writer.add("a", "text text text text text"));
    return std::move(writer).finish();
  };
  EXPECT_EQ(once(), once());
}

TEST(ZipWriter, RefusesWhatTheFormatCannotHold) {
  ZipWriter writer;
  const auto refused = writer.add(std::string(70'000, 'n'), "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode("too_large"));
}

}  // namespace
}  // namespace vigie::zip
