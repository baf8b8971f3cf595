#include "capture/pcapng_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "capture/byte_order.h"
#include "capture/capture_error.h"
#include "capture/capture_limits.h"
#include "capture/interface_options.h"

namespace bpfc::capture {
namespace {

constexpr std::uint16_t kMajor = 1;

// The kinds of block that are looked into, with the least their bodies must hold.
struct KnownBlock {
  BlockType type;
  std::size_t least_body;
  const char* name;
};

constexpr std::array<KnownBlock, 5> kKnownBlocks = {{
    {BlockType::kSectionHeader, kSectionHeaderSize, "section header"},
    {BlockType::kInterfaceDescription, kInterfaceDescriptionSize, "interface description"},
    {BlockType::kObsoletePacket, kObsoletePacketSize, "packet"},
    {BlockType::kSimplePacket, kSimplePacketSize, "simple packet"},
    {BlockType::kEnhancedPacket, kEnhancedPacketSize, "enhanced packet"},
}};

const KnownBlock* find_known(BlockType type) {
  const auto* found = std::ranges::find(kKnownBlocks, type, &KnownBlock::type);
  return found == kKnownBlocks.end() ? nullptr : found;
}

bool is_packet(BlockType type) {
  return type == BlockType::kEnhancedPacket || type == BlockType::kSimplePacket ||
         type == BlockType::kObsoletePacket;
}

std::uint64_t load_ticks(const std::uint8_t* bytes, bool swapped) {
  return std::uint64_t{load<std::uint32_t>(bytes, swapped)} << 32U |
         load<std::uint32_t>(bytes + 4, swapped);
}

}  // namespace

struct PcapngSource::PacketFields {
  std::uint32_t interface;  // within the section
  std::uint32_t captured;
  std::uint32_t wire;
  std::uint64_t ticks;
  bool simple;  // has no ticks, and as many bytes captured as its interface's snaplen lets it
  std::span<const std::uint8_t> rest;
};

bool PcapngSource::recognizes(const std::uint8_t* beginning) {
  const auto magic = load<std::uint32_t>(beginning + kBlockHeaderSize, false);
  return static_cast<BlockType>(load<std::uint32_t>(beginning, false)) ==
             BlockType::kSectionHeader &&
         (magic == kByteOrderMagic || magic == swap_bytes(kByteOrderMagic));
}

Expected<void, CaptureError> PcapngSource::open() {
  while (interfaces_.empty()) {
    const auto block = read_block();
    if (!block) return Unexpected<CaptureError>(block.error());
    if (!*block) {
      return damaged(input_.offset(), "the file ends before any interface is described");
    }
    const BlockType type = (*block)->type;
    if (type == BlockType::kSectionHeader) {
      if (auto section = read_section(**block); !section) return section;
    } else if (type == BlockType::kInterfaceDescription) {
      if (auto interface = read_interface(**block); !interface) return interface;
    } else if (find_known(type) != nullptr) {
      return damaged((*block)->offset, "a packet comes before any interface is described");
    }
    input_.consume((*block)->length);
  }
  return {};
}

Expected<bool, CaptureError> PcapngSource::next(CapturedPacket& packet) {
  while (true) {
    const auto block = read_block();
    if (!block) return Unexpected<CaptureError>(block.error());
    if (!*block) return false;
    const BlockType type = (*block)->type;
    Expected<void, CaptureError> done;
    if (type == BlockType::kSectionHeader) {
      done = read_section(**block);
    } else if (type == BlockType::kInterfaceDescription) {
      done = read_interface(**block);
    } else if (is_packet(type)) {
      done = read_packet(**block, packet);
    }
    if (!done) return Unexpected<CaptureError>(done.error());
    input_.consume((*block)->length);
    if (is_packet(type)) return true;
  }
}

std::size_t PcapngSource::next_in_place(std::span<CapturedPacket> packets) {
  std::size_t count = 0;
  while (count < packets.size() && next_in_place(packets[count])) ++count;
  return count;
}

bool PcapngSource::next_in_place(CapturedPacket& packet) {
  if (input_.available() < kBlockHeaderSize) return false;
  if (!is_packet(static_cast<BlockType>(load<std::uint32_t>(input_.data(), swapped_))))
    return false;
  if (load<std::uint32_t>(input_.data() + 4, swapped_) > input_.available()) return false;
  const auto block = read_block();
  if (!block || !*block || !read_packet(**block, packet)) return false;
  input_.consume((*block)->length);
  return true;
}

// A section header's length can be understood only after the magic behind it has been seen.
Expected<void, CaptureError> PcapngSource::notice_byte_order() {
  const auto ready = input_.require(kBlockHeaderSize + sizeof kByteOrderMagic);
  if (!ready) return system_failure(input_.offset(), "read", ready.error());
  if (input_.available() < kBlockHeaderSize + sizeof kByteOrderMagic) {
    return damaged(input_.offset(), "the file ends inside a section header");
  }
  const auto magic = load<std::uint32_t>(input_.data() + kBlockHeaderSize, false);
  if (magic != kByteOrderMagic && magic != swap_bytes(kByteOrderMagic)) {
    return damaged(input_.offset(), "a section header has no byte-order magic");
  }
  swapped_ = magic != kByteOrderMagic;
  return {};
}

Expected<std::optional<PcapngSource::Block>, CaptureError> PcapngSource::read_block() {
  const std::uint64_t offset = input_.offset();
  auto ready = input_.require(kBlockHeaderSize);
  if (!ready) return system_failure(offset, "read", ready.error());
  if (input_.available() == 0) return std::nullopt;
  if (input_.available() < kBlockHeaderSize) {
    return damaged(offset,
                   fmt::format("the file ends inside a block's header: {} of {} bytes are there",
                               input_.available(), kBlockHeaderSize));
  }
  const auto type = static_cast<BlockType>(load<std::uint32_t>(input_.data(), swapped_));
  const std::size_t shortest =
      type == BlockType::kSectionHeader ? kBlockOverhead + kSectionHeaderSize : kBlockOverhead;
  if (type == BlockType::kSectionHeader) {
    if (auto noticed = notice_byte_order(); !noticed) {
      return Unexpected<CaptureError>(noticed.error());
    }
  }
  const std::size_t length = load<std::uint32_t>(input_.data() + 4, swapped_);
  if (length < shortest) {
    return damaged(offset,
                   fmt::format("a block's length {} is below the least, {}", length, shortest));
  }
  if (length % 4 != 0) {
    return damaged(offset, fmt::format("a block's length {} is no multiple of 4", length));
  }
  if (length > greatest_block_) {
    return damaged(offset, fmt::format("a block's length {} is above the greatest, {}", length,
                                       greatest_block_));
  }
  ready = input_.require(length);
  if (!ready) return system_failure(offset, "read", ready.error());
  if (input_.available() < length) {
    return damaged(offset, fmt::format("the file ends inside a block: {} of {} bytes are there",
                                       input_.available(), length));
  }
  const std::uint8_t* bytes = input_.data();
  const std::size_t repeated = load<std::uint32_t>(bytes + length - kBlockTrailerSize, swapped_);
  if (repeated != length) {
    return damaged(
        offset, fmt::format("a block's length is {} before it and {} after it", length, repeated));
  }
  const std::span<const std::uint8_t> body(bytes + kBlockHeaderSize, length - kBlockOverhead);
  const KnownBlock* known = find_known(type);
  if (known != nullptr && body.size() < known->least_body) {
    return damaged(offset, fmt::format("the {} block of {} bytes is too short for its fields",
                                       known->name, length));
  }
  return Block{type, offset, length, body};
}

Expected<void, CaptureError> PcapngSource::read_section(const Block& block) {
  const auto major = load<std::uint16_t>(block.body.data() + 4, swapped_);
  const auto minor = load<std::uint16_t>(block.body.data() + 6, swapped_);
  // libpcap looks at the minor number of the first section only.
  const bool minor_is_known = minor == 0 || minor == 2 || !sections_.empty();
  if (major != kMajor || !minor_is_known) {
    return unsupported(block.offset,
                       fmt::format("pcapng version {}.{} is not 1.0 or 1.2", major, minor));
  }
  sections_.push_back({block.offset, swapped_, static_cast<std::uint32_t>(interfaces_.size())});
  return {};
}

Expected<void, CaptureError> PcapngSource::read_interface(const Block& block) {
  CaptureInterface interface;
  interface.link_type = load<std::uint16_t>(block.body.data(), swapped_);
  interface.snaplen =
      effective_snaplen(interface.link_type, load<std::uint32_t>(block.body.data() + 4, swapped_));
  interface.section = static_cast<std::uint32_t>(sections_.size() - 1);
  const auto scale = read_interface_options(block.body.subspan(kInterfaceDescriptionSize), swapped_,
                                            block.offset, interface);
  if (!scale) return Unexpected<CaptureError>(scale.error());
  interfaces_.push_back(interface);
  scales_.push_back(*scale);
  greatest_block_ = std::max(greatest_block_, greatest_block_length(interface.link_type));
  return {};
}

PcapngSource::PacketFields PcapngSource::packet_fields(const Block& block) const {
  const std::uint8_t* body = block.body.data();
  if (block.type == BlockType::kSimplePacket) {
    const auto wire = load<std::uint32_t>(body, swapped_);
    return {0, wire, wire, 0, true, block.body.subspan(kSimplePacketSize)};
  }
  // The other two differ in the width of the first field only.
  const std::uint32_t interface = block.type == BlockType::kObsoletePacket
                                      ? load<std::uint16_t>(body, swapped_)
                                      : load<std::uint32_t>(body, swapped_);
  return {interface,
          load<std::uint32_t>(body + 12, swapped_),
          load<std::uint32_t>(body + 16, swapped_),
          load_ticks(body + 4, swapped_),
          false,
          block.body.subspan(kEnhancedPacketSize)};
}

Expected<void, CaptureError> PcapngSource::read_packet(const Block& block, CapturedPacket& packet) {
  const PacketFields fields = packet_fields(block);
  const std::uint32_t first = sections_.back().first_interface;
  if (fields.interface >= interfaces_.size() - first) {
    return damaged(block.offset,
                   fmt::format("a packet is of interface {}, of which its section says nothing",
                               fields.interface));
  }
  const std::uint32_t index = first + fields.interface;
  const CaptureInterface& interface = interfaces_[index];
  const std::uint32_t captured =
      fields.simple ? std::min(fields.captured, interface.snaplen) : fields.captured;
  if (captured > interface.snaplen) {
    return damaged(block.offset, fmt::format("a packet of {} captured bytes is beyond its "
                                             "interface's snaplen, {}",
                                             captured, interface.snaplen));
  }
  if (captured > fields.rest.size()) {
    return damaged(
        block.offset,
        fmt::format("a packet of {} captured bytes runs over the end of its block", captured));
  }
  packet.data = fields.rest.first(captured);
  packet.wire_length = fields.wire;
  packet.time = scales_[index].time(fields.ticks);
  packet.interface = index;
  packet.link_type = interface.link_type;
  packet.swapped = swapped_;
  packet.offset = block.offset;
  return {};
}

}  // namespace bpfc::capture
