#include "tests/oracle/link_packets.h"

#include <random>

#include "tests/oracle/wlan_frames.h"

namespace bpfc::oracle {

namespace {

std::uint8_t byte(std::uint32_t value) { return static_cast<std::uint8_t>(value); }

std::vector<Bytes> wlan(int link_type) {
  std::vector<Bytes> packets;
  std::uint32_t variety = 0;
  for (const Bytes& frame : wlan_other_frames()) {
    packets.push_back(wlan_packet(link_type, frame, variety++));
  }
  return packets;
}

// Each channel of the virtual paths 0 and 5, each message type.
std::vector<Bytes> sun_atm() {
  std::vector<Bytes> packets;
  for (const std::uint32_t circuit : {1U, 2U, 3U, 4U, 5U, 6U, 16U, 100U, 65535U}) {
    for (const std::uint32_t message : {0x02U, 0x05U, 0x07U, 0x0fU, 0x4dU, 0x5aU, 0x01U}) {
      packets.push_back(Bytes{byte(message % 3U), byte(message == 0x01 ? 5U : 0U)} +
                        big_endian(circuit, 2) + Bytes{9, 3, 0, 0, 1, byte(message), 0, 0, 0, 0});
    }
  }
  // LANE in LANE, where the Ethernet addresses stand for a channel and a message.
  for (const std::uint32_t circuit : {0U, 1U, 2U, 3U, 4U, 5U, 16U, 100U, 65535U}) {
    for (const std::uint32_t message : {0x02U, 0x07U, 0x5aU}) {
      packets.push_back(Bytes{1, 0, 0, 5, 0, 0} + Bytes{byte(message == 2 ? 1U : 2U), 0} +
                        big_endian(circuit, 2) + Bytes{0, 0, 0, 0, 0, byte(message), 0, 0} +
                        Bytes{0x08, 0, 0x45} + Bytes(19, 0));
    }
  }
  return packets;
}

// The three kinds of signal units at both speeds, with small and large point codes.
std::vector<Bytes> ss7(std::size_t header) {
  std::mt19937 random(3);
  std::vector<Bytes> packets;
  for (const std::uint32_t length : {0U, 1U, 2U, 3U, 63U}) {
    for (const std::uint32_t point_codes : {0U, 5U, 0x123U, 0x3fffU}) {
      for (const std::uint32_t selection : {0U, 3U, 5U, 15U}) {
        const std::uint32_t label =
            point_codes | (point_codes ^ selection) << 14U | selection << 28U;
        const Bytes little_endian{byte(label), byte(label >> 8U), byte(label >> 16U),
                                  byte(label >> 24U)};
        const Bytes before = Bytes(header, byte(static_cast<std::uint32_t>(random())));
        packets.push_back(before + Bytes{0x81, 0x82, byte(length), byte(selection + 2)} +
                          little_endian + Bytes(6, 0x11));
        packets.push_back(before + Bytes{0x81, 0x82, 0, 0} + big_endian(length << 7U, 2) +
                          Bytes{byte(selection + 2)} + little_endian + Bytes(3, 0x22));
      }
    }
  }
  return packets;
}

}  // namespace

std::vector<Bytes> link_packets(int link_type) {
  switch (link_type) {
    case 105:
    case 119:
    case 127:
    case 163:
    case 192:
      return wlan(link_type);
    case 123:
      return sun_atm();
    case 139:
      return ss7(4);
    case 140:
      return ss7(0);
    case 197:
      return ss7(20);
    default:
      return {};
  }
}

}  // namespace bpfc::oracle
