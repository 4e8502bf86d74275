#include "platform/text/base64.h"

#include <gtest/gtest.h>

namespace vigie::text {
namespace {

// RFC 4648 §10.
TEST(Base64, EncodesAndDecodesTheVectorsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded), plain);
  }
}

TEST(Base64, DecodesWithoutPadding) { EXPECT_EQ(base64_decode("Zm9vYg"), "foob"); }

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* text : {"Z", "Zm9v\n", "Zm=v", "Zg=", "Zh==", "====", "Zm9-"})
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
}

TEST(Base64, KeepsEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
}

}  // namespace
}  // namespace vigie::text
