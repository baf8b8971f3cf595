// Names in filters: a name compiles to what the numbers it stands for compile to.
#include <gtest/gtest.h>

#include "bpfc/compile.h"
#include "bpfc/listing.h"
#include "tests/compiler/known_names.h"

namespace bpfc {
namespace {

class Names : public ::testing::Test {
 protected:
  std::string program(const std::string& text) const {
    CompileOptions options;
    options.resolver = &resolver_;
    options.optimization = Optimization::kNone;
    const auto compiled = compile(text, options);
    return compiled ? to_listing(compiled->program) : compiled.error().message;
  }
  std::string refusal(const std::string& text) const {
    CompileOptions options;
    options.resolver = &resolver_;
    const auto compiled = compile(text, options);
    return compiled ? "compiles" : std::string(name(compiled.error().code));
  }

  TableNameResolver resolver_ = testing::known_names();
};

TEST_F(Names, StandForNumbers) {
  struct Case {
    const char* named;
    const char* numbered;
  };
  for (const Case& c : {
           Case{"host four", "host 1.2.3.4"},
           Case{"host FOUR", "host 1.2.3.4"},
           Case{"src four", "src 1.2.3.4"},
           Case{"host six", "host 2001::"},
           Case{"dst host multi",
                "dst host 1.2.3.4 or dst host 5.6.7.8 or dst host 2001:: or dst host fe80::"},
           Case{"ip host multi", "ip host 1.2.3.4 or ip host 5.6.7.8"},
           Case{"ip6 host multi", "ip6 host 2001:: or ip6 host fe80::"},
           Case{"arp host multi", "arp host 1.2.3.4 or arp host 5.6.7.8"},
           Case{"ether host four", "ether host 1:2:3:4:5:6"},
           Case{"net loop", "net 127"},
           Case{"port both", "port 80"},
           Case{"tcp port both", "tcp port 80"},
           Case{"sctp port both", "sctp port 80"},
           Case{"port tcponly", "tcp port 81"},
           Case{"port udponly", "udp port 82"},
           Case{"port differ", "tcp port 83"},
           Case{"portrange both-90", "portrange 80-90"},
           Case{"ip proto \\tcp", "ip proto 6"},
           Case{"proto \\tcp", "proto 6"},
           Case{"ip protochain \\tcp", "ip protochain 6"},
       }) {
    EXPECT_EQ(program(c.named), program(c.numbered)) << c.named;
  }
}

// The addresses are negated, the link protocol is not: what is no IP, ARP or RARP did not go
// through it.
TEST_F(Names, OfGatewaysStandForAMacAddressAndNoIpAddress) {
  EXPECT_EQ(program("ip gateway four"),
            program("ether host 1:2:3:4:5:6 and (ip and not (ether[26:4] = 0x01020304 or "
                    "ether[30:4] = 0x01020304))"));
}

TEST_F(Names, AreRefusedWhereTheyMeanNothing) {
  for (const char* text :
       {"host nobody", "ip6 host four", "ip host six", "arp host six", "net zero", "net nowhere",
        "port nothing", "port sctponly", "ether host six", "gateway nohost", "gateway six",
        "gateway multi", "proto \\nothing"}) {
    EXPECT_EQ(refusal(text), "unknown-name") << text;
  }
  for (const char* text :
       {"udp port tcponly", "tcp port udponly", "udp port differ", "tcp host four"}) {
    EXPECT_EQ(refusal(text), "invalid-qualifier") << text;
  }
  EXPECT_EQ(refusal("ip proto \\mptcp"), "too-large");
}

TEST_F(Names, AreUnknownWithoutAResolver) {
  for (const char* text :
       {"host four", "port both", "net loop", "ether host four", "gateway four"}) {
    const auto compiled = compile(text, CompileOptions{});
    ASSERT_FALSE(compiled) << text;
    EXPECT_EQ(compiled.error().code, DiagnosticCode::kUnknownName) << text;
  }
}

}  // namespace
}  // namespace bpfc
