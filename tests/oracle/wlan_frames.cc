#include "tests/oracle/wlan_frames.h"

#include <algorithm>
#include <array>

namespace bpfc::oracle {

namespace {

const Bytes kBaseStation = big_endian(0x0a0b0c0d0e0f, 6);

std::uint8_t byte(std::uint32_t value) { return static_cast<std::uint8_t>(value); }

// Length, fields, and a flags byte where the fields say it is.
Bytes radiotap(std::uint32_t variety) {
  struct Shape {
    std::uint8_t length;
    std::uint32_t present;  // as the bytes stand
    std::size_t flags;
    std::uint8_t value;
  };
  static constexpr std::array kShapes{
      Shape{8, 0x00000000, 0, 0},      Shape{12, 0x02000000, 8, 0x20},
      Shape{12, 0x02000000, 8, 0x10},  Shape{20, 0x03000000, 16, 0x20},
      Shape{16, 0x02000080, 12, 0x20}, Shape{9, 0x02000000, 8, 0x20},
  };
  const Shape& shape = kShapes.at(variety % kShapes.size());
  Bytes header(shape.length, 0);
  header[2] = shape.length;
  const Bytes present = big_endian(shape.present, 4);
  std::copy(present.begin(), present.end(), header.begin() + 4);
  if (shape.flags != 0) {
    header[shape.flags] = shape.value;
  }
  return header;
}

// A data frame whose payload starts at a multiple of four, counted from `before` bytes in front of
// it. Frames behind headers that do not say so get the padding too.
Bytes padded(const Bytes& frame, std::size_t before) {
  const std::size_t header = (frame[0] & 0x80U) != 0 ? 26 : 24;
  if ((frame[0] & 0x0cU) != 0x08 || frame.size() < header) {
    return frame;
  }
  const auto end = frame.begin() + static_cast<std::ptrdiff_t>(header);
  return Bytes(frame.begin(), end) + Bytes((4 - (before + header) % 4) % 4, 0) +
         Bytes(end, frame.end());
}

Bytes prism(std::uint32_t variety) {
  if (variety % 4 == 0) {
    return Bytes{0, 0, 0, 0x44} + Bytes(140, 0);
  }
  return big_endian(0x80211001, 4) + big_endian(24, 4) + Bytes(16, 0);
}

Bytes ppi(std::uint32_t variety) {
  const std::uint8_t length = variety % 2 == 0 ? 8 : 12;
  const std::uint8_t link_type = variety % 9 == 0 ? 1 : 105;
  return Bytes{0, 0, length, 0, link_type, 0, 0, 0} + Bytes(length - 8U, 0);
}

}  // namespace

Bytes wlan_data_frame(const Bytes& macs, const Bytes& llc, std::uint32_t variety) {
  const Bytes destination(macs.begin(), macs.begin() + 6);
  const Bytes source(macs.begin() + 6, macs.end());
  const bool qos = variety % 3 == 0;
  const std::uint32_t direction = variety / 3 % 4;
  const bool to_ds = (direction & 1U) != 0;
  const bool from_ds = (direction & 2U) != 0;
  const Bytes first = to_ds ? kBaseStation : destination;
  const Bytes second = from_ds ? kBaseStation : source;
  const Bytes third = to_ds ? destination : from_ds ? source : kBaseStation;
  return Bytes{byte(qos ? 0x88 : 0x08), byte(direction), 0, 0} + first + second + third +
         Bytes{0, 0} + (qos ? Bytes{0, 0} : Bytes{}) + llc;
}

std::vector<Bytes> wlan_other_frames() {
  const Bytes ours = big_endian(0x000102030405, 6);
  std::vector<Bytes> frames;
  for (std::uint32_t subtype = 0; subtype < 16; ++subtype) {
    const Bytes addresses = subtype % 2 == 0 ? ours + kBaseStation : kBaseStation + ours;
    frames.push_back(Bytes{byte(subtype << 4U), byte(subtype % 4), 0, 0} + addresses +
                     (subtype % 3 == 0 ? ours : kBaseStation) + Bytes{0, 0} + ours + Bytes(12, 0));
    frames.push_back(Bytes{byte(subtype << 4U | 4U), 0, 0, 0} + addresses + Bytes(4, 0));
    frames.push_back(Bytes{byte(subtype << 4U | 8U), byte(subtype % 4), 0, 0} + addresses + ours +
                     Bytes{0, 0} + ours + Bytes(8, 0));
    frames.push_back(Bytes{byte(subtype << 4U | 12U), 0, 0, 0} + addresses);
  }
  frames.push_back(Bytes{0x80, 0, 0, 0} + Bytes(6, 0xff) + ours + ours + Bytes(12, 0));
  frames.push_back(Bytes{0x08, 2, 0, 0} + Bytes(6, 0xff) + kBaseStation + ours + Bytes(12, 0));
  frames.push_back(Bytes{0x08, 1, 0, 0} + kBaseStation + ours + Bytes(6, 0xff) + Bytes(12, 0));
  return frames;
}

Bytes wlan_packet(int link_type, const Bytes& frame, std::uint32_t variety) {
  switch (link_type) {
    case 119:
      return prism(variety) + frame;
    case 127: {
      const Bytes header = radiotap(variety);
      return header + padded(frame, header.size());
    }
    case 163:
      return big_endian(0x80211001, 4) + big_endian(variety % 2 == 0 ? 16 : 20, 4) +
             Bytes(variety % 2 == 0 ? 8 : 12, 0) + frame;
    case 192:
      return ppi(variety) + frame;
    default:
      return frame;
  }
}

}  // namespace bpfc::oracle
