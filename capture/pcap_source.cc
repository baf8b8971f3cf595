#include "capture/pcap_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "capture/byte_order.h"
#include "capture/capture_error.h"
#include "capture/capture_limits.h"
#include "capture/pcap_format.h"

namespace bpfc::capture {
namespace {

struct Variant {
  PcapMagic magic;
  TimeResolution resolution;
  std::uint32_t nanoseconds_per_unit;
  std::size_t record_size;
};

constexpr std::array<Variant, 3> kVariants = {{
    {PcapMagic::kMicroseconds, kMicroseconds, 1000, kPcapRecordSize},
    {PcapMagic::kNanoseconds, kNanoseconds, 1, kPcapRecordSize},
    {PcapMagic::kModified, kMicroseconds, 1000, kPcapModifiedRecordSize},
}};

const Variant* find_variant(std::uint32_t magic) {
  for (const Variant& variant : kVariants) {
    if (static_cast<std::uint32_t>(variant.magic) == magic) return &variant;
  }
  return nullptr;
}

constexpr std::uint16_t kLinkTypeEthernet = 1;
// The modified format's captures may have got an Ethernet header beyond their snaplen.
constexpr std::uint32_t kEthernetHeaderSize = 14;

}  // namespace

struct PcapSource::Header {
  std::uint16_t major;
  std::uint16_t minor;
  std::uint32_t snaplen;
  std::uint32_t link_type_field;
};

bool PcapSource::recognizes(const std::uint8_t* magic) {
  return find_variant(load<std::uint32_t>(magic, false)) != nullptr ||
         find_variant(load<std::uint32_t>(magic, true)) != nullptr;
}

Expected<void, CaptureError> PcapSource::check_version(const Header& header) {
  // DG/UX's tcpdump wrote 543.0.
  const bool dgux = header.major == 543 && header.minor == 0;
  if (dgux || (header.major == kPcapMajor && header.minor < 3)) {
    form_.length_order = LengthOrder::kWireFirst;
  } else if (header.major == kPcapMajor && header.minor == 3) {
    form_.length_order = LengthOrder::kSmallerIsCaptured;
  } else if (header.major != kPcapMajor || header.minor > kPcapMinor) {
    return unsupported(
        0, fmt::format("pcap version {}.{} is not one of 2.0 to 2.4", header.major, header.minor));
  }
  return {};
}

Expected<void, CaptureError> PcapSource::open() {
  const auto ready = input_.require(kPcapHeaderSize);
  if (!ready) return system_failure(input_.offset(), "read", ready.error());
  if (input_.available() < kPcapHeaderSize) {
    return damaged(0, fmt::format("the file ends inside its header: {} of {} bytes are there",
                                  input_.available(), kPcapHeaderSize));
  }
  const std::uint8_t* bytes = input_.data();
  const Variant* variant = find_variant(load<std::uint32_t>(bytes, false));
  form_.swapped = variant == nullptr;
  if (form_.swapped) variant = find_variant(load<std::uint32_t>(bytes, true));
  const Header header = {load<std::uint16_t>(bytes + 4, form_.swapped),
                         load<std::uint16_t>(bytes + 6, form_.swapped),
                         load<std::uint32_t>(bytes + 16, form_.swapped),
                         load<std::uint32_t>(bytes + 20, form_.swapped)};
  if (auto version = check_version(header); !version) return version;
  if ((header.link_type_field & kPcapReservedMask) != 0) {
    return unsupported(0, fmt::format("the link type field {:#010x} has reserved bits set",
                                      header.link_type_field));
  }

  CaptureInterface interface;
  interface.link_type = static_cast<std::uint16_t>(header.link_type_field & kPcapLinkTypeMask);
  interface.link_type_flags = static_cast<std::uint16_t>(header.link_type_field >> 16U);
  interface.resolution = variant->resolution;
  interface.snaplen = effective_snaplen(interface.link_type, header.snaplen);
  if (variant->magic == PcapMagic::kModified && interface.link_type == kLinkTypeEthernet) {
    interface.snaplen += kEthernetHeaderSize;
  }
  nanoseconds_per_unit_ = variant->nanoseconds_per_unit;
  record_size_ = variant->record_size;
  greatest_length_ = greatest_captured_length(interface.link_type);
  interfaces_.push_back(interface);
  sections_.push_back({0, form_.swapped, 0});
  input_.consume(kPcapHeaderSize);
  return {};
}

// Of a packet whose header is in the buffer.
struct PcapSource::Lengths {
  std::uint32_t captured;
  std::uint32_t wire;
};

PcapSource::Lengths PcapSource::lengths(const std::uint8_t* header, const HeaderForm& form) {
  const auto first = load<std::uint32_t>(header + 8, form.swapped);
  const auto second = load<std::uint32_t>(header + 12, form.swapped);
  const bool exchanged = form.length_order == LengthOrder::kWireFirst ||
                         (form.length_order == LengthOrder::kSmallerIsCaptured && first > second);
  return exchanged ? Lengths{second, first} : Lengths{first, second};
}

Expected<bool, CaptureError> PcapSource::next(CapturedPacket& packet) {
  if (next_in_place({&packet, 1}) != 0) return true;
  const std::uint64_t offset = input_.offset();
  auto ready = input_.require(record_size_);
  if (!ready) return system_failure(offset, "read", ready.error());
  if (input_.available() == 0) return false;
  if (input_.available() < record_size_) {
    return damaged(offset,
                   fmt::format("the file ends inside a packet's header: {} of {} bytes are there",
                               input_.available(), record_size_));
  }
  const std::uint32_t captured = lengths(input_.data(), form_).captured;
  if (captured > greatest_length_) {
    return damaged(offset, fmt::format("a packet of {} captured bytes is beyond the greatest "
                                       "length of its link type, {}",
                                       captured, greatest_length_));
  }
  ready = input_.require(record_size_ + captured);
  if (!ready) return system_failure(offset, "read", ready.error());
  if (next_in_place({&packet, 1}) != 0) return true;
  return damaged(offset, fmt::format("the file ends inside a packet: {} of {} bytes are there",
                                     input_.available() - record_size_, captured));
}

// Where a header lies is known once the one before it has been read: nothing else is waited for.
std::size_t PcapSource::next_in_place(std::span<CapturedPacket> packets) {
  const CaptureInterface& interface = interfaces_.front();
  const HeaderForm form = form_;
  const std::uint32_t greatest = greatest_length_;
  const std::uint32_t snaplen = interface.snaplen;
  const std::uint32_t unit = nanoseconds_per_unit_;
  const std::uint16_t link_type = interface.link_type;
  const std::size_t record_size = record_size_;
  const std::uint8_t* const start = input_.data();
  const std::uint64_t start_offset = input_.offset();
  const std::size_t available = input_.available();
  std::size_t at = 0;
  std::size_t count = 0;
  for (; count < packets.size() && available - at >= record_size; ++count) {
    const std::uint8_t* const header = start + at;
    const auto [captured, wire] = lengths(header, form);
    if (captured > greatest || captured > available - at - record_size) break;
    CapturedPacket& packet = packets[count];
    packet.data = {header + record_size, std::min(captured, snaplen)};
    packet.wire_length = wire;
    packet.time = {load<std::uint32_t>(header, form.swapped),
                   std::uint64_t{load<std::uint32_t>(header + 4, form.swapped)} * unit};
    packet.interface = 0;
    packet.link_type = link_type;
    packet.swapped = form.swapped;
    packet.offset = start_offset + at;
    at += record_size + captured;
  }
  input_.consume(at);
  return count;
}

}  // namespace bpfc::capture
