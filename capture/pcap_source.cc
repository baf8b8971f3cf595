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
    length_order_ = LengthOrder::kWireFirst;
  } else if (header.major == kPcapMajor && header.minor == 3) {
    length_order_ = LengthOrder::kSmallerIsCaptured;
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
  swapped_ = variant == nullptr;
  if (swapped_) variant = find_variant(load<std::uint32_t>(bytes, true));
  const Header header = {
      load<std::uint16_t>(bytes + 4, swapped_), load<std::uint16_t>(bytes + 6, swapped_),
      load<std::uint32_t>(bytes + 16, swapped_), load<std::uint32_t>(bytes + 20, swapped_)};
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
  sections_.push_back({0, swapped_, 0});
  input_.consume(kPcapHeaderSize);
  return {};
}

// Of a packet whose header is in the buffer.
struct PcapSource::Lengths {
  std::uint32_t captured;
  std::uint32_t wire;
};

PcapSource::Lengths PcapSource::lengths() const {
  const auto first = load<std::uint32_t>(input_.data() + 8, swapped_);
  const auto second = load<std::uint32_t>(input_.data() + 12, swapped_);
  const bool exchanged = length_order_ == LengthOrder::kWireFirst ||
                         (length_order_ == LengthOrder::kSmallerIsCaptured && first > second);
  return exchanged ? Lengths{second, first} : Lengths{first, second};
}

Expected<bool, CaptureError> PcapSource::next(CapturedPacket& packet) {
  if (next_in_place(packet)) return true;
  const std::uint64_t offset = input_.offset();
  auto ready = input_.require(record_size_);
  if (!ready) return system_failure(offset, "read", ready.error());
  if (input_.available() == 0) return false;
  if (input_.available() < record_size_) {
    return damaged(offset,
                   fmt::format("the file ends inside a packet's header: {} of {} bytes are there",
                               input_.available(), record_size_));
  }
  const std::uint32_t captured = lengths().captured;
  if (captured > greatest_length_) {
    return damaged(offset, fmt::format("a packet of {} captured bytes is beyond the greatest "
                                       "length of its link type, {}",
                                       captured, greatest_length_));
  }
  ready = input_.require(record_size_ + captured);
  if (!ready) return system_failure(offset, "read", ready.error());
  if (next_in_place(packet)) return true;
  return damaged(offset, fmt::format("the file ends inside a packet: {} of {} bytes are there",
                                     input_.available() - record_size_, captured));
}

bool PcapSource::next_in_place(CapturedPacket& packet) {
  if (input_.available() < record_size_) return false;
  const auto [captured, wire] = lengths();
  if (captured > greatest_length_ || captured > input_.available() - record_size_) return false;
  const std::uint8_t* header = input_.data();
  const CaptureInterface& interface = interfaces_.front();
  packet.data = {header + record_size_, std::min(captured, interface.snaplen)};
  packet.wire_length = wire;
  packet.time = {load<std::uint32_t>(header, swapped_),
                 std::uint64_t{load<std::uint32_t>(header + 4, swapped_)} * nanoseconds_per_unit_};
  packet.interface = 0;
  packet.link_type = interface.link_type;
  packet.swapped = swapped_;
  packet.offset = input_.offset();
  input_.consume(record_size_ + captured);
  return true;
}

}  // namespace bpfc::capture
