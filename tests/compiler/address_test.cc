#include "compiler/address.h"

#include <gtest/gtest.h>

namespace bpfc {
namespace {

TEST(ParseIp4, TakesOneToFourParts) {
  struct Case {
    std::string_view text;
    std::uint32_t address;
    std::uint32_t length;
    std::uint32_t mask;
  };
  for (const Case& c :
       {Case{"1.2.3.4", 0x01020304, 32, 0xffffffff}, Case{"10.1.2", 0x0a010200, 24, 0xffffff00},
        Case{"10.1", 0x0a010000, 16, 0xffff0000}, Case{"10", 0x0a000000, 8, 0xff000000},
        Case{"255.255.255.255", 0xffffffff, 32, 0xffffffff}, Case{"0.0.0.0", 0, 32, 0xffffffff}}) {
    const auto parsed = parse_ip4(c.text);
    ASSERT_TRUE(parsed) << c.text;
    EXPECT_EQ(parsed->address, c.address) << c.text;
    EXPECT_EQ(parsed->length, c.length) << c.text;
    EXPECT_EQ(parsed->mask(), c.mask) << c.text;
  }
}

TEST(ParseIp4, RefusesTheRest) {
  for (const char* text :
       {"", ".", "1.", ".1", "1..2", "1.2.3.4.", "1.2.3.4.5", "1.2.3.256", "1.2.3.x", "1.2.3.-4",
        "1.2.3.+4", "1.2.3. 4", "0x1.2.3.4", "1.2.3.4294967296"}) {
    EXPECT_FALSE(parse_ip4(text)) << text;
  }
}

TEST(Ip4Prefix, HasAMaskForEachLength) {
  EXPECT_EQ((Ip4Prefix{0, 0}).mask(), 0U);
  EXPECT_EQ((Ip4Prefix{0, 1}).mask(), 0x80000000U);
  EXPECT_EQ((Ip4Prefix{0, 31}).mask(), 0xfffffffeU);
}

TEST(ParseIp6, TakesTheFormsOfRfc4291) {
  using Bytes = std::array<std::uint8_t, 16>;
  EXPECT_EQ(parse_ip6("::"), Bytes{});
  EXPECT_EQ(parse_ip6("::1"), (Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(parse_ip6("2001:DB8::8:0:20"),
            (Bytes{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0x20}));
  EXPECT_EQ(parse_ip6("::ffff:1.2.3.4"),
            (Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4}));
  EXPECT_EQ(parse_ip6("1:2:3:4:5:6:7:8"), (Bytes{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}));
}

TEST(ParseIp6, RefusesTheRest) {
  for (const char* text : {"", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
                           "12345::", "fe80::1%eth0", "::g"}) {
    EXPECT_FALSE(parse_ip6(text)) << text;
  }
  EXPECT_FALSE(parse_ip6(std::string(1000, ':')));
}

TEST(ParseMac48, TakesSixGroupsThreeOrTwelveDigits) {
  const std::array<std::uint8_t, 6> address = {0x00, 0x1b, 0x21, 0x0a, 0xfe, 0x05};
  for (const char* text : {"00:1b:21:0a:fe:05", "0:1B:21:a:FE:5", "0-1b-21-a-fe-5",
                           "0.1b.21.a.fe.5", "001b.210a.fe05", "001b210afe05", "001B210AFE05"}) {
    EXPECT_EQ(parse_mac48(text), address) << text;
  }
}

TEST(ParseMac48, RefusesTheRest) {
  for (const char* text : {"", "1:2:3:4:5", "1:2:3:4:5:", ":::::", "1:2:3:4:5:123", "001b210afe0",
                           "001b210afe055", "1:2:3:4:5:6:7"}) {
    EXPECT_FALSE(parse_mac48(text)) << text;
  }
}

TEST(ParseDecnet, TakesAreaAndNode) {
  EXPECT_EQ(parse_decnet("0.0"), 0);
  EXPECT_EQ(parse_decnet("1.2"), 0x0402);
  EXPECT_EQ(parse_decnet("63.1023"), 0xffff);
  for (const char* text : {"", "1", "1.", ".1", "64.1", "1.1024", "1.2.3", "a.b", "1.-2"}) {
    EXPECT_FALSE(parse_decnet(text)) << text;
  }
}

}  // namespace
}  // namespace bpfc
