// to_listing() against libpcap's bpf_image(), and all the formats against tcpdump's.
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <array>
#include <cstdio>
#include <memory>

#include "bpfc/listing.h"
#include "tests/vm/program_generator.h"
#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

std::string image(const Program& program) {
  std::string text;
  int index = 0;
  for (const Instruction& instruction : program) {
    const bpf_insn raw{instruction.code, instruction.jt, instruction.jf, instruction.k};
    text += bpf_image(&raw, index++);
    text += '\n';
  }
  return text;
}

TEST(LibpcapListing, EveryCode) {
  for (const std::uint32_t k : {0U, 1U, 15U, 0x7fffffffU, 0x80000000U, 0xfffffff0U}) {
    Program program;
    for (std::uint32_t code = 0; code <= 0xffff; ++code) {
      program.push_back({static_cast<std::uint16_t>(code), 3, 250, k});
    }
    ASSERT_EQ(to_listing(program), image(program));
  }
}

TEST(LibpcapListing, EveryAncillaryNumber) {
  Program program;
  for (const OperationInfo& row : kOperations) {
    for (std::uint32_t number = 0; number < 200; ++number) {
      program.push_back({row.code, 0, 0, kAncillaryBase - 20 + number});
    }
  }
  ASSERT_EQ(to_listing(program), image(program));
}

TEST(LibpcapListing, GeneratedPrograms) {
  testing::ProgramGenerator generator(testing::test_seed());
  for (int round = 0; round < 5000; ++round) {
    const Program program = round % 2 == 0 ? generator.arbitrary(40) : generator.plausible(40, 60);
    ASSERT_EQ(to_listing(program), image(program));
  }
}

// libpcap leaves an operation's number in the k of `sub x`; no listing shows it.
Program without_unused_fields(Program program) {
  for (Instruction& instruction : program) {
    const OperationInfo& row = info(*decode(instruction.code));
    const bool uses_k = row.format != OperandFormat::kNone &&
                        row.format != OperandFormat::kIndexRegister &&
                        row.format != OperandFormat::kPacketLength;
    if (!uses_k) instruction.k = 0;
    if (row.kind != OperationClass::kBranch) instruction.jt = instruction.jf = 0;
  }
  return program;
}

constexpr std::string_view kExpressions[] = {
    "",
    "ip",
    "tcp port 80",
    "udp portrange 1000-2000",
    "host 192.0.2.1",
    "net 10.0.0.0/8 and not port 53",
    "ip6 and host 2001:db8::1",
    "ether host 02:00:00:00:00:01",
    "arp or rarp",
    "vlan 5 and tcp",
    "mpls 100",
    "pppoes and ip",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "ip[0] & 0xf != 5",
    "ip[2:2] - ((ip[0]&0xf)<<2) - ((tcp[12]&0xf0)>>2) != 0",
    "len > 1000 and len <= 1500",
    "greater 100",
    "less 60",
    "ether[0] / 3 = ether[1] % 7",
    "ether[0] * 3 = ether[1] ^ 7 | 3",
    "ether[0:4] >> ether[1] = ether[2:2] << 2",
    "-ether[0] = 5",
    "icmp[icmptype] = icmp-echo",
    "ip6 protochain 6",
    "ip protochain 17",
    "broadcast or multicast",
    "geneve and ip",
    "iso",
    "llc",
    "ether proto 0x88cc",
    "decnet src 10.15",
    "sctp port 7",
    "dst net 198.51.100.0/24",
    "icmp6 or igmp or pim",
    "src host 192.0.2.1 or dst host 192.0.2.2 or port 1 or port 2",
    "ip multicast and udp port 5353",
};

struct CloseStream {
  void operator()(FILE* stream) const { pclose(stream); }
};

// What a command prints; the expressions hold no quotes.
std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, CloseStream> stream(popen(command.c_str(), "r"));
  std::string text;
  if (!stream) return text;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), stream.get())) {
    text.append(buffer.data(), count);
  }
  return text;
}

TEST(LibpcapListing, ProgramsOfTcpdump) {
  if (output_of("tcpdump --version 2>&1").find("libpcap") == std::string::npos) {
    GTEST_SKIP() << "tcpdump is not installed";
  }
  int compared = 0;
  for (const std::string_view expression : kExpressions) {
    for (const std::string_view optimize : {"", "-O "}) {
      const auto print = [&](std::string_view format) {
        return output_of("tcpdump -y EN10MB " + std::string(optimize) + std::string(format) +
                         " -- '" + std::string(expression) + "' 2>/dev/null");
      };
      const std::string decimal = print("-ddd");
      const auto program = parse_program(decimal);
      ASSERT_TRUE(program) << expression << ": " << program.error().message;
      EXPECT_EQ(to_decimal(*program), decimal);
      EXPECT_EQ(to_c_array(*program), print("-dd"));
      const std::string listing = print("-d");
      EXPECT_EQ(to_listing(*program), listing) << expression;
      EXPECT_EQ(*parse_program(listing), without_unused_fields(*program)) << expression;
      EXPECT_EQ(*parse_program(to_c_array(*program)), *program) << expression;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 2 * std::ssize(kExpressions));
}

}  // namespace
}  // namespace bpfc
