#include "capture_bytes.h"

#include <utility>

#include "capture/byte_order.h"

namespace bpfc::capture_test {
namespace {

template <typename Number>
Bytes number(Number value, bool swapped) {
  Bytes bytes(sizeof value);
  capture::store(bytes.data(), value, swapped);
  return bytes;
}

}  // namespace

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes ByteMaker::u16(std::uint16_t value) const { return number(value, swapped_); }
Bytes ByteMaker::u32(std::uint32_t value) const { return number(value, swapped_); }
Bytes ByteMaker::u64(std::uint64_t value) const { return number(value, swapped_); }

Bytes ByteMaker::pcap_header(std::uint32_t magic, std::uint32_t link_type, std::uint32_t snaplen,
                             std::uint16_t major, std::uint16_t minor) const {
  return joined({u32(magic), u16(major), u16(minor), u32(0), u32(0), u32(snaplen), u32(link_type)});
}

Bytes ByteMaker::pcap_record(std::uint32_t seconds, std::uint32_t fraction, std::uint32_t captured,
                             std::uint32_t wire, const Bytes& data) const {
  return joined({u32(seconds), u32(fraction), u32(captured), u32(wire), data});
}

Bytes ByteMaker::block(std::uint32_t type, Bytes body) const {
  while (body.size() % 4 != 0) body.push_back(0);
  const Bytes length = u32(static_cast<std::uint32_t>(body.size() + 12));
  return joined({u32(type), length, body, length});
}

Bytes ByteMaker::section(std::uint16_t major, std::uint16_t minor) const {
  return block(0x0a0d0d0a, joined({u32(0x1a2b3c4d), u16(major), u16(minor), u64(~0ULL)}));
}

Bytes ByteMaker::option(std::uint16_t code, Bytes value) const {
  const Bytes length = u16(static_cast<std::uint16_t>(value.size()));
  while (value.size() % 4 != 0) value.push_back(0);
  return joined({u16(code), length, value});
}

Bytes ByteMaker::interface(std::uint16_t link_type, std::uint32_t snaplen,
                           const Bytes& options) const {
  return block(1, joined({u16(link_type), u16(0), u32(snaplen), options}));
}

Bytes ByteMaker::enhanced(std::uint32_t interface, std::uint64_t ticks, std::uint32_t captured,
                          std::uint32_t wire, const Bytes& data) const {
  return block(6, joined({u32(interface), u32(static_cast<std::uint32_t>(ticks >> 32U)),
                          u32(static_cast<std::uint32_t>(ticks)), u32(captured), u32(wire), data}));
}

Bytes ByteMaker::simple(std::uint32_t wire, const Bytes& data) const {
  return block(3, joined({u32(wire), data}));
}

Bytes ByteMaker::obsolete(std::uint16_t interface, std::uint64_t ticks, std::uint32_t captured,
                          std::uint32_t wire, const Bytes& data) const {
  return block(2,
               joined({u16(interface), u16(0xffff), u32(static_cast<std::uint32_t>(ticks >> 32U)),
                       u32(static_cast<std::uint32_t>(ticks)), u32(captured), u32(wire), data}));
}

}  // namespace bpfc::capture_test
