#include "tests/oracle/reframed.h"

#include <array>
#include <map>
#include <string_view>

#include "tests/oracle/wlan_frames.h"

namespace bpfc::oracle {

namespace {

// An Ethernet frame in its parts.
struct Parts {
  Bytes destination;
  Bytes source;
  std::uint16_t type;
  Bytes payload;
  std::uint32_t variety;  // a number that differs from frame to frame

  bool ip() const { return type == 0x0800; }
  bool ip6() const { return type == 0x86dd; }
  bool has_llc() const { return type <= 1500; }
  // The first access point of LLC.
  std::uint8_t sap() const { return has_llc() && !payload.empty() ? payload[0] : std::uint8_t{0}; }
};

Parts parts_of(const Bytes& frame) {
  Parts parts{Bytes(frame.begin(), frame.begin() + 6), Bytes(frame.begin() + 6, frame.begin() + 12),
              static_cast<std::uint16_t>(frame[12] << 8U | frame[13]),
              Bytes(frame.begin() + 14, frame.end()), 0};
  for (const std::uint8_t byte : frame) {
    parts.variety = parts.variety * 31 + byte;
  }
  parts.variety ^= parts.variety >> 16U;
  return parts;
}

std::uint8_t byte(std::uint32_t value) { return static_cast<std::uint8_t>(value); }

// As LLC, with SNAP for an ethertype.
Bytes llc(const Parts& parts) {
  if (parts.has_llc()) {
    return parts.payload;
  }
  const Bytes organization = parts.type == 0x809b ? Bytes{8, 0, 7} : Bytes{0, 0, 0};
  return Bytes{0xaa, 0xaa, 0x03} + organization + big_endian(parts.type, 2) + parts.payload;
}

// Without the LLC header, where a link has no room for it.
Bytes behind_llc(const Parts& parts, std::size_t length) {
  if (!parts.has_llc() || parts.payload.size() < length) {
    return parts.payload;
  }
  return {parts.payload.begin() + static_cast<std::ptrdiff_t>(length), parts.payload.end()};
}

std::uint16_t ppp_type(const Parts& parts) {
  static const std::map<std::uint16_t, std::uint16_t> kTypes{
      {0x0800, 0x21}, {0x86dd, 0x57}, {0x6003, 0x27}, {0x809b, 0x29}, {0x8847, 0x281}};
  static const std::map<std::uint8_t, std::uint16_t> kSaps{
      {0xfe, 0x23}, {0x42, 0x31}, {0xe0, 0x2b}};
  if (parts.has_llc()) {
    const auto sap = kSaps.find(parts.sap());
    return sap == kSaps.end() ? std::uint16_t{1} : sap->second;
  }
  const auto type = kTypes.find(parts.type);
  return type == kTypes.end() ? parts.type : type->second;
}

Bytes ppp(const Bytes& before, const Parts& parts, std::size_t gap = 0) {
  std::uint16_t type = ppp_type(parts);
  if (gap != 0 && type == 0x21 && parts.variety % 3 != 0) {
    type = parts.variety % 3 == 1 ? 0x2d : 0x2f;
  }
  return before + big_endian(type, 2) + Bytes(gap, 0) + behind_llc(parts, 3);
}

Bytes cisco_hdlc(const Parts& parts) {
  const std::uint16_t type = parts.sap() == 0xfe ? std::uint16_t{0xfefe} : parts.type;
  return Bytes{0x0f, 0} + big_endian(type, 2) + behind_llc(parts, 2);
}

std::optional<Bytes> frame_relay(const Parts& parts) {
  const Bytes address{0x04, 0x01, 0x03};
  if (parts.ip() || parts.ip6()) {
    return address + Bytes{byte(parts.ip() ? 0xcc : 0x8e)} + parts.payload;
  }
  return parts.sap() == 0xfe ? std::optional(address + behind_llc(parts, 3)) : std::nullopt;
}

std::optional<Bytes> arcnet(const Parts& parts, std::size_t unused) {
  static const std::map<std::uint16_t, std::uint8_t> kTypes{
      {0x0800, 212}, {0x0806, 213}, {0x8035, 214}, {0x809b, 221}, {0x86dd, 0xc4}};
  const auto type = kTypes.find(parts.type);
  const std::uint8_t code = type == kTypes.end() ? std::uint8_t{1} : type->second;
  return Bytes{parts.source[5], byte(parts.variety % 3 == 0 ? 0 : parts.destination[5])} +
         Bytes(unused, 0) + Bytes{code, 0, 0, 0} + parts.payload;
}

// The family is the capturing system's; only IP has one.
std::optional<Bytes> by_family(const Parts& parts, const Bytes& ip, const Bytes& ip6,
                               const Bytes& rest) {
  if (!parts.ip() && !parts.ip6()) {
    return std::nullopt;
  }
  return (parts.ip() ? ip : ip6) + rest + parts.payload;
}

// The first byte is the direction, and what libpcap takes for the version of IP.
std::optional<Bytes> slip(const Parts& parts, std::size_t header) {
  if (!parts.ip() && !parts.ip6()) {
    return std::nullopt;
  }
  const std::uint32_t first = parts.variety % 4 < 2 ? parts.variety % 2
                              : parts.ip()          ? 0x45U
                                                    : 0x60U;
  return Bytes{byte(first)} + Bytes(header - 1, 0) + parts.payload;
}

// Sixteen bytes.
Bytes pflog_name(std::uint32_t variety) {
  static constexpr std::array<std::string_view, 8> kNames{
      "eth0", "em10", "lo", "foo", "foo-bar", "abcdefghijklmno", "fox", "abcdefghijk"};
  const std::string_view name = kNames.at(variety % kNames.size());
  return Bytes(name.begin(), name.end()) + Bytes(16 - name.size(), 0);
}

Bytes pflog(const Parts& parts) {
  const std::uint32_t v = parts.variety;
  const std::uint8_t length = v % 4 == 0 ? 64 : 61;
  Bytes header = Bytes{length, byte(parts.ip() ? 2 : 10), byte(v % 12), byte(v % 16)} +
                 pflog_name(v) + pflog_name(v / 3) + big_endian(v % 5, 4) + big_endian(v % 7, 4) +
                 Bytes(16, 0) + Bytes{byte(v % 3), 0, 0, 0};
  return header + parts.payload;
}

// Where Juniper's headers end.
const std::map<int, std::size_t>& juniper_headers() {
  static const std::map<int, std::size_t> kLengths{
      {130, 4},  {131, 4},  {132, 6}, {133, 12}, {134, 4}, {135, 8}, {136, 12}, {137, 4},
      {164, 12}, {167, 32}, {168, 6}, {178, 32}, {179, 4}, {180, 4}, {181, 4},  {183, 18},
      {194, 8},  {200, 18}, {232, 8}, {233, 8},  {234, 8}, {238, 8}};
  return kLengths;
}

Bytes juniper(const Parts& parts, std::size_t header) {
  const bool magic = parts.variety % 7 != 0;
  return Bytes{0x4d, 0x47, byte(magic ? 0x43 : 0x44), byte(parts.variety % 2)} +
         Bytes(header - 4, 0) + behind_llc(parts, 3);
}

Bytes sun_atm(const Bytes& frame, const Parts& parts) {
  const std::uint32_t v = parts.variety;
  const Bytes circuit = Bytes{byte(v % 4 == 0 ? 3 : 0)} + big_endian(v % 8, 2);
  if (v % 2 == 0) {
    const Bytes client = v % 6 == 0 ? Bytes{0xff, 0x00} : Bytes{0x00, 0x05};
    return Bytes{0x01} + circuit + client + frame;
  }
  return Bytes{0x02} + circuit + llc(parts);
}

Bytes linux_sll2(const Bytes& frame, const Parts& parts) {
  return big_endian(parts.has_llc() ? 4 : parts.type, 2) + Bytes{0, 0} + big_endian(5, 4) +
         big_endian(1, 2) + Bytes{byte(frame[0] & 1U ? 4 : 0), 6} + parts.source + Bytes{0, 0} +
         parts.payload;
}

Bytes linux_sll(const Bytes& frame, const Parts& parts) {
  return big_endian(frame[0] & 1U ? 4U : 0U, 2) + big_endian(1, 2) + big_endian(6, 2) +
         parts.source + Bytes{0, 0} + big_endian(parts.has_llc() ? 4 : parts.type, 2) +
         parts.payload;
}

}  // namespace

std::optional<Bytes> reframed(const Bytes& frame, int link_type) {
  if (frame.size() < 14) {
    return std::nullopt;
  }
  const Parts parts = parts_of(frame);
  const Bytes macs = parts.destination + parts.source;
  const std::uint32_t v = parts.variety;
  if (const auto header = juniper_headers().find(link_type); header != juniper_headers().end()) {
    return juniper(parts, header->second);
  }
  switch (link_type) {
    case 0:
      return by_family(parts, {2, 0, 0, 0}, {10, 0, 0, 0}, {});
    case 6:
      return Bytes{0x10, 0x40} + macs + llc(parts);
    case 7:
      return arcnet(parts, 0);
    case 8:
      return slip(parts, 16);
    case 9:
    case 50:
      return ppp({0xff, 0x03}, parts);
    case 10:
      return Bytes{0x50} + macs + llc(parts);
    case 11:
    case 19:
      return llc(parts);
    case 12:
    case 228:
    case 229:
      return parts.ip() || parts.ip6() ? std::optional(parts.payload) : std::nullopt;
    case 15:
      return slip(parts, 24);
    case 16:
      return ppp(Bytes(5, 0), parts, 17);
    case 51:
      return ppp({0x11, 0, 0, 5, 0, 40}, parts);
    case 99:
      return Bytes(6, 0) + big_endian(parts.type, 2) + Bytes(36, 0) + parts.payload;
    case 104:
    case 112:
      return cisco_hdlc(parts);
    case 105:
    case 119:
    case 127:
    case 163:
    case 192:
      return wlan_packet(link_type, wlan_data_frame(macs, llc(parts), v), v);
    case 107:
      return frame_relay(parts);
    case 108:
      return by_family(parts, {0, 0, 0, 2}, {0, 0, 0, 10}, {});
    case 109:
      return by_family(parts, {2, 0, 0, 0}, {10, 0, 0, 0}, Bytes(8, 0));
    case 113:
      return linux_sll(frame, parts);
    case 114:
      return parts.payload;
    case 117:
      return pflog(parts);
    case 122:
      return Bytes{0, 0} + parts.destination + Bytes{0, 0} + parts.source + llc(parts);
    case 123:
      return sun_atm(frame, parts);
    case 129:
      return arcnet(parts, 2);
    case 138:
      return Bytes(16, 2) + big_endian(parts.type, 2) + parts.payload;
    case 165:
      return Bytes{0x55, byte(v % 2 == 0 ? 0xff : 0xfe), 5, byte(v % 3 == 0 ? 0xff : 3), 4, 0, 0,
                   0} +
             parts.payload;
    case 166:
      return ppp({byte(v % 3), 0x03}, parts);
    case 226:
      return by_family(parts, {1, 2}, {1, 26}, big_endian(v % 3, 2) + Bytes(20, 0));
    case 240:
      return Bytes(4, 9) + frame;
    case 241:
      return Bytes(12, 9) + frame;
    case 276:
      return linux_sll2(frame, parts);
    case 281:
      return macs + Bytes{byte(v % 3 << 5U), 0, 0, 1} + big_endian(parts.type, 2) + parts.payload;
    case 284:
      return macs + Bytes{byte(v % 4 << 6U), 0, 0, 1} + big_endian(parts.type, 2) + parts.payload;
    default:
      return frame;
  }
}

}  // namespace bpfc::oracle
