// IANA special-purpose address registries, one row a block and its borders.
#include "platform/net/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace vigie::net {
namespace {

std::vector<std::byte> bytes_of(const std::string& text) {
  const bool v6 = text.find(':') != std::string::npos;
  std::vector<std::byte> bytes(v6 ? 16 : 4);
  EXPECT_EQ(inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()), 1) << text;
  return bytes;
}

bool is_global(const std::string& text) {
  const auto global = is_global_unicast(bytes_of(text));
  EXPECT_TRUE(global.has_value());
  return global.value_or(false);
}

TEST(Address, RefusesEverySpecialBlockOfIpv4) {
  for (const char* text :
       {"0.0.0.0",        "0.255.255.255",   "10.0.0.0",        "10.255.255.255",
        "100.64.0.0",     "100.127.255.255", "127.0.0.1",       "127.255.255.255",
        "169.254.0.0",    "169.254.169.254", "172.16.0.0",      "172.31.255.255",
        "192.0.0.0",      "192.0.0.170",     "192.0.2.1",       "192.31.196.1",
        "192.52.193.1",   "192.88.99.1",     "192.168.0.0",     "192.168.255.255",
        "192.175.48.1",   "198.18.0.0",      "198.19.255.255",  "198.51.100.7",
        "203.0.113.7",    "224.0.0.1",       "239.255.255.255", "240.0.0.1",
        "255.255.255.255"}) {
    EXPECT_FALSE(is_global(text)) << text;
  }
}

TEST(Address, TakesWhatLiesBesideTheBlocksOfIpv4) {
  for (const char* text :
       {"1.0.0.0",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",     "126.255.255.255", "128.0.0.0",       "169.253.255.255",
        "169.255.0.0",     "172.15.255.255",  "172.32.0.0",      "191.255.255.255",
        "192.0.1.0",       "192.0.3.0",       "192.167.255.255", "192.169.0.0",
        "198.17.255.255",  "198.20.0.0",      "203.0.112.255",   "203.0.114.0",
        "223.255.255.255", "8.8.8.8"}) {
    EXPECT_TRUE(is_global(text)) << text;
  }
}

TEST(Address, RefusesEverySpecialBlockOfIpv6) {
  for (const char* text : {"::",
                           "::1",
                           "100::1",
                           "1fff::1",
                           "2001::1",
                           "2001:2::1",
                           "2001:10::1",
                           "2001:1ff:ffff::",
                           "2001:db8::1",
                           "2001:db8:ffff::1",
                           "2620:4f:8000::1",
                           "3fff::1",
                           "3fff:fff::1",
                           "3ffe::1",
                           "4000::1",
                           "5f00::1",
                           "64:ff9b:1::808:808",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "ffff::1"}) {
    EXPECT_FALSE(is_global(text)) << text;
  }
}

TEST(Address, TakesWhatLiesBesideTheBlocksOfIpv6) {
  for (const char* text :
       {"2000::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2620:4f:7fff::1",
        "2620:4f:8001::1", "2606:4700::1111", "2a00:1450::1", "3ffd::1", "3fff:1000::1"}) {
    EXPECT_TRUE(is_global(text)) << text;
  }
}

// RFC 4291 §2.5.5, RFC 6052, RFC 3056, RFC 4380, RFC 5214, RFC 2765
TEST(Address, UnwrapsIpv4HiddenInIpv6) {
  for (const char* text :
       {"::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:0:192.168.1.1", "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254", "2002:a00:1::1", "2002:7f00:1::", "::127.0.0.1", "::8.8.8.8",
        "2a00:1450::5efe:10.0.0.1", "2a00:1450::200:5efe:192.168.0.1"}) {
    EXPECT_FALSE(is_global(text)) << text;
  }
  for (const char* text : {"::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::8.8.8.8",
                           "2002:808:808::1", "2a00:1450::5efe:8.8.8.8"}) {
    EXPECT_TRUE(is_global(text)) << text;
  }
  // Teredo: the client's bits are turned. 8.8.8.8 is f7f7:f7f7, 10.0.0.1 is f5ff:fffe.
  EXPECT_TRUE(is_global("2001:0:808:808:0:0:f7f7:f7f7"));
  EXPECT_FALSE(is_global("2001:0:808:808:0:0:f5ff:fffe"));
  EXPECT_FALSE(is_global("2001:0:a00:1:0:0:f7f7:f7f7"));
}

TEST(Address, RefusesOtherLengths) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{3}, std::size_t{5}, std::size_t{15}, std::size_t{17}}) {
    const std::vector<std::byte> bytes(size);
    const auto global = is_global_unicast(bytes);
    ASSERT_FALSE(global.has_value());
    EXPECT_EQ(global.error().code, ErrorCode("bad_address"));
    EXPECT_FALSE(may_contact(bytes, {}).has_value());
  }
}

TEST(Network, AllowsWhatLiesInside) {
  const std::vector<Network> allowed = {*parse_network("127.0.0.0/8"), *parse_network("fd00::/8"),
                                        *parse_network("10.1.2.3")};
  const auto may = [&](const std::string& text) {
    return may_contact(bytes_of(text), allowed).value_or(false);
  };
  EXPECT_TRUE(may("127.0.10.8"));
  EXPECT_TRUE(may("::ffff:127.0.0.1"));
  EXPECT_TRUE(may("fd12::1"));
  EXPECT_TRUE(may("10.1.2.3"));
  EXPECT_TRUE(may("8.8.8.8"));
  EXPECT_FALSE(may("10.1.2.4"));
  EXPECT_FALSE(may("::1"));
  EXPECT_FALSE(may("fe80::1"));
  EXPECT_FALSE(may("2002:7f00:1::"));  // an IPv4 network names no tunnels
}

TEST(Network, ReadsCidr) {
  EXPECT_EQ(parse_network("192.168.1.77/24")->address[3], 0);
  EXPECT_EQ(parse_network("0.0.0.0/0")->prefix_bits, 0);
  EXPECT_EQ(parse_network("::1")->prefix_bits, 128);
  for (const char* text : {"", "/8", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1",
                           "10.0.0.0/8x", "10.0.0", "host", "1.2.3.4.5", "10.0.0.0/ 8"}) {
    const auto network = parse_network(text);
    ASSERT_FALSE(network.has_value()) << text;
    EXPECT_EQ(network.error().code, ErrorCode("bad_network"));
    EXPECT_EQ(network.error().disposition, Disposition::kStop);
  }
}

TEST(Address, LiesInANetworkHoweverItIsWritten) {
  const std::vector<Network> networks{*parse_network("10.0.0.0/8"), *parse_network("2001:db8::/32"),
                                      *parse_network("192.0.2.7")};
  for (const char* in : {"10.0.0.1", "10.255.255.255", "::ffff:10.1.2.3", "2001:db8::1",
                         "2001:DB8:0:0:0:0:0:1", "192.0.2.7"})
    EXPECT_TRUE(is_within(in, networks)) << in;
  for (const char* out : {"11.0.0.1", "9.255.255.255", "192.0.2.8", "2001:db9::1", "", "10.0.0",
                          "10.0.0.1:80", "[2001:db8::1]", "10.0.0.1 ", "host", "::ffff:11.0.0.1"})
    EXPECT_FALSE(is_within(out, networks)) << out;
  EXPECT_FALSE(is_within("10.0.0.1", {}));
  EXPECT_FALSE(is_within(std::string_view("10.0.0.1\0x", 10), networks));
}

TEST(Address, IsWrittenForPeople) {
  EXPECT_EQ(to_string(bytes_of("127.0.0.1")), "127.0.0.1");
  EXPECT_EQ(to_string(bytes_of("2001:db8::1")), "2001:db8::1");
  EXPECT_EQ(to_string({}), "(no address)");
}

// https://fetch.spec.whatwg.org/#port-blocking
TEST(Address, KnowsThePortsOfOtherServices) {
  for (const std::uint16_t port :
       {0, 1, 22, 25, 53, 110, 143, 465, 587, 993, 2049, 6000, 6667, 10080})
    EXPECT_TRUE(is_blocked_port(port)) << port;
  for (const std::uint16_t port :
       {80, 81, 443, 2048, 3000, 5059, 6001, 6379, 8000, 8080, 8443, 9200, 65535})
    EXPECT_FALSE(is_blocked_port(port)) << port;
}

}  // namespace
}  // namespace vigie::net
