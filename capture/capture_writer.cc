#include "bpfc/capture_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "capture/byte_order.h"
#include "capture/capture_error.h"
#include "capture/capture_limits.h"
#include "capture/output_buffer.h"
#include "capture/pcap_format.h"
#include "capture/pcapng_format.h"
#include "capture/time_scale.h"

namespace bpfc {
namespace {

using capture::store;

// An enhanced packet block without the packet and its padding.
constexpr std::size_t kPacketBlockSize = capture::kBlockOverhead + capture::kEnhancedPacketSize;
constexpr std::uint64_t kLargest32 = std::numeric_limits<std::uint32_t>::max();

struct WrittenInterface {
  std::uint32_t snaplen;
  std::size_t greatest_length;  // of a packet that a reader would not take for damage
  capture::TimeScale scale;
};

// Pcap's smallest unit of time for an interface: nanoseconds where microseconds would lose digits.
bool needs_nanoseconds(TimeResolution resolution) {
  constexpr std::uint8_t kLastCoarseBinary = 0x80U | 19U;  // 2^19 < 10^6 < 2^20
  return resolution.code > kLastCoarseBinary ||
         (resolution.code > kMicroseconds.code && resolution.code < 0x80U);
}

// What an interface needs for writing, or why it cannot be written.
Expected<WrittenInterface, CaptureError> prepare(const CaptureInterface& interface,
                                                 CaptureFormat format, std::uint64_t offset) {
  const auto scale = capture::TimeScale::make(interface.resolution, interface.time_offset);
  if (!scale) {
    return capture::unrepresentable(
        offset, fmt::format("the time resolution {:#04x} is finer than 64 bits can count",
                            interface.resolution.code));
  }
  const std::uint32_t snaplen = capture::effective_snaplen(interface.link_type, interface.snaplen);
  const std::size_t limit =
      format == CaptureFormat::kPcap
          ? capture::greatest_captured_length(interface.link_type)
          : capture::greatest_block_length(interface.link_type) - kPacketBlockSize;
  return WrittenInterface{snaplen, std::min<std::size_t>(limit, snaplen), *scale};
}

}  // namespace

struct CaptureWriter::State {
  State(int descriptor, DescriptorOwnership ownership, CaptureFormat which, bool swap)
      : output(descriptor, ownership), format(which), swapped(swap) {}

  Expected<void, CaptureError> write_pcap(const CapturedPacket& packet);
  Expected<void, CaptureError> write_pcapng(const CapturedPacket& packet, std::uint32_t interface);

  capture::OutputBuffer output;
  CaptureFormat format;
  bool swapped;
  std::uint32_t nanoseconds_per_unit = 1000;  // pcap's
  std::vector<WrittenInterface> interfaces;
};

CaptureWriter::CaptureWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureWriter::CaptureWriter(CaptureWriter&&) noexcept = default;
CaptureWriter& CaptureWriter::operator=(CaptureWriter&&) noexcept = default;
CaptureWriter::~CaptureWriter() = default;

Expected<CaptureWriter, CaptureError> CaptureWriter::attach_pcap(int descriptor,
                                                                 DescriptorOwnership ownership,
                                                                 const CaptureInterface& interface,
                                                                 bool swapped) {
  auto state = std::make_unique<State>(descriptor, ownership, CaptureFormat::kPcap, swapped);
  const auto prepared = prepare(interface, state->format, 0);
  if (!prepared) return Unexpected<CaptureError>(prepared.error());
  state->interfaces.push_back(*prepared);
  const bool nanoseconds = needs_nanoseconds(interface.resolution);
  state->nanoseconds_per_unit = nanoseconds ? 1 : 1000;

  std::array<std::uint8_t, capture::kPcapHeaderSize> header = {};
  const auto magic =
      nanoseconds ? capture::PcapMagic::kNanoseconds : capture::PcapMagic::kMicroseconds;
  store(&header[0], static_cast<std::uint32_t>(magic), swapped);
  store(&header[4], capture::kPcapMajor, swapped);
  store(&header[6], capture::kPcapMinor, swapped);
  store(&header[16], prepared->snaplen, swapped);
  store(&header[20], std::uint32_t{interface.link_type_flags} << 16U | interface.link_type,
        swapped);
  if (auto appended = state->output.append(header); !appended) {
    return Unexpected<CaptureError>(std::move(appended.error()));
  }
  state->output.end_record(false);
  return CaptureWriter(std::move(state));
}

Expected<CaptureWriter, CaptureError> CaptureWriter::attach_pcapng(int descriptor,
                                                                   DescriptorOwnership ownership,
                                                                   bool swapped) {
  auto state = std::make_unique<State>(descriptor, ownership, CaptureFormat::kPcapng, swapped);
  constexpr std::size_t kLength = capture::kBlockOverhead + capture::kSectionHeaderSize;
  std::array<std::uint8_t, kLength> block = {};
  store(&block[0], static_cast<std::uint32_t>(capture::BlockType::kSectionHeader), swapped);
  store(&block[4], std::uint32_t{kLength}, swapped);
  store(&block[8], capture::kByteOrderMagic, swapped);
  store(&block[12], std::uint16_t{1}, swapped);
  // All bits set: the section's length is not stated.
  store(&block[16], std::numeric_limits<std::uint64_t>::max(), swapped);
  store(&block[24], std::uint32_t{kLength}, swapped);
  if (auto appended = state->output.append(block); !appended) {
    return Unexpected<CaptureError>(std::move(appended.error()));
  }
  state->output.end_record(false);
  return CaptureWriter(std::move(state));
}

Expected<std::uint32_t, CaptureError> CaptureWriter::add_interface(
    const CaptureInterface& interface) {
  State& state = *state_;
  if (state.format == CaptureFormat::kPcap) {
    return capture::unrepresentable(state.output.offset(), "a pcap file has only one interface");
  }
  const auto prepared = prepare(interface, state.format, state.output.offset());
  if (!prepared) return Unexpected<CaptureError>(prepared.error());

  // Fields, if_tsresol, if_tsoffset where there is one, the end of the options.
  constexpr std::size_t kLongest =
      capture::kBlockOverhead + capture::kInterfaceDescriptionSize + 8 + 12 + 4;
  std::array<std::uint8_t, kLongest> block = {};
  const std::size_t length = interface.time_offset == 0 ? kLongest - 12 : kLongest;
  const auto length_field = static_cast<std::uint32_t>(length);
  const bool swapped = state.swapped;
  store(&block[0], static_cast<std::uint32_t>(capture::BlockType::kInterfaceDescription), swapped);
  store(&block[4], length_field, swapped);
  store(&block[8], interface.link_type, swapped);
  store(&block[12], prepared->snaplen, swapped);
  store(&block[16], static_cast<std::uint16_t>(capture::OptionCode::kTimeResolution), swapped);
  store(&block[18], std::uint16_t{1}, swapped);
  block[20] = interface.resolution.code;
  if (interface.time_offset != 0) {
    store(&block[24], static_cast<std::uint16_t>(capture::OptionCode::kTimeOffset), swapped);
    store(&block[26], std::uint16_t{8}, swapped);
    store(&block[28], static_cast<std::uint64_t>(interface.time_offset), swapped);
  }
  store(&block[length - 4], length_field, swapped);
  if (auto appended = state.output.append(std::span(block).first(length)); !appended) {
    return Unexpected<CaptureError>(std::move(appended.error()));
  }
  state.output.end_record(false);
  state.interfaces.push_back(*prepared);
  return static_cast<std::uint32_t>(state.interfaces.size() - 1);
}

Expected<void, CaptureError> CaptureWriter::write(const CapturedPacket& packet,
                                                  std::uint32_t interface) {
  State& state = *state_;
  if (interface >= state.interfaces.size()) {
    return capture::unrepresentable(state.output.offset(),
                                    fmt::format("interface {} has not been described", interface));
  }
  const std::size_t greatest = state.interfaces[interface].greatest_length;
  if (packet.data.size() > greatest) {
    return capture::unrepresentable(
        state.output.offset(),
        fmt::format("a packet of {} captured bytes is beyond what its interface may have, {}",
                    packet.data.size(), greatest));
  }
  auto written = state.format == CaptureFormat::kPcap ? state.write_pcap(packet)
                                                      : state.write_pcapng(packet, interface);
  if (written) state.output.end_record(true);
  return written;
}

Expected<void, CaptureError> CaptureWriter::State::write_pcap(const CapturedPacket& packet) {
  const std::uint64_t fraction = packet.time.nanoseconds / nanoseconds_per_unit;
  const auto seconds = static_cast<std::uint64_t>(packet.time.seconds);
  if (seconds > kLargest32 || fraction > kLargest32) {
    return capture::unrepresentable(
        output.offset(), fmt::format("pcap cannot hold the time {} s, only those from 1970 to 2106",
                                     packet.time.seconds));
  }
  std::array<std::uint8_t, capture::kPcapRecordSize> header = {};
  store(&header[0], static_cast<std::uint32_t>(seconds), swapped);
  store(&header[4], static_cast<std::uint32_t>(fraction), swapped);
  store(&header[8], static_cast<std::uint32_t>(packet.data.size()), swapped);
  store(&header[12], packet.wire_length, swapped);
  if (auto appended = output.append(header); !appended) return appended;
  return output.append(packet.data);
}

Expected<void, CaptureError> CaptureWriter::State::write_pcapng(const CapturedPacket& packet,
                                                                std::uint32_t interface) {
  const auto ticks = interfaces[interface].scale.ticks(packet.time);
  if (!ticks) {
    return capture::unrepresentable(
        output.offset(), fmt::format("64 bits of its interface's ticks do not reach the time {} s",
                                     packet.time.seconds));
  }
  const std::size_t padding = capture::padded(packet.data.size()) - packet.data.size();
  const auto length = static_cast<std::uint32_t>(kPacketBlockSize + packet.data.size() + padding);
  std::array<std::uint8_t, capture::kBlockHeaderSize + capture::kEnhancedPacketSize> header = {};
  store(&header[0], static_cast<std::uint32_t>(capture::BlockType::kEnhancedPacket), swapped);
  store(&header[4], length, swapped);
  store(&header[8], interface, swapped);
  store(&header[12], static_cast<std::uint32_t>(*ticks >> 32U), swapped);
  store(&header[16], static_cast<std::uint32_t>(*ticks & kLargest32), swapped);
  store(&header[20], static_cast<std::uint32_t>(packet.data.size()), swapped);
  store(&header[24], packet.wire_length, swapped);
  std::array<std::uint8_t, 3 + capture::kBlockTrailerSize> tail = {};
  store(&tail[padding], length, swapped);
  if (auto appended = output.append(header); !appended) return appended;
  if (auto appended = output.append(packet.data); !appended) return appended;
  return output.append(std::span(tail).first(padding + capture::kBlockTrailerSize));
}

std::uint64_t CaptureWriter::packets_written() const { return state_->output.packets(); }

std::uint64_t CaptureWriter::size() const { return state_->output.size(); }

Expected<void, CaptureError> CaptureWriter::flush() { return state_->output.flush(); }

Expected<void, CaptureError> CaptureWriter::finish() { return state_->output.finish(); }

}  // namespace bpfc
