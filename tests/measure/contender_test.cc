// Every engine that is measured, the C compiler's code among them, comes to the same verdicts.
#include <gtest/gtest.h>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "measure/native_program.h"
#include "measure/own_engines.h"
#include "measure/packet_set.h"
#include "measure/traffic_mix.h"

namespace bpfc::measure {
namespace {

constexpr const char* kFilters[] = {"ip", "tcp port 80", "portrange 8000-9000",
                                    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
                                    "vlan and udp port 53"};

std::vector<VerifiedProgram> programs() {
  std::vector<VerifiedProgram> all;
  for (const char* filter : kFilters) {
    all.push_back(*verify(compile(filter, {})->program, Rules::kLibpcap));
  }
  return all;
}

PacketSet traffic_packets() {
  PacketSet set;
  for (const traffic::Frame& frame : traffic::mixed_traffic(500)) {
    set.add(frame, static_cast<std::uint32_t>(frame.size()));
  }
  return set;
}

std::uint64_t expected_sum(const VerifiedProgram& program, std::span<const PacketView> packets) {
  return sum_of_verdicts(
      packets, [&](const PacketView& packet) { return interpret(program, to_packet(packet)); });
}

TEST(OwnEngines, AgreeOnTraffic) {
  const PacketSet set = traffic_packets();
  const std::vector<PacketView> packets = set.in_order();
  for (const VerifiedProgram& program : programs()) {
    const std::uint64_t expected = expected_sum(program, packets);
    EXPECT_GT(expected, 0U);
    for (const OwnEngine& engine : own_engines()) {
      const auto made = engine.prepare(program);
      ASSERT_TRUE(made) << engine.name << ": " << made.error();
      EXPECT_EQ(made->name, engine.name);
      EXPECT_EQ(made->run(packets), expected) << engine.name;
    }
  }
}

TEST(NativePrograms, AgreeOnTraffic) {
  if (find_c_compiler().empty()) GTEST_SKIP() << "there is no C compiler on PATH";
  const PacketSet set = traffic_packets();
  const std::vector<PacketView> packets = set.in_order();
  const std::vector<VerifiedProgram> all = programs();
  const auto native = NativePrograms::compile(all);
  ASSERT_TRUE(native) << native.error();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto function = native->function(i);
    EXPECT_EQ(sum_of_verdicts(packets,
                              [function](const PacketView& packet) {
                                return function(packet.data, packet.captured, packet.length);
                              }),
              expected_sum(all[i], packets))
        << kFilters[i];
  }
}

}  // namespace
}  // namespace bpfc::measure
