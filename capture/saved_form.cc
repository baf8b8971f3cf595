#include "bpfc/saved_form.h"

#include <linux/if_arp.h>
#include <linux/if_ether.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace bpfc {
namespace {

constexpr std::size_t kTagSize = 4;
constexpr std::size_t kAddresses = 2 * ETH_ALEN;
constexpr std::size_t kSllHeader = 16;
constexpr std::size_t kSll2Header = 20;
static_assert(kSll2Header + kTagSize <= LivePacket::kHeadroom);

void store16(std::uint8_t* place, std::uint32_t value) {
  place[0] = static_cast<std::uint8_t>(value >> 8U);
  place[1] = static_cast<std::uint8_t>(value);
}

void store_tag(std::uint8_t* place, std::uint16_t first, std::uint16_t second) {
  store16(place, first);
  store16(place + 2, second);
}

// The packet's bytes with `more` bytes before them.
std::span<std::uint8_t> widened(std::span<std::uint8_t> data, std::size_t more) {
  return {data.data() - more, data.size() + more};
}

std::span<std::uint8_t> with_tag(const LivePacket& packet) {
  if (!packet.tagged || packet.data.size() < kAddresses) return packet.data;
  const std::span<std::uint8_t> frame = widened(packet.data, kTagSize);
  std::memmove(frame.data(), packet.data.data(), kAddresses);
  store_tag(frame.data() + kAddresses, packet.tag_protocol, packet.tag);
  return frame;
}

// On Ethernet the kernel may take tags in the bytes for a part of the header.
std::size_t header_length(const LivePacket& packet) {
  const bool ethernet =
      packet.hardware_type == ARPHRD_ETHER || packet.hardware_type == ARPHRD_LOOPBACK;
  return ethernet ? ETH_HLEN : packet.link_header;
}

std::span<std::uint8_t> cooked(const LivePacket& packet, SavedForm form) {
  const std::size_t header = form == SavedForm::kLinuxSll2 ? kSll2Header : kSllHeader;
  const std::size_t tag = packet.tagged ? kTagSize : 0;
  const std::span<std::uint8_t> bytes = widened(
      packet.data.subspan(std::min(header_length(packet), packet.data.size())), header + tag);
  const std::uint16_t protocol = packet.tagged ? packet.tag_protocol : packet.protocol;
  std::uint8_t* place = bytes.data();
  if (form == SavedForm::kLinuxSll2) {
    store_tag(place, protocol, 0);
    store_tag(place + 4, static_cast<std::uint16_t>(packet.interface_index >> 16U),
              static_cast<std::uint16_t>(packet.interface_index));
    store16(place + 8, packet.hardware_type);
    place[10] = packet.packet_type;
    place[11] = packet.address_length;
    std::copy(packet.address.begin(), packet.address.end(), place + 12);
  } else {
    store_tag(place, packet.packet_type, packet.hardware_type);
    store16(place + 4, packet.address_length);
    std::copy(packet.address.begin(), packet.address.end(), place + 6);
    store16(place + 14, protocol);
  }
  if (packet.tagged) store_tag(place + header, packet.tag, packet.protocol);
  return bytes;
}

}  // namespace

CapturedPacket save(LivePacket& packet, SavedForm form) {
  CapturedPacket saved;
  saved.time = packet.time;
  saved.data = packet.data;
  const std::size_t tag = packet.tagged ? kTagSize : 0;
  // What the form adds or takes away was on the wire as well, for whoever reads the file.
  std::size_t length = packet.wire_length;
  if (form == SavedForm::kEthernet) {
    saved.data = with_tag(packet);
    length += tag;
  } else if (form != SavedForm::kFrame) {
    saved.data = cooked(packet, form);
    length -= std::min(length, header_length(packet));
    length += tag + (form == SavedForm::kLinuxSll2 ? kSll2Header : kSllHeader);
  }
  saved.wire_length = static_cast<std::uint32_t>(length);
  return saved;
}

Ancillary ancillary(const LivePacket& packet) {
  Ancillary result;
  result.protocol = packet.protocol;
  result.packet_type = packet.packet_type;
  result.interface_index = packet.interface_index;
  result.hardware_type = packet.hardware_type;
  result.vlan_tag_present = packet.tagged;
  result.vlan_tag = packet.tag;
  result.vlan_protocol = packet.tag_protocol;
  return result;
}

}  // namespace bpfc
