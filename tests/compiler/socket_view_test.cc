// What a capture's socket filter looks like; tests/oracle/socket_view_test.cc says that it is
// right.
#include "compiler/socket_view.h"

#include <gtest/gtest.h>

#include "bpfc/interpreter.h"
#include "bpfc/verify.h"

namespace bpfc {
namespace {

SocketFilter filter(const char* expression, const SocketOptions& socket,
                    Optimization level = Optimization::kDefault, const char* link_type = "EN10MB") {
  CompileOptions options;
  options.link_type = find_link_type(link_type);
  options.target = Target::kCapture;
  options.optimization = level;
  options.socket = socket;
  const auto compilation = compile(expression, options);
  EXPECT_TRUE(compilation) << expression << ": " << compilation.error().message;
  if (!compilation) return {};
  return *compilation->socket_filter;
}

std::uint32_t returned(const Program& program, const Ancillary& device) {
  const std::vector<std::uint8_t> frame(60);
  const auto verified = verify(program, Rules::kKernel);
  EXPECT_TRUE(verified);
  return interpret(*verified, {.captured = frame, .wire_length = 60, .ancillary = &device});
}

TEST(SocketView, IsExactWhereTheKernelCanTell) {
  for (const char* expression : {"", "tcp port 80", "vlan 5 and udp", "host 1.2.3.4", "len > 60",
                                 "inbound and arp", "ether[13:4] = 7", "not vlan"}) {
    EXPECT_TRUE(filter(expression, {SocketView::kEthernet}).exact) << expression;
    // Where everything is accepted nothing is left to decide.
    EXPECT_EQ(filter(expression, {SocketView::kOtherHeader}).exact, *expression == '\0')
        << expression;
  }
  for (const char* expression : {"ether[len - 1] = 0", "1 << ip[8] != 0", "geneve or ip"}) {
    EXPECT_FALSE(filter(expression, {SocketView::kEthernet}).exact) << expression;
  }
}

TEST(SocketView, LeavesNothingForTaggedFramesThatCannotMatch) {
  const Program program = filter("tcp port 80", {SocketView::kEthernet}).program;
  Ancillary device;
  device.vlan_tag_present = true;
  device.vlan_protocol = 0x8100;
  EXPECT_EQ(returned(program, device), 0U);
  CompileOptions file;
  file.target = Target::kNativeSavefile;
  // The look at the tag is all that is added.
  EXPECT_EQ(program.size(), compile("tcp port 80", file)->program.size() + 2);
}

TEST(SocketView, KeepsADirection) {
  struct DirectionCase {
    CaptureDirection direction;
    bool loopback;
    bool in;
    bool out;
  };
  using enum CaptureDirection;
  for (const DirectionCase& row : {DirectionCase{kBoth, false, true, true},
                                   {kIn, false, true, false},
                                   {kOut, false, false, true},
                                   {kBoth, true, true, false},
                                   {kIn, true, true, false},
                                   {kOut, true, false, false}}) {
    for (const SocketView view : {SocketView::kFrames, SocketView::kEthernet}) {
      const Program program = filter("", {view, row.direction, row.loopback}).program;
      Ancillary device;
      EXPECT_EQ(returned(program, device) != 0, row.in);
      device.packet_type = 4;
      EXPECT_EQ(returned(program, device) != 0, row.out);
    }
  }
}

TEST(SocketView, GivesNestedTunnelsAProgram) {
  const SocketFilter nested = filter("geneve and geneve and geneve", {SocketView::kEveryInterface},
                                     Optimization::kDefault, "LINUX_SLL2");
  EXPECT_FALSE(nested.exact);
  EXPECT_TRUE(verify(nested.program, Rules::kKernel));
}

TEST(SocketView, IsMadeWhereItIsAskedFor) {
  CompileOptions options;
  options.target = Target::kCapture;
  EXPECT_FALSE(compile("tcp", options)->socket_filter) << "nobody asked for it";
}

}  // namespace
}  // namespace bpfc
