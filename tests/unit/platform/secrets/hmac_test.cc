#include "platform/secrets/hmac.h"

#include <gtest/gtest.h>

#include "platform/secrets/sealer.h"

namespace vigie::secrets {
namespace {

// RFC 4231 §4.3 (test case 2) and RFC 2202 §3.
TEST(HmacTest, IsWhatTheRfcsGive) {
  const std::string message = "what do ya want for nothing?";
  EXPECT_EQ(to_hex(hmac(HashKind::kSha256, "Jefe", message)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac(HashKind::kSha384, "Jefe", message)),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
            "8e2240ca5e69e2c78b3239ecfab21649");
  EXPECT_EQ(to_hex(hmac(HashKind::kSha512, "Jefe", message)),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  EXPECT_EQ(to_hex(hmac(HashKind::kSha1, "Jefe", message)),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST(HmacTest, TextsAreComparedWhole) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace vigie::secrets
